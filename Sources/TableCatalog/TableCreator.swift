internal import AgentTasks
public import ClusterMetadata
public import HTTPAPI
internal import Logging
public import MasterServices
internal import Synchronization
public import TabletModel

/// Creates tables: CREATE tasks to every replica's backend, and the table is there when all have answered. One that
/// fails, dies or does not answer in time ends the creation, and the table is dropped again. Any thread.
public final class TableCreator: Sendable {
    private struct Creation {
        var table: Table
        var waiting: Set<ReplicaKey>
    }

    private let environment: MasterEnvironment
    private let jobs: JobRegistry
    private let dropper: TableDropper
    /// One that waits for nobody waits for its last entry to be written.
    private let creations = Mutex<[TableID: Creation]>([:])
    /// Creations that failed, and whose tables could not be dropped because metadata could not be written.
    private let undropped = Mutex<Set<TableID>>([])

    public init(environment: MasterEnvironment, jobs: JobRegistry, dropper: TableDropper) {
        self.environment = environment
        self.jobs = jobs
        self.dropper = dropper
    }

    /// - Throws: `MasterError`; nothing was made then. The job's id is the table's.
    public func create(_ request: CreateTableRequest) throws -> JobView {
        let made = try journal(request)
        try journalRest(of: made)
        return start(made.table, made.placements, named: request.name.description, timeoutMs: request.timeoutMs)
    }

    private func start(
        _ table: Table, _ placements: [TabletPlacement], named name: String, timeoutMs: Int64?
    ) -> JobView {
        let keys = placements.flatMap { tablet in
            tablet.replicas.map { ReplicaKey(tabletID: tablet.tabletID, backendID: $0.backendID) }
        }
        creations.withLock { $0[table.id] = Creation(table: table, waiting: Set(keys)) }
        let job = JobView(
            id: table.id.rawValue, kind: "createTable", subject: name, state: .running, done: 0,
            total: Int64(keys.count), message: "waits for \(keys.count) replicas",
            createdMs: environment.wallNow.milliseconds, endedMs: 0)
        jobs.add(job)
        environment.logger.info(
            "table is being created",
            metadata: ["table": "\(name)", "table_id": "\(table.id)", "replicas": "\(keys.count)"])
        send(table, placements)
        startTimer(table.id, timeoutMs, keys)
        return jobs.job(job.id) ?? job
    }

    private func journal(_ request: CreateTableRequest) throws -> TablePieces {
        let configuration = environment.configuration
        try TableRequestCheck.check(request, configuration)
        let now = environment.wallNow
        return try environment.commit { state, ids in
            let database = try state.requireDatabase(request.name.database)
            try state.checkNotOlder()
            guard state.table(named: request.name.table, in: database.id) == nil else {
                throw MasterError(
                    .alreadyExists, "table \(request.name) exists", nextStep: "choose another name, or drop it first")
            }
            if let policy = request.storagePolicy { _ = try state.requirePolicy(policy) }
            let backends = try TablePlanner.place(request, in: state, configuration)
            let (table, placements) = try TablePlanner.plan(request, database, backends, now, &ids)
            let pieces = TablePieces(
                table: table, placements: placements, tabletsPerPiece: configuration.tabletsPerRecord)
            return ([pieces.first], pieces)
        }
    }

    /// The rest of a large table. What fails takes back what was made.
    private func journalRest(of made: TablePieces) throws {
        do {
            try environment.commit(pieces: made.others) { state in
                guard state.table(made.table.id) != nil else {
                    throw MasterError(
                        .notFound, "the table was dropped while it was created", nextStep: "create it again")
                }
            }
        } catch {
            dropLeft(made.table.id)
            throw error
        }
    }

    private func send(_ table: Table, _ placements: [TabletPlacement]) {
        let hash = table.partitions.first?.baseIndex?.schemaHash ?? 0
        let schema = TableRequestCheck.schema(of: table, hash: hash)
        let policyID = environment.store.read { $0.policyID(of: table) }
        let pieces = (placements.count + Self.tabletsPerPiece - 1) / Self.tabletsPerPiece
        let isWanted: @Sendable () -> Bool = { [self] in creations.withLock { $0[table.id] != nil } }
        TaskFeed(environment, pieces: pieces, while: isWanted) { [environment] piece in
            var tasks: [BackendID: [AgentTask]] = [:]
            for tablet in placements.dropFirst(piece * Self.tabletsPerPiece).prefix(Self.tabletsPerPiece) {
                for replica in tablet.replicas {
                    let request = CreateTabletRequest(
                        tabletID: tablet.tabletID, schema: schema, tableID: table.id,
                        partitionID: table.partitions[0].id, replicaID: replica.replicaID,
                        storagePolicy: table.storagePolicy ?? "", storagePolicyID: policyID)
                    tasks[replica.backendID, default: []].append(
                        AgentTask(type: .create, signature: tablet.tabletID.rawValue, payload: .create(request)))
                }
            }
            // In one order, whatever a dictionary's is.
            for (backend, tasks) in tasks.sorted(by: { $0.key < $1.key }) {
                environment.dispatcher.send(tasks, to: backend)
            }
        }.start()
    }

    /// Whose tasks go out together.
    private static let tabletsPerPiece = 256

    private func startTimer(_ table: TableID, _ timeoutMs: Int64?, _ keys: [ReplicaKey]) {
        let configuration = environment.configuration
        let fullest = Dictionary(keys.map { ($0.backendID, 1) }, uniquingKeysWith: +).values.max() ?? 1
        let timeout =
            timeoutMs.map { Duration.milliseconds($0) }
            ?? max(configuration.minimumCreateTimeout, configuration.tabletCreateTimeout * fullest)
        environment.after(timeout) { [self] in
            fail(table, "not every replica was created within \(timeout.wholeMilliseconds) ms")
        }
    }

    // MARK: What comes back

    /// A backend created its replicas of these tablets.
    /// - Returns: whether the table is being created.
    public func created(_ tablets: [TabletID], of table: TableID, on backend: BackendID) -> Bool {
        let (isMine, before, waiting, finished) = creations.withLock { creations -> (Bool, Int, Int, Creation?) in
            guard let before = creations[table]?.waiting.count else { return (false, 0, 0, nil) }
            for tablet in tablets {
                creations[table]?.waiting.remove(ReplicaKey(tabletID: tablet, backendID: backend))
            }
            let waiting = creations[table]?.waiting.count ?? 0
            return (true, before, waiting, waiting == 0 ? creations.removeValue(forKey: table) : nil)
        }
        // Nobody looks a thousand times a second.
        if isMine, waiting / Self.shownEvery < before / Self.shownEvery || waiting < Self.shownEvery {
            jobs.update(table.rawValue) {
                $0.done = max($0.done, $0.total - Int64(waiting))
                $0.message = "waits for \($0.total - $0.done) replicas"
            }
        }
        if let finished { finish(finished.table) }
        return isMine
    }

    private static let shownEvery = 64

    private func finish(_ table: Table) {
        do {
            try environment.commit([.setTableState(table.id, .normal)])
            jobs.end(table.id.rawValue, .finished, message: "", at: environment.wallNow)
            environment.logger.info(
                "table was created", metadata: ["table": "\(table.name)", "table_id": "\(table.id)"])
        } catch let error as MasterError where error.code == .readOnly || error.code == .outcomeUnknown {
            // Every replica is there: it is written again once metadata can be written.
            creations.withLock { $0[table.id] = Creation(table: table, waiting: []) }
            jobs.update(table.id.rawValue) { $0.message = "every replica is there, but: \(error.message)" }
            environment.logger.error(
                "a table's creation waits to be written", metadata: ["table_id": "\(table.id)", "error": "\(error)"])
            environment.after(.seconds(1)) { [self] in
                // With a trouble, its end does this.
                if environment.store.trouble == nil { finishWritten() }
            }
        } catch {
            jobs.end(table.id.rawValue, .failed, message: "\(error)", at: environment.wallNow)
            environment.logger.error(
                "table was not created", metadata: ["table_id": "\(table.id)", "error": "\(error)"])
        }
    }

    public func failed(_ tablet: TabletID, on backend: BackendID, _ reason: String) {
        guard let table = environment.store.read({ $0.tablets.tablet(tablet)?.tableID }) else { return }
        fail(table, "tablet \(tablet) on backend \(backend): \(reason)")
    }

    public func lost(_ backend: BackendID) {
        let tables = creations.withLock { creations in
            creations.filter { $0.value.waiting.contains { $0.backendID == backend } }.keys.sorted()
        }
        for table in tables { fail(table, "backend \(backend) is gone") }
    }

    /// Somebody dropped the table meanwhile.
    public func cancel(_ table: TableID, _ reason: String) {
        guard creations.withLock({ $0.removeValue(forKey: table) }) != nil else { return }
        jobs.end(table.rawValue, .failed, message: reason, at: environment.wallNow)
    }

    private func fail(_ id: TableID, _ reason: String) {
        let fails = creations.withLock { creations in
            guard let creation = creations[id], !creation.waiting.isEmpty else { return false }
            creations[id] = nil
            return true
        }
        guard fails else { return }
        environment.logger.warning("table was not created", metadata: ["table_id": "\(id)", "reason": "\(reason)"])
        do {
            try dropper.drop(id)
            jobs.end(id.rawValue, .failed, message: reason, at: environment.wallNow)
        } catch {
            undropped.withLock { _ = $0.insert(id) }
            jobs.end(
                id.rawValue, .failed, message: "\(reason); it was not dropped yet: \(error)",
                at: environment.wallNow)
        }
    }

    /// After a restart: what was being created then has no job any more, and is dropped once the backends were heard. In
    /// metadata that turn out older than they are the table may have rows since.
    public func dropUnfinished() {
        let unfinished = environment.store.read { $0.tables.filter { $0.state == .creating } }
        if !unfinished.isEmpty { look(at: Set(unfinished.map(\.id)), since: environment.monotonicNow) }
    }

    /// A backend that is away is waited for so long.
    private static let patience = Duration.seconds(60)

    private func look(at unfinished: Set<TableID>, since start: MonotonicTime) {
        let isPatient = environment.monotonicNow - start < Self.patience
        let state = environment.store.snapshot()
        let left = unfinished.filter { state.table($0)?.state == .creating }
        let due = left.filter { state.mayDropUnfinished($0, isPatient: isPatient) }.sorted()
        for table in due { dropUnfinished(table) }
        guard left.count > due.count else { return }
        environment.after(.seconds(1)) { [weak self] in self?.look(at: left.subtracting(due), since: start) }
    }

    private func dropUnfinished(_ table: TableID) {
        environment.logger.warning(
            "dropping a table whose creation did not end before the restart",
            metadata: ["table": "\(environment.store.read { $0.tableName(table) })", "table_id": "\(table)"])
        dropLeft(table)
    }

    private func dropLeft(_ table: TableID) {
        do {
            try dropper.drop(table)
        } catch {
            undropped.withLock { _ = $0.insert(table) }
            environment.logger.error(
                "the table was not dropped, will try again",
                metadata: ["table_id": "\(table)", "error": "\(error)"])
        }
    }

    // MARK: When metadata can be written again

    /// Goes on with what waited for the journal.
    public func settled(_ settlement: MetadataSettlement) {
        for case .createTable(let table, let placements) in settlement.entries
        where settlement.isDurable && table.state == .creating {
            guard table.hasAllTablets else {
                dropLeft(table.id)
                continue
            }
            // Whoever asked was told that nobody knows: the table is made after all.
            let name = environment.store.read { $0.name(of: table).description }
            _ = start(table, placements, named: name, timeoutMs: nil)
        }
        goOn()
    }

    /// Metadata may be written again.
    public func goOn() {
        let left = undropped.withLock { undropped in
            defer { undropped = [] }
            return undropped.sorted()
        }
        for table in left { dropLeft(table) }
        finishWritten()
    }

    private func finishWritten() {
        let ready = creations.withLock { creations in
            let ready = creations.values.filter(\.waiting.isEmpty).map(\.table).sorted { $0.id < $1.id }
            for table in ready { creations[table.id] = nil }
            return ready
        }
        for table in ready { finish(table) }
    }
}

extension ClusterState {
    /// Its backends were heard, or some were and the others have been away for long; and nothing is held.
    fileprivate func mayDropUnfinished(_ id: TableID, isPatient: Bool) -> Bool {
        guard let table = table(id), !older.holds(id) else { return false }
        var backends: Set<BackendID> = []
        let replicas = TableReplicas(of: table, in: tablets)
        for chunk in 0..<replicas.chunkCount { replicas.forEach(inChunk: chunk) { backends.insert($1.backendID) } }
        let isHeard = backends.map { status(of: $0).verdict != .unheard }
        return isPatient ? isHeard.allSatisfy { $0 } : isHeard.contains(true) || isHeard.isEmpty
    }
}
