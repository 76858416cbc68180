public import ClusterMetadata
internal import ClusterTestKit
internal import FrontendElection
public import Platform
internal import Synchronization

/// The edit log of several FEs, beside the leases that say who writes it, as etcd keeps both: an append is made if the leader key
/// has the appender's fence and the log ends where he thinks; made once more it changes nothing. Each FE has a line of its own
/// (`line`), as long as `SimulatedLeases` lets its calls through. Appends take no time. Any thread.
public final class SimulatedLog: Sendable {
    /// What is compared before an append, and what it then does.
    struct Append: Sendable {
        let number: Int64
        let fence: Fence
        let tail: Tail
        let entries: [EncodedEntry]
    }

    struct Tail: Hashable, Sendable {
        var logID: Int64
        var revision: Int64
    }

    enum Outcome: Hashable, Sendable {
        case made(Tail?)
        case deposed
    }

    private struct Held: Sendable {
        var revision: Int64 = 0
        var lastAppend: Int64 = 0
        /// Those that were made, and the last log id of each.
        var made: [Int64: Int64] = [:]
        /// On their way, although nobody waits for them any more.
        var late: [Append] = []
        var entries: [JournalEntry] = []
        var comparesFences = true
        var losesOneIn: UInt64?
        var refusesOneIn: UInt64?
    }

    let leases: SimulatedLeases
    private let journal: KeyValueJournal
    private let random: any RandomSource
    private let held = Mutex(Held())

    public init(leases: SimulatedLeases, random: any RandomSource) {
        self.leases = leases
        self.random = random
        do {
            journal = KeyValueJournal(try ReopeningStore(MemoryKeyValueStoreOpener(), path: "/log"))
        } catch {
            preconditionFailure("a store that nobody has opened can't be opened: \(error)")
        }
    }

    public func line(of node: String) -> LogLine { LogLine(node: node, log: self) }

    /// Every entry there ever was, in order, those that were truncated too. The first has log id 1.
    public var entries: [JournalEntry] { held.withLock { $0.entries } }

    /// Nobody hears what became of one append in so many: it was made, is made later, or never. nil: of none.
    public func loseAppends(oneIn: UInt64?) { held.withLock { $0.losesOneIn = oneIn } }

    /// One append in so many is refused: nothing of it is there. nil: none is.
    public func refuseAppends(oneIn: UInt64?) { held.withLock { $0.refusesOneIn = oneIn } }

    /// Breaks the log, so that a test can see who notices: with false, whoever appends is believed.
    public func setComparesFences(_ compares: Bool) { held.withLock { $0.comparesFences = compares } }

    // MARK: For the lines

    func newNumber() -> Int64 {
        held.withLock { held in
            held.lastAppend += 1
            return held.lastAppend
        }
    }

    func isLost() -> Bool { held.withLock { $0.losesOneIn }.map { random.next(below: $0) == 0 } ?? false }
    func isRefused() -> Bool { held.withLock { $0.refusesOneIn }.map { random.next(below: $0) == 0 } ?? false }
    func flip() -> Bool { random.next(below: 2) == 0 }

    /// It may arrive later.
    func delay(_ append: Append) { held.withLock { $0.late.append(append) } }

    func carryOut(_ append: Append) throws -> Outcome {
        try held.withLock { held in
            try letLateArrive(&held)
            return try carryOut(append, &held)
        }
    }

    private func carryOut(_ append: Append, _ held: inout Held) throws -> Outcome {
        if let last = held.made[append.number] {
            return .made(last == (try journal.lastLogID) ? Tail(logID: last, revision: held.revision) : nil)
        }
        let isBelieved =
            leases.table.key?.fence == append.fence && held.revision == append.tail.revision || !held.comparesFences
        guard isBelieved else { return .deposed }
        let last = try journal.append(append.entries)
        held.entries += append.entries.map(\.entry)
        held.revision += 1
        held.made[append.number] = last
        return .made(Tail(logID: last, revision: held.revision))
    }

    private func letLateArrive(_ held: inout Held) throws {
        let late = held.late
        held.late = []
        for append in late {
            if flip() { held.late.append(append) } else { _ = try carryOut(append, &held) }
        }
    }

    func tail() throws -> Tail {
        try held.withLock { held in
            try letLateArrive(&held)
            return Tail(logID: try journal.lastLogID, revision: held.revision)
        }
    }

    func read(from start: Int64, _ body: (Int64, JournalEntry) throws -> Void) throws {
        try journal.read(from: start, body)
    }

    func records(from start: Int64, _ body: (JournalRow) throws -> Bool) throws {
        try journal.records(from: start, body)
    }

    func truncate(upTo end: Int64, _ fence: Fence) throws {
        guard leases.table.key?.fence == fence else { throw LogLineError.deposed }
        try journal.truncate(upTo: end)
    }

    var truncatedLogID: Int64 { get throws { try journal.truncatedLogID } }
    var volumeBytes: Int64 { journal.volumeBytes }
}

/// Why a line gives no answer.
public enum LogLineError: Error, Hashable, Sendable {
    case away
    case deposed
    case notMaster
}
