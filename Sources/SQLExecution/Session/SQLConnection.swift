internal import AccessControl
internal import MasterCore
internal import Platform
internal import SQLGrammar
internal import SQLSessions
internal import Synchronization
internal import TabletModel

/// One connection's conversation: its current database, variables and prepared statements. Calls come one at a time.
final class SQLConnection: SQLSession {
    struct State: Sendable {
        var database: String?
        var variables = SessionVariables()
        var prepared: [String: PreparedText] = [:]
        /// What SHOW WARNINGS tells: of the statement before.
        var warnings: [SQLWarning] = []
        var hasEnded = false
    }

    let environment: SQLEnvironment
    let processes: SQLProcesses
    let login: SQLLogin
    let user: String
    let state = Mutex(State())
    /// Of the statement that runs.
    private let current: Mutex<Interruption>
    private let checkWanted: @Sendable () throws -> Void

    init(
        _ environment: SQLEnvironment, _ processes: SQLProcesses, _ login: SQLLogin, user: String,
        checkWanted: @escaping @Sendable () throws -> Void = {}
    ) {
        current = Mutex(Interruption(checkWanted: checkWanted))
        self.checkWanted = checkWanted
        self.environment = environment
        self.processes = processes
        self.login = login
        self.user = user
    }

    func register() {
        processes.add(
            SQLProcesses.Process(
                id: login.connection, user: user, host: login.host, since: environment.time.wallNow,
                database: database, statement: nil, changedAt: environment.time.monotonicNow,
                disconnect: login.disconnect, interruption: interruption))
    }

    var database: String? { state.withLock { $0.database } }
    var interruption: Interruption { current.withLock { $0 } }

    func setDatabase(_ name: String?) {
        state.withLock { $0.database = name }
        processes.update(login.connection) { $0.database = name }
    }

    // MARK: SQLSession

    func use(_ database: String) throws {
        do { try change(to: database) } catch { throw SQLError(of: error) }
    }

    func reset() {
        state.withLock { state in
            state = State(database: login.database, hasEnded: state.hasEnded)
        }
        processes.update(login.connection) { $0.database = login.database }
    }

    func end() {
        state.withLock { $0.hasEnded = true }
        interruption.interrupt("the connection has ended")
        processes.remove(login.connection)
    }

    func run(_ text: [UInt8]) throws -> SQLReply { try run(text, isForwarded: false) }

    /// - Parameter isForwarded: from another frontend: what is a connection's own matter is not for us.
    func run(_ text: [UInt8], isForwarded: Bool) throws -> SQLReply {
        let interruption = begin(text)
        do {
            let parsed: ParsedStatement
            do { parsed = try ParsedStatement(text) } catch { throw SQLError(error) }
            if !parsed.statement.showsDiagnostics { state.withLock { $0.warnings = [] } }
            let reply = try answer(parsed, text, isForwarded: isForwarded)
            return ending(reply, interruption)
        } catch {
            finish(interruption)
            let told = SQLError(of: error)
            state.withLock { $0.warnings = [SQLWarning(level: "Error", number: told.number, message: told.message)] }
            throw told
        }
    }

    private func begin(_ text: [UInt8]) -> Interruption {
        let interruption = Interruption(checkWanted: checkWanted)
        current.withLock { $0 = interruption }
        if state.withLock({ $0.hasEnded }) { interruption.interrupt("the connection has ended") }
        let (shown, now) = (SQLText.masked(text), environment.time.monotonicNow)
        processes.update(login.connection) {
            $0.statement = shown
            $0.changedAt = now
            $0.interruption = interruption
        }
        return interruption
    }

    /// A statement has ended; the next one may run already when its last rows are let go.
    private func finish(_ interruption: Interruption) {
        let now = environment.time.monotonicNow
        processes.update(login.connection) {
            guard $0.interruption === interruption else { return }
            $0.statement = nil
            $0.changedAt = now
        }
    }

    /// A statement with rows ends with its last row.
    private func ending(_ reply: SQLReply, _ interruption: Interruption) -> SQLReply {
        switch reply {
        case .rows(let columns, let rows) where !(rows is SQLTableRows):
            return .rows(columns, WatchedRows(rows, interruption) { [weak self] in self?.finish(interruption) })
        default:
            finish(interruption)
            return reply
        }
    }
}

struct SQLWarning: Hashable, Sendable {
    var level: String
    var number: UInt16
    var message: String
}

extension SQLStatement {
    /// It tells of the statement before, which it must not forget.
    fileprivate var showsDiagnostics: Bool {
        switch self {
        case .showWarnings, .showCountOfWarnings: true
        case .selectValues(let items, _):
            items.contains {
                $0.value == .variable(.session, "warning_count") || $0.value == .variable(.session, "error_count")
            }
        default: false
        }
    }
}

/// Rows that stop when their statement is interrupted.
final class WatchedRows: SQLRows {
    private let rows: any SQLRows
    private let interruption: Interruption
    private let atEnd: @Sendable () -> Void

    init(_ rows: any SQLRows, _ interruption: Interruption, atEnd: @escaping @Sendable () -> Void) {
        self.rows = rows
        self.interruption = interruption
        self.atEnd = atEnd
    }

    deinit { atEnd() }

    func next(into writer: inout SQLRowWriter) throws -> Bool {
        do {
            try interruption.check()
            let goesOn = try rows.next(into: &writer)
            if !goesOn { atEnd() }
            return goesOn
        } catch {
            atEnd()
            throw SQLError(of: error)
        }
    }
}
