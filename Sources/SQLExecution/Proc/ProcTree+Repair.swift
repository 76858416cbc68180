internal import HTTPAPI
internal import MasterCore
internal import SQLSessions
internal import TabletModel

extension ProcTree {
    /// What the tablet scheduler has to do, does and did.
    func balance(_ parts: [String]) throws -> ResultTable? {
        guard parts.count <= 1 else { return nil }
        let scheduler = try control.scheduler()
        switch parts.first {
        case nil:
            return ResultTable(
                [SQLColumn("Item"), SQLColumn("Number", .integer)],
                [
                    ["cluster_load_stat", "\(try control.backends().count)"],
                    ["working_slots", "\(scheduler.slots.count)"],
                    ["pending_tablets", "\(scheduler.pending.count)"],
                    ["running_tablets", "\(scheduler.running.count)"],
                    ["history_tablets", "\(scheduler.history.count)"],
                ])
        case "pending_tablets": return Self.tasks(scheduler.pending)
        case "running_tablets": return Self.tasks(scheduler.running)
        case "history_tablets": return Self.tasks(scheduler.history)
        case "working_slots":
            return ResultTable(
                ["BeId", "PathHash", "AvailSlots", "TotalSlot"],
                scheduler.slots.map {
                    ["\($0.backendID)", "\($0.pathHash)", "\($0.total - $0.used)", "\($0.total)"]
                })
        case "cluster_load_stat": return try loads()
        default: return nil
        }
    }

    private static func tasks(_ tasks: [RepairTaskView]) -> ResultTable {
        ResultTable(
            [
                "TabletId", "Type", "Status", "State", "Priority", "SrcBe", "DestBe", "DestPath", "Create", "Started",
                "Finished", "CopiedSize", "Failed", "DbName", "TableName", "ErrMsg",
            ],
            tasks.map { task in
                [
                    "\(task.tabletID)", "REPAIR", task.status, task.state.uppercased(), task.priority,
                    task.sourceBackendIDs.first.map { "\($0)" }, task.destinationBackendID.map { "\($0)" },
                    task.destinationPathHash.map { "\($0)" }, DorisTexts.time(task.createdMs),
                    DorisTexts.time(task.startedMs), DorisTexts.time(task.endedMs), "\(task.copiedBytes)",
                    "\(task.attempts)", task.table.database, task.table.table, task.message,
                ]
            })
    }

    private func loads() throws -> ResultTable {
        ResultTable(
            ["BeId", "Available", "UsedCapacity", "Capacity", "UsedPercent", "ReplicaNum"],
            try control.backends().map { backend in
                let total = backend.disks.reduce(Int64(0)) { $0 &+ $1.totalBytes }
                let used = total &- backend.disks.reduce(Int64(0)) { $0 &+ $1.availableBytes }
                return [
                    "\(backend.id)", DorisTexts.bool(backend.isAlive && !backend.isDecommissioned), "\(used)",
                    "\(total)",
                    DorisTexts.percent(used, of: total), "\(backend.tabletCount)",
                ]
            })
    }

    /// Doris' columns between HealthyNum and CloningNum, and which of our words they count; none where nothing here is so.
    private static let healthColumns: [(column: String, statuses: Set<String>)] = [
        ("ReplicaMissingNum", ["REPLICA_MISSING"]),
        ("VersionIncompleteNum", ["VERSION_INCOMPLETE", "REPLICA_BAD", "REPLICA_UNREADABLE"]),
        ("ReplicaRelocatingNum", ["REPLICA_RELOCATING"]), ("RedundantNum", ["REDUNDANT"]),
        ("ReplicaMissingForTagNum", []), ("ForceRedundantNum", ["FORCE_REDUNDANT"]), ("ColocateMismatchNum", []),
        ("ColocateRedundantNum", []), ("NeedFurtherRepairNum", []), ("UnrecoverableNum", ["UNRECOVERABLE"]),
        ("ReplicaCompactionTooSlowNum", []), ("InconsistentNum", []), ("OversizeNum", []),
    ]

    /// /cluster_health/tablet_health: tablets of each database by what is wrong with them.
    func health(_ parts: [String]) throws -> ResultTable? {
        if parts.isEmpty { return Self.nodes(["tablet_health"]) }
        guard parts == ["tablet_health"] else { return nil }
        let tables = Dictionary(grouping: try control.tables(inDatabase: nil), by: \.name.database)
        let scheduler = try control.scheduler()
        let open = scheduler.pending + scheduler.running
        func row(_ head: [String?], _ tablets: Int64, _ tasks: [RepairTaskView], _ running: Int) -> [String?] {
            let counts: [String?] = Self.healthColumns.map { kind in
                "\(Set(tasks.filter { kind.statuses.contains($0.status) }.map(\.tabletID)).count)"
            }
            let inNeed = Int64(Set(tasks.map(\.tabletID)).count)
            return head + ["\(tablets)", "\(max(tablets - inNeed, 0))"] + counts + ["\(running)"]
        }
        let databases = try control.databases()
        func tablets(_ tables: [TableView]) -> Int64 { tables.reduce(0) { $0 + $1.buckets } }
        let rows = databases.map { database in
            row(
                ["\(database.id)", database.name], tablets(tables[database.name] ?? []),
                open.filter { $0.table.database == database.name },
                scheduler.running.count { $0.table.database == database.name })
        }
        let all = row(
            ["Total", "\(databases.count)"], tablets(tables.values.flatMap { $0 }), open, scheduler.running.count)
        return ResultTable(
            ["DbId", "DbName", "TabletNum", "HealthyNum"] + Self.healthColumns.map(\.column) + ["CloningNum"],
            rows + [all])
    }
}
