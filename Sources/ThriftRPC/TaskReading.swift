internal import CThrift
internal import TabletModel

// TAgentTaskRequest → AgentTask: the backend's side.

extension AgentTask {
    init(_ wire: borrowing wire.TAgentTaskRequest) {
        let type = TaskType(rawValue: enumValue(wire.task_type))
        self.init(
            type: type, signature: wire.signature,
            priority: wire.__isset.priority ? TaskPriority(rawValue: enumValue(wire.priority)) : .normal,
            payload: Payload(of: type, in: wire))
    }
}

extension AgentTask.Payload {
    /// The member that the type needs: one row each, which the compiler keeps complete.
    init(of type: TaskType, in wire: borrowing wire.TAgentTaskRequest) {
        guard let member = type.member else {
            self = .unread
            return
        }
        let isSet = wire.__isset
        switch member {
        case .create: self = isSet.create_tablet_req ? .create(CreateTabletRequest(wire.create_tablet_req)) : .absent
        case .drop: self = isSet.drop_tablet_req ? .drop(DropTabletRequest(wire.drop_tablet_req)) : .absent
        case .push: self = isSet.push_req ? .push(PushRequest(wire.push_req)) : .absent
        case .publishVersion:
            self =
                isSet.publish_version_req
                ? .publishVersion(PublishVersionRequest(wire.publish_version_req)) : .absent
        case .clearTransaction:
            self =
                isSet.clear_transaction_task_req
                ? .clearTransaction(ClearTransactionRequest(wire.clear_transaction_task_req)) : .absent
        case .updateTabletMeta:
            self =
                isSet.update_tablet_meta_info_req
                ? .updateTabletMeta(wire.update_tablet_meta_info_req.tabletMetaInfos.map { TabletMetaUpdate($0) })
                : .absent
        case .storagePolicy:
            self = isSet.update_policy ? .storagePolicy(StoragePolicyEntry(wire.update_policy)) : .absent
        case .cooldownConfs:
            self =
                isSet.push_cooldown_conf
                ? .cooldownConfs(wire.push_cooldown_conf.cooldown_confs.map { CooldownConf($0) }) : .absent
        case .clone: self = isSet.clone_req ? .clone(CloneRequest(wire.clone_req)) : .absent
        case .compaction:
            self = isSet.compaction_req ? .compaction(CompactionRequest(wire.compaction_req)) : .absent
        case .checkConsistency:
            self =
                isSet.check_consistency_req
                ? .checkConsistency(CheckConsistencyRequest(wire.check_consistency_req)) : .absent
        case .makeSnapshot: self = isSet.snapshot_req ? .makeSnapshot(SnapshotRequest(wire.snapshot_req)) : .absent
        case .releaseSnapshot:
            self =
                isSet.release_snapshot_req
                ? .releaseSnapshot(path: string(wire.release_snapshot_req.snapshot_path)) : .absent
        case .storageMediumMigrate:
            self =
                isSet.storage_medium_migrate_req
                ? .migrate(MigrateRequest(wire.storage_medium_migrate_req)) : .absent
        case .upload: self = isSet.upload_req ? .upload(UploadRequest(wire.upload_req)) : .absent
        case .download: self = isSet.download_req ? .download(DownloadRequest(wire.download_req)) : .absent
        case .move: self = isSet.move_dir_req ? .move(MoveRequest(wire.move_dir_req)) : .absent
        case .clearAlterTask:
            self = isSet.clear_alter_task_req ? .clearAlter(ClearAlterRequest(wire.clear_alter_task_req)) : .absent
        case .alter:
            // The form before version 2 was given up long before 2023.
            self =
                isSet.alter_tablet_req_v2
                ? .alter(AlterRequest(wire.alter_tablet_req_v2)) : isSet.alter_tablet_req ? .unread : .absent
        case .pushedRules:
            self =
                isSet.push_storage_policy_req ? .pushedRules(PushedRules(wire.push_storage_policy_req)) : .absent
        case .cleanTrash: self = isSet.clean_trash_req ? .cleanTrash : .absent
        case .visibleVersions:
            self =
                isSet.visible_version_req
                ? .visibleVersions(partitionVersions(wire.visible_version_req)) : .absent
        case .indexPolicies:
            self =
                isSet.push_index_policy_req
                ? .indexPolicies(PushedIndexPolicies(wire.push_index_policy_req)) : .absent
        case .alterInvertedIndex: self = isSet.alter_inverted_index_req ? .unread : .absent
        case .gcBinlog: self = isSet.gc_binlog_req ? .unread : .absent
        case .cleanUDFCache: self = isSet.clean_udf_cache_req ? .unread : .absent
        case .deleteBitmap: self = isSet.calc_delete_bitmap_req ? .unread : .absent
        }
    }
}

extension CreateTabletRequest {
    init(_ wire: borrowing wire.TCreateTabletReq) {
        let isSet = wire.__isset
        self.init(
            tabletID: TabletID(wire.tablet_id), schema: TabletSchema(wire.tablet_schema),
            version: isSet.version ? Version(wire.version) : .initial,
            medium: isSet.storage_medium ? StorageMedium(rawValue: enumValue(wire.storage_medium)) : nil,
            tableID: TableID(wire.table_id), partitionID: PartitionID(wire.partition_id),
            replicaID: ReplicaID(wire.replica_id),
            baseTabletID: isSet.base_tablet_id ? TabletID(wire.base_tablet_id) : nil,
            inRestoreMode: wire.in_restore_mode, storagePolicy: string(wire.storage_policy),
            storagePolicyID: isSet.storage_policy_id ? wire.storage_policy_id : nil,
            baseSchemaHash: isSet.base_schema_hash ? SchemaHash(wire.base_schema_hash) : nil,
            options: TabletOptions(wire))
    }
}

extension TabletSchema {
    init(_ wire: borrowing wire.TTabletSchema) {
        self.init(
            schemaHash: SchemaHash(wire.schema_hash), shortKeyColumnCount: wire.short_key_column_count,
            keysType: enumValue(wire.keys_type), storageType: enumValue(wire.storage_type),
            columns: wire.columns.map { Column($0) }, isInMemory: wire.is_in_memory,
            delimiter: wire.__isset.delimiter ? UInt8(exactly: wire.delimiter) : nil,
            disableAutoCompaction: wire.disable_auto_compaction)
    }
}

extension TabletSchema.Column {
    init(_ wire: borrowing wire.TColumn) {
        let isSet = wire.__isset
        let isTypeSet = wire.column_type.__isset
        self.init(
            name: string(wire.column_name), type: PrimitiveType(rawValue: enumValue(wire.column_type.type)),
            isKey: wire.is_key, isNullable: wire.is_allow_null, length: isTypeSet.len ? wire.column_type.len : nil,
            precision: isTypeSet.precision ? wire.column_type.precision : nil,
            scale: isTypeSet.scale ? wire.column_type.scale : nil,
            defaultValue: isSet.default_value ? string(wire.default_value) : nil,
            uniqueID: isSet.col_unique_id ? wire.col_unique_id : -1,
            aggregation: isSet.aggregation_type ? enumValue(wire.aggregation_type) : nil)
    }
}

extension DropTabletRequest {
    init(_ wire: borrowing wire.TDropTabletReq) {
        self.init(
            tabletID: TabletID(wire.tablet_id),
            schemaHash: wire.__isset.schema_hash ? SchemaHash(wire.schema_hash) : nil,
            replicaID: ReplicaID(wire.replica_id), isDropTableOrPartition: wire.is_drop_table_or_partition)
    }
}

extension PushRequest {
    init(_ wire: borrowing wire.TPushReq) {
        let isSet = wire.__isset
        self.init(
            tabletID: TabletID(wire.tablet_id), schemaHash: SchemaHash(wire.schema_hash),
            version: Version(wire.version), timeoutSeconds: wire.timeout,
            pushType: PushType(rawValue: enumValue(wire.push_type)),
            url: isSet.http_file_path ? string(wire.http_file_path) : nil,
            sizeBytes: isSet.http_file_size ? wire.http_file_size : nil, needsDecompression: wire.need_decompress,
            transactionID: isSet.transaction_id ? TransactionID(wire.transaction_id) : nil,
            partitionID: isSet.partition_id ? PartitionID(wire.partition_id) : nil,
            deleteConditions: wire.delete_conditions.map { DeleteCondition($0) },
            rowColumns: isSet.columns_desc ? wire.columns_desc.map { TabletSchema.Column($0) } : nil)
    }
}

extension PublishVersionRequest {
    init(_ wire: borrowing wire.TPublishVersionRequest) {
        self.init(
            transactionID: TransactionID(wire.transaction_id),
            partitions: wire.partition_version_infos.map {
                PartitionVersion(partitionID: PartitionID($0.partition_id), version: Version($0.version))
            },
            strictMode: wire.strict_mode)
    }
}

extension ClearTransactionRequest {
    init(_ wire: borrowing wire.TClearTransactionTaskRequest) {
        self.init(transactionID: TransactionID(wire.transaction_id), partitionIDs: identifiers(wire.partition_id))
    }
}

extension TabletMetaUpdate {
    init(_ wire: borrowing wire.TTabletMetaInfo) {
        let isSet = wire.__isset
        self.init(
            // No id is no tablet: 0 is never given to one, so the update finds none and is skipped.
            tabletID: TabletID(isSet.tablet_id ? wire.tablet_id : 0),
            schemaHash: isSet.schema_hash ? SchemaHash(wire.schema_hash) : nil,
            partitionID: isSet.partition_id ? PartitionID(wire.partition_id) : nil,
            metaType: isSet.meta_type ? enumValue(wire.meta_type) : nil,
            isInMemory: isSet.is_in_memory ? wire.is_in_memory : nil,
            storagePolicy: isSet.storage_policy ? string(wire.storage_policy) : nil,
            removesStoragePolicy: isSet.removes_storage_policy ? wire.removes_storage_policy : false,
            storagePolicyID: isSet.storage_policy_id ? wire.storage_policy_id : nil,
            replicaID: isSet.replica_id ? ReplicaID(wire.replica_id) : nil, options: TabletOptions(wire))
    }
}
