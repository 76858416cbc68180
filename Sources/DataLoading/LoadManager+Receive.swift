internal import AgentTasks
internal import ClusterMetadata
public import HTTPAPI
internal import Logging
internal import MasterServices
internal import Platform
public import TabletModel

extension LoadManager {
    public func begin(_ request: BeginLoadRequest) throws -> LoadView {
        try TableRequestCheck.label(request.label)
        let override = try request.delimiter.map { try TableRequestCheck.delimiter($0) }
        try checkRunningLimit()
        // From the journal to the session nobody else may take the load for an orphan.
        enterBegin()
        defer { leaveBegin() }
        let (transaction, table) = try journalPrepared(
            request.table, label: request.label, timeoutMs: request.timeoutMs)
        let tablets = table.tablets(ofLoad: transaction.id)
        do {
            let splitter = RowSplitter(
                delimiter: override ?? table.delimiter, column: Int(table.distributionColumn),
                buckets: tablets.buckets, skipHeader: request.skipHeader ?? table.hasHeader,
                lineLimitBytes: environment.configuration.loadLineLimitBytes)
            let spool = try LoadSpool(
                fileSystem: environment.fileSystem, directory: spoolDirectory(transaction.id),
                tablets: Array(tablets.all.prefix(tablets.buckets)), splitter: splitter,
                memoryBytes: environment.configuration.loadMemoryBytes)
            let session = LoadSession(
                transaction: transaction, phase: .receiving, tablets: tablets,
                rowColumns: TableRequestCheck.columns(of: table), token: makeToken(), spool: spool,
                commitBy: environment.monotonicNow + .milliseconds(transaction.timeoutMs))
            add(session)
            watchDeadline(of: session)
            return view(session)
        } catch {
            journalAborted(transaction, "no room for its rows: \(error)")
            throw MasterError(
                .internalError, "the load can't spool its rows: \(error)", nextStep: "check the FE's spool directory")
        }
    }

    func checkRunningLimit() throws(MasterError) {
        guard runningSessions.count < environment.configuration.runningLoadLimit else {
            throw MasterError(
                .unavailable, "\(environment.configuration.runningLoadLimit) loads are running",
                nextStep: "wait until one ends, or raise max_running_txn_num_per_db")
        }
    }

    /// - Parameter check: what else must be so of the table, and what the transaction says besides.
    func journalPrepared(
        _ name: TableName, label: String, timeoutMs: Int64?,
        _ check: (Table, inout Transaction) throws -> Void = { _, _ in }
    ) throws -> (Transaction, Table) {
        let timeout = timeoutMs ?? environment.configuration.loadTimeout.wholeMilliseconds
        guard timeout > 0 else {
            throw MasterError(.invalidArgument, "a load's timeout is above 0 ms", nextStep: "give a larger timeout")
        }
        guard timeout <= Self.timeoutLimit.wholeMilliseconds else {
            throw MasterError(
                .invalidArgument, "a load's timeout is at most \(Self.timeoutLimit.wholeMilliseconds) ms",
                nextStep: "give a smaller timeout")
        }
        let now = environment.wallNow
        return try environment.commit { state, ids in
            let table = try state.requireTable(name)
            try state.checkNotOlder(table.id)
            guard table.state == .normal else {
                throw MasterError(
                    .conflict, "table \(name) is still being created", nextStep: "wait for its job")
            }
            if let reason = state.foreignMajority(of: table) {
                throw MasterError(
                    .conflict, "table \(name) can't be loaded: most replicas of a tablet are where \(reason)",
                    nextStep:
                        "put tabletd-be back at that address, or drop the table and make it on backends of tabletd")
            }
            if let other = state.transaction(label: label, in: table.databaseID) {
                throw MasterError(
                    .labelAlreadyExists,
                    "label \(label) belongs to transaction \(other.id), which is \(other.state)",
                    nextStep: "if that load is this one there is nothing to do; otherwise use another label")
            }
            var transaction = Transaction(
                id: TransactionID(ids.take()), databaseID: table.databaseID, tableID: table.id, label: label,
                timeoutMs: timeout, preparedAt: now)
            try check(table, &transaction)
            return ([.upsertTransaction(transaction)], (transaction, table))
        }
    }

    func spoolDirectory(_ id: TransactionID) -> String { "\(environment.configuration.spoolDirectory)/\(id)" }

    private func makeToken() -> String { UniqueID(high: bits(), low: bits()).description }
    private func bits() -> Int64 { Int64(bitPattern: environment.random.next()) }

    public func append(_ id: TransactionID, _ bytes: UnsafeRawBufferPointer) throws {
        let session = try receiving(id)
        do {
            try checkRoom(for: Int64(bytes.count), in: session)
            try session.spool?.append(bytes)
        } catch LoadSpool.Failure.busy {
            throw MasterError(
                .conflict, "another call writes to load \(id) right now", nextStep: "send the file from one place")
        } catch {
            let refused = refusal(of: error, session)
            abort(session, refused.message)
            throw refused
        }
    }

    private func checkRoom(for count: Int64, in session: LoadSession) throws(MasterError) {
        let configuration = environment.configuration
        guard (session.spool?.receivedBytes ?? 0) + count <= configuration.maxLoadBytes else {
            throw MasterError(
                .tooLarge, "the file is larger than \(configuration.maxLoadBytes) bytes",
                nextStep: "load it in several files, or raise load_max_bytes")
        }
        let spooled = runningSessions.reduce(0) { $0 + ($1.spool?.receivedBytes ?? 0) }
        guard spooled + count <= configuration.spoolLimitBytes else {
            throw MasterError(
                .unavailable, "the running loads fill the spool: \(spooled) of \(configuration.spoolLimitBytes) bytes",
                nextStep: "load again once others have ended, or raise load_spool_limit_bytes")
        }
    }

    public func finish(_ id: TransactionID) throws -> LoadView {
        let session = try receiving(id)
        let totals: LoadSpool.Totals
        do {
            guard let spooled = try session.spool?.finish() else { throw LoadSpool.Failure.closed }
            totals = spooled
        } catch LoadSpool.Failure.busy {
            throw MasterError(
                .conflict, "another call writes to load \(id) right now", nextStep: "finish after the last append")
        } catch {
            let refused = refusal(of: error, session)
            abort(session, refused.message)
            throw refused
        }
        guard totals.rowCount > 0 else {
            abort(session, "the file has no rows")
            throw MasterError(
                .invalidArgument, "the file has no rows", nextStep: "check the file and the header option")
        }
        session.with { $0.totals = totals }
        if session.move(from: [.receiving], to: .pushing) { try startPush(session, totals) }
        return view(session)
    }

    private func receiving(_ id: TransactionID) throws -> LoadSession {
        guard let session = session(id), session.with({ $0.phase }) == .receiving else {
            let found = try view(id)
            throw MasterError(
                .conflict, "load \(id) takes no rows any more, it is \(found.state.rawValue)",
                nextStep: "begin a new load")
        }
        return session
    }

    private func refusal(of error: any Error, _ session: LoadSession) -> MasterError {
        switch error {
        case let refused as MasterError: refused
        case RowSplitter.Failure.missingField(let line, let fields):
            MasterError(
                .invalidArgument,
                "line \(line) has \(fields) fields, the distribution column is beyond them",
                nextStep: "check the delimiter, and the line")
        case RowSplitter.Failure.lineTooLong(let line, let limit):
            MasterError(
                .tooLarge, "line \(line) is longer than \(limit) bytes",
                nextStep: "check that lines end in a newline, or raise the limit")
        case LoadSpool.Failure.closed:
            MasterError(.conflict, "load \(session.id) is closed", nextStep: "begin a new load")
        default:
            MasterError(
                .internalError, "rows could not be written: \(error)", nextStep: "check the FE's spool directory")
        }
    }

    // MARK: End without success

    public func abort(_ id: TransactionID, reason: String) throws -> LoadView {
        guard let session = session(id) else {
            let found = try view(id)
            if found.state == .aborted { return found }
            throw MasterError(
                .conflict, "load \(id) is \(found.state.rawValue)", nextStep: "a committed load can't be taken back")
        }
        guard abort(session, reason) else {
            if session.with({ $0.phase == .committing }) {
                throw MasterError(
                    .outcomeUnknown, "load \(id) is being committed, and whether it is is not known yet",
                    nextStep: "ask for its label again once metadata can be written")
            }
            throw MasterError(
                .conflict, "load \(id) is committed", nextStep: "wait until it is visible: it can't be taken back")
        }
        return view(session)
    }

    /// Up to the commit; false when it is too late for that.
    @discardableResult
    func abort(_ session: LoadSession, _ reason: String) -> Bool {
        guard session.move(from: [.receiving, .pushing], to: .ended) else { return false }
        end(session, aborted: reason)
        return true
    }

    /// The phase is `ended` already, by the caller.
    func end(_ session: LoadSession, aborted reason: String) {
        let transaction = journalAborted(session.with { $0.transaction }, reason)
        session.with { $0.transaction = transaction }
        removePushTasks(session)
        let backends = session.with { Set((($0.push ?? $0.publish)?.allPlaces ?? []).map(\.backendID)) }
        for backend in backends.sorted() {
            environment.tasks.remove(.init(type: .publishVersion, signature: session.id.rawValue), of: backend)
            clear(session.id, on: backend)
        }
        retire(session)
    }

    /// Abort is what a restart makes of a prepared load anyway, and it can't be committed any more by then: a journal that
    /// can't be written changes nothing but the state that others see, and `takeUp` brings that in order.
    @discardableResult
    func journalAborted(_ transaction: Transaction, _ reason: String) -> Transaction {
        var aborted = transaction
        aborted.state = .aborted
        aborted.reason = reason
        aborted.finishedAt = environment.wallNow
        environment.logger.warning(
            "load was aborted",
            metadata: ["txn": "\(transaction.id)", "label": "\(transaction.label)", "reason": "\(reason)"])
        do {
            try environment.commit([.upsertTransaction(aborted)])
        } catch {
            environment.logger.error(
                "the abort was not journaled", metadata: ["txn": "\(transaction.id)", "error": "\(error)"])
        }
        return aborted
    }

    func clear(_ id: TransactionID, on backend: BackendID) {
        environment.dispatcher.sendOnce(
            AgentTask(
                type: .clearTransactionTask, signature: id.rawValue,
                payload: .clearTransaction(ClearTransactionRequest(transactionID: id))), to: backend)
    }
}

extension ClusterState {
    /// Why no load of the table can come through: too many replicas of one tablet are on backends of Doris. nil: it can.
    fileprivate func foreignMajority(of table: Table) -> String? {
        guard backends.contains(where: { $0.foreignRows != nil }) else { return nil }
        for id in table.partitions.first?.baseIndex?.tabletIDs ?? [] {
            let replicas = tablets.replicas(of: id)
            let reasons = replicas.compactMap { backend($0.backendID)?.foreignRows }
            if reasons.count * 2 > replicas.count { return reasons.first }
        }
        return nil
    }
}
