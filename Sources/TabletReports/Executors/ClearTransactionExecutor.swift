internal import AgentTasks
internal import ClusterMetadata
internal import Logging
internal import MasterServices
internal import TabletModel

/// Rows of transactions that will never be published. What this FE can't have begun is left alone: its metadata may be
/// older than the backend's data.
struct ClearTransactionExecutor {
    let environment: MasterEnvironment

    func carryOut(_ pending: [TabletReportDiff.PendingTransaction], from backend: BackendID) {
        ReportBatch(environment: environment, backend: backend, step: "clear transactions").each(
            pending.oncePerTransaction, tablet: \.tabletID
        ) { clear($0.transactionID, on: backend) }
    }

    private func clear(_ id: TransactionID, on backend: BackendID) {
        let mayGo = environment.store.read { state in
            let known = state.transaction(id)
            return (known == nil || known?.state == .aborted) && id.rawValue < state.idBatchEnd
                && !state.older.isClusterHeld && !state.older.isOfLostTimeline(id.rawValue)
        }
        // Of one that was never begun here `OlderExecutor` made a finding.
        guard mayGo else { return }
        environment.dispatcher.sendOnce(
            AgentTask(
                type: .clearTransactionTask, signature: id.rawValue,
                payload: .clearTransaction(ClearTransactionRequest(transactionID: id))), to: backend)
    }
}
