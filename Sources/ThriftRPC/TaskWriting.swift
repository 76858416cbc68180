internal import CThrift
internal import TabletModel

// AgentTask → TAgentTaskRequest: the frontend's side.

extension AgentTask {
    /// `.absent` and `.unread` have no member to send.
    var wireValue: wire.TAgentTaskRequest {
        var task = wire.TAgentTaskRequest()
        task.task_type = .init(rawValue: enumBits(type))
        task.signature = signature
        // A backend's workers for urgent pushes look for the field, so it is there only when it says something.
        if priority != .normal { task.__set_priority(.init(rawValue: enumBits(priority))) }
        switch payload {
        case .create(let request): task.__set_create_tablet_req(request.wireValue)
        case .drop(let request): task.__set_drop_tablet_req(request.wireValue)
        case .push(let request): task.__set_push_req(request.wireValue)
        case .publishVersion(let request): task.__set_publish_version_req(request.wireValue)
        case .clearTransaction(let request): task.__set_clear_transaction_task_req(request.wireValue)
        case .updateTabletMeta(let updates):
            task.__isset.update_tablet_meta_info_req = true
            task.update_tablet_meta_info_req.__isset.tabletMetaInfos = true
            for update in updates { task.update_tablet_meta_info_req.tabletMetaInfos.push_back(update.wireValue) }
        case .storagePolicy(let entry): task.__set_update_policy(entry.wireValue)
        case .cooldownConfs(let confs):
            task.__isset.push_cooldown_conf = true
            for conf in confs { task.push_cooldown_conf.cooldown_confs.push_back(conf.wireValue) }
        case .clone(let request): task.__set_clone_req(request.wireValue)
        case .compaction(let request): task.__set_compaction_req(request.wireValue)
        case .checkConsistency(let request): task.__set_check_consistency_req(request.wireValue)
        case .makeSnapshot(let request): task.__set_snapshot_req(request.wireValue)
        case .releaseSnapshot(let path):
            task.__isset.release_snapshot_req = true
            task.release_snapshot_req.snapshot_path = text(path)
        case .migrate(let request): task.__set_storage_medium_migrate_req(request.wireValue)
        case .upload(let request): task.__set_upload_req(request.wireValue)
        case .download(let request): task.__set_download_req(request.wireValue)
        case .move(let request): task.__set_move_dir_req(request.wireValue)
        case .alter(let request): task.__set_alter_tablet_req_v2(request.wireValue)
        case .clearAlter(let request): task.__set_clear_alter_task_req(request.wireValue)
        case .pushedRules(let rules): task.__set_push_storage_policy_req(rules.wireValue)
        case .cleanTrash: task.__isset.clean_trash_req = true
        case .visibleVersions(let versions):
            task.__isset.visible_version_req = true
            for (partition, version) in versions {
                wire.put(&task.visible_version_req.partition_version, partition.rawValue, version.rawValue)
            }
        case .indexPolicies(let policies): task.__set_push_index_policy_req(policies.wireValue)
        case .unread, .absent: break
        }
        return task
    }
}

extension CreateTabletRequest {
    var wireValue: wire.TCreateTabletReq {
        var request = wire.TCreateTabletReq()
        request.tablet_id = tabletID.rawValue
        request.tablet_schema = schema.wireValue
        request.__set_version(version.rawValue)
        if let medium { request.__set_storage_medium(.init(rawValue: enumBits(medium))) }
        request.__set_table_id(tableID.rawValue)
        request.__set_partition_id(partitionID.rawValue)
        request.__set_replica_id(replicaID.rawValue)
        if let baseTabletID { request.__set_base_tablet_id(baseTabletID.rawValue) }
        request.__set_in_restore_mode(inRestoreMode)
        if !storagePolicy.isEmpty { request.__set_storage_policy(text(storagePolicy)) }
        if let storagePolicyID { request.__set_storage_policy_id(storagePolicyID) }
        if let baseSchemaHash { request.__set_base_schema_hash(baseSchemaHash.rawValue) }
        options.write(to: &request)
        return request
    }
}

extension TabletSchema {
    var wireValue: wire.TTabletSchema {
        var schema = wire.TTabletSchema()
        schema.short_key_column_count = shortKeyColumnCount
        schema.schema_hash = schemaHash.rawValue
        schema.keys_type = .init(rawValue: enumBits(keysType))
        schema.storage_type = .init(rawValue: enumBits(storageType))
        for column in columns { schema.columns.push_back(column.wireValue) }
        schema.__set_is_in_memory(isInMemory)
        if disableAutoCompaction { schema.__set_disable_auto_compaction(true) }
        if let delimiter { schema.__set_delimiter(Int32(delimiter)) }
        return schema
    }
}

extension TabletSchema.Column {
    var wireValue: wire.TColumn {
        var column = wire.TColumn()
        column.column_name = text(name)
        column.column_type.type = .init(rawValue: enumBits(type))
        if let length { column.column_type.__set_len(length) }
        if let precision { column.column_type.__set_precision(precision) }
        if let scale { column.column_type.__set_scale(scale) }
        if let aggregation { column.__set_aggregation_type(.init(rawValue: enumBits(aggregation))) }
        if let defaultValue { column.__set_default_value(text(defaultValue)) }
        column.__set_col_unique_id(uniqueID)
        column.__set_is_key(isKey)
        column.__set_is_allow_null(isNullable)
        return column
    }
}

extension DropTabletRequest {
    var wireValue: wire.TDropTabletReq {
        var request = wire.TDropTabletReq()
        request.tablet_id = tabletID.rawValue
        if let schemaHash { request.__set_schema_hash(schemaHash.rawValue) }
        request.__set_replica_id(replicaID.rawValue)
        request.__set_is_drop_table_or_partition(isDropTableOrPartition)
        return request
    }
}

extension PushRequest {
    var wireValue: wire.TPushReq {
        var request = wire.TPushReq()
        request.tablet_id = tabletID.rawValue
        request.schema_hash = schemaHash.rawValue
        request.version = version.rawValue
        request.timeout = timeoutSeconds
        request.push_type = .init(rawValue: enumBits(pushType))
        if let url { request.__set_http_file_path(text(url)) }
        if let sizeBytes { request.__set_http_file_size(sizeBytes) }
        request.__set_need_decompress(needsDecompression)
        if let transactionID { request.__set_transaction_id(transactionID.rawValue) }
        if let partitionID { request.__set_partition_id(partitionID.rawValue) }
        if !deleteConditions.isEmpty {
            request.__isset.delete_conditions = true
            for condition in deleteConditions { request.delete_conditions.push_back(condition.wireValue) }
        }
        if let rowColumns {
            request.__isset.columns_desc = true
            for column in rowColumns { request.columns_desc.push_back(column.wireValue) }
        }
        return request
    }
}

extension PublishVersionRequest {
    var wireValue: wire.TPublishVersionRequest {
        var request = wire.TPublishVersionRequest()
        request.transaction_id = transactionID.rawValue
        for partition in partitions {
            var info = wire.TPartitionVersionInfo()
            info.partition_id = partition.partitionID.rawValue
            info.version = partition.version.rawValue
            request.partition_version_infos.push_back(info)
        }
        request.__set_strict_mode(strictMode)
        return request
    }
}

extension ClearTransactionRequest {
    var wireValue: wire.TClearTransactionTaskRequest {
        var request = wire.TClearTransactionTaskRequest()
        request.transaction_id = transactionID.rawValue
        request.partition_id = longList(partitionIDs)
        return request
    }
}

extension TabletMetaUpdate {
    var wireValue: wire.TTabletMetaInfo {
        var info = wire.TTabletMetaInfo()
        info.__set_tablet_id(tabletID.rawValue)
        if let schemaHash { info.__set_schema_hash(schemaHash.rawValue) }
        if let partitionID { info.__set_partition_id(partitionID.rawValue) }
        if let metaType { info.__set_meta_type(.init(rawValue: enumBits(metaType))) }
        if let isInMemory { info.__set_is_in_memory(isInMemory) }
        if let storagePolicy { info.__set_storage_policy(text(storagePolicy)) }
        if removesStoragePolicy { info.__set_removes_storage_policy(true) }
        if let storagePolicyID { info.__set_storage_policy_id(storagePolicyID) }
        if let replicaID { info.__set_replica_id(replicaID.rawValue) }
        options.write(to: &info)
        return info
    }
}
