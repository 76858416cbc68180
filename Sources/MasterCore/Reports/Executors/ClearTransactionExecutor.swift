internal import Logging
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
        let (state, isOurs) = environment.store.read { ($0.transaction(id)?.state, id.rawValue < $0.idBatchEnd) }
        guard state == nil || state == .aborted else { return }
        guard isOurs else {
            environment.logger.error(
                "a backend holds a transaction that this FE never began; was its metadata lost?",
                metadata: ["txn": "\(id)", "backend": "\(backend)"])
            return
        }
        environment.dispatcher.sendOnce(
            AgentTask(
                type: .clearTransactionTask, signature: id.rawValue,
                payload: .clearTransaction(ClearTransactionRequest(transactionID: id))), to: backend)
    }
}
