import ClusterMetadata
import DaemonRuntime
import HTTPAPI
import MasterCore
import NodeMetrics
import TabletModel
import ThreadRuntime

/// The process, under Prometheus' names.
func publishProcess(in metrics: MetricsRegistry) {
    let own = ProcessFacts.metrics
    metrics.together(own.map { MetricDescription($0.name, $0.isCounter ? .counter : .gauge, $0.help) }) {
        let facts = ProcessFacts()
        return own.map { MetricRow($0.name, $0.value(facts)) }
    }
}

/// What the threads of a scheduler do, pool by pool.
func publishThreads(_ scheduler: ThreadScheduler, in metrics: MetricsRegistry) {
    metrics.together([
        MetricDescription("doris_fe_thread_pool", "Threads and jobs of a pool: what `type` says.")
    ]) {
        scheduler.statisticsByName.flatMap { pool in
            [
                ("active_thread_num", pool.running), ("pool_size", pool.threads),
                ("max_pool_size", pool.threadLimit), ("task_in_queue", pool.queued),
                ("completed_task_count", Int(clamping: pool.finished)),
            ].map { MetricRow("doris_fe_thread_pool", [("name", pool.name), ("type", $0.0)], Double($0.1)) }
        }
    }
}

/// The edit log and the images.
func publishJournal(_ store: MetadataStore, in metrics: MetricsRegistry) {
    let latency = metrics.summary(
        "doris_fe_editlog_write_latency_ms", help: "How long a synced append to the edit log took, in milliseconds.")
    let entries = metrics.summary(
        "doris_fe_journal_write_batch_size", help: "Entries of one append.",
        bounds: [1, 2, 3, 5, 8, 12, 20, 40, 80, 160, 320, 640, 1280, 5000, 20_000])
    let bytes = metrics.summary(
        "doris_fe_journal_write_batch_data_size", help: "Bytes of one append.",
        bounds: (6...26).map { Double(1 << $0) })
    let loads = LoadMetrics(metrics)
    store.onAppend { append in
        latency.observe(append.took / .milliseconds(1))
        entries.observe(Double(append.entries.count))
        bytes.observe(Double(append.bytes))
        for case .upsertTransaction(let transaction) in append.entries { loads.note(transaction) }
    }
    metrics.together([
        MetricDescription("doris_fe_edit_log", .counter, "Entries, or bytes, of the edit log: what `type` says."),
        MetricDescription(
            "doris_fe_edit_log_clean", .counter, "Times the edit log was cut behind an image, or was to be."),
        MetricDescription("doris_fe_image_write", .counter, "Images that were written, or were to be."),
    ]) { [counters = store.counters] in
        let log = [
            ("write", counters.writtenEntries), ("read", counters.readEntries),
            ("accumulated_bytes", counters.writtenBytes),
        ]
        let clean = [("success", counters.cleanedLogs), ("failed", counters.cleaningFailures)]
        let images = [("success", counters.writtenImages), ("failed", counters.imageFailures)]
        return log.map { MetricRow("doris_fe_edit_log", [("type", $0.0)], Double($0.1)) }
            + clean.map { MetricRow("doris_fe_edit_log_clean", [("type", $0.0)], Double($0.1)) }
            + images.map { MetricRow("doris_fe_image_write", [("type", $0.0)], Double($0.1)) }
    }
}

/// What became of loads, as the edit log has it.
private struct LoadMetrics {
    let begun: Counter
    let succeeded: Counter
    let failed: Counter
    let whole: Histogram
    let publishing: Histogram

    init(_ metrics: MetricsRegistry) {
        let count = { (type: String) in
            metrics.counter(
                "doris_fe_txn_counter", help: "Loads and deletes by what became of them.", labels: [("type", type)])
        }
        begun = count("begin")
        succeeded = count("success")
        failed = count("failed")
        whole = metrics.summary(
            "doris_fe_txn_exec_latency_ms", help: "From a load's beginning until it was visible, in milliseconds.")
        publishing = metrics.summary(
            "doris_fe_txn_publish_latency_ms", help: "From a load's commit until it was visible, in milliseconds.")
    }

    func note(_ transaction: Transaction) {
        switch transaction.state {
        case .prepared: begun.increment()
        case .committed: break
        case .aborted: failed.increment()
        case .visible:
            succeeded.increment()
            guard let end = transaction.finishedAt?.milliseconds else { return }
            whole.observe(Double(max(0, end - transaction.preparedAt.milliseconds)))
            if let commit = transaction.committedAt?.milliseconds { publishing.observe(Double(max(0, end - commit))) }
        }
    }
}

/// The cluster as this FE knows it, under Doris' names.
func publishCluster(_ running: RunningMaster, _ store: MetadataStore, in metrics: MetricsRegistry) {
    metrics.together([
        MetricDescription(
            "node_info", "Nodes of the cluster by kind and state; `is_master` of the FE that leads is 1."),
        MetricDescription("doris_fe_tablet_num", "Tablets of each backend."),
        MetricDescription("doris_fe_txn_status", "Loads and deletes that are remembered, by state."),
        MetricDescription("doris_fe_job", "Jobs that run."),
        MetricDescription("doris_fe_scheduled_tablet_num", "Tablets that wait for their repair or are repaired."),
        MetricDescription("doris_fe_internal_database_num", "Databases."),
        MetricDescription("doris_fe_internal_table_num", "Tables."),
    ]) {
        // Without a master there is nothing to tell, rather than a zero that looks like a loss.
        guard let master = running.current, let backends = try? master.backends(),
            let frontends = try? master.frontends(), let alters = try? master.alterViews(),
            let repairs = try? master.scheduler()
        else { return [] }
        return nodes(frontends, backends) + transactions(store)
            + backends.map {
                MetricRow(
                    "doris_fe_tablet_num", [("backend", "\($0.host):\($0.heartbeatPort)")], Double($0.tabletCount))
            } + [
                MetricRow(
                    "doris_fe_job", [("job", "alter"), ("type", "SCHEMA_CHANGE"), ("state", "running")],
                    Double(alters.count { $0.state != "FINISHED" && $0.state != "CANCELLED" })),
                MetricRow(
                    "doris_fe_scheduled_tablet_num", Double(repairs.pending.count + repairs.running.count)),
                MetricRow("doris_fe_internal_database_num", Double(store.read { $0.databases.count })),
                MetricRow("doris_fe_internal_table_num", Double(store.read { $0.tableCount })),
            ]
    }
}

private func nodes(_ frontends: [FrontendView], _ backends: [BackendView]) -> [MetricRow] {
    let counts = [
        ("fe_node_num", "total", frontends.count), ("fe_node_num", "alive", frontends.count { $0.isAlive }),
        ("be_node_num", "total", backends.count), ("be_node_num", "alive", backends.count { $0.isAlive }),
        ("be_node_num", "decommissioned", backends.count { $0.isDecommissioned }),
    ]
    let leads = frontends.contains { $0.isCurrent && $0.isMaster }
    return counts.map { MetricRow("node_info", [("type", $0.0), ("state", $0.1)], Double($0.2)) }
        + [MetricRow("node_info", [("type", "is_master")], leads ? 1 : 0)]
}

private func transactions(_ store: MetadataStore) -> [MetricRow] {
    let counts = Dictionary(store.snapshot().allTransactions.map { ($0.state, 1) }, uniquingKeysWith: +)
    return Transaction.State.allCases.map {
        MetricRow("doris_fe_txn_status", [("type", $0.description.lowercased())], Double(counts[$0] ?? 0))
    }
}
