// The rpc port of a frontend: backends report here, and other frontends ask who is alive.

namespace cpp wire

include "master.thrift"
include "policy.thrift"
include "schema.thrift"
include "status.thrift"
include "types.thrift"

enum FrontendServiceVersion { V1 = 0 }

enum TFrontendPingFrontendStatusCode { OK = 0, FAILED = 1 }

struct TFeResult {
    1: required FrontendServiceVersion protocolVersion
    2: required status.TStatus status
}

// --- frontend to frontend -------------------------------------------------------------------------------------------

struct TFrontendPingFrontendRequest {
    1: required i32 clusterId
    2: required string token
}

/** Every member is sent on failure too. */
struct TFrontendPingFrontendResult {
    1: required TFrontendPingFrontendStatusCode status
    2: required string msg
    3: required i32 queryPort
    4: required i32 rpcPort
    5: required i64 replayedJournalId
    6: required string version
    // Ours, of a ping that is answered well.
    /** Another one after each start of the process. */
    1000: optional i64 process_uuid
    1001: optional i32 http_port
}

/** A statement that the master must run; query options (id 16) are skipped. */
struct TMasterOpRequest {
    1: required string user
    2: required string db
    3: required string sql
    4: optional types.TResourceInfo resourceInfo
    5: optional string cluster
    6: optional i64 execMemLimit
    7: optional i32 queryTimeout
    8: optional string user_ip
    9: optional string time_zone
    10: optional i64 stmt_id
    11: optional i64 sqlMode
    12: optional i64 loadMemLimit
    13: optional bool enableStrictMode
    14: optional types.TUserIdentity current_user_ident
    15: optional i32 stmtIdx
    17: optional types.TUniqueId query_id
    18: optional i64 insert_visible_timeout_ms
    19: optional map<string, string> session_variables
    20: optional bool foldConstantByBe
    21: optional map<string, string> trace_carrier
    // Newer frontends; 25-30, 1000 and 1001 are skipped.
    22: optional string clientNodeHost
    23: optional i32 clientNodePort
    24: optional bool syncJournalOnly
}

struct TColumnDefinition {
    1: required string columnName
    2: required schema.TColumnType columnType
    3: optional types.TAggregationType aggType
    4: optional string defaultValue
}

struct TShowResultSetMetaData {
    1: required list<TColumnDefinition> columns
}

struct TShowResultSet {
    1: required TShowResultSetMetaData metaData
    2: required list<list<string>> resultRows
}

struct TMasterOpResult {
    1: required i64 maxJournalId
    2: required binary packet
    3: optional TShowResultSet resultSet
    4: optional types.TUniqueId queryId
    5: optional string status
    // Newer frontends; 9 and 10 are skipped.
    6: optional i32 statusCode
    7: optional string errMessage
    8: optional list<binary> queryResultBufList
}

struct TInitExternalCtlMetaRequest {
    1: optional i64 catalogId
    2: optional i64 dbId
    3: optional i64 tableId
}

struct TInitExternalCtlMetaResult {
    1: optional i64 maxJournalId
    2: optional string status
}

// --- backend to frontend --------------------------------------------------------------------------------------------

struct TSnapshotLoaderReportRequest {
    1: required i64 job_id
    2: required i64 task_id
    3: required types.TTaskType task_type
    4: optional i32 finished_num
    5: optional i32 total_num
}

/** What one replica holds to be the state of its remote files. */
struct TTabletCooldownInfo {
    1: optional types.TTabletId tablet_id
    2: optional types.TReplicaId cooldown_replica_id
    3: optional types.TUniqueId cooldown_meta_id
}

struct TConfirmUnusedRemoteFilesRequest {
    1: optional list<TTabletCooldownInfo> confirm_list
}

struct TConfirmUnusedRemoteFilesResult {
    1: optional list<types.TTabletId> confirmed_tablets
}

service FrontendService {
    master.TMasterResult finishTask(1: master.TFinishTaskRequest request)
    master.TMasterResult report(1: master.TReportRequest request)
    master.TFetchResourceResult fetchResource()
    /** Gone from newer frontends, which push policies instead. */
    policy.TGetStoragePolicyResult refreshStoragePolicy(
        /** Ours: the backend is tabletd-be, and reads what is ours in the answer. */
        1000: bool is_tabletd
    )
    /** Newer frontends. */
    TConfirmUnusedRemoteFilesResult confirmUnusedRemoteFiles(1: TConfirmUnusedRemoteFilesRequest request)
    status.TStatus snapshotLoaderReport(1: TSnapshotLoaderReportRequest request)
    TFrontendPingFrontendResult ping(1: TFrontendPingFrontendRequest request)
    TMasterOpResult forward(1: TMasterOpRequest params)
    TInitExternalCtlMetaResult initExternalCtlMeta(1: TInitExternalCtlMetaRequest request)
}
