internal import Logging
internal import NodeMetrics
internal import StorageEngine
internal import TabletModel

extension MaintenanceScheduler.Work where Due == DueCooldown {
    /// Finds due tablets every `generate_cooldown_task_interval_sec`, and cools them on `cooldown_thread_num` threads.
    /// Nothing is due before a master has confirmed who this backend is: a copy of its data dirs, or the original that was
    /// replaced by one, holds the same confs and would upload under the same name.
    static func cooldown(
        _ engine: any AgentEngine, _ link: MasterLink, _ options: BackendOptions, _ logger: Logger,
        _ metrics: BackendMetrics
    ) -> Self {
        Self(
            loopName: "cooldown-producer", poolName: "cooldown", workers: options.cooldownWorkers,
            interval: options.cooldownInterval, runsPerDir: options.cooldownRunsPerDir,
            failurePause: options.cooldownFailurePause,
            due: { link.master?.isConfirmed == true ? engine.dueCooldowns() : nil },
            run: { due in
                metrics.cooldownRuns.increment()
                do {
                    try engine.runCooldown(due.tabletID)
                } catch {
                    metrics.cooldownFailures.increment()
                    logger.warning("cooldown failed", metadata: ["tablet": "\(due.tabletID)", "reason": "\(error)"])
                    throw error
                }
            })
    }
}

extension MaintenanceScheduler.Work where Due == DueCompaction {
    /// Finds tablets that are due for a compaction, and compacts them on `max_compaction_threads` threads. It looks even
    /// where it may not compact: the tablet report names the highest score.
    static func compaction(
        _ engine: any AgentEngine, _ options: BackendOptions, _ isWanted: CompactionSwitch, _ logger: Logger,
        _ metrics: BackendMetrics
    ) -> Self {
        Self(
            loopName: "compaction", poolName: "compaction-own", workers: options.compactionThreads,
            interval: options.compactionInterval, runsPerDir: options.compactionRunsPerDir,
            failurePause: options.compactionFailurePause,
            due: {
                let due = engine.dueCompactions()
                return isWanted.isOn ? due : nil
            },
            run: { due in
                metrics.compactionRuns.increment()
                do {
                    try engine.runCompaction(due)
                } catch {
                    metrics.compactionFailures.increment()
                    logger.warning(
                        "compaction failed",
                        metadata: ["tablet": "\(due.tabletID)", "kind": "\(due.kind.rawValue)", "reason": "\(error)"])
                    throw error
                }
            })
    }
}
