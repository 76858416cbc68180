/// The keys of `fe.conf`. Doris' defaults are those of `contract/behaviour.md`.
extension FrontendConfiguration {
    public static let sections: [ConfigurationSection<FrontendConfiguration>] = [
        .addresses(\.address, and: portKeys),
        ConfigurationSection(title: "Metadata", keys: Journal.keys.map { $0.within(\.journal) }),
        ConfigurationSection(title: "Replicated metadata", keys: Replication.keys.map { $0.within(\.replication) }),
        ConfigurationSection(
            title: "Access",
            keys: AccessSettings.keys.map { $0.within(\.access) } + TLSSettings.keys.map { $0.within(\.tls) }),
        ConfigurationSection(title: "SQL", keys: SQL.keys.map { $0.within(\.sql) }),
        ConfigurationSection(title: "Other frontends", keys: Peers.keys.map { $0.within(\.peers) }),
        ConfigurationSection(title: "Heartbeats", keys: Heartbeats.keys.map { $0.within(\.heartbeats) }),
        ConfigurationSection(title: "Reports and tasks", keys: Tasks.keys.map { $0.within(\.tasks) }),
        ConfigurationSection(title: "Replicas", keys: Placement.keys.map { $0.within(\.placement) }),
        ConfigurationSection(title: "Repair", keys: Repair.keys.map { $0.within(\.repair) }),
        ConfigurationSection(title: "Cooldown", keys: Cooldown.keys.map { $0.within(\.cooldown) }),
        ConfigurationSection(title: "Backups", keys: Backups.keys.map { $0.within(\.backups) }),
        ConfigurationSection(title: "Loads", keys: Loads.keys.map { $0.within(\.loads) }),
        .thrift(\.thrift),
        .log(\.log),
    ]

    private static let portKeys: [ConfigurationKey<FrontendConfiguration>] = [
        .port(.doris, "http_port", \.httpPort, "HTTP port: admin, status, metrics, load files."),
        .port(.doris, "rpc_port", \.rpcPort, "Thrift port for backends and other FEs (FrontendService)."),
        .integer(
            .doris, "cluster_id", \.clusterID, -1...2_147_483_646,
            "Id of a new cluster; -1 draws one. An existing cluster keeps its own, and another value is refused."),
        .choice(
            .ours, "wire_dialect", \.wireDialect,
            "How backends are spoken to: auto learns it from each one's heartbeats; 2023 and 2026 take all for backends of "
                + "Doris of that year, tabletd for ours (docs/wire.md)."),
        .seconds(
            .ours, "shutdown_drain_seconds", \.shutdownDrain, 0...3600,
            "On SIGTERM, running and queued work gets this long to end."),
    ]

    public static let unusedDorisKeys: [String: String] = [
        "edit_log_port": "there is no BDB-JE replication",
        "edit_log_type": "use journal_type",
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
        "sys_log_mode": "lines are written at once",
        "log_roll_size_mb": "logs are rolled by logrotate or the journal",
        "audit_log_dir": "there is no audit log",
        "audit_log_modules": "there is no audit log",
        "audit_log_roll_num": "there is no audit log",
        "audit_log_roll_interval": "there is no audit log",
        "audit_log_delete_age": "there is no audit log",
        "audit_log_enable_compress": "there is no audit log",
        "sys_log_enable_compress": "logs are rolled by logrotate or the journal",
        "arrow_flight_sql_port": "there is no SQL here",
        "ssl_certificate_path": "there is no HTTPS yet",
        "ssl_private_key_path": "there is no HTTPS yet",
        "enable_https": "there is no HTTPS yet",
        "https_port": "there is no HTTPS yet",
        "key_store_path": "there is no HTTPS yet",
        "key_store_password": "there is no HTTPS yet",
        "key_store_type": "there is no HTTPS yet",
        "enable_ssl": "tls says it",
        "mysql_ssl_default_ca_certificate": "tls_ca_file says it",
        "mysql_ssl_default_server_certificate": "tls_certificate_file says it",
        "mysql_service_nio_enabled": "the SQL port waits for its clients without threads",
        "mysql_service_io_threads_num": "the SQL port has one thread a core for its connections",
        "max_mysql_service_task_threads_num": "statements have 32 threads",
        "qe_query_timeout_second": "a statement runs until its client is gone",
        "qe_slow_log_ms": "no statement is logged",
        "lower_case_table_names": "names are what they are",
        "jdbc_drivers_dir": "there are no JDBC tables",
        "jdbc_driver_secure_path": "there are no JDBC tables",
        "plugin_dir": "there are no plugins",
        "small_file_dir": "there are no small files",
        "tmp_dir": "there are no temporary files outside load_spool_dir",
        "custom_config_dir": "settings are changed in the file",
        "auth_token": "the cluster's token is drawn at the first start",
        "master_sync_policy": "every entry of the journal is synced",
        "replica_sync_policy": "every entry of the journal is synced",
        "replica_ack_policy": "etcd keeps every entry on a majority of its members",
        "deploy_mode": "every backend keeps tablets",
        "cloud_unique_id": "every backend keeps tablets",
        "meta_service_endpoint": "every backend keeps tablets",
        "enable_fqdn_mode": "advertised_host may be a name",
        "abort_txn_after_lost_heartbeat_time_second": "a dead backend's replicas count as failed in its loads at once",
        "ignore_meta_check": "there is one FE yet",
        "metadata_failure_recovery": "there is one FE yet, and its metadata names no host",
        "enable_token_check": "there is one FE yet; backends keep the token of their first heartbeat",
        "tablet_delete_timeout_second": "dropping a table does not wait for its tablets",
        "publish_version_interval_ms": "a version is published as soon as it can be",
        "storage_flood_stage_usage_percent": "backends refuse data for a full disk themselves, by their own be.conf",
        "storage_min_left_capacity_bytes": "use storage_high_watermark_usage_percent",
        "disable_storage_medium_check": "replicas are placed on any medium",
        "catalog_trash_expire_second": "a dropped table can't be recovered; its files stay in the backends' trash",
        "decommission_tablet_check_threshold": "a backend is dropped once it holds nothing",
        "schedule_slot_num_per_ssd_path": "use schedule_slot_num_per_hdd_path, for every kind of disk",
        "disable_balance": "replicas are not moved for balance",
        "max_balancing_tablets": "replicas are not moved for balance",
        "balance_load_score_threshold": "replicas are not moved for balance",
        "enable_storage_policy": "storage policies are always on",
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
            "A backend is dead after this many failed heartbeats in a row."),
        .seconds(
            .ours, "backend_report_timeout_second", \.reportTimeout, 20...86_400,
            "A backend that answers heartbeats, but from which no report and no ended task has come for so long, is late: it "
                + "gets no new replicas, loads do not wait for it, and its replicas are made anew elsewhere as a dead one's "
                + "are. Backends report their tasks every 10 s."),
    ]
}

extension FrontendConfiguration.Journal {
    static let keys: [ConfigurationKey<Self>] = [
        .path(
            .doris, "meta_dir", \.metaDir, default: "${DORIS_HOME}/doris-meta",
            "Folder of the journal and the images: the cluster's metadata."),
        .integer(
            .doris, "edit_log_roll_num", \.rollCount, 100...10_000_000, unit: "records",
            "So many changes since the last image make a new one due at once."),
        .bytes(
            .ours, "edit_log_roll_bytes", \.rollBytes, 1_048_576...68_719_476_736,
            "So many bytes of journal since the last image make a new one due at once: a restart replays them."),
        .seconds(
            .ours, "checkpoint_interval_seconds", \.checkpointInterval, 5...86_400,
            "Time between looks whether a new image is due (Doris: 60, not a setting)."),
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
            "Time to create a table's tablets, for each tablet of the busiest backend."
        ).atRuntime,
        .seconds(
            .doris, "publish_version_timeout_second", \.stragglerWait, 1...86_400,
            "A load waits at most so long for its last replicas once a majority of every tablet has its rows, and as long "
                + "again once a majority has its version: as long as the majority took, at least straggler_wait_second. "
                + "Replicas that are later catch up."
        ).atRuntime,
        .seconds(
            .ours, "straggler_wait_second", \.stragglerPatience, 1...86_400,
            "A load whose majority was quick waits so long for its last replicas."
        ).atRuntime,
        .seconds(
            .doris, "publish_wait_time_second", \.publishWait, 1...86_400,
            "A committed load of which no majority can be published any more becomes visible after so long if every tablet "
                + "has one whole replica with its rows, and after twice that if any has them (Doris: 300)."
        ).atRuntime,
    ]
}

extension FrontendConfiguration.Placement {
    static let keys: [ConfigurationKey<Self>] = [
        .boolean(
            .doris, "allow_replica_on_same_host", \.allowsSameHost,
            "true: replicas of one tablet may be on backends of the same host. For tests on one machine."
        ).atRuntime,
        .integer(
            .doris, "storage_high_watermark_usage_percent", \.highWatermarkPercent, 1...100, unit: "percent",
            "A backend whose disks together are fuller gets no new replicas."
        ).atRuntime,
        .boolean(
            .doris, "recover_with_empty_tablet", \.recoversWithEmptyTablet,
            "true: a tablet whose only replica is lost is made anew, empty: its rows are gone."),
    ]
}

extension FrontendConfiguration.Repair {
    static let keys: [ConfigurationKey<Self>] = [
        .boolean(
            .doris, "disable_tablet_scheduler", \.isDisabled,
            "true: what is wrong with tablets is found and shown, and nothing is done about it."
        ).atRuntime,
        .milliseconds(
            .doris, "tablet_checker_interval_ms", \.checkInterval, 100...3_600_000,
            "Time between two looks at every tablet."),
        .milliseconds(
            .doris, "tablet_schedule_interval_ms", \.scheduleInterval, 10...60_000,
            "Time between two looks at what is due for repair."),
        .integer(
            .doris, "schedule_slot_num_per_hdd_path", \.slotsPerPath, 1...1000, unit: "clones",
            "Clones that read from or write to one disk at the same time."),
        .integer(
            .doris, "max_scheduling_tablets", \.maxScheduling, 1...1_000_000, unit: "tablets",
            "Tablets that wait for repair or are being repaired; more urgent ones push others out, which come again."),
        .seconds(
            .doris, "tablet_repair_delay_factor_second", \.deadBackendGrace, 1...86_400,
            "A backend that is dead for longer is not waited for: its replicas are made anew elsewhere."),
        .seconds(
            .ours, "replica_catch_up_delay_seconds", \.catchUpDelay, 0...3600,
            "A replica that lacks a version gets so long to catch up by itself."),
        .seconds(
            .ours, "surplus_replica_drop_delay_seconds", \.surplusDelay, 0...86_400,
            "A whole replica more than the table wants stands for so long before it is dropped."),
        .seconds(
            .doris, "min_clone_task_timeout_sec", \.minCloneTimeout, 1...86_400,
            "Least time for one clone; a larger tablet gets more."),
        .seconds(.doris, "max_clone_task_timeout_sec", \.maxCloneTimeout, 1...604_800, "Most time for one clone."),
        .boolean(
            .doris, "disable_disk_balance", \.disablesDiskBalance,
            "true: tablets move between the data dirs of a backend only by tabletctl migrate."
        ).atRuntime,
        .integer(
            .ours, "disk_balance_threshold_percent", \.diskBalanceThresholdPercent, 1...100, unit: "percent",
            "Data dirs of one backend and medium whose use, without trash, differs by so much are evened out."),
        .integer(
            .ours, "disk_balance_batch_tablets", \.diskBalanceBatch, 1...10_000, unit: "tablets",
            "Tablets that one backend moves for balance before its next disk report is looked at."),
        .boolean(
            .doris, "drop_backend_after_decommission", \.dropsDrainedBackends,
            "true: a decommissioned backend is forgotten once it holds no replica."),
    ]
}

extension FrontendConfiguration.Cooldown {
    static let keys: [ConfigurationKey<Self>] = [
        .seconds(
            .doris, "push_cooldown_conf_timeout_second", \.jobTimeout, 1...86_400,
            "A job that has not reached its backends by then is cancelled."
        ).atRuntime,
        .seconds(
            .ours, "cooldown_job_interval_seconds", \.jobInterval, 1...3600,
            "Time between rounds: new jobs begin and late ones are cancelled (Doris: 30, not a setting)."),
        .integer(
            .ours, "cooldown_max_active_jobs", \.maxActiveJobs, 1...10_000,
            "Jobs, of up to 100 tablets each, that run at the same time."
        ).atRuntime,
    ]
}

extension FrontendConfiguration.Backups {
    static let keys: [ConfigurationKey<Self>] = [
        .path(
            .ours, "s3_ca_file", \.caFile,
            "PEM file of the authorities that S3 servers are checked against when the meta files of backups are read and "
                + "written; empty: the system's.")
    ]
}

extension FrontendConfiguration.Loads {
    static let keys: [ConfigurationKey<Self>] = [
        .path(
            .ours, "load_spool_dir", \.spoolDir, default: "${DORIS_HOME}/spool",
            "Folder where a load's rows wait, split by bucket, until the backends have fetched them."),
        .bytes(
            .ours, "load_spool_limit_bytes", \.spoolLimitBytes, 1_048_576...1_099_511_627_776,
            "Bytes of all running loads together; the load that would exceed it is aborted."
        ).atRuntime,
        .bytes(
            .ours, "load_max_bytes", \.maxLoadBytes, 1_048_576...1_099_511_627_776,
            "Largest file of one load; a larger one is aborted."
        ).atRuntime,
        .seconds(
            .ours, "load_timeout_seconds", \.timeout, 1...86_400,
            "A load whose backends have not fetched and written their rows by then is aborted, unless it came with a "
                + "timeout of its own."
        ).atRuntime,
        .integer(
            .doris, "max_running_txn_num_per_db", \.maxRunning, 1...100_000,
            "Loads that run at the same time, in all databases together; one more is refused."
        ).atRuntime,
    ]
}
