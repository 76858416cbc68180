internal import Platform

/// How long things take in an election.
public struct ElectionTiming: Hashable, Sendable {
    /// `leader_lease_seconds`: what is asked for. Without a sign of life from the leader another one can be elected after it.
    public var lease: Duration
    /// So long before its lease could end, a leader stops acting. What it sent a moment before arrives meanwhile.
    public var margin: Duration
    /// By how many thousandths a machine's clock may be wrong.
    public var driftPermille: Int
    /// From one renewal to the next.
    public var renewEvery: Duration
    /// From a call that failed to the next.
    public var retryEvery: Duration
    /// How often one who follows looks at the key.
    public var observeEvery: Duration
    public var callLimit: Duration
    /// Without a leader for so long, an FE's state is UNKNOWN.
    public var unknownAfter: Duration
    /// From the key until the leader acts: replaying the log's end, and what else it begins with.
    public var promotionLimit: Duration
    /// Between a candidacy or leadership that failed and the next candidacy.
    public var campaignBase: Duration
    public var campaignLimit: Duration

    public init(
        lease: Duration = .seconds(5), margin: Duration? = nil, driftPermille: Int = 10, renewEvery: Duration? = nil,
        retryEvery: Duration? = nil, observeEvery: Duration = .seconds(1), callLimit: Duration? = nil,
        unknownAfter: Duration? = nil, promotionLimit: Duration = .seconds(60),
        campaignBase: Duration = .milliseconds(100), campaignLimit: Duration = .seconds(5)
    ) {
        self.lease = lease
        self.margin = margin ?? lease / 10
        self.driftPermille = driftPermille
        self.renewEvery = renewEvery ?? lease / 5
        self.retryEvery = retryEvery ?? lease / 20
        self.observeEvery = observeEvery
        self.callLimit = callLimit ?? lease / 5
        self.unknownAfter = unknownAfter ?? lease * 2
        self.promotionLimit = promotionLimit
        self.campaignBase = campaignBase
        self.campaignLimit = campaignLimit
    }

    /// What makes leading impossible; nil: nothing.
    public var complaint: String? {
        let needed = renewEvery + callLimit + retryEvery + callLimit
        guard span(of: lease) >= needed else {
            return """
                a lease of \(lease) leaves \(span(of: lease)) to act in, and one renewal that fails and the next take up to \
                \(needed): make the lease longer
                """
        }
        return nil
    }

    /// How long a lease may be acted on, on this machine's clock, from before it was asked for: even if this clock is as slow as it
    /// may be, and the other as fast.
    func span(of ttl: Duration) -> Duration {
        ttl * (1000 - driftPermille) / (1000 + driftPermille) - margin
    }

    var campaignBackoff: Backoff { Backoff(base: campaignBase, limit: campaignLimit) }
}
