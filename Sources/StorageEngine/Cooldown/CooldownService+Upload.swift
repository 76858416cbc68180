internal import Logging
internal import Platform
internal import StoredFormats
internal import TabletModel

extension CooldownService {
    /// One run of an uploader: cools rowsets in version order while they are due, then writes the remote meta. What an
    /// earlier run or life left undone comes first, whether or not anything is due: a meta that was not written, or one that
    /// says more than the tablet does.
    func upload(_ tablet: Tablet, _ run: CooldownRun) throws -> CooldownOutcome {
        let conf = tablet.header.cooldownConf
        var snapshot = tablet.snapshot
        let policy = try knownPolicy(of: snapshot.header)
        var wroteMeta = false
        let resource = try resourceKey(of: snapshot.header)
        if !isRemoteMetaWritten(snapshot.header, resource) {
            let stored = try ownRemoteMeta(of: snapshot.header)
            if let stored, let count = try adopt(stored, tablet, snapshot, run) { return .followed(rowsets: count) }
            wroteMeta = try writeRemoteMeta(tablet, snapshot, over: stored, run)
        }
        var cooled: [RowsetMeta] = []
        let uploader = RowsetUploader(tablet: tablet, conf: conf, run: run, service: self)
        while cooled.count < settings.rowsetsPerRun,
            let pick = CooldownPick(
                snapshot.rowsets.lazy.map(\.meta), policy: policy, now: environment.time.wallNow),
            let local = snapshot.rowsets.first(where: { $0.meta.id == pick.rowset.id })
        {
            snapshot = try uploader.upload(local, to: resource)
            cooled.append(pick.rowset)
        }
        // Each upload gave the tablet a new meta id, which no stored meta can have.
        if !cooled.isEmpty { wroteMeta = try writeRemoteMeta(tablet, snapshot, over: nil, run) || wroteMeta }
        if cooled.isEmpty { return wroteMeta ? .wroteRemoteMeta : .nothing }
        return .cooled(
            rowsets: cooled.count, objects: cooled.reduce(0) { $0 + $1.segments.count },
            bytes: cooled.reduce(0) { $0 + $1.sizeBytes })
    }

    /// The remote meta of this replica and term is known to say what the tablet says.
    private func isRemoteMetaWritten(_ header: TabletHeader, _ resource: String) -> Bool {
        header.cooldownMetaID.map { memory.isWritten(header.written($0, resource)) } ?? false
    }

    private func metaFile(of header: TabletHeader) throws -> RemoteMetaFile {
        RemoteMetaFile(
            conf: header.cooldownConf,
            store: try policies.store(resource: try resourceKey(of: header), for: header.tabletID),
            maxBytes: settings.maxRemoteMetaBytes)
    }

    /// What this replica wrote in this term; nil when there is none, or it is broken and will be written anew.
    /// - Throws: `StoredFormatError` for one of a newer build: it is not written over.
    private func ownRemoteMeta(of header: TabletHeader) throws -> RemoteCooldownMeta? {
        do {
            return try metaFile(of: header).read()
        } catch let error as StoredFormatError {
            if case .newerFormat = error.cause { throw error }
            logger.warning(
                "remote meta is broken and is written again",
                metadata: ["tablet": "\(header.tabletID)", "term": "\(header.cooldownTerm)", "error": "\(error)"])
            return nil
        }
    }

    /// This replica's own meta names a longer prefix than the tablet has: the tablet is an older one, from a clone under the
    /// same id and term or from an old disk. It stands on that prefix again, as a follower does. Written over, the meta would
    /// leave followers without one that fits them, and everything would be uploaded a second time.
    ///
    /// - Returns: rowsets taken over; nil: the tablet is no older, or an object is gone and the meta is to be written anew.
    /// - Throws: `.behind` while the tablet lacks versions of it: they come back by a repair. `.differs` where its rows are
    ///   others.
    private func adopt(
        _ stored: RemoteCooldownMeta, _ tablet: Tablet, _ snapshot: TabletSnapshot, _ run: CooldownRun
    ) throws -> Int? {
        guard stored.schemaHash == tablet.schemaHash, let end = stored.rowsets.last?.versions.end,
            end > snapshot.maxRemoteVersion
        else { return nil }
        let header = snapshot.header
        do {
            let count = try stand(tablet, on: stored, header.cooldownConf, run, isPatient: false)
            memory.noteWritten(header.written(stored.cooldownMetaID, try resourceKey(of: header)))
            releaseLocalFiles(of: tablet)
            return count
        } catch CooldownError.objectMismatch(_, let key, let reason) {
            noteNotAdopted(header, "\(key): \(reason)")
        } catch let error as SegmentError {
            noteNotAdopted(header, "\(error)")
        } catch let CooldownError.mergedDelete(id, versions, delete, remoteEnd) {
            // Nobody goes on but this replica itself.
            noteNotAdopted(
                header,
                "\(CooldownError.mergedDelete(id, versions, delete: delete, remoteEnd: remoteEnd))")
        }
        return nil
    }

    private func noteNotAdopted(_ header: TabletHeader, _ reason: String) {
        logger.warning(
            "own remote meta can't be stood on and is written again",
            metadata: ["tablet": "\(header.tabletID)", "term": "\(header.cooldownTerm)", "reason": "\(reason)"])
    }

    /// Makes the remote meta of this replica and term say what the tablet says; then the local files of cooled rowsets go.
    /// Idempotent: after a crash the stored meta's id tells whether it was written.
    ///
    /// - Parameter stored: what it says now.
    /// - Returns: it was written now.
    private func writeRemoteMeta(
        _ tablet: Tablet, _ snapshot: TabletSnapshot, over stored: RemoteCooldownMeta?, _ run: CooldownRun
    ) throws -> Bool {
        let header = snapshot.header
        // Without a remote rowset there is nothing to say yet, whatever id a clone brought along.
        guard let metaID = header.cooldownMetaID, snapshot.maxRemoteVersion >= 0 else { return false }
        let writes = stored?.cooldownMetaID != metaID
        if writes {
            let rowsets = try remotePrefix(of: snapshot)
            try run.check()
            try metaFile(of: header).write(
                RemoteCooldownMeta(
                    tabletID: tablet.id, schemaHash: tablet.schemaHash, cooldownMetaID: metaID,
                    replicaID: header.replicaID, term: header.cooldownTerm, rowsets: rowsets))
            counters.count(counters.writtenMetas)
            logger.info(
                "remote meta written",
                metadata: [
                    "tablet": "\(tablet.id)", "version": "\(snapshot.maxRemoteVersion)",
                    "term": "\(header.cooldownTerm)", "meta_id": "\(metaID)",
                ])
        }
        memory.noteWritten(header.written(metaID, try resourceKey(of: header)))
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

extension TabletHeader {
    fileprivate func written(_ metaID: UniqueID, _ resource: String) -> CooldownMemory.Written {
        CooldownMemory.Written(conf: cooldownConf, metaID: metaID, resource: resource)
    }
}
