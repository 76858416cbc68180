internal import Platform
internal import TabletModel

/// What opening a meta store again came to.
enum MetaReopening {
    /// It takes writes, and memory and store agree. The trouble as it was before.
    case open(ended: DiskCondition?)
    /// It takes writes, and holds a change that the tablets in memory lack.
    case behind(String)
    case closed(DiskCondition)
}

/// What is known of a data dir's health. Pure: probes and failures go in, one state with its reason and age comes out.
struct DirCondition {
    /// Until a restart: the meta store can't be trusted.
    private(set) var metaFailure: String?
    /// Until the meta store could be opened again: it takes no writes. `failed` where it is not known, either, what became of
    /// a change.
    private(set) var metaTrouble: DiskCondition?
    /// Until a probe succeeds: the dir can't be read, or is not there.
    private(set) var probeFailure: String?
    /// Until a probe succeeds: what is there can be read, and the file system takes no writes.
    private(set) var unwritable: DiskCondition?
    /// By the space as of the last probe.
    private(set) var flood: String?
    private(set) var capacity: Capacity
    /// Since the state is what it is.
    private(set) var since: UnixTime

    init(capacity: Capacity, now: UnixTime) {
        self.capacity = capacity
        self.since = now
    }

    /// Why the dir is not used; nil when it is.
    var failure: String? { metaLoss ?? probeFailure }

    /// Why the meta store can't be trusted now; nil when it can.
    var metaLoss: String? { metaFailure ?? (metaTrouble?.state == .failed ? metaTrouble?.reason : nil) }

    var current: DiskCondition {
        if let failure { return DiskCondition(.failed, reason: failure, since: since) }
        if let trouble = unwritable ?? metaTrouble {
            return DiskCondition(trouble.state, reason: trouble.reason, since: since)
        }
        if let flood { return DiskCondition(.full, reason: flood, since: since) }
        return DiskCondition(.good, since: since)
    }

    /// - Parameter meta: what opening the meta store again came to; nil where it was not tried.
    mutating func take(_ outcome: DirProbe.Outcome, meta: MetaReopening? = nil, now: UnixTime) {
        change(now) { condition in
            if let meta { condition.take(meta) }
            switch outcome {
            case .good:
                condition.probeFailure = nil
                condition.unwritable = nil
            case .unwritable(let found):
                condition.probeFailure = nil
                condition.unwritable = found
            case .failed(let reason): condition.probeFailure = reason
            case .unknown: break
            }
        }
    }

    mutating func take(_ capacity: Capacity, flood: String?, now: UnixTime) {
        change(now) { condition in
            condition.capacity = capacity
            condition.flood = flood
        }
    }

    mutating func failMeta(_ reason: String, now: UnixTime) {
        change(now) { $0.metaFailure = $0.metaFailure ?? reason }
    }

    /// The meta store takes no writes until it is opened again.
    mutating func note(metaTrouble trouble: DiskCondition, now: UnixTime) {
        change(now) { $0.worsenMeta(trouble) }
    }

    private mutating func worsenMeta(_ trouble: DiskCondition) {
        guard let known = metaTrouble, known.state.rawValue >= trouble.state.rawValue else {
            metaTrouble = trouble
            return
        }
    }

    private mutating func take(_ meta: MetaReopening) {
        switch meta {
        case .open(let ended):
            // Another writer may have met the next trouble meanwhile.
            if metaTrouble == ended { metaTrouble = nil }
        case .behind(let reason):
            metaFailure = metaFailure ?? reason
            metaTrouble = nil
        case .closed(let trouble): worsenMeta(trouble)
        }
    }

    private mutating func change(_ now: UnixTime, _ body: (inout DirCondition) -> Void) {
        let before = current.state
        body(&self)
        if current.state != before { since = now }
    }
}
