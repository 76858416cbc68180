internal import AgentTasks
internal import ClusterMetadata
public import HTTPAPI
internal import Logging
public import MasterServices
internal import Platform
internal import Synchronization
public import TabletModel

/// Changes of tables' columns, from the begin until the new tablets take the old ones' place. Any thread; what it does by
/// itself runs on one of its own.
///
/// Each look at a table (`step`) goes by its journaled state alone, so that a restart, a task that got lost and a journal that
/// could not be written need nothing of their own: the next look goes on.
public final class AlterManager: Sendable {
    let environment: MasterEnvironment
    /// Tablets of a table are gone while it goes on, and those are its new ones (none: an alter was cancelled).
    let tabletsChanged: @Sendable (TableID, [TabletID]) -> Void
    private let pool: any WorkerPool
    private let progress = Mutex<[TableID: AlterProgress]>([:])
    /// Alters that somebody begins now, by id: of any other that is `beginning` the rest will not come.
    private let begins = Mutex<Set<Int64>>([])
    private let isStopped = Mutex(false)

    public init(
        environment: MasterEnvironment, tabletsChanged: @escaping @Sendable (TableID, [TabletID]) -> Void
    ) {
        self.environment = environment
        self.tabletsChanged = tabletsChanged
        pool = environment.scheduler.makePool(name: "alter", threads: 1, queueLimit: 1000)
    }

    public func start() { scheduleTick() }
    public func stop() { isStopped.withLock { $0 = true } }

    // MARK: What a person asks

    /// A rename is done on return; any other change is journaled and goes on by itself.
    /// - Throws: `MasterError`; nothing was changed then.
    public func alter(_ name: TableName, _ request: AlterTableRequest) throws -> AlterView {
        let now = environment.wallNow
        var plan: AlterPlan?
        defer { if let plan { endBegin(plan) } }
        let (table, change) = try environment.commit { state, ids in
            let table = try state.requireTable(name)
            try state.checkNotOlder(table.id)
            try Self.checkIdle(table, name)
            try Self.checkNotBackedUp(table, name, in: state)
            let change = try ColumnChange(request, of: table)
            guard change.changesRows else {
                return (
                    [.setTableColumns(table.id, change.columns, nextColumnID: change.nextColumnID)], (table.id, change)
                )
            }
            let made = try AlterPlan(
                change, of: table, in: state, now: now, tabletsPerPiece: environment.configuration.tabletsPerRecord,
                &ids)
            plan = made
            begins.withLock { _ = $0.insert(made.alter.id) }
            return ([made.first], (table.id, change))
        }
        if let plan { try journalRest(of: plan, name) }
        environment.logger.info(
            "columns change", metadata: ["table": "\(name)", "change": "\(change.description)"])
        guard change.changesRows else {
            return AlterView(
                id: 0, table: name, change: change.description, state: "FINISHED", done: 0, total: 0, message: "",
                startedMs: now.milliseconds, endedMs: environment.wallNow.milliseconds)
        }
        look(at: table)
        guard let view = environment.store.read({ self.view(of: table, in: $0) }) else {
            throw MasterError(.notFound, "table \(name) was dropped meanwhile", nextStep: "list tables")
        }
        return view
    }

    /// The rest of a large table's. What fails takes back what was begun.
    private func journalRest(of plan: AlterPlan, _ name: TableName) throws {
        do {
            try environment.commit(pieces: plan.others) { state in
                guard state.table(plan.tableID)?.alter?.id == plan.alter.id else {
                    throw MasterError(
                        .conflict, "the change of table \(name) was cancelled, or the table dropped, while it began",
                        nextStep: "try again")
                }
            }
        } catch {
            endBegin(plan)
            step(plan.tableID)
            throw error
        }
    }

    private func endBegin(_ plan: AlterPlan) { begins.withLock { _ = $0.remove(plan.alter.id) } }

    func isBeingBegun(_ alter: TableAlter) -> Bool { begins.withLock { $0.contains(alter.id) } }

    /// A backup has the table's tablets and columns from different moments.
    private static func checkNotBackedUp(
        _ table: Table, _ name: TableName, in state: ClusterState
    ) throws(MasterError) {
        let backup = state.backupJobs.first {
            $0.kind == .backup && !$0.phase.isEnded && $0.tableID == table.id
        }
        guard let backup else { return }
        throw MasterError(
            .conflict, "table \(name) is being backed up as \(backup.label)",
            nextStep: "wait for that, or end it: tabletctl cancel-backup \(backup.id)")
    }

    private static func checkIdle(_ table: Table, _ name: TableName) throws(MasterError) {
        guard table.state == .normal else {
            throw MasterError(.conflict, "table \(name) is still being created", nextStep: "wait for its job")
        }
        if let alter = table.alter {
            throw MasterError(
                .conflict, "another change of table \(name) runs: \(alter.description)",
                nextStep: "wait for it (tabletctl alters), or cancel it")
        }
    }

    /// The new tablets go, and the table stays as it is.
    /// - Throws: `.conflict` when none runs.
    public func cancel(_ name: TableName) throws -> AlterView {
        let id = try environment.store.read { state in
            let table = try state.requireTable(name)
            try state.checkNotOlder(table.id)
            return table.id
        }
        guard let ended = try cancel(id, nil, "it was cancelled") else {
            throw MasterError(
                .conflict, "no change of table \(name) runs", nextStep: "tabletctl alters lists those that ended")
        }
        return AlterView(ended)
    }

    /// Running ones in table order, then those that ended, newest first.
    public func views() -> [AlterView] {
        let state = environment.store.snapshot()
        let running = state.tables.filter { $0.alter != nil }.compactMap { view(of: $0.id, in: state) }
        return running + state.endedAlters.reversed().map { AlterView($0) }
    }

    // MARK: Rounds

    private func scheduleTick() {
        environment.scheduler.schedule(after: .seconds(1), on: pool) { [weak self] in
            guard let self, !isStopped.withLock({ $0 }) else { return }
            tick()
            scheduleTick()
        }
    }

    private func tick() {
        let running = environment.store.read { state in
            state.allTables.lazy.filter { $0.alter != nil }.map(\.id).sorted()
        }
        let known = Set(running)
        progress.withLock { progress in progress = progress.filter { known.contains($0.key) } }
        for table in running { step(table) }
    }

    /// Soon, on the manager's own thread.
    func look(at table: TableID) {
        _ = pool.submit { [weak self] in
            guard let self, !isStopped.withLock({ $0 }) else { return }
            step(table)
        }
    }

    /// What was seen of the table's alter; begun anew with each of its states.
    func with<R: Sendable>(_ table: TableID, _ alter: TableAlter, _ body: (inout AlterProgress) -> R) -> R {
        let now = environment.monotonicNow
        return progress.withLock { progress in
            if progress[table]?.job != alter.id {
                progress[table] = AlterProgress(job: alter.id, since: now, state: alter.state)
            }
            if progress[table]?.state != alter.state {
                progress[table]?.state = alter.state
                progress[table]?.since = now
            }
            return body(&progress[table]!)
        }
    }

    func seen(of table: TableID) -> AlterProgress? { progress.withLock { $0[table] } }
}
