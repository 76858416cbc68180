internal import CThrift
internal import TabletModel

// TFinishTaskRequest and TTabletInfo ⇄ TabletModel. Whole tablet reports do not pass here: `ReportCodec` reads and
// writes their bytes.

extension FinishTaskRequest {
    init(_ wire: borrowing wire.TFinishTaskRequest) {
        let isSet = wire.__isset
        self.init(
            backend: BackendAddress(wire.backend), type: TaskType(rawValue: enumValue(wire.task_type)),
            signature: wire.signature, status: RPCStatus(wire.task_status))
        reportVersion = isSet.report_version ? wire.report_version : nil
        tablets = isSet.finish_tablet_infos ? wire.finish_tablet_infos.map { TabletReportRow($0) } : nil
        tabletChecksum = isSet.tablet_checksum ? wire.tablet_checksum : nil
        requestVersion = isSet.request_version ? Version(wire.request_version) : nil
        snapshotPath = isSet.snapshot_path ? string(wire.snapshot_path) : nil
        errorTabletIDs = isSet.error_tablet_ids ? identifiers(wire.error_tablet_ids) : nil
        snapshotFiles = isSet.snapshot_files ? strings(wire.snapshot_files) : nil
        copySizeBytes = isSet.copy_size ? wire.copy_size : nil
        copyTimeMs = isSet.copy_time_ms ? wire.copy_time_ms : nil
    }

    var wireValue: wire.TFinishTaskRequest {
        var request = wire.TFinishTaskRequest()
        request.backend = backend.wireValue
        request.task_type = .init(rawValue: enumBits(type))
        request.signature = signature
        request.task_status = status.wireValue
        if let reportVersion { request.__set_report_version(reportVersion) }
        if let tablets {
            request.__isset.finish_tablet_infos = true
            request.finish_tablet_infos.reserve(tablets.count)
            for tablet in tablets { request.finish_tablet_infos.push_back(tablet.wireValue) }
        }
        if let tabletChecksum { request.__set_tablet_checksum(tabletChecksum) }
        if let requestVersion { request.__set_request_version(requestVersion.rawValue) }
        if let snapshotPath { request.__set_snapshot_path(text(snapshotPath)) }
        if let errorTabletIDs { request.__set_error_tablet_ids(longList(errorTabletIDs)) }
        if let snapshotFiles { request.__set_snapshot_files(textList(snapshotFiles)) }
        if let copySizeBytes { request.__set_copy_size(copySizeBytes) }
        if let copyTimeMs { request.__set_copy_time_ms(copyTimeMs) }
        return request
    }
}

extension TabletReportRow {
    /// What a sender leaves out stays at the row's default: `used` is true.
    init(_ wire: borrowing wire.TTabletInfo) {
        let isSet = wire.__isset
        self.init(
            tabletID: TabletID(wire.tablet_id), schemaHash: SchemaHash(wire.schema_hash),
            version: Version(wire.version))
        rowCount = wire.row_count
        dataSizeBytes = wire.data_size
        if isSet.storage_medium { medium = StorageMedium(rawValue: enumValue(wire.storage_medium)) }
        if isSet.transaction_ids { transactionIDs = identifiers(wire.transaction_ids) }
        if isSet.version_count { versionCount = wire.version_count }
        if isSet.path_hash { pathHash = wire.path_hash }
        if isSet.version_miss { versionMiss = wire.version_miss }
        if isSet.used { isUsed = wire.used }
        if isSet.partition_id { partitionID = PartitionID(wire.partition_id) }
        if isSet.is_in_memory { isInMemory = wire.is_in_memory }
        if isSet.replica_id { replicaID = ReplicaID(wire.replica_id) }
        if isSet.remote_data_size { remoteDataSizeBytes = wire.remote_data_size }
        if isSet.cooldown_replica_id { cooldownReplicaID = ReplicaID(wire.cooldown_replica_id) }
        if isSet.is_cooldown { isCooldown = wire.is_cooldown }
        if isSet.cooldown_term { cooldownTerm = wire.cooldown_term }
        if isSet.cooldown_meta_id { cooldownMetaID = UniqueID(wire.cooldown_meta_id) }
    }

    /// As a C++ backend writes it: `used` only when false, the defaulted fields 18 and 19 always.
    var wireValue: wire.TTabletInfo {
        var tablet = wire.TTabletInfo()
        tablet.tablet_id = tabletID.rawValue
        tablet.schema_hash = schemaHash.rawValue
        tablet.version = version.rawValue
        tablet.row_count = rowCount
        tablet.data_size = dataSizeBytes
        tablet.__set_storage_medium(.init(rawValue: enumBits(medium)))
        if let transactionIDs { tablet.__set_transaction_ids(longList(transactionIDs)) }
        tablet.__set_version_count(versionCount)
        tablet.__set_path_hash(pathHash)
        tablet.__set_version_miss(versionMiss)
        if !isUsed { tablet.__set_used(false) }
        tablet.__set_partition_id(partitionID.rawValue)
        tablet.__set_is_in_memory(isInMemory)
        tablet.__set_replica_id(replicaID.rawValue)
        tablet.__set_remote_data_size(remoteDataSizeBytes)
        if let cooldownReplicaID { tablet.__set_cooldown_replica_id(cooldownReplicaID.rawValue) }
        tablet.__set_is_cooldown(isCooldown)
        tablet.__set_cooldown_term(cooldownTerm)
        if let cooldownMetaID { tablet.__set_cooldown_meta_id(cooldownMetaID.wireValue) }
        return tablet
    }
}
