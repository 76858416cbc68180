/// The keys of `fe.conf`. Doris' defaults are those of `contract/behaviour.md`.
extension FrontendConfiguration {
    public static let sections: [ConfigurationSection<FrontendConfiguration>] = [
        .addresses(\.address, and: portKeys),
        ConfigurationSection(title: "Metadata", keys: Journal.keys.map { $0.within(\.journal) }),
        ConfigurationSection(title: "Heartbeats", keys: Heartbeats.keys.map { $0.within(\.heartbeats) }),
        ConfigurationSection(title: "Reports and tasks", keys: Tasks.keys.map { $0.within(\.tasks) }),
        ConfigurationSection(title: "Replicas", keys: Placement.keys.map { $0.within(\.placement) }),
        ConfigurationSection(title: "Cooldown", keys: Cooldown.keys.map { $0.within(\.cooldown) }),
        ConfigurationSection(title: "Loads", keys: Loads.keys.map { $0.within(\.loads) }),
        .thrift(\.thrift),
        .log(\.log),
    ]

    private static let portKeys: [ConfigurationKey<FrontendConfiguration>] = [
        .port(.doris, "http_port", \.httpPort, "HTTP port: admin, status, metrics, load files."),
        .port(.doris, "rpc_port", \.rpcPort, "Thrift port for backends and other FEs (FrontendService)."),
        .integer(
            .doris, "cluster_id", \.clusterID, -1...2_147_483_647,
            "Id of a new cluster; -1 draws one. An existing cluster keeps its own, and another value is refused."),
        .seconds(
            .ours, "shutdown_drain_seconds", \.shutdownDrain, 0...3600,
            "On SIGTERM, running and queued work gets this long to end."),
    ]

    public static let unusedDorisKeys: [String: String] = [
        "query_port": "there is no SQL here",
        "edit_log_port": "there is no BDB-JE replication",
        "edit_log_type": "the journal is always RocksDB",
        "bdbje_replica_ack_timeout_second": "there is no BDB-JE",
        "max_bdbje_clock_delta_ms": "there is no BDB-JE",
        "metadata_checkpoint_memory_threshold": "an image is written without a second copy of the metadata",
        "cooldown_single_remote_file": "this is always so",
        "thrift_server_type": "there is one kind of Thrift server",
        "thrift_server_max_worker_threads": "use thrift_max_connections",
        "thrift_backlog_num": "the backlog is the system's",
        "thrift_client_timeout_ms": "use thrift_message_deadline_ms and thrift_idle_timeout_ms",
        "frontend_address": "use advertised_host",
        "sys_log_dir": "use log_file",
        "sys_log_roll_mode": "logs are rolled by logrotate or the journal",
        "sys_log_roll_num": "logs are rolled by logrotate or the journal",
        "sys_log_roll_interval": "logs are rolled by logrotate or the journal",
        "sys_log_delete_age": "logs are rolled by logrotate or the journal",
        "sys_log_verbose_modules": "use sys_log_level",
        "audit_log_dir": "there is no audit log",
        "qe_max_connection": "there is no SQL here",
        "enable_fqdn_mode": "advertised_host may be a name",
    ]
}

extension FrontendConfiguration.Heartbeats {
    static let keys: [ConfigurationKey<Self>] = [
        .seconds(
            .doris, "heartbeat_interval_second", \.interval, 1...3600,
            "Time between heartbeats (newer Doris: 10)."),
        .milliseconds(
            .ours, "heartbeat_timeout_ms", \.timeout, 100...60_000, "Time for a backend's answer to a heartbeat."),
        .integer(
            .doris, "heartbeat_mgr_threads_num", \.threads, 1...256, unit: "threads", "Threads that send heartbeats."),
        .integer(
            .doris, "heartbeat_mgr_blocking_queue_size", \.queueLimit, 16...1_000_000,
            "Heartbeats that may wait for a thread."),
        .integer(
            .doris, "max_backend_heartbeat_failure_tolerance_count", \.failureTolerance, 1...1000,
            "A backend is dead after this many failed heartbeats in a row."
        ).runtimeChangeable(),
        .seconds(
            .doris, "abort_txn_after_lost_heartbeat_time_second", \.abortTransactionsAfter, 1...86_400,
            "Transactions of a backend without heartbeat for this long are aborted."),
    ]
}

extension FrontendConfiguration.Journal {
    static let keys: [ConfigurationKey<Self>] = [
        .path(
            .doris, "meta_dir", \.metaDir, default: "${DORIS_HOME}/doris-meta",
            "Folder of the journal and the images: the cluster's metadata."),
        .integer(
            .doris, "edit_log_roll_num", \.rollCount, 100...10_000_000, unit: "records",
            "Records of one journal segment; a full segment can go into an image."),
        .seconds(
            .ours, "checkpoint_interval_seconds", \.checkpointInterval, 5...86_400,
            "Time between looks whether a new image is due (Doris: 60, not a setting)."),
        .seconds(
            .doris, "meta_delay_toleration_second", \.delayTolerance, 1...86_400,
            "A follower further behind than this serves no reads."),
        .boolean(
            .doris, "ignore_meta_check", \.ignoresMetaCheck, "true: a follower serves reads however far it is behind."),
        .boolean(
            .doris, "metadata_failure_recovery", \.isFailureRecovery,
            "true: start although the host differs from the one in the metadata. For repairs only."),
        .boolean(
            .doris, "enable_token_check", \.checksToken, "true: other FEs must have this cluster's token."),
        .bytes(
            .ours, "meta_cache_bytes", \.cacheBytes, 1_048_576...68_719_476_736, "Block cache of the journal's store."),
    ]
}

extension FrontendConfiguration.Tasks {
    static let keys: [ConfigurationKey<Self>] = [
        .integer(
            .doris, "report_queue_size", \.reportQueueLimit, 1...100_000,
            "Reports that may wait; one more is refused, and the backend sends it again."),
        .milliseconds(
            .doris, "agent_task_resend_wait_time_ms", \.resendWait, 0...3_600_000,
            "A task that a backend's report does not name is sent again when it is older than this."),
        .integer(
            .doris, "max_agent_task_threads_num", \.threads, 1...4096, unit: "threads",
            "Threads that send tasks to backends. They start when they are needed. Doris' default is 4096; one a busy "
                + "backend is enough."),
        .seconds(
            .doris, "tablet_create_timeout_second", \.createTimeout, 1...3600,
            "Time to create a table's tablets, for each tablet of the busiest backend."),
        .seconds(
            .doris, "tablet_delete_timeout_second", \.deleteTimeout, 1...3600,
            "Time to drop a table's tablets, for each tablet of the busiest backend."),
        .milliseconds(
            .doris, "publish_version_interval_ms", \.publishInterval, 1...60_000,
            "Time between looks for transactions to publish."),
        .seconds(
            .doris, "publish_version_timeout_second", \.publishTimeout, 1...86_400,
            "A load waits this long for its version to be visible; it becomes visible later all the same."),
    ]
}

extension FrontendConfiguration.Placement {
    static let keys: [ConfigurationKey<Self>] = [
        .boolean(
            .doris, "allow_replica_on_same_host", \.allowsSameHost,
            "true: replicas of one tablet may be on backends of the same host. For tests on one machine."
        ).runtimeChangeable(),
        .integer(
            .doris, "storage_high_watermark_usage_percent", \.highWatermarkPercent, 1...100, unit: "percent",
            "Fuller disks get new replicas only when there is no other."
        ).runtimeChangeable(),
        .integer(
            .doris, "storage_flood_stage_usage_percent", \.floodStagePercent, 1...100, unit: "percent",
            "Fuller disks get no data."
        ).runtimeChangeable(),
        .bytes(
            .doris, "storage_min_left_capacity_bytes", \.minLeftBytes, 0...1_099_511_627_776,
            "Disks with less space left get new replicas only when there is no other."
        ).runtimeChangeable(),
        .boolean(
            .doris, "disable_storage_medium_check", \.ignoresMedium,
            "true: replicas are placed on any medium, whatever the table asks for."
        ).runtimeChangeable(),
        .boolean(
            .doris, "recover_with_empty_tablet", \.recoversWithEmptyTablet,
            "true: a tablet whose only replica is lost is made anew, empty: its rows are gone. Default false."
        ).runtimeChangeable(),
        .seconds(
            .doris, "catalog_trash_expire_second", \.trashExpiry, 0...31_536_000,
            "Dropped tables can be recovered this long."),
        .integer(
            .doris, "decommission_tablet_check_threshold", \.decommissionCheckThreshold, 0...1_000_000,
            "A decommissioned backend with fewer tablets is dropped when all of these are of dropped tables."),
        .boolean(
            .doris, "drop_backend_after_decommission", \.dropsAfterDecommission,
            "true: a decommissioned backend is dropped once it is empty."
        ).runtimeChangeable(),
    ]
}

extension FrontendConfiguration.Cooldown {
    static let keys: [ConfigurationKey<Self>] = [
        .boolean(
            .doris, "enable_storage_policy", \.isEnabled,
            "false: storage policies are refused (Doris of January 2023: false, newer: true)."),
        .seconds(
            .doris, "push_cooldown_conf_timeout_second", \.jobTimeout, 1...86_400,
            "A job that has not reached its backends by then is cancelled."),
        .seconds(
            .ours, "cooldown_job_interval_seconds", \.jobInterval, 1...3600,
            "Time between steps of the cooldown jobs (Doris: 30, not a setting)."),
        .integer(
            .ours, "cooldown_confs_per_job", \.confsPerJob, 1...100_000, "Tablets of one job."),
        .integer(.ours, "cooldown_max_jobs", \.maxJobs, 1...100_000, "Jobs that are kept, done ones included."),
        .integer(.ours, "cooldown_max_active_jobs", \.maxActiveJobs, 1...10_000, "Jobs that run at the same time."),
        .integer(
            .ours, "cooldown_job_failure_limit", \.failureLimit, 1...100, "A job is cancelled after so many failures."),
    ]
}

extension FrontendConfiguration.Loads {
    static let keys: [ConfigurationKey<Self>] = [
        .path(
            .ours, "load_spool_dir", \.spoolDir, default: "${DORIS_HOME}/spool",
            "Folder where a load's rows wait, split by bucket, until the backends have fetched them."),
        .bytes(
            .ours, "load_spool_limit_bytes", \.spoolLimitBytes, 1_048_576...1_099_511_627_776,
            "Bytes of all running loads together; one more load is refused."),
        .bytes(
            .ours, "load_max_bytes", \.maxLoadBytes, 1_048_576...1_099_511_627_776, "Largest load."),
        .seconds(
            .ours, "load_timeout_seconds", \.timeout, 1...86_400,
            "A load whose backends have not fetched and written their rows by then is aborted."),
    ]
}
