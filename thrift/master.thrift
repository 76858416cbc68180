// What backends tell the master: finished tasks, and reports of tasks, disks and tablets.

namespace cpp wire

include "policy.thrift"
include "status.thrift"
include "types.thrift"

/** One replica as its backend sees it. */
struct TTabletInfo {
    1: required types.TTabletId tablet_id
    2: required types.TSchemaHash schema_hash
    3: required types.TVersion version
    4: required types.TVersionHash version_hash
    5: required types.TCount row_count
    6: required types.TSize data_size
    7: optional types.TStorageMedium storage_medium
    8: optional list<types.TTransactionId> transaction_ids
    9: optional i64 version_count
    10: optional i64 path_hash
    11: optional bool version_miss
    /** Sent only when false: the replica is bad. */
    12: optional bool used
    13: optional types.TPartitionId partition_id
    14: optional bool is_in_memory
    15: optional types.TReplicaId replica_id
    16: optional types.TSize remote_data_size
    17: optional types.TReplicaId cooldown_replica_id
    // The IDL of 2023 gives these two defaults (false, -1). Without them here a row that does not have them stays so.
    18: optional bool is_cooldown
    19: optional i64 cooldown_term
    // Newer peers:
    20: optional types.TUniqueId cooldown_meta_id
    21: optional i64 visible_version_count
    22: optional types.TSize local_index_size
    23: optional types.TSize local_segment_size
    24: optional types.TSize remote_index_size
    25: optional types.TSize remote_segment_size
    1000: optional bool is_persistent
}

struct TTablet {
    1: required list<TTabletInfo> tablet_infos
}

/** One data dir. */
struct TDisk {
    1: required string root_path
    2: required types.TSize disk_total_capacity
    3: required types.TSize data_used_capacity
    4: required bool used
    5: optional types.TSize disk_available_capacity
    6: optional i64 path_hash
    7: optional types.TStorageMedium storage_medium
    8: optional types.TSize remote_used_capacity
    // Newer peers:
    9: optional types.TSize trash_used_capacity
    // Ours, left out while the disk is good. 1 full and 2 read-only: its tablets are served, and it takes no rows.
    1000: optional i32 state
    1001: optional string state_reason
    /** Milliseconds since 1970. */
    1002: optional i64 state_since
}

/** Ours. */
struct TUnreadableReplica {
    1: optional types.TTabletId tablet_id
    2: optional types.TReplicaId replica_id
    3: optional string reason
    /** Milliseconds since 1970. */
    4: optional i64 since
    /** The replica's own copy is damaged: a copy of another one heals it. */
    5: optional bool healed_by_copy
}

/** Ours: what a backend has with one storage resource. Times are milliseconds since 1970. */
struct TResourceUse {
    /** The id in digits, or the name that rowsets of an older backend have for it. */
    1: optional string resource
    /** The backend knows what it is. */
    2: optional bool is_known
    /** Version of the resource that the backend works with. */
    3: optional i64 version
    4: optional i64 tablets
    /** Records of remote garbage that wait for their deletion. */
    5: optional i64 garbage
    /** Of the newest request that failed and whose like did not succeed since. */
    6: optional string error
    7: optional i64 error_at
    8: optional i64 error_since
}

/** Ours: a tablet whose cooldown fails. */
struct TCooldownFailure {
    1: optional types.TTabletId tablet_id
    2: optional string error
    3: optional i64 since
    4: optional i64 last_at
}

/** An index policy as newer frontends push it; of a report, id and version only. */
struct TIndexPolicy {
    1: optional i64 id
    2: optional string name
    3: optional i32 type
    4: optional map<string, string> properties
}

/** One kind of report a message. */
struct TReportRequest {
    1: required types.TBackend backend
    2: optional i64 report_version
    3: optional map<types.TTaskType, set<i64>> tasks
    4: optional map<types.TTabletId, TTablet> tablets
    /** By root path. */
    5: optional map<string, TDisk> disks
    6: optional bool force_recovery
    7: optional list<TTablet> tablet_list
    8: optional i64 tablet_max_compaction_score
    // Newer peers:
    9: optional list<policy.TStoragePolicy> storage_policy
    10: optional list<policy.TStorageResource> resource
    11: optional i32 num_cores
    12: optional i32 pipeline_executor_size
    13: optional map<types.TPartitionId, types.TVersion> partitions_version
    14: optional i64 num_tablets
    15: optional list<TIndexPolicy> index_policy
    16: optional i64 running_tasks
    /** Ours, with tablets: replicas whose versions are whole and whose rows can't be read. */
    1000: optional list<TUnreadableReplica> unreadable_replicas
    // Ours, beside disks.
    1010: optional list<TResourceUse> resource_use
    /** Some, not all, when there are many. */
    1011: optional list<TCooldownFailure> cooldown_failures
    /** Ours: TBackendInfo.be_start_time of the process that made the report. */
    1020: optional i64 be_start_time
}

/** How a task ended; members that its type does not use stay unset. */
struct TFinishTaskRequest {
    1: required types.TBackend backend
    2: required types.TTaskType task_type
    3: required i64 signature
    4: required status.TStatus task_status
    5: optional i64 report_version
    6: optional list<TTabletInfo> finish_tablet_infos
    7: optional i64 tablet_checksum
    8: optional i64 request_version
    9: optional i64 request_version_hash
    10: optional string snapshot_path
    11: optional list<types.TTabletId> error_tablet_ids
    12: optional list<string> snapshot_files
    13: optional map<types.TTabletId, list<string>> tablet_files
    14: optional list<types.TTabletId> downloaded_tablet_ids
    15: optional i64 copy_size
    16: optional i64 copy_time_ms
    // Newer backends; 18, 19 and 20 are skipped.
    17: optional map<types.TTabletId, types.TVersion> succ_tablets
}

struct TMasterResult {
    1: required status.TStatus status
}

struct TPluginInfo {
    1: required string plugin_name
    2: required i32 type
}

struct TResourceGroup {
    1: required map<types.TResourceType, i32> resourceByType
}

struct TUserResource {
    1: required TResourceGroup resource
    2: required map<string, i32> shareByGroup
}

struct TFetchResourceResult {
    1: required types.TAgentServiceVersion protocolVersion
    2: required i64 resourceVersion
    3: required map<string, TUserResource> resourceByUser
}
