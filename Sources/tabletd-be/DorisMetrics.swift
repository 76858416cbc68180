import DaemonRuntime
import NodeMetrics
import S3Store
import StorageEngine
import TabletModel
import ThreadRuntime

/// The process and the machine, under Prometheus' names and Doris'.
func publishProcess(in metrics: MetricsRegistry) {
    let own = ProcessFacts.metrics
    let described = own.map { MetricDescription($0.name, $0.isCounter ? .counter : .gauge, $0.help) }
    metrics.together(
        described + [
            MetricDescription("doris_be_memory_allocated_bytes", "Memory of this process that is in RAM."),
            MetricDescription("doris_be_process_thread_num", "Threads of this process."),
            MetricDescription("doris_be_process_fd_num_used", "Open file descriptors."),
            MetricDescription("doris_be_process_fd_num_limit_soft", "Descriptors that may be open."),
            MetricDescription("doris_be_process_fd_num_limit_hard", "Descriptors that may be allowed to be open."),
            MetricDescription(
                "doris_be_cpu", .counter, "Time of the machine's processors, by what it went to, in ticks."),
            MetricDescription("doris_be_load_average", "Tasks of the machine that ran or waited for a processor."),
        ]
    ) {
        let facts = ProcessFacts()
        let doris = [
            MetricRow("doris_be_memory_allocated_bytes", Double(facts.residentBytes)),
            MetricRow("doris_be_process_thread_num", Double(facts.threads)),
            MetricRow("doris_be_process_fd_num_used", Double(facts.openFiles)),
            MetricRow("doris_be_process_fd_num_limit_soft", Double(facts.maxOpenFiles)),
            MetricRow("doris_be_process_fd_num_limit_hard", Double(facts.hardMaxOpenFiles)),
        ]
        let processors = facts.machineTicks.map {
            MetricRow("doris_be_cpu", [("device", "cpu"), ("mode", $0.mode)], Double($0.ticks))
        }
        let averages = zip(["1_minutes", "5_minutes", "15_minutes"], facts.loadAverages).map {
            MetricRow("doris_be_load_average", [("mode", $0)], $1)
        }
        return own.map { MetricRow($0.name, $0.value(facts)) } + doris + processors + averages
    }
}

/// What the threads of a scheduler do, pool by pool.
func publishThreads(_ scheduler: ThreadScheduler, in metrics: MetricsRegistry) {
    metrics.together([
        MetricDescription("doris_be_thread_pool_active_threads", "Threads of a pool that have work."),
        MetricDescription("doris_be_thread_pool_max_threads", "Threads that a pool may have."),
        MetricDescription("doris_be_thread_pool_queue_size", "Jobs that wait in a pool."),
        MetricDescription("doris_be_thread_pool_max_queue_size", "Jobs that may wait in a pool."),
        MetricDescription("doris_be_thread_pool_submit_failed", .counter, "Jobs that a pool had no room for."),
    ]) {
        scheduler.statisticsByName.flatMap { pool in
            let labels = [("thread_pool_name", pool.name)]
            return [
                MetricRow("doris_be_thread_pool_active_threads", labels, Double(pool.running)),
                MetricRow("doris_be_thread_pool_max_threads", labels, Double(pool.threadLimit)),
                MetricRow("doris_be_thread_pool_queue_size", labels, Double(pool.queued)),
                MetricRow("doris_be_thread_pool_max_queue_size", labels, Double(pool.queueLimit)),
                MetricRow("doris_be_thread_pool_submit_failed", labels, Double(pool.rejected)),
            ]
        }
    }
}

/// Rows that came, and compactions by kind.
func publishRows(_ counters: EngineCounters, in metrics: MetricsRegistry) {
    metrics.counter("doris_be_load_rows", help: "Rows that loads brought.") { Double(counters.loadedRows) }
    metrics.counter("doris_be_load_bytes", help: "Their bytes as they lie on the disk.") {
        Double(counters.loadedBytes)
    }
    for kind in CompactionKind.allCases {
        let labels = [("type", kind.rawValue)]
        metrics.counter(
            "doris_be_compaction_deltas_total", help: "Rowsets that compactions merged.", labels: labels
        ) { Double(counters.inputRowsets(kind)) }
        metrics.counter(
            "doris_be_compaction_bytes_total", help: "Bytes of the rowsets that compactions merged.", labels: labels
        ) { Double(counters.inputBytes(kind)) }
    }
}

/// Requests to object stores.
func publishObjectStores(_ counters: S3Counters, in metrics: MetricsRegistry) {
    metrics.counter("doris_be_s3_bytes_written_total", help: "Bytes sent to object stores.") {
        Double(counters.sentBytes)
    }
    metrics.counter("doris_be_s3_bytes_read_total", help: "Bytes received from object stores.") {
        Double(counters.receivedBytes)
    }
    for method in S3Counters.Method.allCases {
        let help = "Requests to object stores, retries included."
        metrics.counter(
            "tabletd_be_s3_requests_total", help: help, labels: [("method", method.rawValue), ("result", "success")]
        ) { Double(counters.succeeded(method)) }
        metrics.counter(
            "tabletd_be_s3_requests_total", help: help, labels: [("method", method.rawValue), ("result", "failure")]
        ) { Double(counters.failed(method)) }
    }
}
