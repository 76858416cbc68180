internal import StorageEngine
internal import TabletModel

/// `/api/meta/header/{tablet_id}`: Doris' `TabletMetaPB` as JSON, as far as a tablet of this engine has what it names.
struct TabletMetaView: Encodable, Sendable {
    struct ID: Encodable, Sendable {
        var hi: Int64
        var lo: Int64

        init(_ id: UniqueID) { (hi, lo) = (id.high, id.low) }
    }

    struct Column: Encodable, Sendable {
        var uniqueId: Int32
        var name: String
        var type: String
        var isKey: Bool
        var isNullable: Bool
        var length: Int32?
        var precision: Int32?
        var frac: Int32?
        var defaultValue: String?
    }

    struct Schema: Encodable, Sendable {
        var keysType: String
        var column: [Column]
        var numShortKeyColumns: Int16
    }

    struct RowsetMetaView: Encodable, Sendable {
        var rowsetIdV2: String
        var tabletId: Int64
        var partitionId: Int64
        var tabletSchemaHash: Int32
        var txnId: Int64
        var rowsetType = "BETA_ROWSET"
        var rowsetState = "VISIBLE"
        var startVersion: Int64
        var endVersion: Int64
        var numRows: Int64
        var totalDiskSize: Int64
        var dataDiskSize: Int64
        var indexDiskSize: Int64 = 0
        var creationTime: Int64
        var newestWriteTimestamp: Int64
        var numSegments: Int
        /// Of the storage resource that holds it; absent of a local one.
        var resourceId: String?
    }

    var tableId: Int64
    var partitionId: Int64
    var tabletId: Int64
    var replicaId: Int64
    var schemaHash: Int32
    var shardId: Int32
    var creationTime: Int64
    var cumulativeLayerPoint: Int64
    var tabletState: String
    var tabletType = "TABLET_TYPE_DISK"
    var tabletUid: ID
    var inRestoreMode: Bool
    var schema: Schema
    var rsMetas: [RowsetMetaView]
    var staleRsMetas: [RowsetMetaView]
    var storagePolicy: String?
    var cooldownReplicaId: Int64?
    var cooldownTerm: Int64?
    var cooldownMetaId: ID?

    init(_ tablet: Tablet) {
        let header = tablet.header
        tableId = header.tableID.rawValue
        partitionId = header.partitionID.rawValue
        tabletId = header.tabletID.rawValue
        replicaId = header.replicaID.rawValue
        schemaHash = header.schemaHash.rawValue
        shardId = header.shardID
        creationTime = header.createdAt.seconds
        cumulativeLayerPoint = header.cumulativePoint.rawValue
        tabletState = header.state.protobufName
        tabletUid = ID(header.uid)
        inRestoreMode = header.inRestoreMode
        schema = Schema(header.schema)
        rsMetas = tablet.rowsets.map { RowsetMetaView($0.meta) }
        staleRsMetas = tablet.staleRowsets.map { RowsetMetaView($0.meta) }
        if !header.storagePolicy.isEmpty { storagePolicy = header.storagePolicy }
        if header.cooldownReplicaID.rawValue >= 0 {
            cooldownReplicaId = header.cooldownReplicaID.rawValue
            cooldownTerm = header.cooldownTerm
        }
        cooldownMetaId = header.cooldownMetaID.map { ID($0) }
    }
}

extension TabletMetaView.Schema {
    init(_ schema: TabletSchema) {
        keysType =
            switch schema.keysType {
            case 0: "PRIMARY_KEYS"
            case 2: "UNIQUE_KEYS"
            case 3: "AGG_KEYS"
            default: "DUP_KEYS"
            }
        numShortKeyColumns = schema.shortKeyColumnCount
        column = schema.columns.map { column in
            TabletMetaView.Column(
                uniqueId: column.uniqueID, name: column.name, type: column.type.description,
                isKey: column.isKey, isNullable: column.isNullable, length: column.length,
                precision: column.precision, frac: column.scale, defaultValue: column.defaultValue)
        }
    }
}

extension TabletMetaView.RowsetMetaView {
    init(_ meta: RowsetMeta) {
        var resource: String?
        if case .remote(let name) = meta.location { resource = name }
        self.init(
            rowsetIdV2: meta.id.description, tabletId: meta.tabletID.rawValue, partitionId: meta.partitionID.rawValue,
            tabletSchemaHash: meta.schemaHash.rawValue, txnId: meta.transactionID.rawValue,
            startVersion: meta.versions.start.rawValue, endVersion: meta.versions.end.rawValue,
            numRows: meta.rowCount, totalDiskSize: meta.sizeBytes, dataDiskSize: meta.sizeBytes,
            creationTime: meta.createdAt.seconds, newestWriteTimestamp: meta.newestWrite.seconds,
            numSegments: meta.segments.count, resourceId: resource)
    }
}

extension TabletState {
    fileprivate var protobufName: String {
        switch self {
        case .notReady: "PB_NOTREADY"
        case .running: "PB_RUNNING"
        case .tombstoned: "PB_TOMBSTONED"
        case .stopped: "PB_STOPPED"
        case .shutdown: "PB_SHUTDOWN"
        }
    }
}
