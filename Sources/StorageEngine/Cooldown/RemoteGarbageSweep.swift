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
        if engine.loading.isLoaded { _ = memory.prune { engine.tablets[$0] != nil } }
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
        let store = try policies.store(policy: garbage.resource, for: garbage.tabletID)
        let keys = (0..<Int(garbage.segmentCount)).map { RemoteKeys.segment(garbage.tabletID, id, $0) }
        try delete(keys, in: store)
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
        // The tablet is back: its folder is in use, and the record is wrong.
        if engine.tablets[garbage.tabletID] == nil {
            guard engine.loading.isLoaded else { throw EngineError.loading }
            for resource in garbage.resources {
                let store = try policies.store(policy: resource, for: garbage.tabletID)
                let keys = try store.listAll(prefix: RemoteKeys.folder(garbage.tabletID)).map(\.key)
                try delete(keys, in: store)
            }
            logger.info("remote folder deleted", metadata: ["tablet": "\(garbage.tabletID)"])
        }
        try engine.finishRemoteTabletGarbage(garbage.tabletID, in: dir)
    }
}
