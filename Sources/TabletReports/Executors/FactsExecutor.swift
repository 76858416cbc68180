internal import ClusterMetadata
internal import MasterServices
internal import TabletModel

/// Sizes, row counts and cooldown state as the backend reports them: memory only.
struct FactsExecutor {
    let environment: MasterEnvironment
    let taken: @Sendable ([TabletReportRow], BackendID) -> Void

    /// A thousand rows at a time: readers wait no longer for the state.
    func carryOut(_ rows: ReportedRows, from backend: BackendID) {
        rows.forEachSlice { rows in
            environment.store.observe { $0.takeFacts(of: rows, from: backend) }
            taken(rows, backend)
        }
    }
}
