/// What 2026 has otherwise than January 2023: `+` adds, `-` takes away, `=` declares anew.
extension WireSchema {
    static let changes2026 = """
        enum + TTaskType: PUSH_STORAGE_POLICY=29, ALTER_INVERTED_INDEX=30, GC_BINLOG=31, CLEAN_TRASH=32,
          UPDATE_VISIBLE_VERSION=33, CLEAN_UDF_CACHE=34, PUSH_INDEX_POLICY=35, CALCULATE_DELETE_BITMAP=1000
        enum - TTaskType: 27
        enum + TStatusCode: LIMIT_REACH=9, INVALID_JSON_PATH=47, BINLOG_DISABLE=60, BINLOG_TOO_OLD_COMMIT_SEQ=61,
          BINLOG_TOO_NEW_COMMIT_SEQ=62, BINLOG_NOT_FOUND_DB=63, BINLOG_NOT_FOUND_TABLE=64, SNAPSHOT_NOT_EXIST=70,
          HTTP_ERROR=71, TABLET_MISSING=72, NOT_MASTER=73, OBTAIN_LOCK_FAILED=74, DELETE_BITMAP_LOCK_ERROR=100
        enum - TStatusCode: 10, 17, 18, 19, 20, 21, 22, 40, 41, 43, 50, 51, 52, 53, 54, 55, 56, 57
        enum = TObjStorageType: UNKNOWN=0, AWS=1, AZURE=2, BOS=3, COS=4, OBS=5, OSS=6, GCP=7, TOS=8
        enum = TCredProviderType: DEFAULT=0, SIMPLE=1, INSTANCE_PROFILE=2
        enum = TIndexPolicyType: *
        enum = TInvertedIndexFileStorageFormat: *
        enum = TEncryptionAlgorithm: *
        struct + TMasterInfo: 9 o list<TFrontendInfo> frontend_infos, 10 o string meta_service_endpoint,
          11 o string cloud_unique_id, 12 o i64 tablet_report_inactive_duration_ms, 13 o string auth_token,
          14 o TCloudClusterInfo cloud_cluster_info
        struct = TFrontendInfo: 1 o TNetworkAddress coordinator_address, 2 o i64 process_uuid
        struct = TCloudClusterInfo: 1 o bool isStandby
        struct + TBackendInfo: 8 o bool is_shutdown, 9 o TPort arrow_flight_sql_port, 10 o i64 be_mem,
          1000 o i64 fragment_executing_count, 1001 o i64 fragment_last_active_time
        struct = TTabletStat: 1 r i64 tablet_id, 2 o i64 data_size, 3 o i64 row_count, 4 o i64 total_version_count,
          5 o i64 remote_data_size, 6 o i64 visible_version_count, 7 o i64 visible_version
        struct - TAgentTaskRequest: 29
        struct + TAgentTaskRequest: 31 o TPushStoragePolicyReq push_storage_policy_req,
          32 o TAlterInvertedIndexReq alter_inverted_index_req, 33 o TGcBinlogReq gc_binlog_req,
          34 o TCleanTrashReq clean_trash_req, 35 o TVisibleVersionReq visible_version_req,
          36 o TCleanUDFCacheReq clean_udf_cache_req, 37 o TPushIndexPolicyReq push_index_policy_req,
          1000 o TCalcDeleteBitmapRequest calc_delete_bitmap_req
        struct = TGcBinlogReq: 1 o list<TTabletGcBinlogInfo> tablet_gc_binlog_infos
        struct = TCleanTrashReq:
        struct = TVisibleVersionReq: 1 r map<TPartitionId,TVersion> partition_version
        struct = TCleanUDFCacheReq: 1 o string function_signature
        struct = TPushIndexPolicyReq: 1 o list<TIndexPolicy> index_policys, 2 o list<i64> dropped_index_policys
        struct = TIndexPolicy: 1 o i64 id, 2 o string name, 3 o TIndexPolicyType type,
          4 o map<string,string> properties
        struct = TStoragePolicy: 1 o i64 id, 2 o string name, 3 o i64 version, 4 o i64 cooldown_datetime,
          5 o i64 cooldown_ttl, 6 o i64 resource_id
        struct = TStorageResource: 1 o i64 id, 2 o string name, 3 o i64 version,
          4 o TS3StorageParam s3_storage_param, 5 o THdfsParams hdfs_storage_param
        struct = TPushStoragePolicyReq: 1 o list<TStoragePolicy> storage_policy, 2 o list<TStorageResource> resource,
          3 o list<i64> dropped_storage_policy
        struct = TS3StorageParam: 1 o string endpoint, 2 o string region, 3 o string ak, 4 o string sk,
          5 o=50 i32 max_conn, 6 o=3000 i32 request_timeout_ms, 7 o=1000 i32 conn_timeout_ms, 8 o string root_path,
          9 o string bucket, 10 o=false bool use_path_style, 11 o string token, 12 o TObjStorageType provider,
          13 o TCredProviderType cred_provider_type, 14 o string role_arn, 15 o string external_id
        struct - TGetStoragePolicy, TGetStoragePolicyResult
        struct - TCreateTabletReq: 18
        struct + TCreateTabletReq: 20 o i64 storage_policy_id, 21 o TBinlogConfig binlog_config,
          22 o string compaction_policy, 23 o i64 time_series_compaction_goal_size_mbytes,
          24 o i64 time_series_compaction_file_count_threshold,
          25 o i64 time_series_compaction_time_threshold_seconds,
          26 o i64 time_series_compaction_empty_rowsets_threshold, 27 o i64 time_series_compaction_level_threshold,
          28 o TInvertedIndexFileStorageFormat inverted_index_storage_format,
          29 o TInvertedIndexFileStorageFormat inverted_index_file_storage_format,
          30 o TEncryptionAlgorithm tde_algorithm, 1000 o bool is_in_memory, 1001 o bool is_persistent
        struct = TBinlogConfig: 1 o bool enable, 2 o i64 ttl_seconds, 3 o i64 max_bytes, 4 o i64 max_history_nums
        struct - TTabletMetaInfo: 4, 6
        struct + TTabletMetaInfo: 7 o i64 storage_policy_id, 8 o TReplicaId replica_id,
          9 o TBinlogConfig binlog_config, 10 o string compaction_policy,
          11 o i64 time_series_compaction_goal_size_mbytes, 12 o i64 time_series_compaction_file_count_threshold,
          13 o i64 time_series_compaction_time_threshold_seconds, 15 o bool skip_write_index_on_load,
          16 o bool disable_auto_compaction, 17 o i64 time_series_compaction_empty_rowsets_threshold,
          18 o i64 time_series_compaction_level_threshold
        struct + TCloneReq: 5 o TVersion version, 12 o i64 partition_id, 13 o=-1 i64 table_id
        struct + TSnapshotRequest: 11 o TVersion start_version, 12 o TVersion end_version, 13 o bool is_copy_binlog,
          14 o TTabletId ref_tablet_id
        struct + TUploadReq: 6 o string location
        struct + TDownloadReq: 6 o string location, 7 o list<TRemoteTabletSnapshot> remote_tablet_snapshots,
          8 o string vault_id
        struct = TRemoteTabletSnapshot: 1 o TTabletId local_tablet_id, 2 o string local_snapshot_path,
          3 o TTabletId remote_tablet_id, 4 o i64 remote_be_id, 5 o TNetworkAddress remote_be_addr,
          6 o string remote_snapshot_path, 7 o string remote_token
        struct + TPushReq: 17 o any reserved_17, 18 o any reserved_18, 19 o any reserved_19
        struct + TAlterTabletReqV2: 11 o any reserved_11, 12 o any reserved_12, 13 o any reserved_13,
          1000 o any reserved_1000, 1001 o any reserved_1001, 1002 o any reserved_1002
        struct + TPublishVersionRequest: 4 o set<TTabletId> base_tablet_ids
        struct - TTabletInfo: 17, 18
        struct + TTabletInfo: 9 o i64 total_version_count, 19 o i64 cooldown_term, 20 o TUniqueId cooldown_meta_id,
          21 o i64 visible_version_count, 22 o=0 i64 local_index_size, 23 o=0 i64 local_segment_size,
          24 o=0 i64 remote_index_size, 25 o=0 i64 remote_segment_size, 1000 o bool is_persistent
        struct + TFinishTaskRequest: 17 o map<TTabletId,TVersion> succ_tablets, 18 o map<i64,i64> delta_num_rows,
          19 o map<i64,map<i64,i64>> tablet_delta_num_rows, 20 o list<any> resp_partitions
        struct + TDisk: 9 o TSize trash_used_capacity
        struct + TReportRequest: 9 o list<TStoragePolicy> storage_policy, 10 o list<TStorageResource> resource,
          11 d i32 num_cores, 12 d i32 pipeline_executor_size, 13 o map<TPartitionId,TVersion> partitions_version,
          14 o i64 num_tablets, 15 o list<TIndexPolicy> index_policy, 16 o i64 running_tasks
        struct + TMasterOpRequest: 22 o string clientNodeHost, 23 o i32 clientNodePort, 24 o bool syncJournalOnly
        struct + TMasterOpResult: 6 o i32 statusCode, 7 o string errMessage, 8 o list<binary> queryResultBufList
        struct = TTabletCooldownInfo: 1 o TTabletId tablet_id, 2 o TReplicaId cooldown_replica_id,
          3 o TUniqueId cooldown_meta_id
        struct = TConfirmUnusedRemoteFilesRequest: 1 o list<TTabletCooldownInfo> confirm_list
        struct = TConfirmUnusedRemoteFilesResult: 1 o list<TTabletId> confirmed_tablets
        enum = TTopicInfoType: *
        struct = TPublishTopicRequest: 1 r map<TTopicInfoType,list<TopicInfo>> topic_map
        struct = TPublishTopicResult: 1 r TStatus status
        service BackendService
        method publish_topic_info TPublishTopicResult: 1 d TPublishTopicRequest topic_request
        method - clean_trash
        service FrontendService
        method confirmUnusedRemoteFiles TConfirmUnusedRemoteFilesResult: 1 d TConfirmUnusedRemoteFilesRequest request
        method - refreshStoragePolicy
        """
}
