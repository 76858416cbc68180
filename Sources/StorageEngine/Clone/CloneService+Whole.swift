internal import Logging
internal import Platform
internal import StoredFormats
internal import Synchronization
internal import TabletModel

extension CloneService {
    /// Makes a replica whole: a new one, or in the place of a bad one of the same replica id, of which nothing is kept. The
    /// records change in one synced batch, after every file is there; without all versions nothing changes.
    func makeWhole(_ run: CloneRun, replacing old: Tablet?, in dir: DataDir) throws -> Tablet {
        let request = run.request
        let target = request.committedVersion
        var made: Tablet?
        let gathered = try gather(run, in: dir, missing: nil, needsAll: true) {
            []
        } join: { selection, sources, _, staging in
            let source = sources[selection.remoteSource ?? selection.taken[0].source].tablet
            let planned = header(for: request, from: source, replacing: old)
            let folder = dir.layout.segmentFolder(
                shard: planned.shardID, planned.tabletID, planned.schemaHash)
            try dir.makeSegmentFolder(folder)
            let links = try CloneLinks(
                selection.taken.map(\.rowset), of: planned, folder: folder, in: dir, source: staging.path)
            made = try links.commit { rowsets in
                guard let old else { return try install(Tablet.Records(header: planned, rowsets: rowsets), in: dir) }
                return try replace(old, in: dir) {
                    // As of now: a conf may have come since.
                    Tablet.Records(header: header(for: request, from: source, replacing: old), rowsets: rowsets)
                }
            }
        }
        if let made { return made }
        if let target {
            throw CloneError.incomplete(
                request.tabletID, upTo: target, missing: gathered.missing, reasons: gathered.reasons)
        }
        throw CloneError.noVersions(request.tabletID, reasons: gathered.reasons)
    }

    private func header(for request: CloneRequest, from source: TabletHeader, replacing old: Tablet?) -> TabletHeader {
        let now = engine.environment.time.wallNow
        var header = source
        header.replicaID = old?.replicaID ?? request.replicaID
        header.uid = engine.environment.random.uniqueID()
        header.shardID = old?.header.shardID ?? Int32(request.tabletID.rawValue % engine.options.shardCount)
        header.state = .running
        header.createdAt = now
        header.inRestoreMode = false
        header.schema = engine.schemas.shared(source.schema)
        if let table = request.tableID, table > 0 { header.tableID = table }
        if let partition = request.partitionID, partition > 0 { header.partitionID = partition }
        if let known = old?.header {
            header.tableID = known.tableID
            header.partitionID = known.partitionID
            // What the FE told this replica counts, when it is newer than what it told the source.
            if known.cooldownTerm >= source.cooldownTerm {
                header.cooldownReplicaID = known.cooldownReplicaID
                header.cooldownTerm = known.cooldownTerm
            }
            if !known.storagePolicy.isEmpty { header.storagePolicy = known.storagePolicy }
            header.options = known.options
        }
        header.takeCooldownMetaID(of: source, orFresh: engine.environment.random.uniqueID())
        return header
    }

    /// One synced batch, then memory. The id is reserved, so that no other tablet can take the place.
    private func install(_ records: Tablet.Records, in dir: DataDir) throws -> Tablet {
        try dir.writeMeta(try records.batch())
        let tablet = Tablet(records, in: dir)
        dir.tabletCount.add(1, ordering: .relaxed)
        let taken = engine.tablets.insert(.awake(tablet))
        precondition(taken == nil, "tablet \(tablet.id) was created while its id was reserved")
        return tablet
    }

    /// As `install`, in the place of a bad replica.
    private func replace(_ old: Tablet, in dir: DataDir, by records: () -> Tablet.Records) throws -> Tablet {
        let tablet = try engine.replace(old, in: dir, by: records)
        logger.notice(
            "bad replica replaced by a whole clone",
            metadata: ["tablet": "\(tablet.id)", "replica": "\(tablet.replicaID)"])
        return tablet
    }
}
