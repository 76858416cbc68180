internal import HTTPAPI
internal import SQLSessions
internal import TabletModel

/// SHOW BACKENDS.
enum BackendsTable {
    static func table(_ backends: [BackendView], _ members: [ShardMember]) -> ResultTable {
        ResultTable(
            [
                "BackendId", "Cluster", "Host", "HeartbeatPort", "BePort", "HttpPort", "BrpcPort",
                "LastStartTime", "LastHeartbeat", "Alive", "SystemDecommissioned", "TabletNum", "DataUsedCapacity",
                "AvailCapacity", "TotalCapacity", "UsedPct", "MaxDiskUsedPct", "RemoteUsedCapacity", "Tag", "ErrMsg",
                "Version", "Status", "HeartbeatFailureCounter", "NodeRole", "Shard",
            ],
            backends.map { backend in row(backend, members.first { $0.backend == backend.id }) })
    }

    private static func row(_ backend: BackendView, _ member: ShardMember?) -> [String?] {
        func sum(_ path: KeyPath<DiskView, Int64>) -> Int64 {
            backend.disks.reduce(0) { $0.addingReportingOverflow(max($1[keyPath: path], 0)).partialValue }
        }
        let (total, available) = (sum(\.totalBytes), sum(\.availableBytes))
        let used = backend.disks.reduce(Int64(0)) { $0.addingReportingOverflow($1.usedBytes).partialValue }
        let fullest = backend.disks.filter { $0.totalBytes > 0 }.max {
            Double($0.usedBytes) / Double($0.totalBytes) < Double($1.usedBytes) / Double($1.totalBytes)
        }
        return [
            "\(backend.id)", member?.cluster ?? "default_cluster", backend.host,
            "\(backend.heartbeatPort)", "\(backend.bePort)", "\(backend.httpPort)", "-1",
            DorisTexts.time(backend.lastStartMs), DorisTexts.time(backend.lastHeartbeatMs),
            DorisTexts.bool(backend.isAlive), DorisTexts.bool(backend.isDecommissioned), "\(backend.tabletCount)",
            DorisTexts.size(sum(\.dataUsedBytes)), DorisTexts.size(available), DorisTexts.size(total),
            DorisTexts.percent(used, of: total),
            DorisTexts.percent(fullest?.usedBytes ?? 0, of: fullest?.totalBytes ?? 0),
            DorisTexts.size(sum(\.remoteUsedBytes)), "{\"location\" : \"default\"}",
            ([backend.heartbeatError] + backend.warnings).filter { !$0.isEmpty }.joined(separator: "; "),
            backend.version,
            "{\"lastSuccessReportTabletsTime\":\"\(DorisTexts.time(backend.lastTabletReportMs) ?? "N/A")\","
                + "\"lastReportDisksTime\":\"\(DorisTexts.time(backend.lastDiskReportMs) ?? "N/A")\","
                + "\"queuedTasks\":\(backend.queuedTasks)}",
            backend.failingSinceMs > 0 ? "1" : "0", "mix", member.map { "\($0.shard)" },
        ]
    }

    /// Disks of one: SHOW PROC '/backends/{id}'.
    static func disks(_ backend: BackendView) -> ResultTable {
        ResultTable(
            [
                "RootPath", "DataUsedCapacity", "OtherUsedCapacity", "AvailCapacity", "TotalCapacity", "TotalUsedPct",
                "State", "PathHash", "StorageMedium",
            ],
            backend.disks.map { disk in
                let other = disk.usedBytes - min(max(disk.dataUsedBytes, 0), disk.usedBytes)
                return [
                    disk.rootPath, DorisTexts.size(disk.dataUsedBytes), DorisTexts.size(other),
                    DorisTexts.size(disk.availableBytes), DorisTexts.size(disk.totalBytes),
                    DorisTexts.percent(disk.usedBytes, of: disk.totalBytes),
                    disk.isOnline ? "ONLINE" : "OFFLINE", "\(disk.pathHash)", disk.medium,
                ]
            })
    }
}

extension DiskView {
    /// From none to all of it, whatever the backend says.
    fileprivate var usedBytes: Int64 {
        let total = max(totalBytes, 0)
        return total - min(max(availableBytes, 0), total)
    }
}

/// SHOW FRONTENDS.
enum FrontendsTable {
    static func table(_ frontends: [FrontendView], queryPort: Int32) -> ResultTable {
        ResultTable(
            [
                "Name", "Host", "EditLogPort", "HttpPort", "QueryPort", "RpcPort", "Role", "IsMaster", "ClusterId",
                "Join",
                "Alive", "ReplayedJournalId", "LastHeartbeat", "IsHelper", "ErrMsg", "Version", "CurrentConnected",
            ],
            frontends.map {
                [
                    $0.name, $0.host, "\($0.editLogPort)", "\($0.httpPort)", "\(queryPort)", "\($0.rpcPort)",
                    $0.role.description, DorisTexts.bool($0.isMaster), "\($0.clusterID)", DorisTexts.bool($0.hasJoined),
                    DorisTexts.bool($0.isAlive), "\($0.replayedJournalID)", DorisTexts.time($0.lastHeartbeatMs),
                    DorisTexts.bool($0.isHelper), $0.error, $0.version, DorisTexts.yes($0.isCurrent),
                ]
            })
    }
}

/// SHOW CLUSTERS.
enum ClustersTable {
    static func table(_ members: [ShardMember], _ backends: [BackendView]) -> ResultTable {
        ResultTable(
            ["Cluster", "Shard", "BackendId", "Host", "HeartbeatPort", "Alive"],
            members.map { member in
                let backend = backends.first { $0.id == member.backend }
                return [
                    member.cluster, "\(member.shard)", "\(member.backend)", backend?.host,
                    backend.map { "\($0.heartbeatPort)" }, backend.map { DorisTexts.bool($0.isAlive) },
                ]
            })
    }
}
