internal import CThrift
internal import TabletModel

// The members of STORAGE_MEDIUM_MIGRATE, UPLOAD, DOWNLOAD and MOVE tasks, both ways, and the progress of the middle two.

extension MigrateRequest {
    init(_ wire: borrowing wire.TStorageMediumMigrateReq) {
        self.init(
            tabletID: TabletID(wire.tablet_id), schemaHash: SchemaHash(wire.schema_hash),
            medium: StorageMedium(rawValue: enumValue(wire.storage_medium)),
            dataDir: wire.__isset.data_dir ? string(wire.data_dir) : nil)
    }

    var wireValue: wire.TStorageMediumMigrateReq {
        var request = wire.TStorageMediumMigrateReq()
        request.tablet_id = tabletID.rawValue
        request.schema_hash = schemaHash.rawValue
        request.storage_medium = .init(rawValue: enumBits(medium))
        if let dataDir { request.__set_data_dir(text(dataDir)) }
        return request
    }
}

extension UploadRequest {
    init(_ wire: borrowing wire.TUploadReq) {
        self.init(
            jobID: wire.job_id, folders: textPairs(wire.src_dest_map),
            place: BackupPlace(
                type: StorageBackendType(rawValue: enumValue(wire.storage_backend)),
                properties: textPairs(wire.broker_prop), broker: NetworkAddress(wire.broker_addr),
                location: wire.__isset.location ? string(wire.location) : nil))
    }

    var wireValue: wire.TUploadReq {
        var request = wire.TUploadReq()
        request.job_id = jobID
        for (local, remote) in folders { wire.put(&request.src_dest_map, text(local), text(remote)) }
        request.broker_addr = place.broker.wireValue
        request.__isset.broker_prop = true
        for (key, value) in place.properties { wire.put(&request.broker_prop, text(key), text(value)) }
        request.__set_storage_backend(.init(rawValue: enumBits(place.type)))
        if let location = place.location { request.__set_location(text(location)) }
        return request
    }
}

extension DownloadRequest {
    init(_ wire: borrowing wire.TDownloadReq) {
        self.init(
            jobID: wire.job_id, folders: textPairs(wire.src_dest_map),
            place: BackupPlace(
                type: StorageBackendType(rawValue: enumValue(wire.storage_backend)),
                properties: textPairs(wire.broker_prop), broker: NetworkAddress(wire.broker_addr),
                location: wire.__isset.location ? string(wire.location) : nil),
            remoteSnapshots: wire.__isset.remote_tablet_snapshots
                ? wire.remote_tablet_snapshots.map { RemoteSnapshot($0) } : nil)
    }

    var wireValue: wire.TDownloadReq {
        var request = wire.TDownloadReq()
        request.job_id = jobID
        for (remote, local) in folders { wire.put(&request.src_dest_map, text(remote), text(local)) }
        request.broker_addr = place.broker.wireValue
        request.__isset.broker_prop = true
        for (key, value) in place.properties { wire.put(&request.broker_prop, text(key), text(value)) }
        request.__set_storage_backend(.init(rawValue: enumBits(place.type)))
        if let location = place.location { request.__set_location(text(location)) }
        if let remoteSnapshots {
            request.__isset.remote_tablet_snapshots = true
            for snapshot in remoteSnapshots { request.remote_tablet_snapshots.push_back(snapshot.wireValue) }
        }
        return request
    }
}

extension DownloadRequest.RemoteSnapshot {
    init(_ wire: borrowing wire.TRemoteTabletSnapshot) {
        self.init(
            localTabletID: TabletID(wire.local_tablet_id), localPath: string(wire.local_snapshot_path),
            remoteTabletID: TabletID(wire.remote_tablet_id), remoteAddress: NetworkAddress(wire.remote_be_addr),
            remotePath: string(wire.remote_snapshot_path), token: string(wire.remote_token))
    }

    var wireValue: wire.TRemoteTabletSnapshot {
        var snapshot = wire.TRemoteTabletSnapshot()
        snapshot.__set_local_tablet_id(localTabletID.rawValue)
        snapshot.__set_local_snapshot_path(text(localPath))
        snapshot.__set_remote_tablet_id(remoteTabletID.rawValue)
        snapshot.__set_remote_be_addr(remoteAddress.wireValue)
        snapshot.__set_remote_snapshot_path(text(remotePath))
        snapshot.__set_remote_token(text(token))
        return snapshot
    }
}

extension MoveRequest {
    init(_ wire: borrowing wire.TMoveDirReq) {
        self.init(
            tabletID: TabletID(wire.tablet_id), schemaHash: SchemaHash(wire.schema_hash), source: string(wire.src),
            jobID: wire.job_id, overwrite: wire.overwrite)
    }

    var wireValue: wire.TMoveDirReq {
        var request = wire.TMoveDirReq()
        request.tablet_id = tabletID.rawValue
        request.schema_hash = schemaHash.rawValue
        request.src = text(source)
        request.job_id = jobID
        request.overwrite = overwrite
        return request
    }
}

extension LoaderProgress {
    init(_ wire: borrowing wire.TSnapshotLoaderReportRequest) {
        self.init(
            jobID: wire.job_id, taskID: wire.task_id, type: TaskType(rawValue: enumValue(wire.task_type)),
            finished: wire.__isset.finished_num ? wire.finished_num : nil,
            total: wire.__isset.total_num ? wire.total_num : nil)
    }

    var wireValue: wire.TSnapshotLoaderReportRequest {
        var request = wire.TSnapshotLoaderReportRequest()
        request.job_id = jobID
        request.task_id = taskID
        request.task_type = .init(rawValue: enumBits(type))
        if let finished { request.__set_finished_num(finished) }
        if let total { request.__set_total_num(total) }
        return request
    }
}
