internal import Logging
internal import Platform
internal import StoredFormats
internal import Synchronization
internal import TabletModel

extension StorageEngine {
    /// Removes what an earlier run left without meta: segments that no record names, folders of tablets that are not
    /// here (those go to the trash), temporary files. Rowsets whose segments are not there, or have another size, are lost
    /// (`loseRowset`). May run while tablets are served; walks every folder of the dir.
    public func removeOrphans(in dir: DataDir) {
        do {
            try removeStagedMigrations(in: dir)
            for shard in try fileSystem.list(dir.layout.data) {
                let folder = dir.layout.data + "/" + shard
                guard let shardID = Int32(shard) else { continue }
                for name in try fileSystem.list(folder) {
                    guard let id = TabletID(text: name) else { continue }
                    try removeOrphans(of: id, shardID, in: dir)
                }
            }
            try noteMissingFolders(in: dir)
        } catch {
            logger.error(
                "orphan files were not all removed, the next start tries again",
                metadata: ["data_dir": "\(dir.path)", "error": "\(error)"])
        }
        dir.drainGarbage()
    }

    private func removeOrphans(of id: TabletID, _ shard: Int32, in dir: DataDir) throws {
        let folder = dir.layout.tabletFolder(shard: shard, id)
        guard let tablet = try tablets[id], tablet.dataDir === dir, tablet.header.shardID == shard else {
            return try discardFolder(folder, of: id, in: dir)
        }
        let orphans = try orphans(of: tablet, in: folder)
        if !orphans.isEmpty { try remove(orphans, of: tablet) }
        try noteMissing(of: tablet)
    }

    /// A folder without a tablet: a dropped one's that is still being read is left, any other goes.
    private func discardFolder(_ folder: String, of id: TabletID, in dir: DataDir) throws {
        guard tablets.reserve(id) else { return }
        defer { tablets.release(id) }
        if !leaving.of(id).isEmpty || arrivals.contains(id, in: dir) { return }
        if let tablet = tablets.look(id), tablet.dataDir === dir { return }
        var isEmpty = true
        for hash in try fileSystem.list(folder) {
            let path = folder + "/" + hash
            if try fileSystem.status(path)?.isDirectory == true, try fileSystem.list(path).isEmpty {
                try fileSystem.remove(path)
            } else {
                isEmpty = false
            }
        }
        if isEmpty { return try fileSystem.remove(folder) }
        try moveToTrash(folder, as: "\(id)", in: dir)
        logger.warning(
            "folder without a tablet moved to the trash", metadata: ["tablet": "\(id)", "folder": "\(folder)"])
    }

    /// A path in a tablet's folder that seems to be nobody's.
    private struct Orphan {
        var path: String
        /// nil: it is no segment.
        var rowset: RowsetID?
    }

    private func orphans(of tablet: Tablet, in folder: String) throws -> [Orphan] {
        var found: [Orphan] = []
        // A tablet may have thousands of files, and nearly all of them are these.
        let local = Set(tablet.localRowsets.map(\.meta.id))
        for hash in try fileSystem.list(folder) {
            let path = folder + "/" + hash
            guard path == tablet.segmentFolder else {
                found.append(Orphan(path: path, rowset: nil))
                continue
            }
            for name in try fileSystem.list(path) {
                let rowset = DataDirLayout.rowset(ofSegmentName: name)?.id
                if let rowset, local.contains(rowset) || isKnown(rowset, of: tablet) { continue }
                found.append(Orphan(path: path + "/" + name, rowset: rowset))
            }
        }
        return found
    }

    /// Since they were found the tablet may have left and come back, and what lies here now is its own: with its id reserved it
    /// does neither. While somebody else has the id nothing is removed; a later search does.
    private func remove(_ orphans: [Orphan], of tablet: Tablet) throws {
        guard tablets.reserve(tablet.id) else { return }
        defer { tablets.release(tablet.id) }
        guard try tablets[tablet.id] === tablet else { return }
        for orphan in orphans where try fileSystem.exists(orphan.path) {
            if let rowset = orphan.rowset {
                if isKnown(rowset, of: tablet) { continue }
                logger.info("orphan segment removed", metadata: ["tablet": "\(tablet.id)", "file": "\(orphan.path)"])
            } else {
                logger.warning("stray file removed", metadata: ["tablet": "\(tablet.id)", "file": "\(orphan.path)"])
            }
            try fileSystem.removeTree(orphan.path)
        }
    }

    /// Asked in the order in which a rowset goes through these places; each holds it before the one before lets go.
    private func isKnown(_ rowset: RowsetID, of tablet: Tablet) -> Bool {
        if tablet.dataDir.isWriting(rowset) { return true }
        if pending.entries(of: tablet.id).contains(where: { $0.pending.rowset.id == rowset }) { return true }
        if tablet.localRowset(rowset) != nil { return true }
        return tablet.dataDir.garbage.isRetired(rowset)
    }

    /// Holding the rowsets keeps their files from a removal that is none of a loss.
    private func noteMissing(of tablet: Tablet) throws {
        let folder = tablet.segmentFolder
        for rowset in tablet.localRowsets {
            guard let reason = try missingSegment(of: rowset.meta, in: folder) else { continue }
            loseRowset(rowset.meta.id, of: tablet, reason: reason)
        }
    }

    /// Tablets whose folder is gone whole.
    private func noteMissingFolders(in dir: DataDir) throws {
        for served in tablets.sorted where served.dataDir === dir && served.needsFolder {
            let header = served.header
            let folder = dir.layout.segmentFolder(shard: header.shardID, header.tabletID, header.schemaHash)
            if try !fileSystem.exists(folder), let tablet = try tablets[served.id], tablet.dataDir === dir {
                try noteMissing(of: tablet)
            }
        }
    }
}
