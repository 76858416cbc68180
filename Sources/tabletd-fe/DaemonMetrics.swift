import AccessControl
import DaemonRuntime
import HTTPAPI
import MasterCore
import MasterServices
import MySQLServer
import NodeMetrics

/// The master at a glance as gauges; Doris' names where it has them.
func publishMaster(_ running: RunningMaster, in metrics: MetricsRegistry) {
    let rows: [(name: String, help: String, read: @Sendable (MasterStatusView) -> Int64)] = [
        ("doris_fe_max_journal_id", "Log id of the last change.", { $0.lastLogID }),
        ("doris_fe_image_journal_id", "Log id that the newest image covers.", { $0.imageLogID }),
        (
            "tabletd_fe_metadata_writable", "1 while metadata can be written, 0 while changes are refused.",
            { $0.isReady ? 1 : 0 }
        ),
        (
            "tabletd_fe_metadata_unwritable_seconds", "For how long changes have been refused.",
            { ($0.metadataTrouble?.ageMs ?? 0) / 1000 }
        ),
        ("doris_fe_report_queue_size", "Reports that wait for their turn.", { $0.queuedReports }),
        ("tabletd_fe_backends", "Backends of the cluster.", { $0.backends }),
        ("tabletd_fe_backends_alive", "Backends that answer heartbeats.", { $0.aliveBackends }),
        ("tabletd_fe_tables", "Tables.", { $0.tables }),
        ("tabletd_fe_tablets", "Tablets.", { $0.tablets }),
        ("tabletd_fe_replicas", "Replicas.", { $0.replicas }),
        ("tabletd_fe_replicas_healthy", "Replicas with nothing amiss.", { $0.healthyReplicas }),
        ("tabletd_fe_replicas_cold", "Replicas whose rows are all in the object store.", { $0.coldReplicas }),
        ("tabletd_fe_tasks_queued", "Agent tasks that are not finished.", { $0.queuedTasks }),
        ("tabletd_fe_loads_running", "Loads under way.", { $0.runningLoads }),
        ("tabletd_fe_cooldown_jobs_running", "Cooldown jobs under way.", { $0.runningCooldownJobs }),
        ("tabletd_fe_tablets_unhealthy", "Tablets in need of repair.", { $0.unhealthyTablets }),
        ("tabletd_fe_tablets_unrecoverable", "Tablets with nothing left to copy from.", { $0.unrecoverableTablets }),
        (
            "tabletd_fe_tables_held", "Tables that are held: the metadata are older than the backends.",
            { $0.heldTables }
        ),
        ("tabletd_fe_repairs_pending", "Tablets that wait for their repair.", { $0.pendingRepairs }),
        ("tabletd_fe_clones_running", "Clones under way.", { $0.runningClones }),
        ("tabletd_fe_clones_finished", "Clones that ended well since the start.", { $0.finishedClones }),
        ("tabletd_fe_clones_failed", "Clones that failed since the start.", { $0.failedClones }),
        ("tabletd_fe_cloned_bytes", "Bytes that clones copied since the start.", { $0.clonedBytes }),
        ("tabletd_fe_surplus_replicas_dropped", "Surplus replicas dropped since the start.", { $0.droppedReplicas }),
    ]
    metrics.together(rows.map { MetricDescription($0.name, $0.help) }) {
        // Without a master there is nothing to tell, rather than a zero that looks like a loss.
        guard let master = running.current, let status = try? master.status() else { return [] }
        return rows.map { MetricRow($0.name, Double($0.read(status))) }
    }
}

/// Logins, and callers who were not let in.
func publishAccess(_ logins: Logins, _ doors: DaemonDoors, in metrics: MetricsRegistry) {
    let rows: [(name: String, help: String, read: @Sendable (LoginThrottleCounts) -> Int)] = [
        ("tabletd_fe_logins_failed", "Logins that failed since the start.", { $0.failed }),
        ("tabletd_fe_logins_delayed", "Logins that had to wait after failures.", { $0.delayed }),
        ("tabletd_fe_logins_refused", "Logins that were refused without a look after failures.", { $0.refused }),
    ]
    metrics.together(rows.map { MetricDescription($0.name, $0.help) }) {
        let counts = logins.counts
        return rows.map { MetricRow($0.name, Double($0.read(counts))) }
    }
    publishRefusedCallers(doors, in: metrics)
}

/// What the SQL port bears.
func publishSQL(_ service: MySQLService, in metrics: MetricsRegistry) {
    let rows: [(name: String, help: String, read: @Sendable (MySQLStatistics) -> Int)] = [
        ("doris_fe_connection_total", "Connections to the SQL port.", { $0.connections }),
        ("doris_fe_query_total", "Statements since the start.", { $0.statements }),
        ("doris_fe_query_err", "Statements that were answered with an error.", { $0.errors }),
        ("tabletd_fe_sql_refused_connections", "Connections beyond the limit.", { $0.refusedConnections }),
        ("tabletd_fe_sql_tls_failures", "Handshakes of TLS that failed.", { $0.tlsFailures }),
        ("tabletd_fe_sql_protocol_errors", "Connections that ended because of what came.", { $0.protocolErrors }),
        ("tabletd_fe_sql_timeouts", "Connections that were too slow.", { $0.timeouts }),
        ("tabletd_fe_sql_sent_bytes", "Bytes of answers.", { $0.bytesOut }),
    ]
    metrics.together(rows.map { MetricDescription($0.name, $0.help) }) {
        let statistics = service.statistics
        return rows.map { MetricRow($0.name, Double($0.read(statistics))) }
    }
}
