internal import CThrift
internal import Platform
internal import TabletModel

// TTabletStat, TDiskTrashInfo, TAgentResult, TTabletCooldownInfo, ping ⇄ TabletModel and Platform.

extension TabletStat {
    init(_ wire: borrowing wire.TTabletStat) {
        self.init(
            tabletID: TabletID(wire.tablet_id), dataSizeBytes: wire.data_size, rowCount: wire.row_num,
            versionCount: wire.version_count, remoteDataSizeBytes: wire.remote_data_size)
    }

    var wireValue: wire.TTabletStat {
        var stat = wire.TTabletStat()
        stat.tablet_id = tabletID.rawValue
        stat.__set_data_size(dataSizeBytes)
        stat.__set_row_num(rowCount)
        stat.__set_version_count(versionCount)
        stat.__set_remote_data_size(remoteDataSizeBytes)
        return stat
    }
}

extension DiskTrash {
    var wireValue: wire.TDiskTrashInfo {
        var info = wire.TDiskTrashInfo()
        info.root_path = text(rootPath)
        info.state = text(isOnline ? "ONLINE" : "OFFLINE")
        info.trash_used_capacity = usedBytes
        return info
    }
}

extension AgentResult {
    func write(to result: inout wire.TAgentResult) {
        result.status = status.spokenToAnyone.wireValue
        if let snapshotPath { result.__set_snapshot_path(text(snapshotPath)) }
        if let allowIncrementalClone { result.__set_allow_incremental_clone(allowIncrementalClone) }
        if let snapshotVersion { result.__set_snapshot_version(snapshotVersion) }
    }

    init(_ wire: borrowing wire.TAgentResult) {
        let isSet = wire.__isset
        self.init(
            status: RPCStatus(wire.status), snapshotPath: isSet.snapshot_path ? string(wire.snapshot_path) : nil,
            allowIncrementalClone: isSet.allow_incremental_clone ? wire.allow_incremental_clone : nil,
            snapshotVersion: isSet.snapshot_version ? wire.snapshot_version : nil)
    }
}

extension TabletCooldownState {
    /// Nil: a state with a part missing confirms nothing.
    init?(_ wire: borrowing wire.TTabletCooldownInfo) {
        let isSet = wire.__isset
        guard isSet.tablet_id, isSet.cooldown_replica_id, isSet.cooldown_meta_id else { return nil }
        self.init(
            tabletID: TabletID(wire.tablet_id), cooldownReplicaID: ReplicaID(wire.cooldown_replica_id),
            cooldownMetaID: UniqueID(wire.cooldown_meta_id))
    }

    var wireValue: wire.TTabletCooldownInfo {
        var info = wire.TTabletCooldownInfo()
        info.__set_tablet_id(tabletID.rawValue)
        info.__set_cooldown_replica_id(cooldownReplicaID.rawValue)
        info.__set_cooldown_meta_id(cooldownMetaID.wireValue)
        return info
    }
}

extension PingReply {
    func write(to result: inout wire.TFrontendPingFrontendResult) {
        result.status = .init(rawValue: isOK ? 0 : 1)
        result.msg = text(message)
        result.queryPort = queryPort
        result.rpcPort = rpcPort
        result.replayedJournalId = replayedJournalID
        result.version = text(version)
        if let processUUID { result.__set_process_uuid(processUUID) }
        if let httpPort { result.__set_http_port(httpPort) }
    }

    init(_ wire: borrowing wire.TFrontendPingFrontendResult) {
        self.init(
            isOK: wire.status.rawValue == 0, message: string(wire.msg), queryPort: wire.queryPort,
            rpcPort: wire.rpcPort, replayedJournalID: wire.replayedJournalId, version: string(wire.version),
            processUUID: wire.__isset.process_uuid ? wire.process_uuid : nil,
            httpPort: wire.__isset.http_port ? wire.http_port : nil)
    }
}
