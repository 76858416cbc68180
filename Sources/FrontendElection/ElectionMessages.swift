public import TabletModel

/// A call to carry out, on `LeaderElection`. Its answer comes back with the number: `ElectionEvent.answered`.
public struct ElectionCall: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case observe
        case grant(ttl: Duration)
        case campaign(LeaseID)
        case keepAlive(LeaseID)
        /// Nobody waits for its answer.
        case resign(LeaseID)
    }

    public var number: UInt64
    public var kind: Kind
    public var limit: Duration
}

public enum ElectionAnswer: Hashable, Sendable {
    case observed(LeaderObservation)
    case granted(LeaseGrant)
    case campaigned(LeaderObservation)
    /// nil: the lease has ended.
    case keptAlive(Duration?)
    case resigned
    case failed(ElectionError)
}

public enum ElectionEvent: Hashable, Sendable {
    /// Time has passed.
    case tick
    case answered(UInt64, ElectionAnswer)
    /// Whoever watches the key saw this, unasked.
    case saw(LeaderObservation)
    /// What the metadata say this FE is; nil: it is not registered, or was removed.
    case registered(FrontendRole?)
    /// Whether this FE can store metadata.
    case storage(isSound: Bool)
    /// Ends `ElectionAction.replay`: `upTo` is replayed, the log ended at `logEnd` when it was read behind the fence.
    case replayed(Fence, upTo: Int64, logEnd: Int64)
    /// Ends `ElectionAction.promote`.
    case promoted(Fence)
    /// Ends either.
    case promotionFailed(Fence, reason: String)
    /// The log takes nothing more under this fence.
    case logLost(Fence, reason: String)
    /// Ends `ElectionAction.stop`: nothing of the term acts any more.
    case stopped(Fence)
    /// This FE is about to end: another one is to lead at once.
    case leave
}

public enum ElectionAction: Hashable, Sendable {
    case call(ElectionCall)
    /// Read the log's end, now that nobody else can append, and replay up to there.
    case replay(Fence)
    /// Journal the new epoch under the fence, and make ready to act.
    case promote(Fence)
    /// End whatever was begun under the fence: from this moment on it has no effect any more.
    case stop(Fence)
}

public struct ElectionStep: Hashable, Sendable {
    public var actions: [ElectionAction] = []
    public var transitions: [StateTransition] = []
}

extension LeaderElection {
    /// Carries a call out. Blocking, for the call's limit.
    /// - Parameter leader: what a candidate writes into the key.
    public func perform(_ call: ElectionCall, as leader: LeaderRecord) -> ElectionAnswer {
        do throws(ElectionError) {
            switch call.kind {
            case .observe: return .observed(try observe(within: call.limit))
            case .grant(let ttl): return .granted(try grant(ttl: ttl, within: call.limit))
            case .campaign(let lease): return .campaigned(try campaign(lease, as: leader, within: call.limit))
            case .keepAlive(let lease): return .keptAlive(try keepAlive(lease, within: call.limit))
            case .resign(let lease):
                try resign(lease, within: call.limit)
                return .resigned
            }
        } catch {
            return .failed(error)
        }
    }
}
