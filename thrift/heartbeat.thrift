// The heartbeat port of a backend: every few seconds the frontend says who is master, and learns what the backend is.

namespace cpp wire

include "status.thrift"
include "types.thrift"

/** Bit of TMasterInfo.heartbeat_flags: new tablets use the newer rowset format. */
const i64 IS_SET_DEFAULT_ROWSET_TO_BETA_BIT = 1

/** Bit of TMasterInfo.heartbeat_flags. Ours: the frontend is tabletd-fe. Other backends look at no bit but their own. */
const i64 IS_TABLETD_BIT = 4294967296

struct TCloudClusterInfo {
    1: optional bool isStandby
}

struct TFrontendInfo {
    1: optional types.TNetworkAddress coordinator_address
    2: optional i64 process_uuid
}

/** Ours: how far a frontend's metadata have got. Life is drawn at random when the epoch begins. */
struct TMetadataPosition {
    1: optional i64 epoch
    2: optional i64 life
    3: optional i64 log_id
    4: optional i64 id_end
}

struct TMasterInfo {
    1: required types.TNetworkAddress network_address
    2: required types.TClusterId cluster_id
    /** Raised when a master is elected or restarts; at least 1. */
    3: required types.TEpoch epoch
    4: optional string token
    /** The host under which the frontend knows this backend. */
    5: optional string backend_ip
    6: optional types.TPort http_port
    7: optional i64 heartbeat_flags
    8: optional i64 backend_id
    // Newer frontends:
    9: optional list<TFrontendInfo> frontend_infos
    10: optional string meta_service_endpoint
    11: optional string cloud_unique_id
    12: optional i64 tablet_report_inactive_duration_ms
    13: optional string auth_token
    14: optional TCloudClusterInfo cloud_cluster_info
    // Ours:
    /** The uuid by which the frontend knows this backend; empty while it knows none. */
    1100: optional string backend_uuid
    1010: optional TMetadataPosition position
    /** What the backend remembers, when the frontend has found it to be its own past. */
    1011: optional TMetadataPosition judged_position
}

struct TBackendInfo {
    1: required types.TPort be_port
    2: required types.TPort http_port
    /** Always -1. */
    3: optional types.TPort be_rpc_port
    4: optional types.TPort brpc_port
    5: optional string version
    /** Milliseconds since 1970 at which the process started. */
    6: optional i64 be_start_time
    7: optional string be_node_role
    // Newer backends:
    8: optional bool is_shutdown
    9: optional types.TPort arrow_flight_sql_port
    10: optional i64 be_mem
    1000: optional i64 fragment_executing_count
    1001: optional i64 fragment_last_active_time
    // Ours:
    /** Of the data dirs: the same for as long as they live, wherever the process runs. */
    1100: optional string backend_uuid
    /** Ours: the furthest metadata that it was told of. */
    1010: optional TMetadataPosition heard_position
}

struct THeartbeatResult {
    1: required status.TStatus status
    /** Required on failure too: then both ports are 0. */
    2: required TBackendInfo backend_info
}

service HeartbeatService {
    THeartbeatResult heartbeat(1: TMasterInfo master_info)
}
