public import ClusterMetadata
public import FrontendElection
public import FrontendRoles
internal import Synchronization

/// One FE's line to the log, for one life of it: appends under its fence, reads and follows. What became of an append whose answer
/// it has not heard is settled by making it once more. Any thread; appends come from one at a time.
public final class LogLine: TermLog, LogFeed {
    private struct State: Sendable {
        var fence: Fence?
        /// Where the log ends; nil: it must be read.
        var tail: SimulatedLog.Tail?
        var unsettled: SimulatedLog.Append?
        var isDeposed = false
    }

    /// Until it is set to false, nothing of this FE's arrives at the log, whatever becomes of its leases.
    public var isCut: Bool {
        get { cut.load(ordering: .relaxed) }
        set { cut.store(newValue, ordering: .relaxed) }
    }

    /// So many entries come at once at most, so that whoever follows stops anywhere.
    private static let batch = 20

    private let node: String
    private let log: SimulatedLog
    private let state = Mutex(State())
    private let cut = Atomic(false)

    init(node: String, log: SimulatedLog) {
        self.node = node
        self.log = log
    }

    private var isAway: Bool { isCut || log.leases.isCut(node) }
    private func reach() throws(LogLineError) { if isAway { throw .away } }

    // MARK: Terms

    public func begin(_ fence: Fence) throws -> Int64 {
        try reach()
        let tail = try log.tail()
        state.withLock { $0 = State(fence: fence, tail: tail) }
        return tail.logID
    }

    public func endTerm() { state.withLock { $0 = State() } }

    // MARK: Appends

    /// Where the log ends is the log's to compare, fences with it.
    public func append(_ entries: [EncodedEntry], behind logID: Int64?, onItsWay: () -> Void) throws -> Int64 {
        try append(entries)
    }

    public func append(_ entries: [EncodedEntry]) throws -> Int64 {
        let (fence, tail) = try term()
        let append = SimulatedLog.Append(number: log.newNumber(), fence: fence, tail: tail, entries: entries)
        if isAway {
            if log.flip() { throw JournalAppendError.refused(reason: "the log is away") }
            if log.flip() { log.delay(append) }
        } else if log.isRefused() {
            throw JournalAppendError.refused(reason: "the log takes nothing now")
        } else if log.isLost() {
            if log.flip() { _ = try log.carryOut(append) } else if log.flip() { log.delay(append) }
        } else {
            switch try log.carryOut(append) {
            case .made(let tail):
                state.withLock { $0.tail = tail }
                return tail?.logID ?? append.tail.logID + Int64(entries.count)
            case .deposed:
                state.withLock { $0.isDeposed = true }
                throw JournalAppendError.refused(reason: "this FE is not the master any more")
            }
        }
        state.withLock { $0.unsettled = append }
        throw JournalAppendError.outcomeUnknown(reason: "the log gave no answer")
    }

    private func term() throws -> (Fence, SimulatedLog.Tail) {
        let known = state.withLock { $0 }
        guard let fence = known.fence, !known.isDeposed else {
            throw JournalAppendError.refused(reason: "this FE is not the master")
        }
        guard known.unsettled == nil else {
            throw JournalAppendError.refused(reason: "an append before it is not settled")
        }
        if let tail = known.tail { return (fence, tail) }
        guard (try? reach()) != nil else { throw JournalAppendError.refused(reason: "the log is away") }
        let tail = try log.tail()
        state.withLock { $0.tail = tail }
        return (fence, tail)
    }

    public var failure: String? { state.withLock { $0.unsettled == nil ? nil : "the log gave no answer" } }

    public func reopen() throws {
        try reach()
        guard let append = state.withLock({ $0.unsettled }) else {
            let tail = try log.tail()
            return state.withLock { if $0.fence != nil { $0.tail = tail } }
        }
        let outcome = try log.carryOut(append)
        state.withLock { state in
            state.unsettled = nil
            switch outcome {
            case .made(let tail): state.tail = tail
            case .deposed: state.isDeposed = true
            }
        }
    }

    public func truncate(upTo end: Int64) throws {
        try reach()
        guard let fence = state.withLock({ $0.fence }) else { throw LogLineError.notMaster }
        try log.truncate(upTo: end, fence)
    }

    // MARK: Reading

    public func read(from start: Int64, _ body: (Int64, JournalEntry) throws -> Void) throws {
        try reach()
        try log.read(from: start, body)
    }

    public func next(after logID: Int64, within limit: Duration) throws -> [JournalEntry] {
        try reach()
        let last = try log.tail().logID
        guard last >= logID else { throw JournalError.behindImage(last: last, image: logID) }
        var found: [JournalEntry] = []
        do {
            try log.read(from: logID + 1) { _, entry in
                found.append(entry)
                if found.count == Self.batch { throw Enough() }
            }
        } catch is Enough {}
        return found
    }

    private struct Enough: Error {}

    public var lastLogID: Int64 {
        get throws {
            let known = state.withLock { $0 }
            if let tail = known.tail, !known.isDeposed, known.unsettled == nil { return tail.logID }
            try reach()
            return try log.tail().logID
        }
    }

    public var truncatedLogID: Int64 {
        get throws {
            try reach()
            return try log.truncatedLogID
        }
    }

    public func records(from start: Int64, _ body: (JournalRow) throws -> Bool) throws {
        try reach()
        try log.records(from: start, body)
    }

    public var volumeBytes: Int64 { log.volumeBytes }
}
