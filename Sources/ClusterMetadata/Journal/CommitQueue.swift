internal import Synchronization

/// One validated change on its way to the journal. Any thread.
final class CommitTicket: Sendable {
    enum Outcome: Sendable {
        case durable
        case failed(MetadataError)
    }

    /// None: whoever holds it only waits for those before it, whose changes its answer rests on.
    let entries: [EncodedEntry]
    private let ended = Mutex<Outcome?>(nil)

    init(_ entries: [EncodedEntry]) { self.entries = entries }

    /// nil: it is not written yet.
    var outcome: Outcome? { ended.withLock { $0 } }

    func end(_ outcome: Outcome) { ended.withLock { $0 = outcome } }
}

/// Changes between their validation and the moment when they are visible, in their order; the writers' turn guards it.
///
/// A change is validated against the state that all changes before it will have made. While some of them are not durable yet,
/// that state is made for the purpose, from the visible one and what waits, and let go as soon as something lands, so that
/// the two never grow apart by more than a group.
struct CommitQueue: Sendable {
    /// So much is written at once; a larger change is written alone.
    static let groupBytes = 8 << 20

    /// The next id to give out.
    var nextID: Int64
    /// Being written.
    private var flying: [CommitTicket] = []
    private var waiting: [CommitTicket] = []
    private var ahead: ClusterState?

    init(nextID: Int64) { self.nextID = nextID }

    /// Validated, and not being written yet.
    var waitingCount: Int { waiting.count }
    var isIdle: Bool { flying.isEmpty && waiting.isEmpty }

    /// What a change is validated against.
    mutating func state(behind visible: () -> ClusterState) -> ClusterState {
        if isIdle { return visible() }
        if let ahead { return ahead }
        var made = visible()
        for ticket in flying + waiting { made.apply(ticket.entries) }
        ahead = made
        return made
    }

    mutating func add(_ ticket: CommitTicket) {
        waiting.append(ticket)
        ahead?.apply(ticket.entries)
    }

    /// What is written next, together. Nothing flies when it is called.
    mutating func takeGroup() -> [CommitTicket] {
        var bytes = 0
        let count = waiting.firstIndex { ticket in
            let isFirst = bytes == 0
            bytes += ticket.entries.reduce(0) { $0 + $1.bytes }
            return !isFirst && bytes > Self.groupBytes
        }
        flying = Array(waiting[..<(count ?? waiting.count)])
        waiting.removeFirst(flying.count)
        return flying
    }

    /// What flew is visible.
    mutating func land() {
        flying = []
        ahead = nil
    }

    /// What flew is not written. What was validated behind it goes with it. - Returns: that.
    mutating func fail() -> [CommitTicket] {
        defer { (flying, waiting, ahead) = ([], [], nil) }
        return waiting
    }
}

extension ClusterState {
    fileprivate mutating func apply(_ entries: [EncodedEntry]) {
        for entry in entries { apply(entry.entry) }
    }
}
