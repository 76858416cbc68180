internal import CThrift
internal import TabletModel

// The members of CLONE, COMPACTION, CHECK_CONSISTENCY and MAKE_SNAPSHOT tasks, both ways.

extension CloneRequest {
    init(_ wire: borrowing wire.TCloneReq) {
        let isSet = wire.__isset
        self.init(
            tabletID: TabletID(wire.tablet_id), schemaHash: SchemaHash(wire.schema_hash),
            sources: wire.src_backends.map {
                BackendAddress(host: string($0.host), bePort: $0.be_port, httpPort: $0.http_port)
            },
            medium: isSet.storage_medium ? StorageMedium(rawValue: enumValue(wire.storage_medium)) : nil,
            committedVersion: isSet.committed_version ? Version(wire.committed_version) : nil,
            taskVersion: isSet.task_version ? wire.task_version : nil,
            sourcePathHash: isSet.src_path_hash ? wire.src_path_hash : nil,
            destinationPathHash: isSet.dest_path_hash ? wire.dest_path_hash : nil,
            timeoutSeconds: isSet.timeout_s ? Int64(wire.timeout_s) : 7200, replicaID: ReplicaID(wire.replica_id),
            partitionID: isSet.partition_id ? PartitionID(wire.partition_id) : nil,
            tableID: wire.table_id > 0 ? TableID(wire.table_id) : nil)
    }

    var wireValue: wire.TCloneReq {
        var request = wire.TCloneReq()
        request.tablet_id = tabletID.rawValue
        request.schema_hash = schemaHash.rawValue
        for source in sources { request.src_backends.push_back(source.wireValue) }
        if let medium { request.__set_storage_medium(.init(rawValue: enumBits(medium))) }
        if let committedVersion { request.__set_committed_version(committedVersion.rawValue) }
        if let taskVersion { request.__set_task_version(taskVersion) }
        if let sourcePathHash { request.__set_src_path_hash(sourcePathHash) }
        if let destinationPathHash { request.__set_dest_path_hash(destinationPathHash) }
        request.__set_timeout_s(Int32(clamping: timeoutSeconds))
        request.__set_replica_id(replicaID.rawValue)
        if let partitionID { request.__set_partition_id(partitionID.rawValue) }
        if let tableID { request.__set_table_id(tableID.rawValue) }
        return request
    }
}

extension CompactionRequest {
    init(_ wire: borrowing wire.TCompactionReq) {
        let isSet = wire.__isset
        self.init(
            // No id is no tablet: 0 is never given to one.
            tabletID: TabletID(isSet.tablet_id ? wire.tablet_id : 0),
            schemaHash: isSet.schema_hash ? SchemaHash(wire.schema_hash) : nil,
            kind: string(wire.type) == "base" ? .base : .cumulative)
    }

    var wireValue: wire.TCompactionReq {
        var request = wire.TCompactionReq()
        request.__set_tablet_id(tabletID.rawValue)
        if let schemaHash { request.__set_schema_hash(schemaHash.rawValue) }
        request.__set_type(text(kind.rawValue))
        return request
    }
}

extension CheckConsistencyRequest {
    init(_ wire: borrowing wire.TCheckConsistencyReq) {
        self.init(
            tabletID: TabletID(wire.tablet_id), schemaHash: SchemaHash(wire.schema_hash),
            version: Version(wire.version))
    }

    var wireValue: wire.TCheckConsistencyReq {
        var request = wire.TCheckConsistencyReq()
        request.tablet_id = tabletID.rawValue
        request.schema_hash = schemaHash.rawValue
        request.version = version.rawValue
        return request
    }
}

extension SnapshotRequest {
    init(_ wire: borrowing wire.TSnapshotRequest) {
        let isSet = wire.__isset
        self.init(
            tabletID: TabletID(wire.tablet_id), schemaHash: SchemaHash(wire.schema_hash),
            version: isSet.version ? Version(wire.version) : nil,
            timeoutSeconds: isSet.timeout ? wire.timeout : nil,
            missingVersions: isSet.missing_version ? wire.missing_version.map { Version(Int64($0)) } : nil,
            listFiles: wire.list_files,
            allowIncrementalClone: wire.allow_incremental_clone,
            preferredSnapshotVersion: wire.preferred_snapshot_version,
            isCopyTabletTask: wire.is_copy_tablet_task)
    }

    var wireValue: wire.TSnapshotRequest {
        var request = wire.TSnapshotRequest()
        request.tablet_id = tabletID.rawValue
        request.schema_hash = schemaHash.rawValue
        if let version { request.__set_version(version.rawValue) }
        if let timeoutSeconds { request.__set_timeout(timeoutSeconds) }
        if let missingVersions {
            request.__isset.missing_version = true
            for version in missingVersions { request.missing_version.push_back(Int(version.rawValue)) }
        }
        request.__set_list_files(listFiles)
        request.__set_allow_incremental_clone(allowIncrementalClone)
        request.__set_preferred_snapshot_version(preferredSnapshotVersion)
        request.__set_is_copy_tablet_task(isCopyTabletTask)
        return request
    }
}
