internal import AgentTasks
internal import ClusterMetadata
internal import HTTPAPI
internal import Logging
internal import MasterServices
public import Platform
public import TabletModel

/// What happens around loads: restarts of the FE, backends that go and come back, and tables that are dropped.
extension LoadManager {
    /// At the start of the FE, before anything is accepted.
    public func resume() {
        do {
            try environment.fileSystem.removeTree(environment.configuration.spoolDirectory)
            try environment.fileSystem.createDirectory(environment.configuration.spoolDirectory)
        } catch {
            // A full disk must not keep the FE from serving what it has; a load makes its folder with all above it.
            environment.logger.error("the folder of spooled rows is not ready", metadata: ["error": "\(error)"])
        }
        takeUp()
    }

    /// Loads that nobody runs, after a restart or when the journal could not be written at their end: prepared ones have lost
    /// their rows and are aborted, committed ones go on.
    func takeUp() {
        let transactions = environment.store.read { $0.transactions.filter { !$0.state.isFinal } }
            .filter { session($0.id) == nil }
        if isBeginning {
            // One of them may be about to get its session.
            environment.after(.seconds(1)) { [self] in takeUp() }
        } else {
            for transaction in transactions where transaction.state == .prepared {
                journalAborted(transaction, "the FE restarted, or could not write, before it was committed")
                for backend in environment.store.read({ $0.backends.map(\.id) }) { clear(transaction.id, on: backend) }
            }
        }
        for transaction in transactions where transaction.state == .committed {
            let tablets = environment.store.read { state in
                state.table(transaction.tableID)?.tablets(ofLoad: transaction.id)
            }
            guard let tablets else {
                journalAborted(transaction, "its table was dropped")
                continue
            }
            add(
                LoadSession(transaction: transaction, phase: .committed, tablets: tablets, token: "", spool: nil))
        }
        for table in Set(runningSessions.map(\.tableID)).sorted() { publishNext(table) }
    }

    public func tableDropped(_ table: TableID) {
        for session in runningSessions where session.tableID == table {
            if abort(session, "its table was dropped") { continue }
            if session.move(from: [.committed, .publishing], to: .ended) {
                end(session, aborted: "its table was dropped")
            }
        }
    }

    /// Tablets of the table are gone while it goes on: an alter took others in their place, or was cancelled. Nobody waits for
    /// them.
    public func tabletsGone(from table: TableID) {
        for session in runningSessions where session.tableID == table {
            let left = environment.store.read { state in Set(session.tablets.filter { state.tablets.contains($0) }) }
            guard left.count < session.tablets.count else { continue }
            session.with { $0.keep(left) }
            judgePush(session)
            judgePublish(session)
        }
    }

    /// Tables may be written again. Committed loads take the versions that they have by now, and are published anew.
    public func heldNoLonger(_ tables: [TableID]) {
        let held = Set(tables)
        for session in runningSessions where held.contains(session.tableID) {
            guard let transaction = environment.store.read({ $0.transaction(session.id) }) else { continue }
            session.with { state in
                guard state.phase == .committed || state.phase == .publishing else { return }
                state.transaction = transaction
                state.phase = .committed
                state.publish = nil
            }
            for backend in environment.store.read({ $0.backends.map(\.id) }) {
                environment.tasks.remove(.init(type: .publishVersion, signature: session.id.rawValue), of: backend)
            }
        }
        for table in tables { publishNext(table) }
    }

    /// The backend is dead: nobody waits for it.
    public func lost(_ backend: BackendID) {
        for session in runningSessions {
            session.with { state in
                if state.phase == .pushing { state.push?.lose(backend, "backend \(backend) is dead") }
                if state.phase == .publishing { state.publish?.lose(backend, "backend \(backend) is dead") }
            }
            judgePush(session)
            judgePublish(session)
        }
    }

    /// The backend answers again: versions that it missed while it was away, and whose rows it may hold, are published
    /// again.
    public func backendCameBack(_ backend: BackendID) {
        let missed = environment.store.read { state in
            state.transactions.filter { transaction in
                transaction.state == .visible
                    && transaction.failedReplicas.contains { key in
                        guard key.backendID == backend, let replica = state.tablets.replica(key) else { return false }
                        return transaction.partitions.contains { replica.versions.version < $0.version }
                    }
            }
        }
        for transaction in missed { environment.dispatcher.send(.publish(transaction), to: backend) }
    }

    /// The rows of one tablet of a load that is being pushed.
    public func file(_ id: TransactionID, _ tablet: TabletID, token: String) throws -> any ReadableFile {
        guard let session = session(id), let spool = session.spool else {
            throw MasterError(.notFound, "load \(id) has no rows to fetch", nextStep: "it has ended; fetch nothing")
        }
        guard session.token == token else {
            throw MasterError(.notAuthorized, "wrong token for load \(id)", nextStep: "use the URL of the PUSH task")
        }
        guard let place = session.tablets.firstIndex(of: tablet) else {
            throw MasterError(
                .notFound, "tablet \(tablet) is not in load \(id)", nextStep: "use the URL of the PUSH task")
        }
        do {
            return try spool.openFile(of: session.tablets[place % session.bucketCount])
        } catch {
            throw MasterError(
                .internalError, "rows can't be read: \(error)", nextStep: "check the FE's spool directory")
        }
    }
}
