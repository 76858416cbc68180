internal import ClusterMetadata
public import HTTPAPI
internal import MasterServices
internal import ReplicaRepair
public import TabletModel

extension Master {
    public func unhealthyReplicas(of table: TableName?, limit: Int) throws -> [UnhealthyReplicaView] {
        guard limit > 0 else {
            throw MasterError(.invalidArgument, "a limit of \(limit) shows nothing", nextStep: "give 1 or more")
        }
        return try repairs.unhealthyReplicas(of: table, limit: limit)
    }

    public func scheduler() throws -> SchedulerView { repairs.schedulerView }

    public func repair(_ tablets: [TabletID]) throws -> [RepairTaskView] {
        let unknown = environment.store.read { state in tablets.first { !state.tablets.contains($0) } }
        if let unknown {
            throw MasterError(.notFound, "there is no tablet \(unknown)", nextStep: "list the tablets of a table")
        }
        guard !environment.configuration.repair.isDisabled else {
            throw MasterError(
                .conflict, "the scheduler is off", nextStep: "set disable_tablet_scheduler = false and restart the FE")
        }
        return repairs.repair(tablets)
    }

    public func moveReplica(_ tablet: TabletID, _ request: MoveReplicaRequest) throws -> JobView {
        try moves.start(tablet, request)
    }

    public func checkConsistency(_ tablet: TabletID) throws -> ConsistencyCheckView {
        try consistency.start(tablet)
    }

    public func consistencyCheck(_ tablet: TabletID) throws -> ConsistencyCheckView { try consistency.view(tablet) }
}
