internal import AgentTasks
internal import ClusterMetadata
internal import MasterServices
internal import TabletModel

/// Visible versions whose rows wait on the backend: it missed the publish, and is told again. The task stays queued
/// until it has ended.
struct PublishAgainExecutor {
    let environment: MasterEnvironment

    func carryOut(_ pending: [TabletReportDiff.PendingTransaction], from backend: BackendID) {
        ReportBatch(environment: environment, backend: backend, step: "publish again").each(
            pending.oncePerTransaction, tablet: \.tabletID
        ) {
            let id = $0.transactionID
            guard let transaction = environment.store.read({ $0.transaction(id) }), transaction.state == .visible else {
                return
            }
            environment.dispatcher.send(.publish(transaction), to: backend)
        }
    }
}

extension [TabletReportDiff.PendingTransaction] {
    /// The first of each transaction, ascending: a backend is told once, not for each tablet.
    var oncePerTransaction: [TabletReportDiff.PendingTransaction] {
        Dictionary(map { ($0.transactionID, $0) }, uniquingKeysWith: { first, _ in first })
            .values.sorted { $0.transactionID < $1.transactionID }
    }
}
