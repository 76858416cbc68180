internal import ClusterMetadata
internal import HTTPAPI
internal import Logging
internal import MasterServices
internal import Platform
public import TabletModel

// Ends of CREATE and ALTER tasks. Each may come twice, and late.
extension AlterManager {
    /// A backend made its replica; of a tablet that no alter fills it is passed over.
    public func created(_ tablet: TabletID, on backend: BackendID) {
        guard let (table, alter) = alter(of: tablet) else { return }
        with(table, alter) { _ = $0.created.insert(ReplicaKey(tabletID: tablet, backendID: backend)) }
        look(at: table)
    }

    public func createFailed(_ tablet: TabletID, on backend: BackendID, _ reason: String) {
        guard let (table, alter) = alter(of: tablet), alter.state == .pending else { return }
        with(table, alter) { $0.createFailure = "tablet \(tablet) on backend \(backend): \(reason)" }
        look(at: table)
    }

    /// ALTER ended well, says the backend: `row` is the new tablet as it is there now.
    public func altered(_ request: AlterRequest, on backend: BackendID, _ row: TabletReportRow) {
        let key = ReplicaKey(tabletID: request.newTabletID, backendID: backend)
        do {
            if let complaint = try take(row, request, key) { return alterFailed(request, on: backend, complaint) }
        } catch {
            // The backend is asked again, and answers the same.
            return alterFailed(request, on: backend, "its end was not journaled: \(error)")
        }
        environment.store.observe { $0.takeFacts(of: [row], from: backend) }
        if let (table, _) = alter(of: key.tabletID) { look(at: table) }
    }

    public func alterFailed(_ request: AlterRequest, on backend: BackendID, _ reason: String) {
        guard let (table, alter) = alter(of: request.newTabletID) else { return }
        let now = environment.monotonicNow
        let key = ReplicaKey(tabletID: request.newTabletID, backendID: backend)
        with(table, alter) { $0.noteFailure(key, reason, now: now) }
        look(at: table)
    }

    private func alter(of tablet: TabletID) -> (TableID, TableAlter)? {
        environment.store.read { state in
            guard let tablet = state.tablets.tablet(tablet), let table = state.table(tablet.tableID),
                let alter = table.alter, table.isShadow(tablet.indexID)
            else { return nil }
            return (table.id, alter)
        }
    }

    /// The replica counts from now on, for as much as it has.
    /// - Returns: what is wrong with the row.
    private func take(_ row: TabletReportRow, _ request: AlterRequest, _ key: ReplicaKey) throws -> String? {
        try environment.commit { state, _ -> (entries: [JournalEntry], result: String?) in
            guard let tablet = state.tablets.tablet(key.tabletID), let table = state.table(tablet.tableID),
                table.alter?.state == .running, table.isShadow(tablet.indexID),
                let partition = table.partition(tablet.partitionID), let replica = state.tablets.replica(key),
                replica.state == .alter
            else { return ([], nil) }
            let filled = FilledReplica(
                row, of: key.tabletID, schemaHash: request.newSchemaHash,
                filledUpTo: table.alter?.alterVersions[partition.id] ?? .initial, in: partition)
            switch filled {
            case .complaint(let complaint): return ([], complaint)
            case .counts(let versions):
                let update = ReplicaUpdate(key: key, versions: versions, isBad: false, state: .normal)
                return ([.updateReplicas([update])], nil)
            }
        }
    }
}

// What people see.
extension AlterManager {
    func view(of id: TableID, in state: ClusterState) -> AlterView? {
        guard let table = state.table(id), let alter = table.alter else { return nil }
        let seen = self.seen(of: id)
        let replicas = state.shadowReplicas(of: table)
        var done = replicas.count { $0.replica.state == .normal }
        var message = seen?.lastError ?? ""
        switch alter.state {
        case .beginning: message = "its new tablets are being written down"
        case .pending: done = replicas.count { seen?.created.contains($0.key) == true }
        case .waiting: message = "waits for loads that began before it"
        case .running:
            let known = seen ?? AlterProgress(job: alter.id, since: environment.monotonicNow, state: alter.state)
            if message.isEmpty, case .waiting(let reason) = AlterReadiness(table, known, in: state) { message = reason }
        }
        return AlterView(
            id: alter.id, table: state.name(of: table), change: alter.description, state: alter.state.description,
            done: Int64(done), total: Int64(replicas.count), message: message,
            startedMs: alter.startedAt.milliseconds, endedMs: 0)
    }
}

extension AlterView {
    init(_ ended: EndedAlter) {
        self.init(
            id: ended.id, table: TableName(database: ended.database, table: ended.table), change: ended.description,
            state: ended.isFinished ? "FINISHED" : "CANCELLED", done: 0, total: 0, message: ended.reason,
            startedMs: ended.startedAt.milliseconds, endedMs: ended.endedAt.milliseconds)
    }
}
