internal import Logging
internal import Platform
public import StoredFormats
internal import Synchronization
public import TabletModel

extension StorageEngine {
    /// DROP. Durable first: the header says SHUTDOWN, the tablet's pending rowsets are gone, and for a dropped table or
    /// partition the removal of its remote folder is queued; all in one synced batch. Then the tablet is served no more and
    /// its folder goes to the trash, at once or as soon as nobody reads it.
    ///
    /// - Throws: `.unknownTablet`, `.schemaHashMismatch`, `.replicaMismatch`, `.busy`, `.loading`, `.metaUnavailable`.
    public func dropTablet(_ request: DropTabletRequest) throws {
        let tablet = try tablet(request.tabletID, request.schemaHash)
        guard request.replicaID == 0 || request.replicaID == tablet.replicaID else {
            throw EngineError.replicaMismatch(tablet.id, local: tablet.replicaID, requested: request.replicaID)
        }
        guard tablets.reserve(tablet.id) else { throw EngineError.busy(tablet.id, what: "a creation or a drop") }
        defer { tablets.release(tablet.id) }
        guard try tablets[tablet.id] === tablet else { throw EngineError.unknownTablet(tablet.id) }

        let abandoned = try shutDown(tablet, withRemote: request.isDropTableOrPartition)
        tablets.remove(tablet)
        tablet.dataDir.tabletCount.subtract(1, ordering: .relaxed)
        for entry in abandoned { forget(entry) }
        logger.info(
            "tablet dropped",
            metadata: [
                "tablet": "\(tablet.id)", "replica": "\(tablet.replicaID)",
                "with_remote_files": "\(request.isDropTableOrPartition)",
            ])
        finishOrDefer(tablet)
    }

    /// Under the commit turn, so that no publish and no PUSH slips in between.
    private func shutDown(_ tablet: Tablet, withRemote: Bool) throws -> [PendingTable.Entry] {
        try tablet.turn.withLock { _ in
            let abandoned = pending.entries(of: tablet.id)
            var prepared = try tablet.prepare(
                TabletChange(
                    editHeader: { $0.state = .shutdown },
                    alsoWrite: abandoned.map { .delete(key: $0.key.metaKey) }))
            if withRemote, let garbage = remoteGarbage(of: tablet) {
                prepared.batch.put(MetaKeys.remoteTabletGarbage(tablet.id), try garbage.encoded())
            }
            try tablet.dataDir.writeMeta(prepared.batch)
            tablet.apply(prepared)
            return abandoned
        }
    }

    /// Every storage resource that may hold objects of the tablet; nil when none can.
    private func remoteGarbage(of tablet: Tablet) -> RemoteTabletGarbage? {
        let snapshot = tablet.snapshot
        var resources: Set<String> = []
        let policy = snapshot.header.storagePolicy
        // Without its resource at hand the policy's name has to do: it is looked up again when the folder goes.
        if !policy.isEmpty { resources.insert(remoteSegments?.resource(ofPolicy: policy) ?? policy) }
        for rowset in snapshot.rowsets {
            if case .remote(let resource) = rowset.meta.location { resources.insert(resource) }
        }
        return resources.isEmpty ? nil : RemoteTabletGarbage(tabletID: tablet.id, resources: resources.sorted())
    }

    /// Moves a shut-down tablet to the trash and forgets its records; what can't be done now is kept for the next sweep.
    /// - Parameter isReplaced: a new replica comes, and what the tablet has to say of a move counts no more.
    /// - Returns: it is done.
    @discardableResult
    func finishOrDefer(_ tablet: Tablet, isReplaced: Bool = false) -> Bool {
        guard tablet.withState({ $0.openScans }) == 0 else {
            leaving.add(tablet)
            return false
        }
        do {
            if !isReplaced { try settleMove(of: tablet) }
            try finish(tablet)
            leaving.remove(tablet)
            return true
        } catch {
            leaving.add(tablet)
            logger.warning(
                "dropped or moved tablet not in the trash yet, will try again",
                metadata: ["tablet": "\(tablet.id)", "error": "\(error)"])
            return false
        }
    }

    /// A new replica under this id begins only when nothing of another is left. The id is reserved.
    func clearFormerReplicas(of id: TabletID) throws {
        for tablet in leaving.of(id) where !finishOrDefer(tablet, isReplaced: true) {
            throw EngineError.busy(id, what: "the drop of its former replica")
        }
        try discardArrivals(of: id)
    }

    private func finish(_ tablet: Tablet) throws {
        let dir = tablet.dataDir
        try dir.checkChangeable()
        let folder = dir.layout.tabletFolder(shard: tablet.header.shardID, tablet.id)
        if try fileSystem.exists(folder) { try moveToTrash(folder, as: "\(tablet.id)", in: dir) }
        var batch = WriteBatch()
        batch.delete(MetaKeys.header(tablet.id))
        for prefix in [MetaKeys.rowsets(of: tablet.id), MetaKeys.staleRowsets(of: tablet.id)] {
            batch.deleteRange(from: prefix, to: MetaKeys.end(ofRowsets: prefix))
        }
        try dir.writeMeta(batch)
        let row = tablet.singleRow
        dir.localBytes.subtract(row.dataSizeBytes, ordering: .relaxed)
        dir.remoteBytes.subtract(row.remoteDataSizeBytes, ordering: .relaxed)
        dir.trashBytes.add(row.dataSizeBytes, ordering: .relaxed)
    }

    // MARK: Remote folders of dropped tablets

    /// Tablets whose remote folders wait for removal, with the dir that remembers it. In tablet order within a dir.
    public func remoteTabletGarbage() throws -> [(dir: DataDir, garbage: RemoteTabletGarbage)] {
        var all: [(dir: DataDir, garbage: RemoteTabletGarbage)] = []
        for dir in dataDirs where dir.isUsable {
            try dir.scanMeta(prefix: MetaKeys.remoteTabletGarbage) { _, value in
                do {
                    all.append((dir, try RemoteTabletGarbage(decoding: value)))
                } catch {
                    // It stays for a person to see, and keeps no other from being swept.
                    noteBadGarbage(error, in: dir)
                }
                return true
            }
        }
        return all
    }

    func noteBadGarbage(_ error: any Error, in dir: DataDir) {
        logger.error(
            "record of remote garbage can't be read, its objects stay",
            metadata: ["data_dir": "\(dir.path)", "error": "\(error)"])
    }

    /// The remote folder is gone: forget about it, durably.
    public func finishRemoteTabletGarbage(_ tablet: TabletID, in dir: DataDir) throws {
        var batch = WriteBatch()
        batch.delete(MetaKeys.remoteTabletGarbage(tablet))
        try dir.writeMeta(batch)
    }
}

extension PendingKey {
    var metaKey: [UInt8] { MetaKeys.pendingRowset(transaction, partition, tablet) }
}
