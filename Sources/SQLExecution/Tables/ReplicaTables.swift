internal import HTTPAPI
internal import SQLGrammar
internal import SQLSessions
internal import TabletModel

/// ADMIN SHOW REPLICA STATUS and DISTRIBUTION.
enum ReplicaTables {
    static func status(_ tablets: [TabletView], _ backends: [BackendView], _ filter: ReplicaFilter?) -> ResultTable {
        let alive = Set(backends.filter(\.isAlive).map(\.id))
        return ResultTable(
            [
                "TabletId", "ReplicaId", "BackendId", "Version", "LastFailedVersion", "LastSuccessVersion",
                "CommittedVersion", "SchemaHash", "VersionNum", "IsBad", "State", "Status",
            ],
            tablets.flatMap { tablet in
                tablet.replicas.compactMap { replica in
                    let status = status(replica, tablet, isAlive: alive.contains(replica.backendID))
                    if let filter, (status == filter.status) == filter.isNegated { return nil }
                    return [
                        "\(tablet.id)", "\(replica.id)", "\(replica.backendID)", "\(replica.version)",
                        "\(replica.lastFailedVersion)", "\(replica.lastSuccessVersion)", "\(tablet.visibleVersion)",
                        "\(tablet.schemaHash)", "\(replica.versionCount)", DorisTexts.bool(replica.isBad),
                        replica.state.uppercased(), status,
                    ]
                }
            })
    }

    private static func status(_ replica: ReplicaView, _ tablet: TabletView, isAlive: Bool) -> String {
        if !isAlive { return "DEAD" }
        if replica.isBad { return "BAD" }
        if replica.state.lowercased() == "clone" { return "MISSING" }
        if replica.lastFailedVersion > 0 || replica.version < tablet.visibleVersion || !replica.isHealthy {
            return "VERSION_ERROR"
        }
        return "OK"
    }

    static func distribution(_ tablets: [TabletView], _ backends: [BackendView]) -> ResultTable {
        var counts: [BackendID: (replicas: Int64, bytes: Int64)] = [:]
        for replica in tablets.flatMap(\.replicas) {
            counts[replica.backendID, default: (0, 0)].replicas += 1
            counts[replica.backendID, default: (0, 0)].bytes &+= replica.localBytes
        }
        let all = counts.values.reduce(into: (replicas: Int64(0), bytes: Int64(0))) {
            $0.replicas += $1.replicas
            $0.bytes &+= $1.bytes
        }
        return ResultTable(
            ["BackendId", "ReplicaNum", "ReplicaSize", "NumGraph", "NumPercent", "SizeGraph", "SizePercent"],
            backends.map(\.id).sorted().map { id in
                let count = counts[id] ?? (0, 0)
                return [
                    "\(id)", "\(count.replicas)", "\(count.bytes)", graph(count.replicas, of: all.replicas),
                    DorisTexts.percent(count.replicas, of: all.replicas), graph(count.bytes, of: all.bytes),
                    DorisTexts.percent(count.bytes, of: all.bytes),
                ]
            })
    }

    /// A sign for each full percent.
    private static func graph(_ part: Int64, of whole: Int64) -> String {
        String(repeating: ">", count: whole > 0 ? Int(Double(part) * 100 / Double(whole)) : 0)
    }
}
