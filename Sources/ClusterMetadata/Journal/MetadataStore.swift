internal import Platform
internal import Synchronization
internal import TabletModel

/// The FE's metadata: the state in memory, and the journal that makes each change durable before anybody sees it.
///
/// Three locks, always taken in this order (a group's others wait at its `CommitLanding`, with none of them). `flight` has the
/// turn of the one who writes: all that waits goes into one synced append (`MetadataStore+Commit`); and those who make visible what
/// was written, in its order. `writer` is the turn of the one who validates a change, against all changes before it, be they durable or not. `applied` is held for the moment of
/// a read or of applying entries. Only the first is held across I/O, so readers and validation never wait for the disk; what
/// is visible is durable.
///
/// An append has three outcomes. Durable: applied, and its callers hear so. Refused: nothing of it is there, its callers and
/// those validated behind them hear so (`notWritten`). Unknown: nobody is told anything but that (`outcomeUnknown`), nothing is applied, and every later change
/// is refused (`unwritable`) until `settle` has read back what is there. `trouble` says since when and why.
public final class MetadataStore: Sendable {
    public let identity: ClusterIdentity
    let images: ImageStore
    let journal: any Journal
    let checkpoints: Mutex<CheckpointTrigger>
    let spreading = Mutex<(@Sendable (Int64) -> Bool)?>(nil)
    private let applied: Mutex<Applied>
    let writer: Turn<CommitQueue>
    let flight: Flight
    /// Log id of the last change that was validated.
    let assignedLogID: Atomic<Int64>
    /// What keeps changes from being made.
    let hindrance: Mutex<Hindrance>
    private let time: any TimeSource
    /// There was no table when the store was opened, and none was made since.
    private let isBlank: Mutex<Bool>
    /// Random: names what this process writes (`MetadataLife`).
    private let life: Int64
    let elementsPerRecord: Int
    public let counters = JournalCounters()
    private let appendListener = Mutex<(@Sendable (JournalAppend) -> Void)?>(nil)

    struct Hindrance: Sendable {
        var trouble: MetadataTrouble?
        var standing: MetadataStanding
    }

    struct Applied: Sendable {
        var observed: ObservedState
        var lastLogID: Int64

        var state: ClusterState { observed.state }
    }

    /// How many ids one `saveNextID` makes available (`contract/behaviour.md §7`).
    public static let idBatch: Int64 = 1000

    /// - Parameter state: what image and journal gave, up to and with entry `lastLogID`.
    init(
        state: ClusterState, lastLogID: Int64, identity: ClusterIdentity, journal: any Journal, images: ImageStore,
        checkpoints: CheckpointTrigger, time: any TimeSource, gates: any GateMaker, life: Int64, elementsPerRecord: Int,
        standing: MetadataStanding
    ) {
        hindrance = Mutex(Hindrance(standing: standing))
        self.time = time
        self.elementsPerRecord = elementsPerRecord
        self.life = life
        isBlank = Mutex(state.tableCount == 0)
        self.identity = identity
        self.journal = journal
        self.images = images
        self.checkpoints = Mutex(checkpoints)
        writer = Turn(CommitQueue(nextID: state.idBatchEnd, gates: gates), gates)
        flight = Flight(gates)
        assignedLogID = Atomic(lastLogID)
        applied = Mutex(Applied(observed: ObservedState(state: state), lastLogID: lastLogID))
        noteJournalFailure()
    }

    /// `listen` hears of every append once it is durable, on the thread of whoever wrote it: it must be quick, and not call back.
    public func onAppend(_ listen: @escaping @Sendable (JournalAppend) -> Void) {
        appendListener.withLock { $0 = listen }
    }

    /// Runs an append, and counts and tells it.
    func counted(_ entries: [EncodedEntry], _ append: () throws -> Int64) rethrows -> Int64 {
        let began = time.monotonicNow
        let last = try append()
        let size = entries.reduce(0) { $0 + $1.bytes }
        counters.wrote(entries.count, bytes: size)
        let listen = appendListener.withLock { $0 }
        listen?(JournalAppend(entries: entries.map(\.entry), bytes: size, took: time.monotonicNow - began))
        return last
    }

    /// Why nothing can be written now; nil when it can.
    public var trouble: MetadataTrouble? { hindrance.withLock { $0.trouble } }

    func checkWritable() throws(MetadataError) {
        let (trouble, standing) = hindrance.withLock { ($0.trouble, $0.standing) }
        guard standing == .leads else { throw .notMaster }
        guard let trouble else { return }
        let age = time.monotonicNow - trouble.began
        throw .unwritable(seconds: age.wholeMilliseconds / 1000, reason: trouble.reason)
    }

    /// This process has never known of a table: an empty catalog may be all that is left of a cluster's.
    public var hasNeverHadTables: Bool { isBlank.withLock { $0 } }

    // MARK: Reading

    /// Looks at the state under its lock: for a few lookups. Must not block, log or call back into the store.
    public func read<R>(_ body: (ClusterState) throws -> R) rethrows -> R {
        var result: R?
        try applied.withLock { result = try body($0.observed.state) }
        return result!
    }

    /// A copy of the state as it is now, for longer work. While it is held, changes copy the chunks they touch: let it go.
    public func snapshot() -> ClusterState { observed().state }

    func observed() -> ObservedState { applied.withLock { $0.observed } }

    /// Log id of the last change that is durable and applied.
    public var lastLogID: Int64 { applied.withLock { $0.lastLogID } }

    func appliedNow() -> Applied { applied.withLock { $0 } }

    // MARK: Changing

    /// `count` ids in a row that were never given out.
    public func allocateIDs(_ count: Int) throws -> Range<Int64> {
        try commit { _, ids in ([], ids.take(count)) }
    }

    /// Raises the epoch, durably: once at each start, before the first heartbeat. Returns the new one.
    public func beginEpoch() throws -> Int64 {
        try commit { state in
            let (entries, epoch) = nextEpoch(above: state.epoch)
            return (entries, epoch)
        }
    }

    /// What begins an epoch above all of these; to be called in the writer's turn.
    public func nextEpoch(above epoch: Int64) -> (entries: [JournalEntry], epoch: Int64) {
        let begun = MetadataLife(epoch: epoch + 1, life: life, afterLogID: assignedLogID.load(ordering: .relaxed))
        return ([.setEpoch(begun.epoch), .beginLife(begun)], begun.epoch)
    }

    /// Makes entries visible; in the writers' turn.
    /// - Parameter last: log id of the last of them; nil: there is none.
    /// - Parameter made: the state with them, as it was made for those behind them; what was observed since, it lacks.
    /// - Returns: how many observations are in the state that is visible now.
    @discardableResult
    func apply(_ entries: [JournalEntry], upTo last: Int64?, made: ObservedState? = nil) -> UInt64 {
        if entries.contains(where: { $0.operation == .createTable }) { isBlank.withLock { $0 = false } }
        // What it replaces is freed here, after the lock.
        var made = made
        return applied.withLock { applied in
            if made?.observations == applied.observed.observations {
                swap(&applied.observed, &made!)
            } else {
                applied.observed.state.apply(entries)
            }
            if let last { applied.lastLogID = last }
            return applied.observed.observations
        }
    }

    /// Makes another state the visible one; in the writers' turn. What was observed of backends is observed anew.
    func replaceState(_ state: ClusterState, upTo last: Int64) {
        applied.withLock { applied in
            applied.observed = ObservedState(state: state, observations: applied.observed.observations + 1)
            applied.lastLogID = last
        }
    }

    // MARK: Trouble

    func begin(_ open: MetadataTrouble.Open?, reason: String) {
        let trouble = MetadataTrouble(since: time.wallNow, began: time.monotonicNow, reason: reason, open: open)
        hindrance.withLock { known in
            // The one with an open change is the one that must be settled; one that was on its way behind it goes with it.
            if let open, known.trouble?.open != nil {
                known.trouble?.open?.appends += open.appends
            } else if known.trouble == nil || open != nil {
                known.trouble = trouble
            }
        }
    }

    /// The journal may have failed under something that is no change: its truncation, or opening it.
    func noteJournalFailure() {
        if let reason = journal.failure { begin(nil, reason: reason) }
    }

    /// Tries to end the trouble: opens the journal anew, reads from the last known log id what is there, and compares. What was
    /// open is then applied, or known to be absent. Blocking; a timer calls it until it succeeds.
    ///
    /// - Returns: how it ended; nil when there was no trouble. If one is there still, of what was open only the first is settled: ask
    ///   again.
    /// - Throws: why it goes on.
    public func settle() throws -> MetadataSettlement? {
        // Nobody writes meanwhile; nothing waits, since a trouble fails what does.
        return try flight.aground { try writer.withLock { _ in try settleInTurn() } }
    }

    private func settleInTurn() throws -> MetadataSettlement? {
        // Whoever follows hears from the log what became of it.
        guard let trouble, standing == .leads else { return nil }
        do {
            try journal.reopen()
            let found = try entriesBehindApplied()
            let open = trouble.open ?? MetadataTrouble.Open(appends: [])
            guard let durable = open.count(in: found.entries) else {
                throw MetadataError.foreignEntries(after: lastLogID, count: found.entries.count)
            }
            if durable > 0 { apply(found.entries, upTo: found.last) }
            assignedLogID.store(lastLogID, ordering: .relaxed)
            let left = durable > 0 ? Array(open.appends.dropFirst(durable)) : []
            hindrance.withLock { known in
                if left.isEmpty { known.trouble = nil } else { known.trouble?.open?.appends = left }
            }
            return MetadataSettlement(
                trouble: trouble, entries: durable > 0 ? found.entries : open.appends.flatMap { $0 },
                isDurable: durable > 0)
        } catch {
            hindrance.withLock { known in
                known.trouble?.attempts += 1
                known.trouble?.lastAttempt = "\(error)"
            }
            throw error
        }
    }

    private func entriesBehindApplied() throws -> (entries: [JournalEntry], last: Int64) {
        var entries: [JournalEntry] = []
        var last = lastLogID
        try journal.read(from: last + 1) { logID, entry in
            entries.append(entry)
            last = logID
        }
        return (entries, last)
    }

    /// Takes in what backends say of themselves; memory only, lost at a restart. Short, like `read`.
    public func observe<R>(_ body: (inout ClusterState) -> R) -> R {
        var result: R?
        applied.withLock { applied in
            applied.observed.observations += 1
            result = body(&applied.observed.state)
        }
        return result!
    }
}

/// Gives ids in the writer's turn.
public struct IDAllocator: Sendable {
    public private(set) var next: Int64

    init(next: Int64) { self.next = next }

    public mutating func take() -> Int64 {
        next += 1
        return next - 1
    }

    /// None below this one is given out any more.
    public mutating func skip(to end: Int64) { next = max(next, end) }

    /// That many in a row.
    public mutating func take(_ count: Int) -> Range<Int64> {
        let first = next
        next += Int64(count)
        return first..<next
    }
}
