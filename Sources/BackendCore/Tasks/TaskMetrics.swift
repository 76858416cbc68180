internal import NodeMetrics
internal import TabletModel

/// What is counted of the tasks of one type.
struct TaskMetrics: Sendable {
    let runs: RequestCounters
    /// Of a worker's time, one run.
    let seconds: Histogram

    init(_ type: TaskType, _ metrics: BackendMetrics) {
        let name = type.description.lowercased()
        runs = metrics.requests(type: name)
        seconds = metrics.taskSeconds(type: name)
    }
}

/// Those of every known type: made at the start, so that `/metrics` shows a type before its first task.
struct TaskMetricsByType: Sendable {
    private let known: [TaskType: TaskMetrics]
    /// Stands for all types that are not known.
    private let unknown: TaskMetrics

    init(_ metrics: BackendMetrics) {
        let types = TaskType.names.keys.map { TaskType(rawValue: $0) }
        known = Dictionary(uniqueKeysWithValues: types.map { ($0, TaskMetrics($0, metrics)) })
        unknown = TaskMetrics(TaskType(rawValue: -1), metrics)
    }

    subscript(type: TaskType) -> TaskMetrics { known[type] ?? unknown }
}
