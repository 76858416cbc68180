internal import ClusterMetadata
internal import HTTPAPI
internal import MasterServices
internal import TabletModel

/// What begins an alter: a new tablet beside each of the table's, on the same backends.
struct AlterPlan {
    let tableID: TableID
    /// As it is once it has begun.
    let alter: TableAlter
    private let indexes: [ShadowIndex]
    /// Of each index.
    private let placements: [[TabletPlacement]]
    private let tabletsPerPiece: Int

    /// - Parameter tabletsPerPiece: at least 1.
    /// - Throws: `.unavailable` when a tablet has no majority of replicas whose rows could be taken now; `.conflict` where a
    ///   backend is no daemon of ours.
    init(
        _ change: ColumnChange, of table: Table, in state: ClusterState, now: UnixTime, tabletsPerPiece: Int,
        _ ids: inout IDAllocator
    ) throws(MasterError) {
        let id = ids.take()
        var indexes: [ShadowIndex] = []
        var placements: [[TabletPlacement]] = []
        for partition in table.partitions {
            guard let base = partition.baseIndex else { continue }
            let indexID = IndexID(ids.take())
            var tablets: [TabletPlacement] = []
            for tablet in base.tabletIDs {
                let backends = try Self.backends(of: tablet, table, in: state)
                tablets.append(
                    TabletPlacement(
                        tabletID: TabletID(ids.take()),
                        replicas: backends.map { .init(replicaID: ReplicaID(ids.take()), backendID: $0) }))
            }
            indexes.append(
                ShadowIndex(
                    partitionID: partition.id,
                    index: MaterializedIndex(
                        id: indexID, schemaHash: Self.hash(change, besides: base.schemaHash),
                        tabletIDs: tablets.map(\.tabletID), state: .shadow)))
            placements.append(tablets)
        }
        tableID = table.id
        alter = TableAlter(
            id: id, columns: change.columns, nextColumnID: change.nextColumnID,
            distributionColumn: change.distributionColumn, description: change.description, startedAt: now)
        self.indexes = indexes
        self.placements = placements
        self.tabletsPerPiece = tabletsPerPiece
    }

    private var isWhole: Bool { placements.reduce(0) { $0 + $1.count } <= tabletsPerPiece }

    /// The alter with all of its tablets, or the begin of one that has too many for a record.
    var first: JournalEntry {
        guard !isWhole else { return .beginAlter(tableID, alter, indexes, placements.flatMap(\.self)) }
        var (begun, empty) = (alter, indexes)
        begun.state = .beginning
        for place in empty.indices { empty[place].index.tabletIDs = [] }
        return .beginAlter(tableID, begun, empty, [])
    }

    /// The tablets, and that they are all there.
    var others: [JournalEntry] {
        guard !isWhole else { return [] }
        let tablets = zip(indexes, placements).flatMap { shadow, placements in
            Array(
                TabletPieces(
                    of: shadow.index.id, shadow.partitionID, tableID, placements, tabletsPerPiece: tabletsPerPiece
                ).entries(from: 0))
        }
        return tablets + [.updateAlter(tableID, alter)]
    }

    private static func backends(
        of tablet: TabletID, _ table: Table, in state: ClusterState
    ) throws(MasterError) -> [BackendID] {
        let fit = state.tablets.replicas(of: tablet).filter {
            $0.state == .normal && !$0.isBad && state.isHeard($0.backendID)
        }
        for replica in fit where state.backend(replica.backendID)?.isOurs != true {
            throw MasterError(
                .conflict,
                "backend \(replica.backendID) is no daemon of ours: its rows have no columns that this FE knows",
                nextStep: "move the table's replicas to backends of tabletd")
        }
        guard fit.count >= majority(of: Int(table.replicationCount)) else {
            throw MasterError(
                .unavailable,
                "tablet \(tablet) has \(fit.count) good replicas on backends that are heard, a majority of "
                    + "\(table.replicationCount) is needed",
                nextStep: "see tabletctl replicas --unhealthy, and try again")
        }
        return fit.map(\.backendID)
    }

    /// Tablets of the two indexes are told apart by it, too.
    private static func hash(_ change: ColumnChange, besides base: SchemaHash) -> SchemaHash {
        let hash = TableRequestCheck.schemaHash(change.columns)
        return hash == base ? SchemaHash(hash.rawValue ^ 2) : hash
    }
}
