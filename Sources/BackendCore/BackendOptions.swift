public import TabletModel

/// How a backend's agent behaves. Values come validated from the configuration; Doris' key stands with each that has one.
public struct BackendOptions: Sendable {
    /// `wire_dialect`: whose words the master understands; nil: learnt from its heartbeats.
    public var wireDialect: WireDialect?

    // Workers of the task pools (`contract/behaviour.md` §2).

    /// CREATE tasks that run together and share a sync, at most.
    public var createBatch = 256
    /// `create_tablet_worker_count`
    public var createWorkers = 3
    /// `drop_tablet_worker_count`
    public var dropWorkers = 3
    /// `push_worker_count_normal_priority`
    public var pushWorkers = 3
    /// `push_worker_count_high_priority`: these take HIGH tasks only.
    public var highPushWorkers = 3
    /// `delete_worker_count`
    public var deleteWorkers = 3
    /// `publish_version_worker_count`
    public var publishWorkers = 8
    /// `clear_transaction_task_worker_count`
    public var clearTransactionWorkers = 1
    /// `cooldown_thread_num`
    public var cooldownWorkers = 5
    /// `clone_worker_count`
    public var cloneWorkers = 3
    /// COMPACTION tasks; the node's own runs have `compactionThreads`.
    public var compactionWorkers = 1
    /// `max_compaction_threads`: for what the node compacts by itself.
    public var compactionThreads = 10
    /// `check_consistency_worker_count`
    public var checksumWorkers = 1
    /// `make_snapshot_worker_count`
    public var snapshotWorkers = 5
    /// `release_snapshot_worker_count`
    public var releaseSnapshotWorkers = 5
    /// `alter_tablet_worker_count`
    public var alterWorkers = 3
    /// `storage_medium_migrate_count`
    public var migrateWorkers = 1
    /// `upload_worker_count`
    public var uploadWorkers = 1
    /// `download_worker_count`
    public var downloadWorkers = 1
    /// Workers that answer tasks which are refused or not implemented.
    public var refusalWorkers = 1

    // Limits.

    /// Tasks that wait in one pool; more are TOO_MANY_TASKS.
    public var queueLimit = 100_000
    /// Tasks known at once: waiting, running, or run and not yet acknowledged by the master; more are TOO_MANY_TASKS.
    public var taskLimit = 500_000
    /// Messages in the answer to one batch.
    public var refusalMessageLimit = 16
    /// Cooldown runs in one data dir at once (Doris' fixed `concurrency_per_dir`).
    public var cooldownRunsPerDir = 2
    /// `compaction_task_num_per_disk`: the node's own compactions in one data dir at once.
    public var compactionRunsPerDir = 2
    /// Tablets in one `confirmUnusedRemoteFiles`.
    public var confirmBatch = 10_000

    // Waiting.

    /// Doris' fixed PUBLISH_TIMEOUT_SEC: how long a publish waits for the version before its own.
    public var publishWait: Duration = .seconds(10)
    /// Attempts of a publish that fails for another reason, and the pause between them.
    public var publishTries = 3
    public var publishRetryInterval: Duration = .seconds(1)
    /// A cooldown conf that an upload holds up is tried again for so long, then ABORTED.
    public var cooldownConfWait: Duration = .seconds(30)
    /// Pause before the second `finishTask` try, doubling up to the limit.
    public var finishRetryBase: Duration = .milliseconds(200)
    public var finishRetryLimit: Duration = .seconds(30)
    /// `finish_task_refusal_limit`: an end that the master can't take, though it takes others, is given up after so many tries.
    public var finishRefusalLimit = 8

    // Reports and upkeep.

    /// `report_task_interval_seconds`
    public var taskReportInterval: Duration = .seconds(10)
    /// `report_disk_state_interval_seconds`
    public var diskReportInterval: Duration = .seconds(60)
    /// `report_tablet_interval_seconds`
    public var tabletReportInterval: Duration = .seconds(60)
    /// Up to this much is added to each periodic report, so that backends started together do not report together
    /// (Doris sleeps 1-5 s).
    public var reportJitter: Duration = .seconds(5)
    /// Up to this much delays a report that has a cause (a new master, a bad disk). Zero is at once; a cluster of many
    /// hundreds of backends spreads its reports to a new master with it.
    public var earlyReportJitter: Duration = .zero
    /// Pause before a tablet report that the tablets' changes made stale is collected again.
    public var staleReportRetry: Duration = .seconds(1)
    /// First pause after a report that failed, doubling up to the report's interval.
    public var reportRetryBase: Duration = .seconds(1)
    /// `storage_refresh_storage_policy_task_interval_seconds`
    public var policyRefreshInterval: Duration = .seconds(5)
    /// Pause after a master answered that it knows no `refreshStoragePolicy` or `confirmUnusedRemoteFiles`.
    public var unknownMethodPause: Duration = .seconds(600)
    /// `disk_stat_monitor_interval`
    public var diskCheckInterval: Duration = .seconds(5)
    /// Between looks for tablets that nobody uses, whose rowsets leave the memory then.
    public var tabletRestInterval: Duration = .seconds(30)
    /// Between looks at rowsets that were found unreadable.
    public var unreadableCheckInterval: Duration = .seconds(15)
    /// `generate_cooldown_task_interval_sec`
    public var cooldownInterval: Duration = .seconds(20)
    /// A tablet whose run failed is left alone for an interval, doubling with each further failure up to this (Doris: always
    /// 10 x `generate_cooldown_task_interval_sec`, so that one read error costs minutes).
    public var cooldownFailurePause: Duration = .seconds(200)
    /// `disable_auto_compaction` is its opposite. COMPACTION tasks run in any case.
    public var compactsByItself = true
    /// How often the node looks which tablets are due for a compaction.
    public var compactionInterval: Duration = .seconds(10)
    /// As `cooldownFailurePause`, of compactions.
    public var compactionFailurePause: Duration = .seconds(120)
    /// `max_garbage_sweep_interval` and `min_garbage_sweep_interval`
    public var maxSweepInterval: Duration = .seconds(3600)
    public var minSweepInterval: Duration = .seconds(180)
    /// `remove_unused_remote_files_interval_sec`
    public var unusedRemoteFilesInterval: Duration = .seconds(21600)
    /// `confirm_unused_remote_files_interval_sec`
    public var confirmUnusedInterval: Duration = .seconds(60)
    /// How often the start looks whether the tablets are loaded.
    public var loadPollInterval: Duration = .milliseconds(50)

    public init() {}
}
