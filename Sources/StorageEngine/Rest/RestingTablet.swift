internal import TabletModel

/// A tablet that nobody uses: what whole-node passes ask of it, in numbers, instead of a `Tablet` with its rowsets. Those stay in
/// the meta store, and are read again when somebody wants the tablet (`TabletMap`).
///
/// Only a tablet of which nothing is odd rests: it runs, its versions are whole, nothing of it is stale, broken, being worked on or
/// read. So a hole, a doubt or a file that waits for its removal never has to be written down here.
struct RestingTablet: Sendable {
    let traits: TabletTraits
    let id: TabletID
    let replicaID: ReplicaID
    let partitionID: PartitionID
    let uid: UniqueID
    let createdAt: UnixTime
    let cumulativePoint: Version
    let shardID: Int32
    var sums: RowsetSums
    /// Its folder, and those above it, were synced by this process.
    var folderIsDurable = false
    /// What few tablets have, or those of a cold table; nil: as in `RareTraits.none`.
    let rare: RareTraits?

    /// A plain one, without rowsets.
    init(
        id: TabletID, replicaID: ReplicaID, partitionID: PartitionID, uid: UniqueID, createdAt: UnixTime,
        cumulativePoint: Version, shardID: Int32, traits: TabletTraits
    ) {
        self.traits = traits
        self.id = id
        self.replicaID = replicaID
        self.partitionID = partitionID
        self.uid = uid
        self.createdAt = createdAt
        self.cumulativePoint = cumulativePoint
        self.shardID = shardID
        sums = RowsetSums()
        rare = nil
    }

    /// `header` runs and does not move.
    init(_ header: TabletHeader, traits: TabletTraits, sums: RowsetSums, rare: RareTraits?) {
        self.traits = traits
        id = header.tabletID
        replicaID = header.replicaID
        partitionID = header.partitionID
        uid = header.uid
        createdAt = header.createdAt
        cumulativePoint = header.cumulativePoint
        shardID = header.shardID
        self.sums = sums
        self.rare = rare
    }

    var dataDir: DataDir { traits.dataDir }

    var header: TabletHeader {
        TabletHeader(
            tabletID: id, schemaHash: traits.schemaHash, replicaID: replicaID, tableID: traits.tableID,
            partitionID: partitionID, uid: uid, shardID: shardID, state: .running, createdAt: createdAt,
            schema: traits.schema, isInMemory: traits.isInMemory, storagePolicy: traits.storagePolicy,
            cooldownMetaID: rare?.cooldownMetaID, cooldownReplicaID: rare?.cooldownReplicaID ?? -1,
            cooldownTerm: rare?.cooldownTerm ?? -1, cumulativePoint: cumulativePoint,
            inRestoreMode: traits.inRestoreMode, options: traits.options, alterBaseID: rare?.alterBaseID ?? 0)
    }

    /// As `Tablet.row` has it.
    var row: TabletReportRow {
        var row = TabletReportRow(tabletID: id, schemaHash: traits.schemaHash, version: sums.version)
        row.rowCount = sums.rowCount
        row.dataSizeBytes = sums.localBytes
        row.remoteDataSizeBytes = sums.remoteBytes
        row.versionCount = Int64(sums.rowsetCount)
        row.medium = dataDir.medium
        row.pathHash = dataDir.pathHash
        row.partitionID = partitionID
        row.isInMemory = traits.isInMemory
        row.replicaID = replicaID
        row.isCooldown = !traits.storagePolicy.isEmpty
        if row.isCooldown {
            row.cooldownReplicaID = rare?.cooldownReplicaID ?? -1
            row.cooldownTerm = rare?.cooldownTerm ?? -1
        }
        row.cooldownMetaID = rare?.cooldownMetaID
        return row
    }
}

/// What a tablet's rowsets come to, as the passes over all tablets want it.
struct RowsetSums: Sendable, Equatable {
    /// End of the newest rowset; none below it is missing.
    var version = Version.none
    var rowCount: Int64 = 0
    var localBytes: Int64 = 0
    var remoteBytes: Int64 = 0
    var rowsetCount: Int32 = 0
    /// `CompactionNeed`, in fewer bytes.
    private var score: Int32 = 0
    private var inputCount: Int32 = 0
    private var kind: Kind = .none
    /// Some local rowset has a segment: the tablet has a folder.
    var hasFiles = false

    private enum Kind: UInt8, Sendable { case none, cumulative, base }

    init() {}

    var need: CompactionNeed {
        get {
            let due: CompactionKind? =
                switch kind {
                case .none: nil
                case .cumulative: .cumulative
                case .base: .base
                }
            return CompactionNeed(score: Int64(score), kind: due, inputCount: Int64(inputCount))
        }
        set {
            score = Int32(clamping: newValue.score)
            inputCount = Int32(clamping: newValue.inputCount)
            kind =
                switch newValue.kind {
                case nil: .none
                case .cumulative: .cumulative
                case .base: .base
                }
        }
    }
}

/// What few tablets have, so that the others have a pointer. Immutable.
final class RareTraits: Sendable, Equatable {
    let cooldownMetaID: UniqueID?
    let cooldownReplicaID: ReplicaID
    let cooldownTerm: Int64
    let alterBaseID: TabletID
    /// The storage resource that its remote rowsets name; nil: it has none.
    let resource: String?
    /// Of a tablet that cools: when the rows that are to cool next were written; nil: nothing local is left.
    let nextWrittenAt: UnixTime?

    init(_ header: TabletHeader, resource: String?, nextWrittenAt: UnixTime?) {
        cooldownMetaID = header.cooldownMetaID
        cooldownReplicaID = header.cooldownReplicaID
        cooldownTerm = header.cooldownTerm
        alterBaseID = header.alterBaseID
        self.resource = resource
        self.nextWrittenAt = nextWrittenAt
    }

    /// Nothing of it need be kept.
    var isNone: Bool {
        cooldownMetaID == nil && cooldownReplicaID == -1 && cooldownTerm == -1 && alterBaseID == 0 && resource == nil
            && nextWrittenAt == nil
    }

    static func == (one: RareTraits, two: RareTraits) -> Bool {
        one.cooldownMetaID == two.cooldownMetaID && one.cooldownReplicaID == two.cooldownReplicaID
            && one.cooldownTerm == two.cooldownTerm && one.alterBaseID == two.alterBaseID
            && one.resource == two.resource
            && one.nextWrittenAt == two.nextWrittenAt
    }
}
