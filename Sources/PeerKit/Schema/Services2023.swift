/// The methods that an agent and a small FE speak, January 2023: name, arguments, result.
extension WireSchema {
    static let services2023 = """
        service HeartbeatService
        method heartbeat THeartbeatResult: 1 d TMasterInfo master_info
        service BackendService
        method submit_tasks TAgentResult: 1 d list<TAgentTaskRequest> tasks
        method make_snapshot TAgentResult: 1 d TSnapshotRequest snapshot_request
        method release_snapshot TAgentResult: 1 d string snapshot_path
        method publish_cluster_state TAgentResult: 1 d TAgentPublishRequest request
        method get_tablet_stat TTabletStatResult:
        method get_trash_used_capacity i64:
        method get_disk_trash_used_capacity list<TDiskTrashInfo>:
        method clean_trash oneway:
        method check_storage_format TCheckStorageFormatResult:
        method get_stream_load_record TStreamLoadRecordResult: 1 d i64 last_stream_record_time
        service FrontendService
        method finishTask TMasterResult: 1 d TFinishTaskRequest request
        method report TMasterResult: 1 d TReportRequest request
        method fetchResource TFetchResourceResult:
        method refreshStoragePolicy TGetStoragePolicyResult:
        method snapshotLoaderReport TStatus: 1 d TSnapshotLoaderReportRequest request
        method ping TFrontendPingFrontendResult: 1 d TFrontendPingFrontendRequest request
        method forward TMasterOpResult: 1 d TMasterOpRequest params
        method initExternalCtlMeta TInitExternalCtlMetaResult: 1 d TInitExternalCtlMetaRequest request
        """
}
