internal import Platform
internal import SQLGrammar
internal import SQLSessions
internal import Synchronization
internal import TabletModel

/// The connections to this FE and what they do: SHOW PROCESSLIST and KILL. Any thread.
final class SQLProcesses: Sendable {
    struct Process: Sendable {
        var id: UInt32
        var user: String
        var host: String
        var since: UnixTime
        var database: String?
        /// Of the statement that runs, without secrets; nil: it sleeps.
        var statement: String?
        var changedAt: MonotonicTime
        var disconnect: @Sendable () -> Void
        /// The statement's.
        var interruption: Interruption
    }

    private let running = Mutex<[UInt32: Process]>([:])

    func add(_ process: Process) { running.withLock { $0[process.id] = process } }
    func remove(_ id: UInt32) { _ = running.withLock { $0.removeValue(forKey: id) } }

    func update(_ id: UInt32, _ change: (inout Process) -> Void) {
        running.withLock { processes in
            if processes[id] != nil { change(&processes[id]!) }
        }
    }

    /// By id.
    var all: [Process] { running.withLock { $0.values.sorted { $0.id < $1.id } } }

    subscript(id: UInt32) -> Process? { running.withLock { $0[id] } }
}

/// Whether a statement is to stop. Any thread.
final class Interruption: Sendable {
    private let reason = Mutex<String?>(nil)
    /// Of a statement that another frontend passed on: whether that one still waits.
    private let checkWanted: @Sendable () throws -> Void

    init(checkWanted: @escaping @Sendable () throws -> Void = {}) { self.checkWanted = checkWanted }

    func interrupt(_ why: String) { reason.withLock { $0 = $0 ?? why } }

    func check() throws(SQLError) {
        if let why = reason.withLock({ $0 }) { throw .interrupted(why) }
        do { try checkWanted() } catch { throw .interrupted("nobody waits for the answer: \(error)") }
    }
}
