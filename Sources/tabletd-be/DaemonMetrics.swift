import NodeMetrics
import StorageEngine
import TabletModel

/// What the cooldown has done and what waits for it, for Prometheus.
func publishCooldown(_ cooldown: CooldownService, in metrics: MetricsRegistry) {
    let counters = cooldown.counters
    let rows: [(name: String, help: String, read: @Sendable (CooldownCounters.Values) -> Int64)] = [
        ("uploaded_rowsets", "Rowsets this node uploaded.", { $0.uploadedRowsets }),
        ("uploaded_objects", "Segment objects this node uploaded.", { $0.uploadedObjects }),
        ("uploaded_bytes", "Bytes of segments this node uploaded.", { $0.uploadedBytes }),
        ("written_metas", "Remote metas this node wrote.", { $0.writtenMetas }),
        ("followed_rowsets", "Rowsets this node took over from an uploader.", { $0.followedRowsets }),
        ("verified_objects", "Objects this node verified before it depended on them.", { $0.verifiedObjects }),
        ("aborted_runs", "Cooldown runs that a conf change ended.", { $0.abortedRuns }),
        ("failed_runs", "Cooldown runs that failed.", { $0.failedRuns }),
        ("deleted_objects", "Objects this node deleted.", { $0.deletedObjects }),
    ]
    for row in rows {
        metrics.counter("tabletd_be_cooldown_\(row.name)_total", help: row.help) { Double(row.read(counters.values)) }
    }
    metrics.gauges("tabletd_be_cooldown_waiting", help: "Tablets that cool and have local rows, by what they wait for.")
    {
        let counts = cooldown.survey.counts
        return CooldownWait.Reason.Kind.allCases.map { ([("reason", $0.rawValue)], Double(counts[$0] ?? 0)) }
    }
    metrics.gauge(
        "tabletd_be_cooldown_oldest_due_timestamp_seconds",
        help: "Since when a tablet whose rows are due has waited longest; 0 when none does."
    ) { Double(cooldown.survey.oldestDue?.seconds ?? 0) }
}

/// What happened to rowsets, as Prometheus counters.
func publishRowsets(_ counters: EngineCounters, in metrics: MetricsRegistry) {
    let rows: [(name: String, help: String, read: @Sendable (EngineCounters) -> Int64)] = [
        ("lost_rowsets", "Rowsets whose files were gone or corrupt.", { $0.lostRowsets }),
        (
            "recovered_rowsets", "Lost rowsets whose rows older rowsets still had on this node.",
            { $0.recoveredRowsets }
        ),
        ("compactions", "Compactions this node finished.", { $0.finishedCompactions }),
        ("compaction_input_rowsets", "Rowsets these compactions merged.", { $0.inputRowsets }),
        ("compaction_input_bytes", "Bytes of the rowsets these compactions merged.", { $0.inputBytes }),
        ("failed_compactions", "Compactions that failed.", { $0.failedCompactions }),
        ("migrations", "Tablets moved to another data dir.", { $0.finishedMigrations }),
        ("migrated_bytes", "Bytes of the tablets moved to another data dir.", { $0.movedBytes }),
        ("failed_migrations", "Moves to another data dir that failed after they had begun.", { $0.brokenMigrations }),
    ]
    for row in rows {
        metrics.counter("tabletd_be_\(row.name)_total", help: row.help) { Double(row.read(counters)) }
    }
}
