import AccessControl
import SQLSessions
import Synchronization

/// Users and a few statements, for the port's tests.
final class MemorySessions: SQLSessions {
    private let users: [String: PasswordHash?]
    private let state = Mutex(State())
    /// Bytes of rows that were asked for.
    let produced = Atomic<Int>(0)
    let gate = Gate()

    private struct State {
        var statements: [String] = []
        var logins: [SQLLogin] = []
        var open = 0
    }

    init() {
        users = ["root": PasswordHash(of: "root's"), "ann": PasswordHash(of: "sécret"), "nobody": nil]
    }

    var statements: [String] { state.withLock { $0.statements } }
    var logins: [SQLLogin] { state.withLock { $0.logins } }
    /// Sessions that have not been ended.
    var open: Int { state.withLock { $0.open } }

    func logIn(_ login: SQLLogin) throws -> any SQLSession {
        if login.user == "slow" { gate.wait() }
        guard let hash = users[login.user], hash?.accepts(login.proof) ?? (login.proof == .none) else {
            throw SQLError.accessDenied(
                "Access denied for user '\(login.user)'@'\(login.host)' (using password: "
                    + (login.proof == .none ? "NO)" : "YES)"))
        }
        if let database = login.database, database != "db" {
            throw SQLError.unknownDatabase("Unknown database '\(database)'")
        }
        state.withLock { state in
            state.logins.append(login)
            state.open += 1
        }
        return MemorySession(self, database: login.database)
    }

    func note(_ statement: String) { state.withLock { $0.statements.append(statement) } }
    func hasEnded() { state.withLock { $0.open -= 1 } }
}

/// Holds statements until the test lets them go.
final class Gate: Sendable {
    private let state = Mutex((isOpen: false, waiting: 0))

    /// - Returns: false when `isOver` said so first.
    @discardableResult
    func wait(until isOver: () -> Bool = { false }) -> Bool {
        state.withLock { $0.waiting += 1 }
        while true {
            if state.withLock({ $0.isOpen }) { return true }
            if isOver() { return false }
            shortPause()
        }
    }

    var waiting: Int { state.withLock { $0.waiting } }
    func open() { state.withLock { $0.isOpen = true } }
}

final class MemorySession: SQLSession {
    private let sessions: MemorySessions
    private let database: Mutex<String?>
    private let first: String?
    private let isEnded = Atomic<Bool>(false)

    init(_ sessions: MemorySessions, database: String?) {
        self.sessions = sessions
        self.database = Mutex(database)
        first = database
    }

    func use(_ database: String) throws {
        guard database == "db" else { throw SQLError.unknownDatabase("Unknown database '\(database)'") }
        self.database.withLock { $0 = database }
    }

    func reset() { database.withLock { $0 = first } }

    func end() {
        if !isEnded.exchange(true, ordering: .relaxed) { sessions.hasEnded() }
    }

    func run(_ text: [UInt8]) throws -> SQLReply {
        let text = String(decoding: text, as: UTF8.self)
        sessions.note(text)
        let words = text.split(separator: " ").map(String.init)
        switch words.first?.uppercased() ?? "" {
        case "SET", "COMMIT", "ROLLBACK": return .done()
        case "USE":
            try use(words.dropFirst().first ?? "")
            return .done()
        case "INSERT": return .done(affectedRows: 2, warnings: 1, note: "{'label':'l1'}")
        case "SELECT": return select(text)
        case "SHOW": return .rows([SQLColumn("Variable_name"), SQLColumn("Value")], SQLTableRows([]))
        case "TYPES":
            let kinds: [(String, SQLColumn.Kind)] = [
                ("t", .text), ("i", .integer), ("f", .double), ("d", .decimal), ("day", .date), ("at", .dateTime),
            ]
            return .rows(
                kinds.map { SQLColumn($0.0, $0.1, table: "tab", database: "db") },
                SQLTableRows([
                    ["grüße 🙂", "-9223372036854775808", "1.5", "12.50", "2024-02-29", "2024-02-29 12:34:56"],
                    [nil, nil, nil, nil, nil, nil], ["", "0", "0", "0", "2000-01-01", "2000-01-01 00:00:00"],
                ]))
        case "ROWS":
            let numbers = words.dropFirst().compactMap { Int($0) }
            guard numbers.count >= 2, numbers.count == words.count - 1 else {
                throw SQLError.syntax("ROWS count width")
            }
            let rows = CountedRows(
                sessions, count: numbers[0], width: numbers[1], failsAt: numbers.count > 2 ? numbers[2] : nil)
            return .rows([SQLColumn("n", .integer), SQLColumn("pad")], rows)
        case "WAIT":
            guard sessions.gate.wait(until: { isEnded.load(ordering: .relaxed) }) else {
                throw SQLError.interrupted("Query execution was interrupted")
            }
            return .done()
        case "BOOM": throw Unforeseen()
        case "LENGTH": return .rows([SQLColumn("length", .integer)], SQLTableRows([["\(text.utf8.count)"]]))
        default: throw SQLError.syntax("no such statement: \(words.first ?? "")")
        }
    }

    private struct Unforeseen: Error { var secret = "the-secret" }

    private func select(_ text: String) -> SQLReply {
        let list = text.dropFirst("SELECT ".count).split(separator: ",").map { item -> (String, String?) in
            let words = item.split(separator: " ").map(String.init)
            return (words.last ?? "", value(words.first ?? ""))
        }
        return .rows(list.map { SQLColumn($0.0) }, SQLTableRows([list.map(\.1)]))
    }

    private func value(_ expression: String) -> String? {
        switch expression.lowercased().replacing("@@session.", with: "@@") {
        case "database()": database.withLock { $0 }
        case "user()", "current_user()": "ann@127.0.0.1"
        case "version()", "@@version": "5.7.99-tabletd"
        case "@@system_time_zone", "@@time_zone": "UTC"
        case "@@tx_isolation", "@@transaction_isolation": "REPEATABLE-READ"
        case "@@version_comment": "tabletd"
        case "@@max_allowed_packet": "16777216"
        case let other where other.hasPrefix("@@"): "1"
        default: expression
        }
    }
}

/// Rows that are made while they are taken.
final class CountedRows: SQLRows {
    private let sessions: MemorySessions
    private let count: Int
    private let pad: String
    private let failsAt: Int?
    private let at = Atomic<Int>(0)

    init(_ sessions: MemorySessions, count: Int, width: Int, failsAt: Int?) {
        self.sessions = sessions
        self.count = count
        self.failsAt = failsAt
        pad = String(repeating: "x", count: width)
    }

    func next(into writer: inout SQLRowWriter) throws -> Bool {
        var i = at.load(ordering: .relaxed)
        guard i < count else { return false }
        repeat {
            if i == failsAt { throw SQLError.unknown("row \(i) is broken") }
            writer.value("\(i)")
            writer.value(pad)
            writer.endRow()
            i += 1
        } while i < count && writer.bytes.count < 64 << 10
        at.store(i, ordering: .relaxed)
        sessions.produced.add(writer.bytes.count, ordering: .relaxed)
        return true
    }
}
