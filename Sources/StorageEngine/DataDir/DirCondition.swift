internal import Platform
internal import TabletModel

/// What is known of a data dir's health. Pure: probes and failures go in, one state with its reason and age comes out.
struct DirCondition {
    /// Until a restart: the meta store can't be trusted.
    private(set) var metaFailure: String?
    /// Until the meta store could be opened again: what became of a change is not known.
    private(set) var metaDoubt: String?
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
    var failure: String? { metaFailure ?? metaDoubt ?? probeFailure }

    var current: DiskCondition {
        if let failure { return DiskCondition(.failed, reason: failure, since: since) }
        if let unwritable { return DiskCondition(unwritable.state, reason: unwritable.reason, since: since) }
        if let flood { return DiskCondition(.full, reason: flood, since: since) }
        return DiskCondition(.good, since: since)
    }

    mutating func take(_ outcome: DirProbe.Outcome, now: UnixTime) {
        change(now) { condition in
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

    mutating func doubtMeta(_ reason: String, now: UnixTime) {
        change(now) { $0.metaDoubt = $0.metaDoubt ?? reason }
    }

    /// What was in doubt is not there: the tablets in memory are what is stored.
    mutating func trustMeta(now: UnixTime) {
        change(now) { $0.metaDoubt = nil }
    }

    private mutating func change(_ now: UnixTime, _ body: (inout DirCondition) -> Void) {
        let before = current.state
        body(&self)
        if current.state != before { since = now }
    }
}
