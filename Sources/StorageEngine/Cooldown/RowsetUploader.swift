internal import Logging
internal import Platform
internal import StoredFormats
internal import TabletModel

/// Moves one rowset of a tablet to the object store, as its uploader (design.md, cooldown protocol 2 to 5).
///
/// Steps: the new rowset id is put on record as garbage → segments are checked and uploaded → each object is verified →
/// one commit makes the rowset remote, gives the tablet a new cooldown meta id and takes the garbage record away. A crash
/// before the commit leaves a record by which the objects are deleted; after it, everything is there.
struct RowsetUploader {
    let tablet: Tablet
    let conf: CooldownConf
    let run: CooldownRun
    let service: CooldownService

    /// - Returns: the tablet as the commit left it.
    func upload(_ local: Rowset, to resource: String) throws -> TabletSnapshot {
        var cold = local.meta
        cold.id = service.environment.random.rowsetID()
        cold.location = .remote(resource: resource)
        let store = try service.policies.store(resource: resource, for: tablet.id)

        service.memory.beginUpload(cold.id)
        defer { service.memory.endUpload(cold.id) }
        try record(cold, resource: resource)
        do {
            for index in cold.segments.indices { try uploadSegment(index, of: local.meta, as: cold, to: store) }
            try run.check()
        } catch {
            discard(cold, in: store)
            throw error
        }
        let after = try commit(cold, replacing: local, in: store)
        note(cold)
        return after
    }

    /// Durable before the first byte goes out, so that no crash leaks an object.
    private func record(_ cold: RowsetMeta, resource: String) throws {
        guard !cold.segments.isEmpty else { return }
        let garbage = RemoteRowsetGarbage(
            resource: resource, tabletID: tablet.id, segmentCount: Int64(cold.segments.count))
        var batch = WriteBatch()
        batch.put(MetaKeys.remoteRowsetGarbage(cold.id), try garbage.encoded())
        try tablet.dataDir.writeMeta(batch)
    }

    private func uploadSegment(
        _ index: Int, of local: RowsetMeta, as cold: RowsetMeta, to store: any ObjectStore
    ) throws {
        try run.check()
        let path = tablet.segmentPath(local.id, index)
        let source = try checkedSource(path, local.segments[index], of: local.id)
        let key = RemoteKeys.segment(tablet.id, cold.id, index)
        // The put proves the bytes. An ETag that HEAD tells otherwise proves nothing: some servers make two of them.
        try store.put(key, from: source)
        try run.check()
        guard let found = try store.head(key) else {
            throw CooldownError.objectMismatch(tablet.id, key: key, reason: "not there after its upload")
        }
        guard found.sizeBytes == source.sizeBytes else {
            throw CooldownError.objectMismatch(
                tablet.id, key: key, reason: "has \(found.sizeBytes) bytes, \(source.sizeBytes) were uploaded")
        }
        service.counters.count(service.counters.uploadedObjects)
        service.counters.count(service.counters.uploadedBytes, source.sizeBytes)
    }

    /// The local segment, once it was read whole and is what its rowset says. Otherwise the rowset is lost, and the tablet
    /// has a hole for the FE to repair.
    private func checkedSource(
        _ path: String, _ expected: SegmentMeta, of rowset: RowsetID
    ) throws -> UploadSource {
        let reason: String
        do {
            let source = UploadSource(try service.environment.fileSystem.open(path), run: run)
            guard let mismatch = try source.mismatch(with: expected) else { return source }
            reason = mismatch
        } catch let error as FileSystemError where error.code == .notFound {
            reason = "it is not there"
        }
        service.engine.loseRowset(rowset, of: tablet, reason: "segment \(path): \(reason)")
        throw CooldownError.localSegmentCorrupt(tablet.id, file: path, reason: reason)
    }

    private func commit(
        _ cold: RowsetMeta, replacing local: Rowset, in store: any ObjectStore
    ) throws -> TabletSnapshot {
        let metaID = service.environment.random.uniqueID()
        let (conf, id) = (conf, tablet.id)
        let change = TabletChange(
            precondition: { snapshot in
                guard snapshot.header.isUploader, snapshot.header.cooldownConf == conf else {
                    throw CooldownError.notUploader(id)
                }
                guard snapshot.maxRemoteVersion.next == cold.versions.start else {
                    throw EngineError.conflict(
                        id,
                        reason: "the remote prefix ends at \(snapshot.maxRemoteVersion), not before \(cold.versions)")
                }
            },
            editHeader: { $0.cooldownMetaID = metaID },
            addRowsets: [cold], removeRowsets: [local.meta.id],
            alsoWrite: cold.segments.isEmpty ? [] : [.delete(key: MetaKeys.remoteRowsetGarbage(cold.id))])
        // From here on the local files stay until the remote meta is written: the memory holds the rowset.
        service.memory.retain(local)
        do {
            return try tablet.commit(change)
        } catch EngineError.metaUnavailable(let dataDir, let reason) {
            // Only the next start knows whether the commit is there, and the garbage record tells it.
            throw EngineError.metaUnavailable(dataDir: dataDir, reason: reason)
        } catch {
            discard(cold, in: store)
            throw error
        }
    }

    /// Takes back what a failed upload left. What can't be done now is done by the sweep: the garbage record stays.
    private func discard(_ cold: RowsetMeta, in store: any ObjectStore) {
        guard !cold.segments.isEmpty else { return }
        do {
            try store.delete(RemoteKeys.segments(of: cold))
            var batch = WriteBatch()
            batch.delete(MetaKeys.remoteRowsetGarbage(cold.id))
            try tablet.dataDir.writeMeta(batch)
        } catch {
            service.logger.warning(
                "objects of a failed upload not deleted, the sweep tries again",
                metadata: ["tablet": "\(tablet.id)", "rowset": "\(cold.id)", "error": "\(error)"])
        }
    }

    private func note(_ cold: RowsetMeta) {
        service.counters.count(service.counters.uploadedRowsets)
        service.logger.info(
            "rowset cooled",
            metadata: [
                "tablet": "\(tablet.id)", "version": "\(cold.versions)", "rowset": "\(cold.id)",
                "objects": "\(cold.segments.count)", "bytes": "\(cold.sizeBytes)", "term": "\(conf.term)",
            ])
    }
}
