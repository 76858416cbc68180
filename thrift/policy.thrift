// Where cold data goes (storage resources) and when (storage policies); which replica uploads it (cooldown conf).

namespace cpp wire

include "status.thrift"
include "types.thrift"

/** A bucket and what opens it. Times are milliseconds. */
struct TS3StorageParam {
    1: optional string s3_endpoint
    2: optional string s3_region
    3: optional string s3_ak
    4: optional string s3_sk
    5: optional i32 s3_max_conn = 50
    6: optional i32 s3_request_timeout_ms = 3000
    7: optional i32 s3_conn_timeout_ms = 1000
    8: optional string root_path
    9: optional string bucket
    // Newer frontends:
    /** false by default in the newer IDL. Without the default here an older backend is not sent it. */
    10: optional bool use_path_style
    11: optional string token
    12: optional types.TObjStorageType provider
    13: optional types.TCredProviderType cred_provider_type
    14: optional string role_arn
    15: optional string external_id
}

/** A policy as backends pull it. Both times are in seconds, and -1 stands for unset. */
struct TGetStoragePolicy {
    1: optional string policy_name
    2: optional i64 cooldown_datetime
    3: optional i64 cooldown_ttl
    4: optional TS3StorageParam s3_storage_param
    5: optional string md5_checksum
    // Ours: which resource s3_storage_param is, and its version. With an empty policy_name it is told of by itself.
    1000: optional i64 resource_id
    1001: optional i64 resource_version
}

/** A policy as newer frontends push it (task 29); its resource is named by id. */
struct TStoragePolicy {
    1: optional i64 id
    2: optional string name
    3: optional i64 version
    4: optional i64 cooldown_datetime
    5: optional i64 cooldown_ttl
    6: optional i64 resource_id
}

/** A resource as newer frontends push it; a HDFS resource (id 5) is skipped. */
struct TStorageResource {
    1: optional i64 id
    2: optional string name
    3: optional i64 version
    4: optional TS3StorageParam s3_storage_param
    /** Ours: policies that ever pointed to it. Rowsets of older backends name it by one of these. */
    1000: optional list<string> policy_names
}

struct TGetStoragePolicyResult {
    1: optional status.TStatus status
    2: optional list<TGetStoragePolicy> result_entrys
    // Ours: all resources there are, whether a policy in use points to them or not, and the ids of those that were dropped.
    1000: optional list<TStorageResource> resources
    1001: optional list<i64> dropped_resources
}

struct TPushStoragePolicyReq {
    1: optional list<TStoragePolicy> storage_policy
    2: optional list<TStorageResource> resource
    3: optional list<i64> dropped_storage_policy
}

struct TCooldownConf {
    1: required types.TTabletId tablet_id
    2: optional types.TReplicaId cooldown_replica_id
    3: optional i64 cooldown_term
}

struct TPushCooldownConfReq {
    1: required list<TCooldownConf> cooldown_confs
}
