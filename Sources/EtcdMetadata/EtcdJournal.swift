public import ClusterMetadata
public import EtcdClient
public import FrontendElection
public import FrontendRoles
internal import Synchronization

/// The edit log in etcd: `docs/formats.md` has its keys and the transactions that write them.
///
/// Any number of frontends read it; one writes, the master, in a term that `begin` opens. Each of his transactions compares his
/// fence and the tail, and moves the tail: so a deposed master can't append, nothing is appended twice, and no hole can appear. What
/// he writes to the tail is new each time, so the next transaction can be sent before that is there. Blocking; any thread; the next
/// append begins when the one before it is on its way.
public final class EtcdJournal: TermLog {
    let client: EtcdClient
    let log: EtcdLog
    let limits: AppendPlan.Limits
    let state = Mutex(WriterState())
    let volume = Atomic<Int64>(0)
    /// Counts the tails that were written: with the term, no two are alike.
    let serial = Atomic<UInt64>(0)

    /// What the master knows of the log he writes.
    struct WriterState: Sendable {
        /// nil: this frontend is not the master.
        var fence: EtcdFence?
        /// Where the log ends once all that is on its way is there; nil: it must be read, when nothing is on its way any more.
        var end: Tail?
        /// The append that was begun last, if it has not failed.
        var latest: AppendOutcome?
        /// Batches of an append that did not come to its end may lie behind the tail.
        var hasLeftovers = true
        /// Appends that may be there or not, or come later; in their order.
        var unsettled: [SentAppend] = []
        /// Why the term is over, once a transaction met that.
        var deposition: String?
        /// When the log was truncated last, in this term.
        var truncatedAt: Int64?

        /// Of the log as this master writes it; nil: others may write it, or an append has not ended.
        var knownEnd: Tail? {
            fence == nil || deposition != nil || !unsettled.isEmpty || latest.map({ !$0.isTold }) == true ? nil : end
        }
    }

    struct Tail: Hashable, Sendable {
        var logID: Int64
        /// What stands in etcd; empty: nothing.
        var value: [UInt8]

        init(logID: Int64, value: [UInt8]) {
            self.logID = logID
            self.value = value
        }

        init(_ marks: EtcdLog.Marks) { self.init(logID: marks.last, value: marks.tail) }
    }

    /// - Parameter prefix: of the cluster's keys, without a slash at its end.
    public convenience init(_ client: EtcdClient, prefix: String) {
        self.init(client, prefix: prefix, limits: AppendPlan.Limits())
    }

    init(_ client: EtcdClient, prefix: String, limits: AppendPlan.Limits) {
        self.client = client
        self.limits = limits
        log = EtcdLog(client: client, layout: EtcdLogLayout(prefix: prefix))
    }

    var layout: EtcdLogLayout { log.layout }

    // MARK: Terms

    /// This frontend has become master: appends are possible, and compare this fence.
    /// - Returns: the log id of the last entry, which no other master can follow up any more.
    public func begin(_ fence: Fence) throws -> Int64 {
        let fence = EtcdFence(key: layout.leader, createRevision: fence.rawValue)
        let marks = try log.marks()
        state.withLock {
            $0 = WriterState(fence: fence, end: Tail(marks))
        }
        return marks.last
    }

    /// It is master no longer. An append in doubt stays so: what became of it, reading tells, once another master has begun.
    public func endTerm() { state.withLock { $0 = WriterState() } }

    /// A term in which nothing can be appended any more.
    public struct LostTerm: Hashable, Sendable {
        public var fence: Fence
        public var reason: String
    }

    /// Why this term is over, as etcd said; nil: it said nothing of that yet. Whoever leads gives the lead up then.
    public var deposition: LostTerm? {
        state.withLock { state in
            guard let fence = state.fence, let reason = state.deposition else { return nil }
            return LostTerm(fence: Fence(fence.createRevision), reason: reason)
        }
    }

    // MARK: Journal

    public var failure: String? { state.withLock { $0.unsettled.first?.reason } }

    public var lastLogID: Int64 {
        get throws {
            if let end = state.withLock({ $0.knownEnd }) { return end.logID }
            return try log.marks().last
        }
    }

    public var truncatedLogID: Int64 { get throws { try log.marks().truncated } }

    public var volumeBytes: Int64 { volume.load(ordering: .relaxed) }

    public func read(from start: Int64, _ body: (Int64, JournalEntry) throws -> Void) throws {
        try log.read(from: start, try log.marks()) { logID, bytes, entry in
            volume.add(Int64(bytes), ordering: .relaxed)
            try body(logID, entry)
        }
    }

    public func records(from start: Int64, _ body: (JournalRow) throws -> Bool) throws {
        let marks = try log.marks()
        try log.batches(from: start, upTo: marks.last) { first, pair in
            guard let batch = try? LogBatch(pair.value, first: first, key: pair.key) else {
                return try pair.value.withUnsafeBytes { try body(JournalRow(logID: first, record: $0)) }
            }
            return try batch.records(from: max(start, marks.truncated + 1)) { logID, record in
                try body(JournalRow(logID: logID, record: record))
            }
        }
    }
}
