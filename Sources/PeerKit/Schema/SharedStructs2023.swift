/// Heartbeats, reports, ends of tasks and what they share, January 2023. A struct that is named, but not declared, is skipped.
extension WireSchema {
    static let sharedStructs2023 = """
        struct TMasterInfo: 1 r TNetworkAddress network_address, 2 r TClusterId cluster_id, 3 r TEpoch epoch,
          4 o string token, 5 o string backend_ip, 6 o TPort http_port, 7 o i64 heartbeat_flags, 8 o i64 backend_id
        struct TBackendInfo: 1 r TPort be_port, 2 r TPort http_port, 3 o TPort be_rpc_port, 4 o TPort brpc_port,
          5 o string version, 6 o i64 be_start_time, 7 o string be_node_role
        struct THeartbeatResult: 1 r TStatus status, 2 r TBackendInfo backend_info
        struct TStatus: 1 r TStatusCode status_code, 2 o list<string> error_msgs
        struct TNetworkAddress: 1 r string hostname, 2 r i32 port
        struct TUniqueId: 1 r i64 hi, 2 r i64 lo
        struct TBackend: 1 r string host, 2 r TPort be_port, 3 r TPort http_port
        struct TResourceInfo: 1 r string user, 2 r string group
        struct TUserIdentity: 1 o string username, 2 o string host, 3 o bool is_domain
        struct TTabletStat: 1 r i64 tablet_id, 2 o i64 data_size, 3 o i64 row_num, 4 o i64 version_count,
          5 o i64 remote_data_size
        struct TTabletStatResult: 1 r map<i64,TTabletStat> tablets_stats, 2 o list<TTabletStat> tablet_stat_list
        struct TDiskTrashInfo: 1 r string root_path, 2 r string state, 3 r i64 trash_used_capacity
        struct TCheckStorageFormatResult: 1 o list<i64> v1_tablets, 2 o list<i64> v2_tablets
        struct TTabletInfo: 1 r TTabletId tablet_id, 2 r TSchemaHash schema_hash, 3 r TVersion version,
          4 r TVersionHash version_hash, 5 r TCount row_count, 6 r TSize data_size, 7 o TStorageMedium storage_medium,
          8 o list<TTransactionId> transaction_ids, 9 o i64 version_count, 10 o i64 path_hash, 11 o bool version_miss,
          12 o bool used, 13 o TPartitionId partition_id, 14 o bool is_in_memory, 15 o TReplicaId replica_id,
          16 o TSize remote_data_size, 17 o TReplicaId cooldown_replica_id, 18 o=false bool is_cooldown,
          19 o=-1 i64 cooldown_term
        struct TFinishTaskRequest: 1 r TBackend backend, 2 r TTaskType task_type, 3 r i64 signature,
          4 r TStatus task_status, 5 o i64 report_version, 6 o list<TTabletInfo> finish_tablet_infos,
          7 o i64 tablet_checksum, 8 o i64 request_version, 9 o i64 request_version_hash, 10 o string snapshot_path,
          11 o list<TTabletId> error_tablet_ids, 12 o list<string> snapshot_files,
          13 o map<TTabletId,list<string>> tablet_files, 14 o list<TTabletId> downloaded_tablet_ids, 15 o i64 copy_size,
          16 o i64 copy_time_ms
        struct TTablet: 1 r list<TTabletInfo> tablet_infos
        struct TDisk: 1 r string root_path, 2 r TSize disk_total_capacity, 3 r TSize data_used_capacity, 4 r bool used,
          5 o TSize disk_available_capacity, 6 o i64 path_hash, 7 o TStorageMedium storage_medium,
          8 o TSize remote_used_capacity
        struct TReportRequest: 1 r TBackend backend, 2 o i64 report_version, 3 o map<TTaskType,set<i64>> tasks,
          4 o map<TTabletId,TTablet> tablets, 5 o map<string,TDisk> disks, 6 o bool force_recovery,
          7 o list<TTablet> tablet_list, 8 o i64 tablet_max_compaction_score
        struct TMasterResult: 1 r TStatus status
        struct TPluginInfo: 1 r string plugin_name, 2 r i32 type
        struct TResourceGroup: 1 r map<TResourceType,i32> resourceByType
        struct TUserResource: 1 r TResourceGroup resource, 2 r map<string,i32> shareByGroup
        struct TFetchResourceResult: 1 r TAgentServiceVersion protocolVersion, 2 r i64 resourceVersion,
          3 r map<string,TUserResource> resourceByUser
        struct TFrontendPingFrontendRequest: 1 r i32 clusterId, 2 r string token
        struct TFrontendPingFrontendResult: 1 r TFrontendPingFrontendStatusCode status, 2 r string msg,
          3 r i32 queryPort, 4 r i32 rpcPort, 5 r i64 replayedJournalId, 6 r string version
        struct TMasterOpRequest: 1 r string user, 2 r string db, 3 r string sql, 4 o TResourceInfo resourceInfo,
          5 o string cluster, 6 o i64 execMemLimit, 7 o i32 queryTimeout, 8 o string user_ip, 9 o string time_zone,
          10 o i64 stmt_id, 11 o i64 sqlMode, 12 o i64 loadMemLimit, 13 o bool enableStrictMode,
          14 o TUserIdentity current_user_ident, 15 o i32 stmtIdx, 16 o TQueryOptions query_options,
          17 o TUniqueId query_id, 18 o i64 insert_visible_timeout_ms, 19 o map<string,string> session_variables,
          20 o bool foldConstantByBe, 21 o map<string,string> trace_carrier
        struct TMasterOpResult: 1 r i64 maxJournalId, 2 r binary packet, 3 o TShowResultSet resultSet,
          4 o TUniqueId queryId, 5 o string status
        struct TShowResultSet: 1 r TShowResultSetMetaData metaData, 2 r list<list<string>> resultRows
        struct TShowResultSetMetaData: 1 r list<TColumnDefinition> columns
        struct TColumnDefinition: 1 r string columnName, 2 r TColumnType columnType, 3 o TAggregationType aggType,
          4 o string defaultValue
        struct TSnapshotLoaderReportRequest: 1 r i64 job_id, 2 r i64 task_id, 3 r TTaskType task_type,
          4 o i32 finished_num, 5 o i32 total_num
        struct TInitExternalCtlMetaRequest: 1 o i64 catalogId, 2 o i64 dbId, 3 o i64 tableId
        struct TInitExternalCtlMetaResult: 1 o i64 maxJournalId, 2 o string status
        struct TFeResult: 1 r FrontendServiceVersion protocolVersion, 2 r TStatus status
        struct TColumn: 1 r string column_name, 2 r TColumnType column_type, 3 o TAggregationType aggregation_type,
          4 o bool is_key, 5 o bool is_allow_null, 6 o string default_value, 7 o bool is_bloom_filter_column,
          8 o TExpr define_expr, 9 o=true bool visible, 10 o list<TColumn> children_column, 11 o=-1 i32 col_unique_id,
          12 o=false bool has_bitmap_index, 13 o=false bool has_ngram_bf_index, 14 o i32 gram_size,
          15 o i32 gram_bf_size
        struct TColumnType: 1 r TPrimitiveType type, 2 o i32 len, 3 o i32 index_len, 4 o i32 precision, 5 o i32 scale
        struct TOlapTableIndex: 1 o string index_name, 2 o list<string> columns, 3 o TIndexType index_type,
          4 o string comment, 5 o i64 index_id, 6 o map<string,string> properties
        struct TCondition: 1 r string column_name, 2 r string condition_op, 3 r list<string> condition_values,
          4 o i32 column_unique_id
        struct TTypeDesc: 1 d list<TTypeNode> types, 2 o bool is_nullable
        struct TTypeNode: 1 r TTypeNodeType type, 2 o TScalarType scalar_type, 3 o list<TStructField> struct_fields,
          4 o bool contains_null
        struct TScalarType: 1 r TPrimitiveType type, 2 o i32 len, 3 o i32 precision, 4 o i32 scale
        struct TStructField: 1 r string name, 2 o string comment
        struct TExpr: 1 r list<TExprNode> nodes
        struct TExprNode: 1 r TExprNodeType node_type, 2 r TTypeDesc type, 3 o TExprOpcode opcode, 4 r i32 num_children,
          5 o TAggregateExpr agg_expr, 6 o TBoolLiteral bool_literal, 7 o TCaseExpr case_expr,
          8 o TDateLiteral date_literal, 9 o TFloatLiteral float_literal, 10 o TIntLiteral int_literal,
          11 o TInPredicate in_predicate, 12 o TIsNullPredicate is_null_pred, 13 o TLikePredicate like_pred,
          14 o TLiteralPredicate literal_pred, 15 o TSlotRef slot_ref, 16 o TStringLiteral string_literal,
          17 o TTupleIsNullPredicate tuple_is_null_pred, 18 o TInfoFunc info_func, 19 o TDecimalLiteral decimal_literal,
          20 r i32 output_scale, 21 o TFunctionCallExpr fn_call_expr, 22 o TLargeIntLiteral large_int_literal,
          23 o i32 output_column, 24 o TColumnType output_type, 25 o TExprOpcode vector_opcode, 26 o TFunction fn,
          27 o i32 vararg_start_idx, 28 o TPrimitiveType child_type, 29 o bool is_nullable,
          30 o TJsonLiteral json_literal
        struct TStreamLoadRecordResult: 1 r map<string,TStreamLoadRecord> stream_load_record
        """
}
