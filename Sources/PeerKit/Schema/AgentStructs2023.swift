/// What an FE of January 2023 gives its backends.
extension WireSchema {
    static let agentStructs2023 = """
        struct TAgentTaskRequest: 1 r TAgentServiceVersion protocol_version, 2 r TTaskType task_type, 3 r i64 signature,
          4 o TPriority priority, 5 o TCreateTabletReq create_tablet_req, 6 o TDropTabletReq drop_tablet_req,
          7 o TAlterTabletReq alter_tablet_req, 8 o TCloneReq clone_req, 9 o TPushReq push_req,
          10 o TCancelDeleteDataReq cancel_delete_data_req, 11 o TResourceInfo resource_info,
          12 o TStorageMediumMigrateReq storage_medium_migrate_req, 13 o TCheckConsistencyReq check_consistency_req,
          14 o TUploadReq upload_req, 15 o TDownloadReq download_req, 16 o TSnapshotRequest snapshot_req,
          17 o TReleaseSnapshotRequest release_snapshot_req, 18 o TClearRemoteFileReq clear_remote_file_req,
          19 o TPublishVersionRequest publish_version_req, 20 o TClearAlterTaskRequest clear_alter_task_req,
          21 o TClearTransactionTaskRequest clear_transaction_task_req, 22 o TMoveDirReq move_dir_req,
          23 o TRecoverTabletReq recover_tablet_req, 24 o TAlterTabletReqV2 alter_tablet_req_v2, 25 o i64 recv_time,
          26 o TUpdateTabletMetaInfoReq update_tablet_meta_info_req, 27 o TCompactionReq compaction_req,
          28 o TStorageMigrationReqV2 storage_migration_req_v2, 29 o TGetStoragePolicy update_policy,
          30 o TPushCooldownConfReq push_cooldown_conf
        struct TAgentResult: 1 r TStatus status, 2 o string snapshot_path, 3 o bool allow_incremental_clone,
          4 o=1 i32 snapshot_version
        struct TTabletSchema: 1 r i16 short_key_column_count, 2 r TSchemaHash schema_hash, 3 r TKeysType keys_type,
          4 r TStorageType storage_type, 5 r list<TColumn> columns, 6 o double bloom_filter_fpp,
          7 o list<TOlapTableIndex> indexes, 8 o bool is_in_memory, 9 o=-1 i32 delete_sign_idx,
          10 o=-1 i32 sequence_col_idx, 11 o TSortType sort_type, 12 o i32 sort_col_num,
          13 o bool disable_auto_compaction
        struct TCreateTabletReq: 1 r TTabletId tablet_id, 2 r TTabletSchema tablet_schema, 3 o TVersion version,
          4 o TVersionHash version_hash, 5 o TStorageMedium storage_medium, 6 o bool in_restore_mode,
          7 o TTabletId base_tablet_id, 8 o TSchemaHash base_schema_hash, 9 o i64 table_id, 10 o i64 partition_id,
          11 o i64 allocation_term, 12 o bool is_eco_mode, 13 o TStorageFormat storage_format,
          14 o TTabletType tablet_type, 16 o=LZ4F TCompressionType compression_type, 17 o=0 TReplicaId replica_id,
          18 o string storage_policy, 19 o=false bool enable_unique_key_merge_on_write
        struct TDropTabletReq: 1 r TTabletId tablet_id, 2 o TSchemaHash schema_hash, 3 o=0 TReplicaId replica_id,
          4 o=false bool is_drop_table_or_partition
        struct TAlterTabletReq: 1 r TTabletId base_tablet_id, 2 r TSchemaHash base_schema_hash,
          3 r TCreateTabletReq new_tablet_req
        struct TAlterTabletReqV2: 1 r TTabletId base_tablet_id, 2 r TTabletId new_tablet_id,
          3 r TSchemaHash base_schema_hash, 4 r TSchemaHash new_schema_hash, 5 o TVersion alter_version,
          6 o TVersionHash alter_version_hash, 7 o list<TAlterMaterializedViewParam> materialized_view_params,
          8 o=SCHEMA_CHANGE TAlterTabletType alter_tablet_type, 9 o TDescriptorTable desc_tbl,
          10 o list<TColumn> columns
        struct TAlterMaterializedViewParam: 1 r string column_name, 2 o string origin_column_name, 3 o TExpr mv_expr
        struct TStorageMigrationReqV2: 1 o TTabletId base_tablet_id, 2 o TTabletId new_tablet_id,
          3 o TSchemaHash base_schema_hash, 4 o TSchemaHash new_schema_hash, 5 o TVersion migration_version
        struct TPushReq: 1 r TTabletId tablet_id, 2 r TSchemaHash schema_hash, 3 r TVersion version,
          4 r TVersionHash version_hash, 5 r i64 timeout, 6 r TPushType push_type, 7 o string http_file_path,
          8 o i64 http_file_size, 9 o list<TCondition> delete_conditions, 10 o bool need_decompress,
          11 o TTransactionId transaction_id, 12 o TPartitionId partition_id, 13 o bool is_schema_changing,
          14 o TBrokerScanRange broker_scan_range, 15 o TDescriptorTable desc_tbl, 16 o list<TColumn> columns_desc
        struct TCloneReq: 1 r TTabletId tablet_id, 2 r TSchemaHash schema_hash, 3 r list<TBackend> src_backends,
          4 o TStorageMedium storage_medium, 5 o TVersion committed_version, 6 o TVersionHash committed_version_hash,
          7 o i32 task_version, 8 o i64 src_path_hash, 9 o i64 dest_path_hash, 10 o i32 timeout_s,
          11 o=0 TReplicaId replica_id
        struct TCompactionReq: 1 o TTabletId tablet_id, 2 o TSchemaHash schema_hash, 3 o string type
        struct TStorageMediumMigrateReq: 1 r TTabletId tablet_id, 2 r TSchemaHash schema_hash,
          3 r TStorageMedium storage_medium, 4 o string data_dir
        struct TCancelDeleteDataReq: 1 r TTabletId tablet_id, 2 r TSchemaHash schema_hash, 3 r TVersion version,
          4 r TVersionHash version_hash
        struct TCheckConsistencyReq: 1 r TTabletId tablet_id, 2 r TSchemaHash schema_hash, 3 r TVersion version,
          4 r TVersionHash version_hash
        struct TUploadReq: 1 r i64 job_id, 2 r map<string,string> src_dest_map, 3 r TNetworkAddress broker_addr,
          4 o map<string,string> broker_prop, 5 o=BROKER TStorageBackendType storage_backend
        struct TDownloadReq: 1 r i64 job_id, 2 r map<string,string> src_dest_map, 3 r TNetworkAddress broker_addr,
          4 o map<string,string> broker_prop, 5 o=BROKER TStorageBackendType storage_backend
        struct TSnapshotRequest: 1 r TTabletId tablet_id, 2 r TSchemaHash schema_hash, 3 o TVersion version,
          4 o TVersionHash version_hash, 5 o i64 timeout, 6 o list<TVersion> missing_version, 7 o bool list_files,
          8 o bool allow_incremental_clone, 9 o=TPREFER_SNAPSHOT_REQ_VERSION i32 preferred_snapshot_version,
          10 o bool is_copy_tablet_task
        struct TReleaseSnapshotRequest: 1 r string snapshot_path
        struct TClearRemoteFileReq: 1 r string remote_file_path, 2 r map<string,string> remote_source_properties
        struct TPartitionVersionInfo: 1 r TPartitionId partition_id, 2 r TVersion version, 3 r TVersionHash version_hash
        struct TMoveDirReq: 1 r TTabletId tablet_id, 2 r TSchemaHash schema_hash, 3 r string src, 4 r i64 job_id,
          5 r bool overwrite
        struct TPublishVersionRequest: 1 r TTransactionId transaction_id,
          2 r list<TPartitionVersionInfo> partition_version_infos, 3 o=false bool strict_mode
        struct TClearAlterTaskRequest: 1 r TTabletId tablet_id, 2 r TSchemaHash schema_hash
        struct TClearTransactionTaskRequest: 1 r TTransactionId transaction_id, 2 r list<TPartitionId> partition_id
        struct TRecoverTabletReq: 1 o TTabletId tablet_id, 2 o TSchemaHash schema_hash, 3 o TVersion version,
          4 o TVersionHash version_hash
        struct TTabletMetaInfo: 1 o TTabletId tablet_id, 2 o TSchemaHash schema_hash, 3 o TPartitionId partition_id,
          4 o TTabletMetaType meta_type, 5 o bool is_in_memory, 6 o string storage_policy
        struct TUpdateTabletMetaInfoReq: 1 o list<TTabletMetaInfo> tabletMetaInfos
        struct TS3StorageParam: 1 o string s3_endpoint, 2 o string s3_region, 3 o string s3_ak, 4 o string s3_sk,
          5 o=50 i32 s3_max_conn, 6 o=3000 i32 s3_request_timeout_ms, 7 o=1000 i32 s3_conn_timeout_ms,
          8 o string root_path, 9 o string bucket
        struct TGetStoragePolicy: 1 o string policy_name, 2 o i64 cooldown_datetime, 3 o i64 cooldown_ttl,
          4 o TS3StorageParam s3_storage_param, 5 o string md5_checksum
        struct TGetStoragePolicyResult: 1 o TStatus status, 2 o list<TGetStoragePolicy> result_entrys
        struct TCooldownConf: 1 r TTabletId tablet_id, 2 o TReplicaId cooldown_replica_id, 3 o i64 cooldown_term
        struct TPushCooldownConfReq: 1 r list<TCooldownConf> cooldown_confs
        struct TTopicItem: 1 r string key, 2 o i64 int_value, 3 o double double_value, 4 o string string_value
        struct TTopicUpdate: 1 r TTopicType type, 2 o list<TTopicItem> updates, 3 o list<string> deletes
        struct TAgentPublishRequest: 1 r TAgentServiceVersion protocol_version, 2 r list<TTopicUpdate> updates
        struct TPluginMetaInfo: 1 r string name, 2 r i32 type, 3 o string so_name, 4 o string source
        struct TClusterInfo: 1 r string user, 2 r string password
        """
}
