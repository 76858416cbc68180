internal import AgentTasks
internal import BackupRestore
internal import ClusterMetadata
internal import MasterServices
internal import Platform
internal import SchemaChange
internal import TableCatalog
internal import TabletModel
internal import TabletReports

/// Ends of CREATE, which come by the thousand while a large table is made: the locks that all ends take in turn are taken once
/// for those that came together. Measured with 300,000 replicas: one lock an end was a fifth of all the time.
extension FinishTaskRouter {
    static func isCreation(_ end: FinishTaskRequest) -> Bool {
        end.type == .create && end.status.isOK && FinishTaskRules.missingMember(end) == nil
    }

    /// - Parameter ends: creations that came from one backend together. - Returns: an answer each, in their order.
    func finish(creations ends: ArraySlice<FinishTaskRequest>) -> [RPCStatus] {
        guard let sender = ends.first?.backend, backups.isIdle,
            let backend = environment.store.read({ $0.sender(sender)?.id })
        else { return ends.map { finish($0) } }
        environment.signs.heard(from: backend, at: environment.monotonicNow)
        let keys = ends.map { AgentTaskQueue.Key(type: .create, signature: $0.signature) }
        var answers: [RPCStatus] = []
        var ended: [AgentTaskQueue.Key] = []
        var raises: [(tablet: TabletID, reportVersion: Int64)] = []
        var tablets: [TableID: [TabletID]] = [:]
        for ((end, key), task) in zip(zip(ends, keys), environment.tasks.tasks(keys, of: backend)) {
            guard case .create(let create)? = task?.payload, let version = end.reportVersion else {
                answers.append(FinishTaskRules.answerToUnknown(end))
                continue
            }
            ended.append(key)
            raises.append((create.tabletID, version))
            tablets[create.tableID, default: []].append(create.tabletID)
            answers.append(.ok)
        }
        // Before the state changes: a report made earlier than this must not undo it.
        touched.note(raises, on: backend)
        environment.tasks.remove(ended, of: backend)
        for (table, tablets) in tablets.sorted(by: { $0.key < $1.key }) {
            if tables.created(tablets, of: table, on: backend) { continue }
            for tablet in tablets { alters.created(tablet, on: backend) }
        }
        environment.dispatcher.kick(backend)
        return answers
    }
}
