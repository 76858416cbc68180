internal import ClusterMetadata
internal import MasterServices
internal import TabletModel

/// Sizes, row counts and cooldown state as the backend reports them: memory only.
struct FactsExecutor {
    let environment: MasterEnvironment
    let taken: @Sendable ([TabletReportRow], BackendID) -> Void

    func carryOut(_ rows: [TabletReportRow], from backend: BackendID) {
        guard !rows.isEmpty else { return }
        environment.store.observe { $0.takeFacts(of: rows, from: backend) }
        taken(rows, backend)
    }
}
