internal import Logging
internal import Platform
internal import StoredFormats
internal import TabletModel

extension CooldownService {
    /// One run of a follower: makes its prefix the uploader's, if its versions align (design.md, cooldown protocol 6).
    func follow(_ tablet: Tablet, _ run: CooldownRun) throws -> CooldownOutcome {
        // A former uploader has nothing left to write; what it committed is safe in the object store.
        releaseLocalFiles(of: tablet)
        let header = tablet.header
        let conf = header.cooldownConf
        let file = RemoteMetaFile(
            conf: conf, store: try policies.store(resource: try resourceKey(of: header), for: tablet.id),
            maxBytes: settings.maxRemoteMetaBytes)
        guard let remote = try file.readAnyName() else {
            return .waiting(.noRemoteMeta(uploader: conf.cooldownReplicaID, term: conf.term))
        }
        guard remote.schemaHash == tablet.schemaHash else {
            throw CooldownError.foreignRemoteMeta(
                tablet.id, key: RemoteKeys.meta(conf), reason: "it has schema hash \(remote.schemaHash)")
        }
        if remote.cooldownMetaID == header.cooldownMetaID {
            memory.noteFollowed(conf, at: environment.time.monotonicNow)
            return .nothing
        }
        let count = try stand(tablet, on: remote, conf, run, isPatient: true)
        memory.noteFollowed(conf, at: environment.time.monotonicNow)
        return .followed(rowsets: count)
    }

    /// Makes the tablet's prefix that of the remote meta, once every object it comes to depend on was verified. Where the
    /// prefix ends inside a rowset, the rows beyond its end become a rowset of their own.
    ///
    /// - Parameter isPatient: the uploader may go on: it is given time before a large rowset is cut.
    /// - Returns: rowsets taken over.
    /// - Throws: what `FollowPlan` throws, `.insideRowset` while it is patient, what the object store throws.
    func stand(
        _ tablet: Tablet, on remote: RemoteCooldownMeta, _ conf: CooldownConf, _ run: CooldownRun, isPatient: Bool
    ) throws -> Int {
        let rowsets = tablet.rowsets
        let plan = try FollowPlan(local: rowsets.map(\.meta), remote: remote.rowsets, tablet: tablet.id)
        if isPatient { try waitForUploader(plan, remote, tablet) }
        for rowset in plan.add { try verify(rowset, of: tablet, run) }
        let tails = try RowsetTailWriter(plan.keep, of: rowsets, in: tablet, engine, run)
        try tails.commit { try commit(plan, $0, remote, to: tablet, conf) }
        counters.count(counters.followedRowsets, Int64(plan.add.count))
        logger.info(
            "remote prefix followed",
            metadata: [
                "tablet": "\(tablet.id)", "version": "\(remote.rowsets.last?.versions.end ?? .none)",
                "uploader": "\(conf.cooldownReplicaID)", "term": "\(conf.term)", "rowsets": "\(plan.add.count)",
                "replaced": "\(plan.remove.count)", "cut": "\(plan.keep.count)", "meta_id": "\(remote.cooldownMetaID)",
            ])
        return plan.add.count
    }

    /// One commit; afterwards the local files go as soon as nobody reads them. The plan is checked again under the commit
    /// turn by what it removes: a compaction or a publish in between makes it a conflict, and the next run plans anew.
    private func commit(
        _ plan: FollowPlan, _ tails: [RowsetMeta], _ remote: RemoteCooldownMeta, to tablet: Tablet, _ conf: CooldownConf
    ) throws {
        let id = tablet.id
        let metaID = remote.cooldownMetaID
        try tablet.commit(
            TabletChange(
                precondition: { snapshot in
                    guard snapshot.header.cooldownConf == conf else { throw CooldownError.aborted(id) }
                },
                editHeader: { $0.cooldownMetaID = metaID },
                addRowsets: plan.add + tails, removeRowsets: plan.remove))
    }

    /// To cut a large rowset means to write much of it anew. Mostly the uploader is in the middle of the same versions and
    /// soon past them; when it is not, waiting longer would not help.
    private func waitForUploader(_ plan: FollowPlan, _ remote: RemoteCooldownMeta, _ tablet: Tablet) throws {
        guard let large = plan.keep.first(where: { $0.estimatedBytes > settings.smallTailBytes }) else { return }
        let time = environment.time
        var waited = Duration.zero
        if let waiting = memory.waiting(tablet.id), waiting.wait.reason.kind == .insideRowset {
            waited = time.monotonicNow - waiting.since
        }
        let left = settings.followPatience + (.zero - waited)
        guard left > .zero else { return }
        throw CooldownError.insideRowset(
            tablet.id, large.rowset.versions, remoteEnd: remote.rowsets.last?.versions.end ?? .none,
            until: time.wallNow + left)
    }

    /// Every object of the rowset is there, has the size that the meta gives, and ends in a footer whose checksum and
    /// row count are right.
    private func verify(_ rowset: RowsetMeta, of tablet: Tablet, _ run: CooldownRun) throws {
        guard case .remote(let resource) = rowset.location else {
            throw CooldownError.foreignRemoteMeta(
                tablet.id, key: "\(rowset.id)", reason: "it names a rowset that is not remote")
        }
        let store = try policies.store(resource: resource, for: tablet.id)
        for (index, segment) in rowset.segments.enumerated() {
            try run.check()
            let key = RemoteKeys.segment(tablet.id, rowset.id, index)
            guard let found = try store.head(key) else {
                throw CooldownError.objectMismatch(
                    tablet.id, key: key, reason: "the remote meta names it, and it is not there")
            }
            guard found.sizeBytes == segment.sizeBytes else {
                throw CooldownError.objectMismatch(
                    tablet.id, key: key,
                    reason: "has \(found.sizeBytes) bytes, the remote meta says \(segment.sizeBytes)")
            }
            let source = RemoteSegmentSource(
                store: store, key: key, sizeBytes: found.sizeBytes, readAheadBytes: settings.readAheadBytes)
            _ = try SegmentReader(source: source, name: key, expected: segment) { environment.compressor(for: $0) }
            counters.count(counters.verifiedObjects)
        }
    }
}
