internal import HTTPAPI
public import MasterCore
internal import SQLSessions
internal import TabletModel

/// The tree of what the master knows, as SHOW PROC and /rest/v1/system show it: each node is a table, the first column of one with
/// children names them.
public struct ProcTree: Sendable {
    let control: any MasterControl
    let shards: any ShardAdministration
    let queryPort: Int32

    public init(control: any MasterControl, shards: any ShardAdministration, queryPort: Int32 = 9030) {
        self.control = control
        self.shards = shards
        self.queryPort = queryPort
    }

    /// - Throws: `SQLError`: there is no such node; `MasterError`.
    public func table(at path: String) throws -> ResultTable {
        guard path.hasPrefix("/"), path.utf8.count <= 1024 else { throw Self.unknown(path) }
        let parts = path.split(separator: "/").map(String.init)
        let rest = Array(parts.dropFirst())
        let found: ResultTable? =
            switch parts.first {
            case nil:
                Self.nodes(["backends", "cluster_balance", "cluster_health", "dbs", "frontends", "jobs", "statistic"])
            case "backends": try backends(rest)
            case "frontends": rest.isEmpty ? FrontendsTable.table(try control.frontends(), queryPort: queryPort) : nil
            case "dbs": try databases(rest)
            case "cluster_balance": try balance(rest)
            case "cluster_health": try health(rest)
            case "statistic": rest.isEmpty ? try statistic() : nil
            case "jobs": try jobs(rest)
            default: nil
            }
        guard let found else { throw Self.unknown(path) }
        return found
    }

    static func nodes(_ names: [String]) -> ResultTable { ResultTable(["name"], names.map { [$0] }) }

    private static func unknown(_ path: String) -> SQLError {
        SQLError(1105, "HY000", "there is no node '\(path.prefix(200))': SHOW PROC '/' lists the first ones")
    }

    private func backends(_ parts: [String]) throws -> ResultTable? {
        let backends = try control.backends()
        if parts.isEmpty { return BackendsTable.table(backends, try shards.members()) }
        guard parts.count == 1, let backend = backends.first(where: { "\($0.id)" == parts[0] }) else { return nil }
        return BackendsTable.disks(backend)
    }
}
