internal import AgentTasks
internal import ClusterMetadata
internal import Logging
internal import MasterServices
public import TabletModel

/// Versions that hold another load's rows (`OlderMetadata`).
extension LoadManager {
    /// A backend holds the load's version with other rows. Where that version was adopted from the backends, the load gets
    /// a new one; else it is a finding for the caller.
    /// - Returns: whether the load was given another version.
    public func versionTaken(_ id: TransactionID, on backend: BackendID) -> Bool {
        guard let session = session(id) else { return false }
        let isAdopted = environment.store.read { state in
            session.with { $0.transaction.partitions }.contains { published in
                (state.table(session.tableID)?.partition(published.partitionID)?.visibleVersion ?? .none)
                    >= published.version
            }
        }
        guard isAdopted else { return false }
        guard session.move(from: [.publishing], to: .committing) else { return true }
        do {
            let moved = try environment.commit { state, _ -> (entries: [JournalEntry], result: Transaction?) in
                guard var transaction = state.transaction(id), transaction.state == .committed,
                    let partition = state.table(session.tableID)?.partitions.first
                else { return ([], nil) }
                let version = partition.nextVersion
                transaction.partitions = [.init(partitionID: partition.id, version: version)]
                let entry = AdoptedVersions(
                    tableID: session.tableID, partitionID: partition.id, visible: partition.visibleVersion,
                    next: version.next, committed: [.init(transactionID: id, version: version)])
                return ([.adoptVersions(entry)], transaction)
            }
            if let moved {
                environment.logger.notice(
                    "a load's version was taken: it gets another",
                    metadata: ["txn": "\(id)", "version": "\(moved.partitions[0].version)"])
            }
            session.with { state in
                if let moved { state.transaction = moved }
                state.publish = nil
                state.phase = .committed
            }
        } catch {
            environment.logger.error(
                "a load was not given another version", metadata: ["txn": "\(id)", "error": "\(error)"])
            session.with { $0.phase = .publishing }
            return true
        }
        let key = AgentTaskQueue.Key(type: .publishVersion, signature: id.rawValue)
        let told = environment.store.read { $0.backends.map(\.id) }.filter {
            environment.tasks.remove(key, of: $0) != nil && $0 != backend
        }
        session.with { $0.owedAnswers.formUnion(told) }
        publishNext(session.tableID)
        return true
    }

    /// The backend's answer is about the version that the load had before: the task goes out again.
    public func isAnswerOwed(_ id: TransactionID, by backend: BackendID) -> Bool {
        session(id)?.with { $0.owedAnswers.remove(backend) } != nil
    }
}
