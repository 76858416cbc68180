// The tasks that a frontend gives its backends: one request struct a task type, and the envelope around them.

namespace cpp wire

include "master.thrift"
include "policy.thrift"
include "schema.thrift"
include "status.thrift"
include "types.thrift"

/** Snapshot formats: 3 was the alpha rowset, 4 is the beta one. */
const i32 TSNAPSHOT_REQ_VERSION1 = 3
const i32 TSNAPSHOT_REQ_VERSION2 = 4
const i32 TPREFER_SNAPSHOT_REQ_VERSION = TSNAPSHOT_REQ_VERSION2

// --- making, changing and dropping tablets --------------------------------------------------------------------------

struct TBinlogConfig {
    1: optional bool enable
    2: optional i64 ttl_seconds
    3: optional i64 max_bytes
    4: optional i64 max_history_nums
}

struct TCreateTabletReq {
    1: required types.TTabletId tablet_id
    2: required schema.TTabletSchema tablet_schema
    /** End of the first rowset. */
    3: optional types.TVersion version
    4: optional types.TVersionHash version_hash
    5: optional types.TStorageMedium storage_medium
    6: optional bool in_restore_mode
    /** Set when the tablet is the new half of a schema change of that one. */
    7: optional types.TTabletId base_tablet_id
    8: optional types.TSchemaHash base_schema_hash
    9: optional i64 table_id
    10: optional i64 partition_id
    11: optional i64 allocation_term
    12: optional bool is_eco_mode
    13: optional types.TStorageFormat storage_format
    14: optional types.TTabletType tablet_type
    // 15 was never used
    16: optional types.TCompressionType compression_type = types.TCompressionType.LZ4F
    17: optional types.TReplicaId replica_id = 0
    18: optional string storage_policy
    19: optional bool enable_unique_key_merge_on_write = false
    // Newer frontends:
    20: optional i64 storage_policy_id
    21: optional TBinlogConfig binlog_config
    22: optional string compaction_policy
    23: optional i64 time_series_compaction_goal_size_mbytes
    24: optional i64 time_series_compaction_file_count_threshold
    25: optional i64 time_series_compaction_time_threshold_seconds
    26: optional i64 time_series_compaction_empty_rowsets_threshold
    27: optional i64 time_series_compaction_level_threshold
    // Index formats and encryption (28-30) are skipped.
    1000: optional bool is_in_memory
    1001: optional bool is_persistent
}

struct TDropTabletReq {
    1: required types.TTabletId tablet_id
    2: optional types.TSchemaHash schema_hash
    /** 0 matches any replica. */
    3: optional types.TReplicaId replica_id = 0
    4: optional bool is_drop_table_or_partition = false
}

struct TAlterTabletReq {
    1: required types.TTabletId base_tablet_id
    2: required types.TSchemaHash base_schema_hash
    3: required TCreateTabletReq new_tablet_req
}

struct TAlterMaterializedViewParam {
    1: required string column_name
    2: optional string origin_column_name
    3: optional schema.TExpr mv_expr
}

/** The descriptor table (id 9) is skipped. */
struct TAlterTabletReqV2 {
    1: required types.TTabletId base_tablet_id
    2: required types.TTabletId new_tablet_id
    3: required types.TSchemaHash base_schema_hash
    4: required types.TSchemaHash new_schema_hash
    5: optional types.TVersion alter_version
    6: optional types.TVersionHash alter_version_hash
    7: optional list<TAlterMaterializedViewParam> materialized_view_params
    8: optional types.TAlterTabletType alter_tablet_type = types.TAlterTabletType.SCHEMA_CHANGE
    10: optional list<schema.TColumn> columns
}

struct TTabletMetaInfo {
    1: optional types.TTabletId tablet_id
    2: optional types.TSchemaHash schema_hash
    3: optional types.TPartitionId partition_id
    4: optional types.TTabletMetaType meta_type
    5: optional bool is_in_memory
    6: optional string storage_policy
    // Newer frontends:
    7: optional i64 storage_policy_id
    8: optional types.TReplicaId replica_id
    9: optional TBinlogConfig binlog_config
    10: optional string compaction_policy
    11: optional i64 time_series_compaction_goal_size_mbytes
    12: optional i64 time_series_compaction_file_count_threshold
    13: optional i64 time_series_compaction_time_threshold_seconds
    15: optional bool skip_write_index_on_load
    16: optional bool disable_auto_compaction
    17: optional i64 time_series_compaction_empty_rowsets_threshold
    18: optional i64 time_series_compaction_level_threshold
    /** Ours: the tablet does not cool any longer. An empty storage_policy means "leave it". */
    1000: optional bool removes_storage_policy
}

struct TUpdateTabletMetaInfoReq {
    1: optional list<TTabletMetaInfo> tabletMetaInfos
}

struct TRecoverTabletReq {
    1: optional types.TTabletId tablet_id
    2: optional types.TSchemaHash schema_hash
    3: optional types.TVersion version
    4: optional types.TVersionHash version_hash
}

// --- loading and publishing -----------------------------------------------------------------------------------------

/** Scan range and descriptor table (ids 14, 15) are skipped. */
struct TPushReq {
    1: required types.TTabletId tablet_id
    2: required types.TSchemaHash schema_hash
    3: required types.TVersion version
    4: required types.TVersionHash version_hash
    /** Seconds. */
    5: required i64 timeout
    6: required types.TPushType push_type
    7: optional string http_file_path
    8: optional i64 http_file_size
    9: optional list<schema.TCondition> delete_conditions
    10: optional bool need_decompress
    11: optional types.TTransactionId transaction_id
    12: optional types.TPartitionId partition_id
    13: optional bool is_schema_changing
    16: optional list<schema.TColumn> columns_desc
}

struct TPartitionVersionInfo {
    1: required types.TPartitionId partition_id
    2: required types.TVersion version
    3: required types.TVersionHash version_hash
}

struct TPublishVersionRequest {
    1: required types.TTransactionId transaction_id
    2: required list<TPartitionVersionInfo> partition_version_infos
    3: optional bool strict_mode = false
    // Newer frontends:
    4: optional set<types.TTabletId> base_tablet_ids
}

struct TClearTransactionTaskRequest {
    1: required types.TTransactionId transaction_id
    /** Empty: all of the transaction's. */
    2: required list<types.TPartitionId> partition_id
}

struct TClearAlterTaskRequest {
    1: required types.TTabletId tablet_id
    2: required types.TSchemaHash schema_hash
}

struct TCancelDeleteDataReq {
    1: required types.TTabletId tablet_id
    2: required types.TSchemaHash schema_hash
    3: required types.TVersion version
    4: required types.TVersionHash version_hash
}

struct TCheckConsistencyReq {
    1: required types.TTabletId tablet_id
    2: required types.TSchemaHash schema_hash
    3: required types.TVersion version
    4: required types.TVersionHash version_hash
}

// --- moving data ----------------------------------------------------------------------------------------------------

struct TCloneReq {
    1: required types.TTabletId tablet_id
    2: required types.TSchemaHash schema_hash
    3: required list<types.TBackend> src_backends
    4: optional types.TStorageMedium storage_medium
    5: optional types.TVersion committed_version
    6: optional types.TVersionHash committed_version_hash
    7: optional i32 task_version
    8: optional i64 src_path_hash
    9: optional i64 dest_path_hash
    10: optional i32 timeout_s
    11: optional types.TReplicaId replica_id = 0
    // Newer frontends:
    12: optional i64 partition_id
    /** -1 by default in the newer IDL. Without the default here an older backend is not sent it. */
    13: optional i64 table_id
}

struct TStorageMediumMigrateReq {
    1: required types.TTabletId tablet_id
    2: required types.TSchemaHash schema_hash
    3: required types.TStorageMedium storage_medium
    4: optional string data_dir
}

struct TStorageMigrationReqV2 {
    1: optional types.TTabletId base_tablet_id
    2: optional types.TTabletId new_tablet_id
    3: optional types.TSchemaHash base_schema_hash
    4: optional types.TSchemaHash new_schema_hash
    5: optional types.TVersion migration_version
}

/** "base" is a base compaction, any other text a cumulative one. */
struct TCompactionReq {
    1: optional types.TTabletId tablet_id
    2: optional types.TSchemaHash schema_hash
    3: optional string type
}

struct TSnapshotRequest {
    1: required types.TTabletId tablet_id
    2: required types.TSchemaHash schema_hash
    3: optional types.TVersion version
    4: optional types.TVersionHash version_hash
    /** Seconds after which the snapshot may be removed. */
    5: optional i64 timeout
    6: optional list<types.TVersion> missing_version
    7: optional bool list_files
    8: optional bool allow_incremental_clone
    9: optional i32 preferred_snapshot_version = TPREFER_SNAPSHOT_REQ_VERSION
    10: optional bool is_copy_tablet_task
    // Newer frontends:
    11: optional types.TVersion start_version
    12: optional types.TVersion end_version
    13: optional bool is_copy_binlog
    14: optional types.TTabletId ref_tablet_id
}

struct TReleaseSnapshotRequest {
    1: required string snapshot_path
}

struct TUploadReq {
    1: required i64 job_id
    2: required map<string, string> src_dest_map
    3: required types.TNetworkAddress broker_addr
    4: optional map<string, string> broker_prop
    5: optional types.TStorageBackendType storage_backend = types.TStorageBackendType.BROKER
    // Newer frontends:
    6: optional string location
}

/** A snapshot on another backend, of a restore that takes its rows from there. */
struct TRemoteTabletSnapshot {
    1: optional types.TTabletId local_tablet_id
    2: optional string local_snapshot_path
    3: optional types.TTabletId remote_tablet_id
    4: optional i64 remote_be_id
    5: optional types.TNetworkAddress remote_be_addr
    6: optional string remote_snapshot_path
    7: optional string remote_token
}

struct TDownloadReq {
    1: required i64 job_id
    2: required map<string, string> src_dest_map
    3: required types.TNetworkAddress broker_addr
    4: optional map<string, string> broker_prop
    5: optional types.TStorageBackendType storage_backend = types.TStorageBackendType.BROKER
    // Newer frontends:
    6: optional string location
    7: optional list<TRemoteTabletSnapshot> remote_tablet_snapshots
    8: optional string vault_id
}

struct TMoveDirReq {
    1: required types.TTabletId tablet_id
    2: required types.TSchemaHash schema_hash
    3: required string src
    4: required i64 job_id
    5: required bool overwrite
}

struct TClearRemoteFileReq {
    1: required string remote_file_path
    2: required map<string, string> remote_source_properties
}

struct TCleanTrashReq {}

struct TVisibleVersionReq {
    1: required map<types.TPartitionId, types.TVersion> partition_version
}

struct TCleanUDFCacheReq {
    1: optional string function_signature
}

struct TPushIndexPolicyReq {
    1: optional list<master.TIndexPolicy> index_policys
    2: optional list<i64> dropped_index_policys
}

// Of these nothing is done with what they hold: their members are skipped.

struct TAlterInvertedIndexReq {}

struct TGcBinlogReq {}

struct TCalcDeleteBitmapRequest {}

// --- cluster state --------------------------------------------------------------------------------------------------

struct TTopicItem {
    1: required string key
    2: optional i64 int_value
    3: optional double double_value
    4: optional string string_value
}

struct TTopicUpdate {
    1: required types.TTopicType type
    2: optional list<TTopicItem> updates
    3: optional list<string> deletes
}

struct TAgentPublishRequest {
    1: required types.TAgentServiceVersion protocol_version
    2: required list<TTopicUpdate> updates
}

struct TPluginMetaInfo {
    1: required string name
    2: required i32 type
    3: optional string so_name
    4: optional string source
}

struct TClusterInfo {
    1: required string user
    2: required string password
}

// --- the envelope ---------------------------------------------------------------------------------------------------

/** One task: its type, its signature, and the one member that goes with the type. */
struct TAgentTaskRequest {
    1: required types.TAgentServiceVersion protocol_version
    2: required types.TTaskType task_type
    /** With the type it names the task until it is finished; -1 is never deduplicated. */
    3: required i64 signature
    4: optional types.TPriority priority
    5: optional TCreateTabletReq create_tablet_req
    6: optional TDropTabletReq drop_tablet_req
    7: optional TAlterTabletReq alter_tablet_req
    8: optional TCloneReq clone_req
    9: optional TPushReq push_req
    10: optional TCancelDeleteDataReq cancel_delete_data_req
    11: optional types.TResourceInfo resource_info
    12: optional TStorageMediumMigrateReq storage_medium_migrate_req
    13: optional TCheckConsistencyReq check_consistency_req
    14: optional TUploadReq upload_req
    15: optional TDownloadReq download_req
    16: optional TSnapshotRequest snapshot_req
    17: optional TReleaseSnapshotRequest release_snapshot_req
    18: optional TClearRemoteFileReq clear_remote_file_req
    19: optional TPublishVersionRequest publish_version_req
    20: optional TClearAlterTaskRequest clear_alter_task_req
    21: optional TClearTransactionTaskRequest clear_transaction_task_req
    22: optional TMoveDirReq move_dir_req
    23: optional TRecoverTabletReq recover_tablet_req
    24: optional TAlterTabletReqV2 alter_tablet_req_v2
    /** Seconds; set by the backend when it takes the task, never sent. */
    25: optional i64 recv_time
    26: optional TUpdateTabletMetaInfoReq update_tablet_meta_info_req
    27: optional TCompactionReq compaction_req
    28: optional TStorageMigrationReqV2 storage_migration_req_v2
    29: optional policy.TGetStoragePolicy update_policy
    30: optional policy.TPushCooldownConfReq push_cooldown_conf
    // Newer frontends:
    31: optional policy.TPushStoragePolicyReq push_storage_policy_req
    32: optional TAlterInvertedIndexReq alter_inverted_index_req
    33: optional TGcBinlogReq gc_binlog_req
    34: optional TCleanTrashReq clean_trash_req
    35: optional TVisibleVersionReq visible_version_req
    36: optional TCleanUDFCacheReq clean_udf_cache_req
    37: optional TPushIndexPolicyReq push_index_policy_req
    1000: optional TCalcDeleteBitmapRequest calc_delete_bitmap_req
}

struct TAgentResult {
    1: required status.TStatus status
    2: optional string snapshot_path
    3: optional bool allow_incremental_clone
    4: optional i32 snapshot_version = 1
}
