internal import DequeModule
internal import TabletModel

/// The end of a task that the master has not acknowledged.
struct PendingFinish: Sendable {
    let entry: TaskEntry
    let request: FinishTaskRequest
    let master: NetworkAddress
    /// Tries of it that came to nothing while the master was there, as far as is known.
    var refusals = 0
    /// Tries in its own time since it stepped aside.
    var triesAside = 0
    /// `MasterLink.answers` when it failed last.
    var answersAtFailure: UInt64?
    /// Not before this moment; meaningless in the line.
    var dueAt = MonotonicTime(nanoseconds: 0)
}

/// How one try to tell an end came out.
enum FinishAttempt {
    case acknowledged
    /// Nobody is there, or who is there has not looked at it: no end can be told now.
    case away(reason: String)
    /// No usable answer to this message. That may be the master (slow, gone in the middle) or the message (it can't read it, and
    /// says nothing or nonsense); the message alone when it could not even be written.
    case unanswered(reason: String, isCertain: Bool)
    /// The master can't be told at all.
    case untellable(reason: String)
}

/// Which ends wait, and which is tried next: pure.
///
/// Two things look alike, a master that is away and a message that a living master can't take. The second costs only itself:
/// such an end steps aside and is tried at its own pace, while the line goes on. It is held against an end only when the
/// master answered something else between two of its failures, so that one that is away loses nothing. When several
/// different ends in a row got no answer, the master counts as away until something is answered.
struct FinishBacklog {
    /// In order; tried as fast as the master takes them.
    private var line = Deque<PendingFinish>()
    private var aside: [PendingFinish] = []
    /// Ends that got no answer since the last answer to anything.
    private var doubts: Set<ObjectIdentifier> = []
    private var answersAtDoubt: UInt64 = 0
    private var downSince: UInt64?
    private let refusalLimit: Int
    /// Different ends without an answer in a row after which the master counts as away.
    private static let doubtLimit = 2

    init(refusalLimit: Int) { self.refusalLimit = refusalLimit }

    var count: Int { line.count + aside.count }
    var hasLine: Bool { !line.isEmpty }
    /// When the first of those aside is due; nil: there is none.
    var nextDue: MonotonicTime? { aside.map(\.dueAt).min() }

    /// - Parameter answers: calls that the master answered so far.
    func isDown(_ answers: UInt64) -> Bool { downSince == answers }

    mutating func append(_ pending: PendingFinish) { line.append(pending) }

    /// The next to try: from the line, else one aside whose time has come.
    mutating func next(_ now: MonotonicTime) -> PendingFinish? {
        if let first = line.popFirst() { return first }
        guard
            let place = aside.indices.filter({ aside[$0].dueAt <= now }).min(by: { aside[$0].dueAt < aside[$1].dueAt })
        else { return nil }
        return aside.remove(at: place)
    }

    mutating func wasAcknowledged() {
        doubts = []
        downSince = nil
    }

    /// Nobody is there: it keeps its turn.
    mutating func isAway(_ pending: PendingFinish, answers: UInt64) {
        downSince = answers
        line.append(pending)
    }

    /// It got no answer.
    /// - Parameter pause: for the nth try aside, from 0.
    /// - Returns: false when it is to be given up.
    mutating func stepAside(
        _ pending: PendingFinish, isCertain: Bool, answers: UInt64, now: MonotonicTime, pause: (Int) -> Duration
    ) -> Bool {
        var pending = pending
        let isRefused = isCertain || pending.answersAtFailure.map { $0 < answers } ?? false
        if isRefused { pending.refusals += 1 }
        guard pending.refusals < refusalLimit else { return false }
        pending.answersAtFailure = answers
        pending.dueAt = now + pause(pending.triesAside)
        pending.triesAside += 1
        aside.append(pending)
        if !isCertain { doubt(pending, answers) }
        return true
    }

    private mutating func doubt(_ pending: PendingFinish, _ answers: UInt64) {
        if answers != answersAtDoubt { doubts = [] }
        answersAtDoubt = answers
        doubts.insert(ObjectIdentifier(pending.entry))
        if doubts.count >= Self.doubtLimit { downSince = answers }
    }

    /// Another master, or the same one begun anew or grown: what it could not take it may take now.
    mutating func beginAnew() {
        for var pending in aside {
            pending.refusals = 0
            pending.triesAside = 0
            pending.answersAtFailure = nil
            line.append(pending)
        }
        aside = []
        doubts = []
        downSince = nil
    }

    mutating func removeAll() -> [PendingFinish] {
        defer {
            line = []
            aside = []
        }
        return Array(line) + aside
    }
}
