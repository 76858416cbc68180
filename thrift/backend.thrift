// The agent port of a backend. Methods of query execution, exports and routine loads are not here: a caller of one gets
// the protocol's own answer, unknown method.

namespace cpp wire

include "agent.thrift"
include "status.thrift"
include "types.thrift"

struct TTabletStat {
    1: required i64 tablet_id
    2: optional i64 data_size
    3: optional i64 row_num
    4: optional i64 version_count
    5: optional i64 remote_data_size
    // Newer backends:
    6: optional i64 visible_version_count
    7: optional i64 visible_version
}

struct TTabletStatResult {
    1: required map<i64, TTabletStat> tablets_stats
    2: optional list<TTabletStat> tablet_stat_list
}

struct TDiskTrashInfo {
    1: required string root_path
    /** "ONLINE" or "OFFLINE". */
    2: required string state
    3: required i64 trash_used_capacity
}

struct TCheckStorageFormatResult {
    1: optional list<i64> v1_tablets
    2: optional list<i64> v2_tablets
}

/** Loads over HTTP streams do not exist here, so a record has no fields and none is ever sent. */
struct TStreamLoadRecord {}

struct TStreamLoadRecordResult {
    1: required map<string, TStreamLoadRecord> stream_load_record
}

/** What a topic says is skipped. */
struct TTopicInfo {}

struct TPublishTopicRequest {
    1: required map<i32, list<TTopicInfo>> topic_map
}

struct TPublishTopicResult {
    1: required status.TStatus status
}

service BackendService {
    agent.TAgentResult submit_tasks(1: list<agent.TAgentTaskRequest> tasks)
    agent.TAgentResult make_snapshot(1: agent.TSnapshotRequest snapshot_request)
    agent.TAgentResult release_snapshot(1: string snapshot_path)
    agent.TAgentResult publish_cluster_state(1: agent.TAgentPublishRequest request)
    TTabletStatResult get_tablet_stat()
    i64 get_trash_used_capacity()
    list<TDiskTrashInfo> get_disk_trash_used_capacity()
    oneway void clean_trash()
    TCheckStorageFormatResult check_storage_format()
    TStreamLoadRecordResult get_stream_load_record(1: i64 last_stream_record_time)
    /** Newer frontends, every 30 s. */
    TPublishTopicResult publish_topic_info(1: TPublishTopicRequest topic_request)
}
