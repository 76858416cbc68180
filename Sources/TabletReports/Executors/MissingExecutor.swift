internal import AgentTasks
internal import ClusterMetadata
internal import Logging
internal import MasterServices
internal import TabletModel

/// Replicas that the backend does not have leave the metadata. The only one of a tablet stays, marked bad, so that the
/// loss is seen; or is made again, empty, when a person allowed that. The first report since the FE started only marks
/// them bad, which the next one takes back or confirms.
struct MissingExecutor {
    let environment: MasterEnvironment

    private enum Change {
        case delete(ReplicaKey)
        /// The only one.
        case lost(TabletID)
        /// It may be there.
        case doubted(TabletID)
    }

    func carryOut(_ missing: [TabletID], at moment: ReportMoment) {
        let backend = moment.backend
        let batch = ReportBatch(environment: environment, backend: backend, step: "delete from meta")
        let changes = batch.commit(
            missing, tablet: \.self, judge: { try change($0, moment, in: $1) }, entries: { entries($0, backend) })
        guard !changes.isEmpty else { return }
        environment.logger.warning(
            "a backend lost replicas", metadata: ["backend": "\(backend)", "replicas": "\(changes.count)"])
        guard environment.configuration.recoversWithEmptyTablet else { return }
        let lost = changes.compactMap { change -> TabletID? in
            if case .lost(let id) = change { id } else { nil }
        }
        batch.each(lost, tablet: \.self) { try makeEmpty($0, on: backend) }
    }

    private func change(_ id: TabletID, _ moment: ReportMoment, in state: ClusterState) throws -> Change? {
        let key = ReplicaKey(tabletID: id, backendID: moment.backend)
        // Where the metadata are older than the backends the replica may have moved on.
        guard moment.knows(id), !state.isHeld(id), let (replica, _) = try state.reportedReplica(key),
            let tablet = state.tablets.tablet(id), state.table(tablet.tableID)?.state == .normal,
            replica.takesReports || replica.state == .schemaChange
        else { return nil }
        if moment.isFirst { return replica.isBad ? nil : .doubted(id) }
        if tablet.replicaCount > 1 { return .delete(key) }
        // Made again with each report until it is there.
        return replica.isBad && !environment.configuration.recoversWithEmptyTablet ? nil : .lost(id)
    }

    private func entries(_ changes: [Change], _ backend: BackendID) -> [JournalEntry] {
        var entries: [JournalEntry] = []
        var lost: [TabletBadMark] = []
        for change in changes {
            switch change {
            case .delete(let key): entries.append(.deleteReplica(key))
            case .lost(let id), .doubted(let id): lost.append(TabletBadMark(tabletID: id, isBad: true))
            }
        }
        if !lost.isEmpty { entries.append(.backendTabletsBad(backend, lost)) }
        return entries
    }

    /// Its rows are lost for good: an empty tablet at the visible version takes its place.
    private func makeEmpty(_ id: TabletID, on backend: BackendID) throws {
        let request = try environment.store.read { state -> CreateTabletRequest? in
            let key = ReplicaKey(tabletID: id, backendID: backend)
            guard let (replica, partition) = try state.reportedReplica(key), let tablet = state.tablets.tablet(id),
                let table = state.table(tablet.tableID), let index = partition.index(tablet.indexID),
                index.state == .normal
            else { return nil }
            return CreateTabletRequest(
                tabletID: id, schema: TableRequestCheck.schema(of: table, hash: index.schemaHash),
                version: partition.visibleVersion, tableID: table.id, partitionID: partition.id,
                replicaID: replica.id, storagePolicy: table.storagePolicy ?? "",
                storagePolicyID: state.policyID(of: table))
        }
        guard let request else { return }
        environment.logger.warning(
            "a lost tablet is made again, empty", metadata: ["tablet": "\(id)", "backend": "\(backend)"])
        environment.dispatcher.send(
            AgentTask(type: .create, signature: id.rawValue, payload: .create(request)), to: backend)
    }
}
