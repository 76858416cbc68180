internal import StorageEngine
internal import TabletModel

/// One tablet as `/api/tablets` lists it.
struct TabletLine: Codable, Sendable {
    var tabletID: Int64
    var schemaHash: Int32
    var replicaID: Int64
    var partitionID: Int64
    var maxVersion: Int64
    var isComplete: Bool
    var rowsets: Int
    var localBytes: Int64
    var remoteBytes: Int64
    var storagePolicy: String
    var cooldownReplicaID: Int64
    var cooldownTerm: Int64
    var cooldownMetaID: String?

    init(_ tablet: TabletSnapshot) {
        let header = tablet.header
        tabletID = header.tabletID.rawValue
        schemaHash = header.schemaHash.rawValue
        replicaID = header.replicaID.rawValue
        partitionID = header.partitionID.rawValue
        maxVersion = tablet.maxVersion.rawValue
        isComplete = tablet.isComplete
        rowsets = tablet.rowsets.count
        localBytes = tablet.rowsets.lazy.filter { !$0.meta.isRemote }.reduce(0) { $0 + $1.meta.sizeBytes }
        remoteBytes = tablet.rowsets.lazy.filter { $0.meta.isRemote }.reduce(0) { $0 + $1.meta.sizeBytes }
        storagePolicy = header.storagePolicy
        cooldownReplicaID = header.cooldownReplicaID.rawValue
        cooldownTerm = header.cooldownTerm
        cooldownMetaID = header.cooldownMetaID?.description
    }
}

/// One tablet with its rowsets.
struct TabletDetail: Codable, Sendable {
    var tablet: TabletLine
    var rowsets: [RowsetLine]

    struct RowsetLine: Codable, Sendable {
        var id: String
        var startVersion: Int64
        var endVersion: Int64
        var rows: Int64
        var bytes: Int64
        var segments: Int
        /// "local", or the storage policy whose resource holds it.
        var location: String
        var newestWriteMs: Int64
    }

    init(_ snapshot: TabletSnapshot) {
        tablet = TabletLine(snapshot)
        rowsets = snapshot.rowsets.map { rowset in
            let meta = rowset.meta
            let location =
                switch meta.location {
                case .local: "local"
                case .remote(let resource): resource
                }
            return RowsetLine(
                id: meta.id.description, startVersion: meta.versions.start.rawValue,
                endVersion: meta.versions.end.rawValue, rows: meta.rowCount, bytes: meta.sizeBytes,
                segments: meta.segments.count, location: location, newestWriteMs: meta.newestWrite.milliseconds)
        }
    }
}
