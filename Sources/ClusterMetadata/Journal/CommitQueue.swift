internal import Platform
internal import Synchronization

/// Those who go to the journal together: the first of them writes for all, the others wait at a gate until it has. One turn
/// for all that everybody takes to see whether he was written would do too, and wake them one by one: measured with 16
/// writers, a tenth of the edits a second.
final class CommitLanding: Sendable {
    private let maker: any GateMaker
    /// nil while there is but one.
    private let gate = Mutex<(any Gate)?>(nil)

    init(_ maker: any GateMaker) { self.maker = maker }

    /// Before its opener can have come so far: in the writers' turn.
    func expectCompany() {
        gate.withLock { gate in
            if gate == nil { gate = maker.makeGate() }
        }
    }

    func wait() { gate.withLock { $0 }?.wait() }
    func open() { gate.withLock { $0 }?.open() }
}

/// One validated change on its way to the journal. Any thread.
final class CommitTicket: Sendable {
    enum Outcome: Sendable {
        case durable
        case failed(MetadataError)
    }

    /// None: whoever holds it only waits for those before it, whose changes its answer rests on.
    let entries: [EncodedEntry]
    let landing: CommitLanding
    /// Writes for those who come after it.
    let isFirst: Bool
    private let ended = Mutex<Outcome?>(nil)

    init(_ entries: [EncodedEntry], landing: CommitLanding, isFirst: Bool) {
        self.entries = entries
        self.landing = landing
        self.isFirst = isFirst
    }

    /// nil: it is not written yet.
    var outcome: Outcome? { ended.withLock { $0 } }

    func end(_ outcome: Outcome) { ended.withLock { $0 = outcome } }
}

/// Changes between their validation and the moment when they are visible, in their order; the writers' turn guards it.
///
/// A change is validated against the state that all changes before it will have made. While some of them are not durable yet,
/// that state is made for the purpose, from the visible one and what waits. It goes along with the changes: when a group
/// lands, the state that it made is the visible one, and nothing is applied twice. Where something was observed meanwhile the
/// group is applied to what is visible, and the state ahead is made anew, so that the two never grow apart by more than a
/// group.
struct CommitQueue: Sendable {
    /// So much is written at once; a larger change is written alone.
    static let groupBytes = 8 << 20

    /// Those who are written together.
    struct Group: Sendable {
        fileprivate let number: UInt64
        let tickets: [CommitTicket]
        /// Entries of those that were taken before, and are not visible yet.
        let entriesAhead: Int
        /// What it makes of the state that those before it will have made, where that was made already.
        fileprivate(set) var arriving: ObservedState?
        /// Some of a landing did not fit: who writes for it comes again.
        let hasMore: Bool

        fileprivate var entryCount: Int { tickets.reduce(0) { $0 + $1.entries.count } }
    }

    /// The next id to give out.
    var nextID: Int64
    /// Being written, or written and not visible yet; in their order.
    private var flying: [Group] = []
    private var lastNumber: UInt64 = 0
    private var waiting: [CommitTicket] = []
    /// Of those that come now.
    private var landing: CommitLanding
    private var hasCompany = false
    private var ahead: ObservedState?
    private let gates: any GateMaker

    init(nextID: Int64, gates: any GateMaker) {
        self.nextID = nextID
        self.gates = gates
        landing = CommitLanding(gates)
    }

    /// Validated, and not being written yet.
    var waitingCount: Int { waiting.count }
    var isIdle: Bool { flying.isEmpty && waiting.isEmpty }

    /// What a change is validated against.
    mutating func state(behind visible: () -> ObservedState) -> ClusterState {
        if isIdle { return visible().state }
        if let ahead { return ahead.state }
        var made = visible()
        for ticket in flying.flatMap(\.tickets) { made.state.apply(ticket.entries) }
        for ticket in waiting { made.state.apply(ticket.entries) }
        ahead = made
        return made.state
    }

    mutating func add(_ entries: [EncodedEntry]) -> CommitTicket {
        if hasCompany { landing.expectCompany() }
        let ticket = CommitTicket(entries, landing: landing, isFirst: !hasCompany)
        hasCompany = true
        waiting.append(ticket)
        ahead?.state.apply(entries)
        return ticket
    }

    /// What is written next, together; nil when others have taken all of the landing. What was taken before is durable, or
    /// will be before this is.
    mutating func takeGroup(of landing: CommitLanding) -> Group? {
        guard isWaiting(landing) else { return nil }
        var bytes = 0
        let count = waiting.firstIndex { ticket in
            let isFirst = bytes == 0
            bytes += ticket.entries.reduce(0) { $0 + $1.bytes }
            return !isFirst && bytes > Self.groupBytes
        }
        let tickets = Array(waiting[..<(count ?? waiting.count)])
        waiting.removeFirst(tickets.count)
        closeLanding()
        lastNumber += 1
        var group = Group(
            number: lastNumber, tickets: tickets, entriesAhead: flying.reduce(0) { $0 + $1.entryCount },
            arriving: nil, hasMore: count != nil && isWaiting(landing))
        flying.append(group)
        group.arriving = waiting.isEmpty ? ahead : nil
        return group
    }

    private func isWaiting(_ landing: CommitLanding) -> Bool { waiting.contains { $0.landing === landing } }

    /// Nothing before it has failed.
    func isFlying(_ group: Group) -> Bool { flying.contains { $0.number == group.number } }

    /// The group that was taken first is visible, in a state that holds so many observations.
    mutating func land(observations: UInt64) {
        flying.removeFirst()
        if isIdle || ahead?.observations != observations { ahead = nil }
    }

    /// The group is not written. What was validated behind it goes with it: what flies already hears so from the log.
    /// - Returns: what waits; nil where the group was behind one that failed before.
    mutating func fail(_ group: Group) -> [CommitTicket]? { isFlying(group) ? failAll() : nil }

    /// - Returns: what waits.
    mutating func failAll() -> [CommitTicket] {
        defer {
            (flying, waiting, ahead) = ([], [], nil)
            closeLanding()
        }
        return waiting
    }

    /// Who comes from now on is of the next one.
    private mutating func closeLanding() {
        landing = CommitLanding(gates)
        hasCompany = false
    }
}

/// A state, and how much was observed of backends until then: two of the same log id differ by nothing else.
struct ObservedState: Sendable {
    var state: ClusterState
    var observations: UInt64 = 0
}

extension ClusterState {
    fileprivate mutating func apply(_ entries: [EncodedEntry]) { apply(entries.map(\.entry)) }
}
