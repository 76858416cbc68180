internal import ClusterMetadata
internal import HTTPAPI
internal import MasterServices
internal import TabletModel

/// Makes the records of an alter: a new tablet beside each of the table's, on the same backends.
enum AlterPlan {
    /// - Throws: `.unavailable` when a tablet has no majority of replicas whose rows could be taken now; `.conflict` where a
    ///   backend is no daemon of ours.
    static func entry(
        _ change: ColumnChange, of table: Table, in state: ClusterState, now: UnixTime, _ ids: inout IDAllocator
    ) throws(MasterError) -> JournalEntry {
        let id = ids.take()
        var indexes: [ShadowIndex] = []
        var placements: [TabletPlacement] = []
        for partition in table.partitions {
            guard let base = partition.baseIndex else { continue }
            let indexID = IndexID(ids.take())
            var tablets: [TabletID] = []
            for tablet in base.tabletIDs {
                let backends = try backends(of: tablet, table, in: state)
                tablets.append(TabletID(ids.take()))
                placements.append(
                    TabletPlacement(
                        tabletID: tablets[tablets.count - 1],
                        replicas: backends.map { .init(replicaID: ReplicaID(ids.take()), backendID: $0) }))
            }
            indexes.append(
                ShadowIndex(
                    partitionID: partition.id,
                    index: MaterializedIndex(
                        id: indexID, schemaHash: hash(change, besides: base.schemaHash), tabletIDs: tablets,
                        state: .shadow)))
        }
        return .beginAlter(
            table.id,
            TableAlter(
                id: id, columns: change.columns, nextColumnID: change.nextColumnID,
                distributionColumn: change.distributionColumn, description: change.description, startedAt: now),
            indexes, placements)
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
