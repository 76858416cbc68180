public import Platform
public import TabletModel

/// What one FE is, and whether it leads: pure. A shell tells what happens and what time it is, and carries out what comes back; it
/// carries out one call after the other and tells the end of each.
///
/// - A leader acts while `mayAct` says so: until a margin before the lease that it last renewed could end, counted on its own clock
///   from before that renewal was sent. So a process that was stopped for longer acts on nothing when it goes on, whatever it was
///   about to do; once false, it stays false for the term.
/// - Whoever has the key first replays all that was appended before: behind its fence nobody else appends. Then the epoch begins.
/// - A candidacy whose answer was lost is settled by looking: a key under our lease is ours. A lease that was given up is never
///   taken up again.
/// - Losing the lead ends no process.
public struct RoleElection: Sendable {
    public let nodeName: String
    public let timing: ElectionTiming
    public internal(set) var state: FrontendState = .unknown
    /// Who was last seen to lead; nil: nobody.
    public internal(set) var leader: LeaderKey?

    var phase: Phase = .watching
    /// The call that is out.
    var waiting: Waiting?
    var nextCallAt: MonotonicTime?
    private var lastNumber: UInt64 = 0
    var newestRevision: Int64 = 0
    /// When another one was last seen to lead.
    var ledAt: MonotonicTime?

    /// Leases that were given up, the newest last. That may not have been heard: a key under one of them leads nobody, and stands in
    /// the way until the lease ends.
    private var abandoned: [LeaseID] = []
    private static let rememberedLeases = 8

    private var role: FrontendRole?
    private var isSound = true
    private var isLeaving = false
    private var failures = 0
    private var campaignNotBefore: MonotonicTime?
    private let random: any RandomSource

    enum Phase: Hashable, Sendable {
        case watching
        case asking
        case campaigning(LeaseHold)
        case leading(Term)
        case stopping(Term)
    }

    /// From the key until it is given up.
    struct Term: Hashable, Sendable {
        enum Stage: Hashable, Sendable { case replaying, promoting, acting }
        var hold: LeaseHold
        let fence: Fence
        var stage = Stage.replaying
        let actsUntil: MonotonicTime
    }

    struct Waiting: Hashable, Sendable {
        var number: UInt64
        var kind: ElectionCall.Kind
        /// Before it was sent.
        var asked: MonotonicTime
    }

    /// - Parameters:
    ///   - nodeName: as it stands in the key when this FE leads.
    ///   - role: what it is registered as.
    public init(nodeName: String, role: FrontendRole?, timing: ElectionTiming, random: any RandomSource) {
        self.nodeName = nodeName
        self.role = role
        self.timing = timing
        self.random = random
    }

    // MARK: What others ask

    /// Whether this FE leads at this moment. Everything that has an effect outside asks before each time that it has one.
    public func mayAct(at now: MonotonicTime) -> Bool {
        guard case .leading(let term) = phase else { return false }
        return term.stage == .acting && !term.hold.isOver(at: now)
    }

    /// Of the key that this FE has.
    public var fence: Fence? {
        switch phase {
        case .leading(let term), .stopping(let term): term.fence
        case .watching, .asking, .campaigning: nil
        }
    }

    /// When to tick next at the latest: later than what was taken last; nil: something else happens first.
    public var wakeAt: MonotonicTime? {
        // Whoever stops makes no call before all has stopped.
        let next: MonotonicTime? = if case .stopping = phase { nil } else { waiting == nil ? nextCallAt : nil }
        let unknown = state == .follower || state == .observer ? ledAt.map { $0 + timing.unknownAfter } : nil
        let over: MonotonicTime? =
            switch phase {
            case .campaigning(let hold): hold.end
            case .leading(let term): term.stage == .acting ? term.hold.end : min(term.hold.end, term.actsUntil)
            case .watching, .asking, .stopping: nil
            }
        return [next, unknown, over].compactMap { $0 }.min()
    }

    // MARK: What happens

    /// - Parameter now: read before whatever the event is about to cause.
    public mutating func take(_ event: ElectionEvent, at now: MonotonicTime) -> ElectionStep {
        var step = ElectionStep()
        // Before anything else: a process that was stopped hears of its last renewal only now.
        expire(now, &step)
        switch event {
        case .tick: break
        case .answered(let number, let answer):
            guard let call = waiting, call.number == number else { break }
            waiting = nil
            take(answer, to: call, now, &step)
        case .saw(let observation):
            guard observation.revision >= newestRevision else { break }
            note(observation, now, &step)
            guard phase == .watching else { break }
            // What was asked before this was told is answered with something older.
            if waiting?.kind == .observe { waiting = nil }
            if waiting == nil { follow(observation, now, &step) }
        case .registered(let role):
            self.role = role
            if role != .follower { giveUp("this FE is \(role?.rawValue ?? "not registered")", now, &step) }
            if state == .follower || state == .observer {
                change(to: role.map { FrontendState(following: $0) } ?? .unknown, "it is registered so", &step)
            }
        case .storage(let isSound): self.isSound = isSound
        case .replayed(let fence, let upTo, let logEnd): replayed(fence, upTo, logEnd, now, &step)
        case .promoted(let fence):
            guard case .leading(var term) = phase, term.fence == fence, term.stage == .promoting else { break }
            term.stage = .acting
            phase = .leading(term)
            failures = 0
            change(to: .master, "it has the leader key, and has replayed all", &step)
        case .promotionFailed(let fence, let reason):
            guard case .leading(let term) = phase, term.fence == fence, term.stage != .acting else { break }
            giveUp("the promotion failed: \(reason)", now, &step)
        case .logLost(let fence, let reason):
            guard case .leading(let term) = phase, term.fence == fence else { break }
            giveUp("it can't append to the edit log any more: \(reason)", now, &step)
        case .stopped(let fence):
            guard case .stopping(let term) = phase, term.fence == fence else { break }
            phase = .watching
            abandon(term.hold.lease, now, &step)
        case .leave:
            isLeaving = true
            giveUp("this FE ends", now, &step)
        }
        proceed(now, &step)
        return step
    }

    private mutating func expire(_ now: MonotonicTime, _ step: inout ElectionStep) {
        switch phase {
        case .leading(let term):
            if term.hold.isOver(at: now) {
                giveUp("its lease could not be renewed in time", now, &step)
            } else if term.stage != .acting, now >= term.actsUntil {
                giveUp("its promotion took longer than \(timing.promotionLimit)", now, &step)
            }
        case .campaigning(let hold):
            // What is still on its way comes too late: the lease is given up.
            guard hold.isOver(at: now) else { break }
            waiting = nil
            phase = .watching
            abandon(hold.lease, now, &step)
        case .watching, .asking, .stopping: break
        }
        if let ledAt, state == .follower || state == .observer, now - ledAt >= timing.unknownAfter {
            change(to: .unknown, "no leader was seen for \(timing.unknownAfter)", &step)
        }
    }

    private mutating func replayed(
        _ fence: Fence, _ upTo: Int64, _ logEnd: Int64, _ now: MonotonicTime, _ step: inout ElectionStep
    ) {
        guard case .leading(var term) = phase, term.fence == fence, term.stage == .replaying else { return }
        if upTo > logEnd {
            giveUp("the log ends at \(logEnd), and \(upTo) was replayed: it is not this cluster's", now, &step)
        } else if upTo < logEnd {
            step.actions.append(.replay(fence))
        } else {
            term.stage = .promoting
            phase = .leading(term)
            step.actions.append(.promote(fence))
        }
    }

    // MARK: Steps

    /// Makes the next call if one is due.
    private mutating func proceed(_ now: MonotonicTime, _ step: inout ElectionStep) {
        guard waiting == nil, nextCallAt.map({ now >= $0 }) ?? true else { return }
        switch phase {
        case .watching, .campaigning: call(.observe, now, &step)
        case .leading(let term): call(.keepAlive(term.hold.lease), now, &step)
        case .asking, .stopping: break
        }
    }

    mutating func call(_ kind: ElectionCall.Kind, _ now: MonotonicTime, _ step: inout ElectionStep) {
        lastNumber += 1
        waiting = Waiting(number: lastNumber, kind: kind, asked: now)
        step.actions.append(.call(ElectionCall(number: lastNumber, kind: kind, limit: timing.callLimit)))
    }

    mutating func change(to new: FrontendState, _ reason: String, _ step: inout ElectionStep) {
        guard new != state else { return }
        step.transitions.append(StateTransition(from: state, to: new, reason: reason))
        state = new
    }

    /// Nothing acts from here on; the lease ends once nothing that was begun under it is left.
    mutating func giveUp(_ reason: String, _ now: MonotonicTime, _ step: inout ElectionStep) {
        guard case .leading(let term) = phase else { return }
        phase = .stopping(term)
        waiting = nil
        step.actions.append(.stop(term.fence))
        ledAt = now
        if state == .master { change(to: FrontendState(following: role ?? .follower), reason, &step) }
    }

    /// Lets go of a lease: whatever is written under it from now on is not ours. The next candidacy waits a little.
    mutating func abandon(_ lease: LeaseID, _ now: MonotonicTime, _ step: inout ElectionStep) {
        abandoned = abandoned.suffix(Self.rememberedLeases - 1) + [lease]
        resign(lease, &step)
        postponeCampaign(now)
    }

    private mutating func resign(_ lease: LeaseID, _ step: inout ElectionStep) {
        lastNumber += 1
        step.actions.append(
            .call(ElectionCall(number: lastNumber, kind: .resign(lease), limit: timing.callLimit)))
    }

    mutating func postponeCampaign(_ now: MonotonicTime) {
        campaignNotBefore = now + timing.campaignBackoff.delay(retry: failures, random: random)
        failures = min(failures + 1, 30)
        nextCallAt = now + timing.retryEvery
    }

    var isCandidate: Bool {
        role == .follower && isSound && !isLeaving
    }

    func mayCampaign(_ now: MonotonicTime) -> Bool { isCandidate && campaignNotBefore.map { now >= $0 } ?? true }

    /// Takes in who has the key.
    mutating func note(_ observation: LeaderObservation, _ now: MonotonicTime, _ step: inout ElectionStep) {
        newestRevision = observation.revision
        leader = observation.holder
        if case .leading(let term) = phase, observation.revision >= term.fence.rawValue,
            observation.holder?.lease != term.hold.lease
        {
            giveUp("the leader key is not its own any more", now, &step)
        }
        if let lease = observation.holder?.lease, abandoned.contains(lease) { resign(lease, &step) }
        // A key of ours that is not under a lease of ours is of a life before.
        guard let holder = observation.holder, holder.record.nodeName != nodeName else { return }
        ledAt = now
        failures = 0
        if let role, state == .unknown {
            change(to: FrontendState(following: role), "\(holder.record.nodeName) leads", &step)
        }
    }
}
