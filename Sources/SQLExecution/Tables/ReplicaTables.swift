internal import HTTPAPI
internal import SQLGrammar
internal import SQLSessions
internal import TabletModel

/// ADMIN SHOW REPLICA STATUS and DISTRIBUTION.
enum ReplicaTables {
    static let statusColumns =
        [
            "TabletId", "ReplicaId", "BackendId", "Version", "LastFailedVersion", "LastSuccessVersion",
            "CommittedVersion", "SchemaHash", "VersionNum", "IsBad", "State", "Status",
        ]

    /// A row for each replica for which the filter holds.
    static func status(_ tablet: TabletView, alive: Set<BackendID>, _ filter: ReplicaFilter?) -> [[String?]] {
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

    /// Replicas of one table on a backend.
    struct Share {
        var replicas: Int64 = 0
        var bytes: Int64 = 0

        mutating func add(_ replica: ReplicaView) {
            replicas += 1
            bytes &+= replica.localBytes
        }
    }

    static func distribution(_ counts: [BackendID: Share], _ backends: [BackendView]) -> ResultTable {
        let all = counts.values.reduce(into: Share()) {
            $0.replicas += $1.replicas
            $0.bytes &+= $1.bytes
        }
        return ResultTable(
            ["BackendId", "ReplicaNum", "ReplicaSize", "NumGraph", "NumPercent", "SizeGraph", "SizePercent"],
            backends.map(\.id).sorted().map { id in
                let count = counts[id] ?? Share()
                return [
                    "\(id)", "\(count.replicas)", "\(count.bytes)", graph(count.replicas, of: all.replicas),
                    DorisTexts.percent(count.replicas, of: all.replicas), graph(count.bytes, of: all.bytes),
                    DorisTexts.percent(count.bytes, of: all.bytes),
                ]
            })
    }

    /// A sign for each full percent.
    private static func graph(_ part: Int64, of whole: Int64) -> String {
        let percent = whole > 0 ? Double(part) * 100 / Double(whole) : 0
        return String(repeating: ">", count: Int(max(0, min(100, percent))))
    }
}
