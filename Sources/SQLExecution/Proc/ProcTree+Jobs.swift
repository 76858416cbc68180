internal import HTTPAPI
internal import MasterCore
internal import SQLSessions
internal import TabletModel

extension ProcTree {
    /// /jobs/{database}/{load | delete | schema_change | backup | restore}.
    func jobs(_ parts: [String]) throws -> ResultTable? {
        let databases = try control.databases()
        guard let first = parts.first else {
            return ResultTable(["DbId", "DbName"], databases.map { ["\($0.id)", $0.name] })
        }
        guard let name = databases.first(where: { "\($0.id)" == first })?.name, parts.count <= 2 else { return nil }
        let loads = try control.loads().filter { $0.table.database == name && $0.deleteCondition == nil }
        let deletes = try control.loads().filter { $0.table.database == name && $0.deleteCondition != nil }
        let alters = try control.alterViews().filter { $0.table.database == name }
        let backups = try control.backups(from: nil, prefix: nil).jobs.filter { $0.table.database == name }
        switch parts.dropFirst().first {
        case nil:
            return ResultTable(
                ["JobType", "Pending", "Running", "Finished", "Cancelled", "Total"],
                [
                    Self.counts("load", loads.map { Self.ending($0) }),
                    Self.counts("delete", deletes.map { Self.ending($0) }),
                    Self.counts("schema_change", alters.map { Self.ending($0.state, isRunning: $0.isRunning) }),
                    Self.counts(
                        "backup",
                        backups.filter { $0.kind == "backup" }.map { Self.ending($0.phase, isRunning: $0.endedMs == 0) }
                    ),
                    Self.counts(
                        "restore",
                        backups.filter { $0.kind == "restore" }.map {
                            Self.ending($0.phase, isRunning: $0.endedMs == 0)
                        }),
                ])
        case "load": return LoadsTable.table(loads)
        case "delete": return LoadsTable.table(deletes)
        case "schema_change": return AlterJobsTable.table(alters)
        case "backup": return BackupTables.backups(backups.filter { $0.kind == "backup" })
        case "restore": return BackupTables.restores(backups.filter { $0.kind == "restore" })
        default: return nil
        }
    }

    /// nil: it runs; else whether it came to its end.
    private static func ending(_ load: LoadView) -> Bool? {
        switch load.state {
        case .visible: true
        case .aborted: false
        case .receiving, .pushing, .committed: nil
        }
    }

    private static func ending(_ state: String, isRunning: Bool) -> Bool? {
        isRunning ? nil : state.lowercased() == "finished"
    }

    private static func counts(_ kind: String, _ ends: [Bool?]) -> [String?] {
        [
            kind, "0", "\(ends.count { $0 == nil })", "\(ends.count { $0 == true })", "\(ends.count { $0 == false })",
            "\(ends.count)",
        ]
    }
}
