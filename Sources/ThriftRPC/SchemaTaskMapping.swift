internal import CThrift
internal import TabletModel

// The members of ALTER, CLEAR_ALTER_TASK and UPDATE_VISIBLE_VERSION tasks, conditions of a delete, and table options.

extension AlterRequest {
    init(_ wire: borrowing wire.TAlterTabletReqV2) {
        let isSet = wire.__isset
        self.init(
            baseTabletID: TabletID(wire.base_tablet_id), newTabletID: TabletID(wire.new_tablet_id),
            baseSchemaHash: SchemaHash(wire.base_schema_hash), newSchemaHash: SchemaHash(wire.new_schema_hash),
            alterVersion: isSet.alter_version ? Version(wire.alter_version) : nil,
            sources: wire.materialized_view_params.map { ColumnSource($0) },
            kind: AlterKind(rawValue: enumValue(wire.alter_tablet_type)),
            baseColumns: isSet.columns ? wire.columns.map { TabletSchema.Column($0) } : nil)
    }

    var wireValue: wire.TAlterTabletReqV2 {
        var request = wire.TAlterTabletReqV2()
        request.base_tablet_id = baseTabletID.rawValue
        request.new_tablet_id = newTabletID.rawValue
        request.base_schema_hash = baseSchemaHash.rawValue
        request.new_schema_hash = newSchemaHash.rawValue
        if let alterVersion { request.__set_alter_version(alterVersion.rawValue) }
        request.__set_alter_tablet_type(.init(rawValue: enumBits(kind)))
        if !sources.isEmpty {
            request.__isset.materialized_view_params = true
            for source in sources { request.materialized_view_params.push_back(source.wireValue) }
        }
        if let baseColumns {
            request.__isset.columns = true
            for column in baseColumns { request.columns.push_back(column.wireValue) }
        }
        return request
    }
}

extension AlterRequest.ColumnSource {
    init(_ wire: borrowing wire.TAlterMaterializedViewParam) {
        let isSet = wire.__isset
        self.init(
            column: string(wire.column_name),
            originColumn: isSet.origin_column_name ? string(wire.origin_column_name) : nil,
            hasExpression: isSet.mv_expr)
    }

    /// Expressions are never sent: this side makes none.
    var wireValue: wire.TAlterMaterializedViewParam {
        var param = wire.TAlterMaterializedViewParam()
        param.column_name = text(column)
        if let originColumn { param.__set_origin_column_name(text(originColumn)) }
        return param
    }
}

extension ClearAlterRequest {
    init(_ wire: borrowing wire.TClearAlterTaskRequest) {
        self.init(tabletID: TabletID(wire.tablet_id), schemaHash: SchemaHash(wire.schema_hash))
    }

    var wireValue: wire.TClearAlterTaskRequest {
        var request = wire.TClearAlterTaskRequest()
        request.tablet_id = tabletID.rawValue
        request.schema_hash = schemaHash.rawValue
        return request
    }
}

extension DeleteCondition {
    init(_ wire: borrowing wire.TCondition) {
        self.init(
            column: string(wire.column_name), operation: string(wire.condition_op),
            values: strings(wire.condition_values),
            columnUniqueID: wire.__isset.column_unique_id ? wire.column_unique_id : nil)
    }

    var wireValue: wire.TCondition {
        var condition = wire.TCondition()
        condition.column_name = text(column)
        condition.condition_op = text(operation)
        condition.condition_values = textList(values)
        if let columnUniqueID { condition.__set_column_unique_id(columnUniqueID) }
        return condition
    }
}

func partitionVersions(_ request: borrowing wire.TVisibleVersionReq) -> [PartitionID: Version] {
    longPairs(request.partition_version)
}

extension TabletOptions {
    init(_ wire: borrowing wire.TCreateTabletReq) {
        self.init()
        let isSet = wire.__isset
        if wire.tablet_schema.__isset.disable_auto_compaction {
            disableAutoCompaction = wire.tablet_schema.disable_auto_compaction
        }
        compactionPolicy = isSet.compaction_policy ? string(wire.compaction_policy) : nil
        timeSeriesGoalMegabytes =
            isSet.time_series_compaction_goal_size_mbytes ? wire.time_series_compaction_goal_size_mbytes : nil
        timeSeriesFileCount =
            isSet.time_series_compaction_file_count_threshold
            ? wire.time_series_compaction_file_count_threshold : nil
        timeSeriesSeconds =
            isSet.time_series_compaction_time_threshold_seconds
            ? wire.time_series_compaction_time_threshold_seconds : nil
        timeSeriesEmptyRowsets =
            isSet.time_series_compaction_empty_rowsets_threshold
            ? wire.time_series_compaction_empty_rowsets_threshold : nil
        timeSeriesLevels =
            isSet.time_series_compaction_level_threshold ? wire.time_series_compaction_level_threshold : nil
        isBinlogEnabled = isSet.binlog_config ? wire.binlog_config.enable : nil
    }

    init(_ wire: borrowing wire.TTabletMetaInfo) {
        self.init()
        let isSet = wire.__isset
        disableAutoCompaction = isSet.disable_auto_compaction ? wire.disable_auto_compaction : nil
        compactionPolicy = isSet.compaction_policy ? string(wire.compaction_policy) : nil
        timeSeriesGoalMegabytes =
            isSet.time_series_compaction_goal_size_mbytes ? wire.time_series_compaction_goal_size_mbytes : nil
        timeSeriesFileCount =
            isSet.time_series_compaction_file_count_threshold
            ? wire.time_series_compaction_file_count_threshold : nil
        timeSeriesSeconds =
            isSet.time_series_compaction_time_threshold_seconds
            ? wire.time_series_compaction_time_threshold_seconds : nil
        timeSeriesEmptyRowsets =
            isSet.time_series_compaction_empty_rowsets_threshold
            ? wire.time_series_compaction_empty_rowsets_threshold : nil
        timeSeriesLevels =
            isSet.time_series_compaction_level_threshold ? wire.time_series_compaction_level_threshold : nil
        skipWriteIndexOnLoad = isSet.skip_write_index_on_load ? wire.skip_write_index_on_load : nil
        isBinlogEnabled = isSet.binlog_config ? wire.binlog_config.enable : nil
    }

    func write(to request: inout wire.TCreateTabletReq) {
        if let compactionPolicy { request.__set_compaction_policy(text(compactionPolicy)) }
        if let timeSeriesGoalMegabytes {
            request.__set_time_series_compaction_goal_size_mbytes(timeSeriesGoalMegabytes)
        }
        if let timeSeriesFileCount {
            request.__set_time_series_compaction_file_count_threshold(timeSeriesFileCount)
        }
        if let timeSeriesSeconds {
            request.__set_time_series_compaction_time_threshold_seconds(timeSeriesSeconds)
        }
        if let timeSeriesEmptyRowsets {
            request.__set_time_series_compaction_empty_rowsets_threshold(timeSeriesEmptyRowsets)
        }
        if let timeSeriesLevels { request.__set_time_series_compaction_level_threshold(timeSeriesLevels) }
        if let disableAutoCompaction {
            request.tablet_schema.__set_disable_auto_compaction(disableAutoCompaction)
        }
        if let isBinlogEnabled {
            request.__isset.binlog_config = true
            request.binlog_config.__set_enable(isBinlogEnabled)
        }
    }

    func write(to info: inout wire.TTabletMetaInfo) {
        if let disableAutoCompaction { info.__set_disable_auto_compaction(disableAutoCompaction) }
        if let compactionPolicy { info.__set_compaction_policy(text(compactionPolicy)) }
        if let timeSeriesGoalMegabytes {
            info.__set_time_series_compaction_goal_size_mbytes(timeSeriesGoalMegabytes)
        }
        if let timeSeriesFileCount { info.__set_time_series_compaction_file_count_threshold(timeSeriesFileCount) }
        if let timeSeriesSeconds { info.__set_time_series_compaction_time_threshold_seconds(timeSeriesSeconds) }
        if let timeSeriesEmptyRowsets {
            info.__set_time_series_compaction_empty_rowsets_threshold(timeSeriesEmptyRowsets)
        }
        if let timeSeriesLevels { info.__set_time_series_compaction_level_threshold(timeSeriesLevels) }
        if let skipWriteIndexOnLoad { info.__set_skip_write_index_on_load(skipWriteIndexOnLoad) }
        if let isBinlogEnabled {
            info.__isset.binlog_config = true
            info.binlog_config.__set_enable(isBinlogEnabled)
        }
    }
}
