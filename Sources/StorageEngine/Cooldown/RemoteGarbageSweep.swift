internal import Logging
internal import Platform
internal import StoredFormats
internal import TabletModel

extension CooldownService {
    /// Deletes remote objects that are on record as garbage: uploads that a crash or a failure cut short (`gc_`), and the
    /// folders of tablets dropped with their table (`tgc_`). What can't be deleted now stays on record.
    ///
    /// - Returns: records that were settled and records that stay.
    @discardableResult
    public func sweepRemoteGarbage() -> (settled: Int, left: Int) {
        var tally = (settled: 0, left: 0)
        if engine.loading.isLoaded { _ = memory.prune { engine.tablets.contains($0) } }
        // A dir that takes no writes may have a commit that only the next start can see: its records prove nothing now.
        for dir in engine.dataDirs where dir.isChangeable {
            do {
                try sweepRowsets(in: dir, &tally)
            } catch {
                logger.warning(
                    "remote rowset garbage not read", metadata: ["data_dir": "\(dir.path)", "error": "\(error)"])
            }
        }
        do {
            try sweepFolders(&tally)
        } catch {
            logger.warning("remote folder garbage not read", metadata: ["error": "\(error)"])
        }
        if tally.left == 0 { forgetDropped() }
        return tally
    }

    private func sweepRowsets(in dir: DataDir, _ tally: inout (settled: Int, left: Int)) throws {
        var records: [(id: RowsetID, garbage: RemoteRowsetGarbage)] = []
        try dir.scanMeta(prefix: MetaKeys.remoteRowsetGarbage) { key, value in
            let name = String(decoding: key.dropFirst(MetaKeys.remoteRowsetGarbage.count), as: UTF8.self)
            guard let id = RowsetID(text: name) else { return true }
            do {
                records.append((id, try RemoteRowsetGarbage(decoding: value)))
            } catch {
                engine.noteBadGarbage(error, in: dir)
            }
            return true
        }
        for (id, garbage) in records {
            do {
                guard try settle(id, garbage, in: dir) else { continue }
                tally.settled += 1
            } catch {
                tally.left += 1
                logger.warning(
                    "remote rowset garbage not deleted",
                    metadata: ["tablet": "\(garbage.tabletID)", "rowset": "\(id)", "error": "\(error)"])
            }
        }
    }

    /// - Returns: false when the rowset is being uploaded and the record therefore stays.
    private func settle(_ id: RowsetID, _ garbage: RemoteRowsetGarbage, in dir: DataDir) throws -> Bool {
        // An upload leaves `uploading` after its commit took the record away, or after the dir went out of use because
        // the commit's fate is unknown: so both are looked at after it.
        if memory.uploading.contains(id) { return false }
        try dir.checkChangeable()
        guard try dir.readMeta(MetaKeys.remoteRowsetGarbage(id)) != nil else { return false }
        if isGivenUp(garbage.resource) {
            noteGivenUp(garbage.tabletID, garbage.resource)
        } else {
            let store = try policies.store(resource: garbage.resource, for: garbage.tabletID)
            let keys = (0..<Int(garbage.segmentCount)).map { RemoteKeys.segment(garbage.tabletID, id, $0) }
            try delete(keys, in: store)
        }
        var batch = WriteBatch()
        batch.delete(MetaKeys.remoteRowsetGarbage(id))
        try dir.writeMeta(batch)
        return true
    }

    private func sweepFolders(_ tally: inout (settled: Int, left: Int)) throws {
        for (dir, garbage) in try engine.remoteTabletGarbage() {
            do {
                try settle(garbage, in: dir)
                tally.settled += 1
            } catch {
                tally.left += 1
                logger.warning(
                    "remote folder not deleted", metadata: ["tablet": "\(garbage.tabletID)", "error": "\(error)"])
            }
        }
    }

    private func settle(_ garbage: RemoteTabletGarbage, in dir: DataDir) throws {
        try dir.checkChangeable()
        // The tablet is back: its folder is in use, and the record is wrong.
        if !engine.tablets.contains(garbage.tabletID) {
            guard engine.loading.isLoaded else { throw EngineError.loading }
            for resource in garbage.resources {
                if isGivenUp(resource) {
                    noteGivenUp(garbage.tabletID, resource)
                    continue
                }
                let store = try policies.store(resource: resource, for: garbage.tabletID)
                let keys = try store.listAll(prefix: RemoteKeys.folder(garbage.tabletID)).map(\.key)
                try delete(keys, in: store)
            }
            logger.info("remote folder deleted", metadata: ["tablet": "\(garbage.tabletID)"])
        }
        try engine.finishRemoteTabletGarbage(garbage.tabletID, in: dir)
    }

    // MARK: Resources that are gone

    /// A person had the resource dropped at the master, which refuses that while anything but garbage names it: what is
    /// left in the bucket is theirs.
    private func isGivenUp(_ resource: String) -> Bool {
        policies.isDropped(policies.resourceKey(for: resource) ?? resource)
    }

    private func noteGivenUp(_ tablet: TabletID, _ resource: String) {
        logger.notice(
            "remote garbage given up with its storage resource; its objects stay in the bucket",
            metadata: ["tablet": "\(tablet)", "resource": "\(resource)"])
    }

    /// Dropped resources are forgotten here too, with their keys, once no rowset names them.
    private func forgetDropped() {
        let known = policies.resourceVersions
        let gone = policies.droppedKeys.filter { known[$0] != nil }
        guard !gone.isEmpty, engine.loading.isLoaded else { return }
        let used = Set(resourcesInUse().keys.compactMap { policies.resourceKey(for: $0) })
        for key in gone.sorted() {
            guard !used.contains(key) else {
                logger.error(
                    "storage resource was dropped at the master, and rowsets here name it: it is kept",
                    metadata: ["resource": "\(key)"])
                continue
            }
            do {
                try policies.forget(key)
                logger.notice("dropped storage resource forgotten", metadata: ["resource": "\(key)"])
            } catch {
                logger.warning(
                    "dropped storage resource not forgotten yet",
                    metadata: ["resource": "\(key)", "error": "\(error)"])
            }
        }
    }

    /// Garbage records that wait, by the names that they have for a resource. What can't be read is not counted.
    func garbageRecords() -> [String: Int64] {
        var records: [String: Int64] = [:]
        for dir in engine.dataDirs where dir.isUsable {
            do {
                try dir.scanMeta(prefix: MetaKeys.remoteRowsetGarbage) { _, value in
                    let name = try RemoteRowsetGarbage(decoding: value).resource
                    records[name, default: 0] += 1
                    return true
                }
                try dir.scanMeta(prefix: MetaKeys.remoteTabletGarbage) { _, value in
                    for name in try RemoteTabletGarbage(decoding: value).resources { records[name, default: 0] += 1 }
                    return true
                }
            } catch {
                logger.warning(
                    "remote garbage not counted", metadata: ["data_dir": "\(dir.path)", "error": "\(error)"])
            }
        }
        return records
    }

    /// Tablets with rowsets in it, by the names that the rowsets have for a resource. Walks all tablets.
    func resourcesInUse() -> [String: Int64] {
        var tablets: [String: Int64] = [:]
        for tablet in engine.tablets.sorted {
            for name in tablet.resourceNames { tablets[name, default: 0] += 1 }
        }
        return tablets
    }
}
