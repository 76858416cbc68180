internal import NodeMetrics
internal import TabletModel

/// One row of the task table: everything the agent knows about a type.
final class TaskKind: Sendable {
    typealias Handler = @Sendable (AgentTask, TaskContext) throws -> TaskOutcome

    let type: TaskType
    /// What is wrong with a task of this type, before it is queued; nil when nothing is.
    let check: @Sendable (AgentTask) -> RPCStatus?
    let choosePool: @Sendable (AgentTask) -> TaskPoolID
    let handler: Handler
    /// Runs and failures: `doris_be_engine_requests_total`.
    let total: Counter
    let failed: Counter
    let seconds: Histogram

    init(_ row: TaskTable.Row, metrics: BackendMetrics) {
        type = row.type
        check = row.check
        choosePool = row.pool
        handler = row.handler
        let name = row.type.description.lowercased()
        total = metrics.requests(type: name, status: "total")
        failed = metrics.requests(type: name, status: "failed")
        seconds = metrics.taskSeconds(type: name)
    }

    func pool(for task: AgentTask) -> TaskPoolID { choosePool(task) }
}
