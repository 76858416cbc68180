internal import Logging
internal import Platform
internal import StoredFormats
internal import TabletModel

extension CooldownService {
    /// One run of an uploader: cools rowsets in version order while they are due, then writes the remote meta. A meta
    /// that an earlier run or life left unwritten is written first, whether or not anything is due.
    func upload(_ tablet: Tablet, _ run: CooldownRun) throws -> CooldownOutcome {
        let conf = tablet.header.cooldownConf
        var snapshot = tablet.snapshot
        let policy = try knownPolicy(of: snapshot.header)
        var wroteMeta = try writeRemoteMeta(tablet, snapshot, run)
        var cooled: [RowsetMeta] = []
        let uploader = RowsetUploader(tablet: tablet, conf: conf, run: run, service: self)
        while cooled.count < settings.rowsetsPerRun,
            let pick = CooldownPick(
                snapshot.rowsets.lazy.map(\.meta), policy: policy, now: environment.time.wallNow),
            let local = snapshot.rowsets.first(where: { $0.meta.id == pick.rowset.id })
        {
            snapshot = try uploader.upload(local, policy: policy.name)
            cooled.append(pick.rowset)
        }
        if !cooled.isEmpty { wroteMeta = try writeRemoteMeta(tablet, snapshot, run) || wroteMeta }
        if cooled.isEmpty { return wroteMeta ? .wroteRemoteMeta : .nothing }
        return .cooled(
            rowsets: cooled.count, objects: cooled.reduce(0) { $0 + $1.segments.count },
            bytes: cooled.reduce(0) { $0 + $1.sizeBytes })
    }

    /// Makes the remote meta of this replica and term say what the tablet says, unless it is known to; then the local
    /// files of cooled rowsets go. Idempotent: after a crash the stored meta's id tells whether it was written.
    ///
    /// - Returns: it was written now.
    private func writeRemoteMeta(_ tablet: Tablet, _ snapshot: TabletSnapshot, _ run: CooldownRun) throws -> Bool {
        let header = snapshot.header
        let conf = header.cooldownConf
        guard header.isUploader, let metaID = header.cooldownMetaID else { return false }
        let goal = CooldownMemory.Written(conf: conf, metaID: metaID, policy: header.storagePolicy)
        if memory.isWritten(goal) { return false }
        let file = RemoteMetaFile(
            conf: conf, store: try policies.store(policy: header.storagePolicy, for: tablet.id),
            maxBytes: settings.maxRemoteMetaBytes)
        var writes = true
        do {
            writes = try file.read()?.cooldownMetaID != metaID
        } catch let error as StoredFormatError {
            // Our own meta, and broken: written anew.
            logger.warning(
                "remote meta is broken and is written again",
                metadata: ["tablet": "\(tablet.id)", "term": "\(conf.term)", "error": "\(error)"])
        }
        if writes {
            let rowsets = try remotePrefix(of: snapshot)
            try run.check()
            try file.write(
                RemoteCooldownMeta(
                    tabletID: tablet.id, schemaHash: tablet.schemaHash, cooldownMetaID: metaID,
                    replicaID: header.replicaID, term: conf.term, rowsets: rowsets))
            counters.count(counters.writtenMetas)
            logger.info(
                "remote meta written",
                metadata: [
                    "tablet": "\(tablet.id)", "version": "\(snapshot.maxRemoteVersion)", "term": "\(conf.term)",
                    "meta_id": "\(metaID)",
                ])
        }
        memory.noteWritten(goal)
        releaseLocalFiles(of: tablet)
        return writes
    }

    /// The remote rowsets, which must be a gap-free prefix from version 0.
    private func remotePrefix(of snapshot: TabletSnapshot) throws -> [RowsetMeta] {
        let rowsets = snapshot.rowsets.map(\.meta)
        let prefix = Array(rowsets.prefix(while: \.isRemote))
        var next = Version(0)
        for rowset in prefix {
            guard rowset.versions.start == next else { break }
            next = rowset.versions.end.next
        }
        guard !prefix.isEmpty, next == prefix[prefix.count - 1].versions.end.next,
            prefix.count == rowsets.count(where: \.isRemote)
        else { throw CooldownError.brokenRemotePrefix(snapshot.header.tabletID) }
        return prefix
    }

    /// Lets go of cooled rowsets: local commit and remote meta are both there, or this replica is the uploader no more.
    func releaseLocalFiles(of tablet: Tablet) {
        guard memory.hasRetained(tablet.id) else { return }
        _ = memory.takeRetained(tablet.id)
        tablet.dataDir.drainGarbage()
    }
}
