/// The keys of `be.conf`. Doris' defaults are those of `contract/behaviour.md`.
extension BackendConfiguration {
    public static let sections: [ConfigurationSection<BackendConfiguration>] = [
        .addresses(\.address, and: portKeys),
        ConfigurationSection(
            title: "Access",
            keys: AccessSettings.keys.map { $0.within(\.access) } + TLSSettings.keys.map { $0.within(\.tls) }),
        ConfigurationSection(title: "Storage", keys: Storage.keys.map { $0.within(\.storage) }),
        ConfigurationSection(title: "Task pools", keys: Workers.keys.map { $0.within(\.workers) }),
        ConfigurationSection(title: "Reports and tasks", keys: Reports.keys.map { $0.within(\.reports) }),
        ConfigurationSection(title: "Compaction", keys: Compaction.keys.map { $0.within(\.compaction) }),
        ConfigurationSection(title: "Cooldown", keys: Cooldown.keys.map { $0.within(\.cooldown) }),
        ConfigurationSection(title: "S3", keys: S3.keys.map { $0.within(\.s3) }),
        ConfigurationSection(title: "Downloads", keys: Download.keys.map { $0.within(\.download) }),
        ConfigurationSection(title: "Sweeping", keys: Sweep.keys.map { $0.within(\.sweep) }),
        .thrift(\.thrift),
        .log(\.log),
    ]

    private static let portKeys: [ConfigurationKey<BackendConfiguration>] = [
        .port(.doris, "be_port", \.bePort, "Thrift port for the FE's tasks (BackendService)."),
        .port(.doris, "heartbeat_service_port", \.heartbeatPort, "Thrift port for the FE's heartbeats."),
        .port(.doris, "webserver_port", \.httpPort, "HTTP port: status, metrics, rows."),
        .boolean(
            .ours, "http_loopback_is_trusted", \.trustsLoopback,
            "Whoever is on this machine asks over HTTP without a user, but for rows. false: everybody logs in, where users share "
                + "the machine."),
        .integer(
            .doris, "cluster_id", \.clusterID, -1...2_147_483_647,
            "Cluster this node belongs to; -1 takes the id of the first heartbeat and keeps it in every data dir."),
        .choice(
            .ours, "wire_dialect", \.wireDialect,
            "How the FE is spoken to: auto learns it from its heartbeats; 2023 and 2026 take it for an FE of Doris of that "
                + "year, tabletd for ours (docs/wire.md)."),
        .seconds(
            .ours, "shutdown_drain_seconds", \.shutdownDrain, 0...3600,
            "On SIGTERM, running and queued work gets this long to end; what is left is taken up after the restart."),
    ]

    public static let unusedDorisKeys: [String: String] = [
        "brpc_port": "there is no brpc service",
        "be_rpc_port": "there is no such service",
        "be_service_threads": "connections have threads of their own",
        "heartbeat_service_thread_count": "connections have threads of their own",
        "tablet_map_shard_size": "the tablet map is not sharded by a setting",
        "tablet_publish_txn_max_thread": "publish_version_worker_count threads publish whole batches of tablets",
        "max_percentage_of_error_disk":
            "a bad data dir is reported and left out; the process runs on while another is good",
        "max_tablet_version_num": "a load is not refused for the number of a tablet's versions",
        "cold_data_compaction_thread_num": "rowsets in S3 are not compacted",
        "cold_data_compaction_interval_sec": "rowsets in S3 are not compacted",
        "tablet_version_graph_orphan_vertex_ratio":
            "versions are kept as an ordered list, there is no graph to rebuild",
        "ignore_rowset_stale_unconsistent_delete":
            "stale rowsets of a tablet whose versions have a hole are kept, and the process goes on",
        "generate_compaction_tasks_interval_ms": "use compaction_check_interval_seconds",
        "compaction_min_size_mbytes": "sizes are compared from 1 MiB on",
        "base_compaction_interval_seconds_since_last_operation": "base compaction goes by numbers and sizes alone",
        "unused_rowset_monitor_interval": "files that nothing uses are removed as soon as the last reader is done",
        "path_gc_check_interval_second": "files that no tablet names are looked for at each start",
        "cooldown_lag_time_sec": "rowsets are due by their newest write alone",
        "file_cache_type": "there is no file cache",
        "mem_limit": "memory is bounded by the limits of queues and messages",
        "sys_log_dir": "use log_file",
        "sys_log_roll_mode": "logs are rolled by logrotate or the journal",
        "sys_log_roll_num": "logs are rolled by logrotate or the journal",
        "sys_log_verbose_modules": "use sys_log_level",
        "log_buffer_level": "lines are written at once",
        "enable_https": "there is no HTTPS yet",
        "arrow_flight_sql_port": "there is no SQL here",
        "ssl_certificate_path": "there is no HTTPS yet",
        "ssl_private_key_path": "there is no HTTPS yet",
        "sys_log_mode": "lines are written at once",
        "palo_cgroups": "the process makes no cgroups",
        "doris_cgroups": "the process makes no cgroups",
        "doris_cgroup_cpu_path": "the process makes no cgroups",
        "file_cache_path": "there is no file cache",
        "enable_file_cache": "there is no file cache",
        "be_node_role": "every backend keeps tablets",
        "deploy_mode": "every backend keeps tablets",
        "cloud_unique_id": "every backend keeps tablets",
        "meta_service_endpoint": "every backend keeps tablets",
        "enable_java_support": "there is no Java",
        "inverted_index_dict_path": "there are no indexes",
        "inverted_index_query_cache_limit": "there are no indexes",
        "inverted_index_searcher_cache_limit": "there are no indexes",
        "storage_page_cache_limit": "there is no page cache; RocksDB has meta_cache_bytes",
        "disable_storage_page_cache": "there is no page cache; RocksDB has meta_cache_bytes",
        "chunk_reserved_bytes_limit": "memory is bounded by the limits of queues and messages",
        "soft_mem_limit_frac": "memory is bounded by the limits of queues and messages",
        "enable_debug_points": "faults are made by tests alone",
        "webserver_num_workers": "HTTP has one thread a core",
        "single_replica_load_brpc_port": "there is no brpc service",
        "single_replica_load_download_port": "there is no brpc service",
        "custom_config_dir": "settings are changed in the file",
        "user_function_dir": "there are no functions",
        "small_file_dir": "there are no small files",
        "pprof_profile_dir": "there are no profiles",
        "tmp_file_dirs": "there are no temporary files outside the data dirs",
        "jdbc_drivers_dir": "there are no JDBC tables",
        "aws_log_level": "there is no AWS SDK",
    ]
}

extension BackendConfiguration.Workers {
    static let keys: [ConfigurationKey<Self>] = [
        workers("create_tablet_worker_count", \.createTablet, "Threads that create tablets."),
        workers("drop_tablet_worker_count", \.dropTablet, "Threads that drop tablets."),
        workers("push_worker_count_normal_priority", \.pushNormal, "Threads that fetch and write loads."),
        workers("push_worker_count_high_priority", \.pushHigh, "Threads for loads of high priority only."),
        workers("delete_worker_count", \.delete, "Threads for deletes by condition."),
        workers("publish_version_worker_count", \.publishVersion, "Threads that publish transactions."),
        workers("clear_transaction_task_worker_count", \.clearTransaction, "Threads that drop aborted transactions."),
        workers("clone_worker_count", \.clone, "Threads that clone tablets from other backends."),
        workers("make_snapshot_worker_count", \.snapshot, "Threads that make snapshots."),
        workers("release_snapshot_worker_count", \.releaseSnapshot, "Threads that release snapshots."),
        workers("check_consistency_worker_count", \.checkConsistency, "Threads that work out checksums of tablets."),
        workers("alter_tablet_worker_count", \.alterTablet, "Threads that change tablets to another schema."),
        workers(
            "storage_medium_migrate_count", \.migrate,
            "Threads that move tablets between the data dirs of this backend."),
        workers("upload_worker_count", \.upload, "Threads that copy snapshots to a backup's place."),
        workers("download_worker_count", \.download, "Threads that fetch snapshots from a backup's place."),
        .integer(
            .ours, "agent_task_queue_limit", \.queueLimit, 100...10_000_000,
            "Tasks that may wait in each pool; one more is refused, and the FE sends it again later."),
    ]

    private static func workers(
        _ name: String, _ path: ValuePath<Self, Int>, _ summary: String
    ) -> ConfigurationKey<Self> {
        .integer(.doris, name, path, 1...1024, unit: "threads", summary)
    }
}

extension BackendConfiguration.Reports {
    static let keys: [ConfigurationKey<Self>] = [
        .seconds(.doris, "report_task_interval_seconds", \.taskInterval, 1...3600, "Time between task reports.")
            .atRuntime,
        .seconds(.doris, "report_disk_state_interval_seconds", \.diskInterval, 1...3600, "Time between disk reports.")
            .atRuntime,
        .seconds(.doris, "report_tablet_interval_seconds", \.tabletInterval, 1...3600, "Time between tablet reports.")
            .atRuntime,
        .milliseconds(
            .ours, "report_jitter_ms", \.jitter, 0...600_000,
            "Up to so much is added to each interval, so that backends started together do not report together."),
        .seconds(
            .doris, "storage_refresh_storage_policy_task_interval_seconds", \.policyRefreshInterval, 1...3600,
            "Time between looks at the FE's storage policies."),
        .choice(
            .ours, "report_version_style", \.versionStyle,
            "Which version a tablet reports. max: the end of its newest rowset, with version_miss when one below is "
                + "missing; continuous: the end of the gap-free prefix, which FEs of Doris expect; auto: continuous for "
                + "those, max for tabletd-fe."),
        .seconds(
            .ours, "version_miss_grace_seconds", \.versionMissGrace, 0...86_400,
            "A hole in a tablet's versions is reported once it has stood this long: a running publish may fill it."
        ).atRuntime,
        .seconds(
            .doris, "pending_data_expire_time_sec", \.pendingDataExpiry, 60...31_536_000,
            "Transactions pending for longer are reported to the FE, which says whether they can go."
        ).atRuntime,
        .milliseconds(
            .ours, "finish_task_retry_base_ms", \.finishTaskRetryBase, 10...60_000,
            "Wait before finishTask is sent again; doubles each time, at random below that."),
        .milliseconds(
            .ours, "finish_task_retry_limit_ms", \.finishTaskRetryLimit, 100...3_600_000,
            "Longest wait before finishTask is sent again."),
        .integer(
            .ours, "finish_task_refusal_limit", \.finishTaskRefusalLimit, 1...1000,
            "A task's end that the FE can't take although it takes others is given up after so many tries: the FE then sees "
                + "the task gone."),
        .seconds(
            .ours, "publish_version_wait_seconds", \.publishWait, 0...3600,
            "How long a publish waits for the version before it (Doris: 10, not a setting)."),
    ]
}

extension BackendConfiguration.Storage {
    static let keys: [ConfigurationKey<Self>] = [
        .custom(
            .doris, "storage_root_path", \.roots, default: "${DORIS_HOME}/storage",
            allowed: "absolute paths with \";\" between, each with ,medium:hdd|ssd and ,capacity:GiB if wanted",
            "The data dirs, for instance /disk1,medium:ssd,capacity:50;/disk2. One that does not exist is an error: a disk "
                + "may not be mounted.",
            parse: { (text: String) throws(ValueProblem) in try parseStorageRoots(text) }, show: showStorageRoots),
        .seconds(
            .doris, "disk_stat_monitor_interval", \.diskCheckInterval, 1...3600, "Time between checks of the data dirs."
        ).atRuntime,
        .integer(
            .doris, "storage_flood_stage_usage_percent", \.floodStageUsagePercent, 1...100, unit: "percent",
            "A disk that is fuller takes no more data. From nine tenths of this on, trash is removed at once."),
        .bytes(
            .doris, "storage_flood_stage_left_capacity_bytes", \.floodStageLeftBytes, 0...1_099_511_627_776,
            "A disk with less space left takes no more data."),
        .integer(
            .doris, "min_file_descriptor_number", \.minFileDescriptors, 256...100_000_000,
            "Open files that this process must be allowed (ulimit -n). It raises its own limit as far as the system lets it, "
                + "and warns at the start when that is less than this."),
        .bytes(
            .ours, "segment_block_bytes", \.segmentBlockBytes, 4_096...16_777_216,
            "Rows gathered in one compressed block of a segment."),
        .bytes(
            .ours, "segment_max_bytes", \.segmentMaxBytes, 1_048_576...4_294_967_296,
            "A segment file is ended when it has grown to this."),
        .integer(
            .ours, "zstd_compression_level", \.zstdLevel, 1...19,
            "1 is fastest, 19 smallest."),
        .bytes(
            .ours, "meta_cache_bytes", \.metaCacheBytes, 1_048_576...68_719_476_736,
            "Block cache of the meta stores of all data dirs together."),
        .bytes(
            .ours, "meta_memtable_bytes", \.metaMemtableBytes, 1_048_576...1_073_741_824,
            "Write buffer of each data dir's meta store; two of them at most."),
    ]
}

extension BackendConfiguration.Sweep {
    static let keys: [ConfigurationKey<Self>] = [
        .seconds(
            .doris, "max_garbage_sweep_interval", \.maxInterval, 1...86_400, "Time between sweeps of an empty disk."),
        .seconds(
            .doris, "min_garbage_sweep_interval", \.minInterval, 1...86_400, "Time between sweeps of a full disk."),
        .seconds(
            .doris, "trash_file_expire_time_sec", \.trashExpiry, 0...31_536_000,
            "Dropped tablets stay in trash/ this long."
        ).atRuntime,
        .seconds(
            .doris, "snapshot_expire_time_sec", \.snapshotExpiry, 60...31_536_000,
            "A snapshot that nobody releases stays this long, unless its request says otherwise."),
    ]
}

extension BackendConfiguration.Compaction {
    static let keys: [ConfigurationKey<Self>] = [
        .boolean(
            .doris, "disable_auto_compaction", \.isDisabled,
            "The backend merges no rowsets by itself; COMPACTION tasks of the FE still do."
        ).atRuntime,
        .seconds(
            .ours, "compaction_check_interval_seconds", \.checkInterval, 1...3600,
            "Time between looks for tablets with rowsets to merge."),
        .integer(
            .doris, "max_compaction_threads", \.threads, 1...1024, unit: "threads", "Threads that merge rowsets."),
        .integer(
            .doris, "compaction_task_num_per_disk", \.tasksPerDir, 1...1024,
            "Tablets of one data dir whose rowsets are merged at the same time."),
        .integer(
            .doris, "cumulative_compaction_min_deltas", \.minRowsets, 2...10_000,
            "New rowsets are merged when there are so many of about one size, or when they are large together."),
        .integer(
            .doris, "cumulative_compaction_max_deltas", \.maxRowsets, 2...100_000,
            "New rowsets that one run merges at most."),
        .integer(
            .doris, "compaction_promotion_size_mbytes", \.promotionMebibytes, 1...1_048_576, unit: "MiB",
            "A merged rowset of this size is left to base compaction in any case."),
        .integer(
            .doris, "compaction_promotion_min_size_mbytes", \.promotionMinMebibytes, 1...1_048_576, unit: "MiB",
            "A smaller rowset is not left to base compaction yet."),
        share(
            "compaction_promotion_ratio", \.promotionPercent,
            "Between these two sizes, a rowset with this share of the base's bytes is left to base compaction."),
        .integer(
            .doris, "base_compaction_min_rowset_num", \.baseMinRowsets, 1...10_000,
            "The base is merged with the rowsets behind it when there are more than so many of them."),
        share(
            "base_compaction_min_data_ratio", \.baseMinPercent,
            "The base is merged with the rowsets behind it when these have this share of its bytes."),
        .seconds(
            .doris, "tablet_rowset_stale_sweep_time_sec", \.staleExpiry, 0...31_536_000,
            "Merged rowsets stay readable this long, for readers of older versions."
        ).atRuntime,
    ]

    /// A fraction in hundredths, as Doris writes it.
    private static func share(
        _ name: String, _ path: ValuePath<Self, Int>, _ summary: String
    ) -> ConfigurationKey<Self> {
        .custom(
            .doris, name, path, allowed: "a fraction from 0 to 1, in hundredths", type: .real, summary,
            parse: { (text: String) throws(ValueProblem) in
                guard let value = Double(text), (0...1).contains(value) else {
                    throw ValueProblem("\"\(text)\" is not a fraction from 0 to 1")
                }
                return Int((value * 100).rounded())
            }, show: { "\(Double($0) / 100)" })
    }
}

extension BackendConfiguration.Cooldown {
    static let keys: [ConfigurationKey<Self>] = [
        .seconds(
            .doris, "generate_cooldown_task_interval_sec", \.interval, 1...3600,
            "Time between looks for rowsets that are due."
        ).atRuntime,
        .integer(
            .doris, "cooldown_thread_num", \.threads, 1...256, unit: "threads", "Threads that upload and follow."),
        .integer(
            .doris, "concurrency_per_dir", \.concurrencyPerDir, 1...256,
            "Tablets of one data dir that cool at the same time."),
        .seconds(
            .doris, "remove_unused_remote_files_interval_sec", \.removeUnusedInterval, 10...31_536_000,
            "Time between looks for remote objects that nothing names."),
        .seconds(
            .doris, "confirm_unused_remote_files_interval_sec", \.confirmUnusedInterval, 1...86_400,
            "Longest time such objects are gathered before the FE is asked whether they can go."),
    ]
}

extension BackendConfiguration.S3 {
    static let keys: [ConfigurationKey<Self>] = [
        .bytes(
            .ours, "s3_multipart_size_bytes", \.multipartBytes, 5_242_880...5_368_709_120,
            "Size of a part; objects of four parts and more are uploaded in parts, a backup's files from eight on."),
        .integer(
            .ours, "s3_upload_parts_in_flight", \.partsInFlight, 1...64,
            "Parts of one object that are uploaded at the same time."),
        .integer(
            .doris, "max_s3_client_retry", \.retryLimit, 0...100,
            "Times a request is sent again after 429, 5xx, a timeout or a reset."),
        .path(
            .ours, "s3_ca_file", \.caFile,
            "PEM file of the authorities that S3 servers are checked against; empty: the system's."),
    ]
}

extension BackendConfiguration.Download {
    static let keys: [ConfigurationKey<Self>] = [
        .seconds(
            .doris, "download_low_speed_time", \.silenceLimit, 1...86_400,
            "A download whose server sends nothing for so long is given up."),
        .integer(
            .doris, "download_low_speed_limit_kbps", \.lowSpeedKibibytes, 1...1_048_576, unit: "KiB/s",
            "A clone goes to another source when a file comes slower than this and has taken longer than "
                + "download_low_speed_time."),
        .bytes(
            .ours, "push_max_bytes", \.maxBytes, 1_048_576...1_099_511_627_776,
            "Largest file that one PUSH may fetch."
        ).atRuntime,
        .integer(
            .ours, "clone_files_in_flight", \.cloneFiles, 1...64,
            "Files that one clone fetches at the same time."),
        .integer(
            .doris, "max_download_speed_kbps", \.maxSpeedKibibytes, 0...1_073_741_824, unit: "KiB/s",
            "All downloads of snapshots from this backend together go no faster; 0 sets no limit (Doris: 50000, for each "
                + "download)."
        ).atRuntime,
    ]
}
