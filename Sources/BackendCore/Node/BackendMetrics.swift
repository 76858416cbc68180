internal import NodeMetrics

/// The backend's metrics: Doris' names where Doris has them, `tabletd_be_` otherwise.
final class BackendMetrics: Sendable {
    let registry: MetricsRegistry
    let heartbeats: Counter
    let heartbeatsRefused: Counter
    let commandsRefused: Counter
    let finishes: RequestCounters
    let finishAbandoned: Counter
    let finishRefused: Counter
    let tasksAccepted: Counter
    let tasksRefused: Counter
    let tasksDuplicate: Counter
    let tasksOverLimit: Counter
    let cooldownRuns: Counter
    let cooldownFailures: Counter
    let compactionRuns: Counter
    let compactionFailures: Counter

    init(_ registry: MetricsRegistry) {
        self.registry = registry
        heartbeats = registry.counter("tabletd_be_heartbeats_total", help: "Heartbeats received")
        heartbeatsRefused = registry.counter("tabletd_be_heartbeats_refused_total", help: "Heartbeats refused")
        commandsRefused = registry.counter(
            "tabletd_be_commands_refused_total",
            help: "Commands refused because another host than the master's sent them")
        finishes = RequestCounters(registry, "finish_task")
        finishAbandoned = registry.counter(
            "tabletd_be_finish_task_abandoned_total", help: "Task ends not told because the master changed")
        finishRefused = registry.counter(
            "tabletd_be_finish_task_refused_total",
            help: "Task ends given up because the master took others and not these")
        let tasks = { (verdict: String) in
            registry.counter(
                "tabletd_be_submitted_tasks_total", help: "Tasks in submit_tasks by what became of them",
                labels: [("verdict", verdict)])
        }
        tasksAccepted = tasks("accepted")
        tasksRefused = tasks("refused")
        tasksDuplicate = tasks("duplicate")
        tasksOverLimit = tasks("too_many")
        cooldownRuns = registry.counter("tabletd_be_cooldown_runs_total", help: "Cooldown steps run")
        cooldownFailures = registry.counter("tabletd_be_cooldown_failures_total", help: "Cooldown steps that failed")
        compactionRuns = registry.counter(
            "tabletd_be_compaction_runs_total", help: "Compactions that the node began by itself")
        compactionFailures = registry.counter(
            "tabletd_be_compaction_failures_total", help: "Compactions of the node's own that failed")
    }

    func requests(type: String) -> RequestCounters { RequestCounters(registry, type) }

    func taskSeconds(type: String) -> Histogram {
        registry.histogram(
            "tabletd_be_task_seconds", help: "Time a worker spent on one run of a task", labels: [("type", type)])
    }
}

/// Requests of one type, all and those that failed: `doris_be_engine_requests_total`.
struct RequestCounters: Sendable {
    let total: Counter
    let failed: Counter

    init(_ registry: MetricsRegistry, _ type: String) {
        let count = { (status: String) in
            registry.counter(
                "doris_be_engine_requests_total", help: "Requests handled by type, all (total) and failed",
                labels: [("type", type), ("status", status)])
        }
        total = count("total")
        failed = count("failed")
    }
}
