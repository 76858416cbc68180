import ClusterTestKit
import FrontendElection
import TabletModel
import Testing

/// One FE and the words that reach it.
private struct Driven {
    var election: RoleElection
    var now = MonotonicTime(nanoseconds: 1_000_000_000)
    var transitions: [StateTransition] = []

    static let lease = LeaseID(7)
    static let fence = Fence(20)

    init(_ role: FrontendRole? = .follower) {
        election = RoleElection(
            nodeName: "fe1", role: role, timing: ElectionTiming(), random: SeededRandom(seed: 1))
    }

    mutating func take(_ event: ElectionEvent) -> [ElectionAction] {
        let step = election.take(event, at: now)
        transitions += step.transitions
        return step.actions
    }

    mutating func pass(_ duration: Duration) -> [ElectionAction] {
        now = now + duration
        return take(.tick)
    }

    /// The answer to the only call among the actions.
    mutating func answer(_ actions: [ElectionAction], _ answer: ElectionAnswer) -> [ElectionAction] {
        guard let call = calls(actions).first else {
            Issue.record("no call among \(actions)")
            return []
        }
        return take(.answered(call.number, answer))
    }

    mutating func campaign() -> [ElectionAction] {
        let asked = answer(take(.tick), .observed(absent))
        return answer(asked, .granted(LeaseGrant(lease: Self.lease, ttl: .seconds(5))))
    }

    /// Has the key; what it is to do then.
    mutating func win() -> [ElectionAction] { answer(campaign(), .campaigned(own)) }

    mutating func lead() {
        #expect(win().contains(.replay(Self.fence)))
        #expect(take(.replayed(Self.fence, upTo: 5, logEnd: 5)) == [.promote(Self.fence)])
        _ = take(.promoted(Self.fence))
        #expect(election.mayAct(at: now))
    }
}

private func calls(_ actions: [ElectionAction]) -> [ElectionCall] {
    actions.compactMap { if case .call(let call) = $0 { call } else { nil } }
}

private func kinds(_ actions: [ElectionAction]) -> [ElectionCall.Kind] { calls(actions).map(\.kind) }

private func key(_ name: String, lease: LeaseID, fence: Int64) -> LeaderObservation {
    let record = LeaderRecord(
        nodeName: name, host: name, editLogPort: 9010, httpPort: 8030, rpcPort: 9020, epoch: 1)
    return LeaderObservation(
        revision: fence, holder: LeaderKey(record: record, lease: lease, fence: Fence(fence)))
}

private let absent = LeaderObservation(revision: 10, holder: nil)
private let own = key("fe1", lease: Driven.lease, fence: 20)
private let foreign = key("fe2", lease: LeaseID(99), fence: 20)
private let unknown = ElectionAnswer.failed(.outcomeUnknown(reason: "no answer"))

@Suite struct RoleElectionTests {
    /// Its resignation was lost with the quorum: the key stands in everybody's way, and it alone knows.
    @Test func aKeyUnderALeaseThatWasGivenUpIsResignedAgain() {
        var fe = Driven()
        fe.lead()
        let given = fe.pass(.seconds(10))
        #expect(given.contains(.stop(Driven.fence)))
        let resigned = fe.take(.stopped(Driven.fence))
        #expect(kinds(resigned).contains(.resign(Driven.lease)))
        let looked = fe.pass(.seconds(1))
        #expect(kinds(looked) == [.observe])
        #expect(kinds(fe.answer(looked, .observed(own))).contains(.resign(Driven.lease)))
        #expect(!fe.election.mayAct(at: fe.now))
        // Another one's is left alone.
        let again = fe.pass(.seconds(1))
        #expect(!kinds(fe.answer(again, .observed(foreign))).contains(.resign(LeaseID(99))))
    }

    @Test func aLoneFollowerBecomesMasterOnceItHasReplayedAll() {
        var fe = Driven()
        #expect(kinds(fe.take(.tick)) == [.observe])
        fe = Driven()
        #expect(fe.win().contains(.replay(Driven.fence)))
        #expect(!fe.election.mayAct(at: fe.now))
        #expect(fe.take(.replayed(Driven.fence, upTo: 3, logEnd: 5)) == [.replay(Driven.fence)], "not all yet")
        #expect(fe.take(.promoted(Driven.fence)) == [], "nobody asked for it")
        #expect(fe.take(.replayed(Fence(19), upTo: 5, logEnd: 5)) == [], "of another term")
        #expect(fe.take(.replayed(Driven.fence, upTo: 5, logEnd: 5)) == [.promote(Driven.fence)])
        #expect(!fe.election.mayAct(at: fe.now))
        _ = fe.take(.promoted(Driven.fence))
        #expect(fe.election.mayAct(at: fe.now))
        #expect(fe.election.state == .master)
        #expect(fe.transitions.map(\.description) == ["transfer from UNKNOWN to MASTER"])
    }

    @Test func whoSeesALeaderFollowsIt() {
        var fe = Driven()
        let next = fe.answer(fe.take(.tick), .observed(foreign))
        #expect(next.isEmpty)
        #expect(fe.election.state == .follower)
        #expect(fe.election.leader == foreign.holder)
        #expect(fe.pass(.milliseconds(999)).isEmpty)
        #expect(kinds(fe.pass(.milliseconds(1))) == [.observe])
        #expect(fe.transitions.map(\.description) == ["transfer from UNKNOWN to FOLLOWER"])
    }

    @Test(arguments: [FrontendRole.observer, nil])
    func whoIsNoFollowerNeverCampaigns(role: FrontendRole?) {
        var fe = Driven(role)
        var next = fe.take(.tick)
        for _ in 0..<50 {
            #expect(kinds(next) == [.observe])
            #expect(fe.answer(next, .observed(absent)).isEmpty)
            #expect(fe.take(.saw(absent)).isEmpty)
            next = fe.pass(.seconds(1))
        }
        _ = fe.answer(next, .observed(foreign))
        #expect(fe.election.state == (role == .observer ? .observer : .unknown))
    }

    @Test func anotherRoleIsTakenUpAtOnce() {
        var fe = Driven(.observer)
        _ = fe.answer(fe.take(.tick), .observed(foreign))
        _ = fe.take(.registered(.follower))
        #expect(fe.election.state == .follower)
        _ = fe.take(.registered(nil))
        #expect(fe.election.state == .unknown)
        var master = Driven()
        master.lead()
        #expect(master.take(.registered(nil)).contains(.stop(Driven.fence)), "it was removed")
    }

    @Test func theLeaseIsCountedFromBeforeItWasAskedFor() {
        var fe = Driven()
        let asked = fe.answer(fe.take(.tick), .observed(absent))
        let start = fe.now
        fe.now = fe.now + .seconds(2)
        let campaign = fe.answer(asked, .granted(LeaseGrant(lease: Driven.lease, ttl: .seconds(5))))
        _ = fe.answer(campaign, .campaigned(own))
        _ = fe.take(.replayed(Driven.fence, upTo: 5, logEnd: 5))
        _ = fe.take(.promoted(Driven.fence))
        // 5 s × 990/1010 - 0.5 s.
        #expect(fe.election.mayAct(at: start + .milliseconds(4400)))
        #expect(!fe.election.mayAct(at: start + .milliseconds(4401)))
    }

    @Test func aRenewalIsCountedFromBeforeItWasSent() {
        var fe = Driven()
        let renewal = fe.win()
        _ = fe.take(.replayed(Driven.fence, upTo: 5, logEnd: 5))
        _ = fe.take(.promoted(Driven.fence))
        let sent = fe.now
        fe.now = fe.now + .seconds(3)
        let next = fe.answer(renewal, .keptAlive(.seconds(5)))
        #expect(kinds(next) == [.keepAlive(Driven.lease)], "it took so long that the next one is due")
        #expect(fe.election.mayAct(at: sent + .milliseconds(4400)))
        #expect(!fe.election.mayAct(at: sent + .milliseconds(4401)))
    }

    @Test func aMasterRenewsAndGoesOn() {
        var fe = Driven()
        var next = fe.win()
        _ = fe.take(.replayed(Driven.fence, upTo: 5, logEnd: 5))
        _ = fe.take(.promoted(Driven.fence))
        for _ in 0..<30 {
            #expect(kinds(next) == [.keepAlive(Driven.lease)])
            fe.now = fe.now + .milliseconds(300)
            #expect(fe.answer(next, .keptAlive(.seconds(5))).isEmpty)
            next = fe.pass(.milliseconds(700))
            #expect(fe.election.mayAct(at: fe.now))
        }
    }

    @Test func aMasterThatCantRenewStopsBeforeItsLeaseEndsAndTurnsFollower() {
        var fe = Driven()
        fe.lead()
        let start = fe.now
        var stopped: [ElectionAction] = []
        while stopped.isEmpty, fe.now < start + .seconds(10) {
            let next = fe.pass(.milliseconds(50))
            if !calls(next).isEmpty { _ = fe.answer(next, unknown) }
            stopped = next.filter { $0 == .stop(Driven.fence) }
        }
        #expect(fe.now - start <= .milliseconds(4450))
        #expect(!fe.election.mayAct(at: fe.now))
        #expect(fe.election.state == .follower)
        #expect(kinds(fe.take(.stopped(Driven.fence))) == [.resign(Driven.lease)])
        #expect(fe.transitions.map(\.description).last == "transfer from MASTER to FOLLOWER")
        _ = fe.pass(.seconds(11))
        #expect(fe.election.state == .unknown, "nobody leads")
    }

    @Test func aProcessThatWasStoppedForLongerThanItsLeaseActsOnNothingWhenItGoesOn() {
        var fe = Driven()
        let renewal = fe.win()
        _ = fe.take(.replayed(Driven.fence, upTo: 5, logEnd: 5))
        _ = fe.take(.promoted(Driven.fence))
        fe.now = fe.now + .seconds(30)
        #expect(!fe.election.mayAct(at: fe.now))
        // The answer that waited for it is good, and comes too late.
        #expect(fe.answer(renewal, .keptAlive(.seconds(5))) == [.stop(Driven.fence)])
        #expect(!fe.election.mayAct(at: fe.now))
        #expect(fe.election.state == .follower)
    }

    @Test func aLeaseThatEndedIsTheEndOfTheTerm() {
        var fe = Driven()
        let renewal = fe.win()
        _ = fe.take(.replayed(Driven.fence, upTo: 5, logEnd: 5))
        _ = fe.take(.promoted(Driven.fence))
        #expect(fe.answer(renewal, .keptAlive(nil)) == [.stop(Driven.fence)])
        #expect(!fe.election.mayAct(at: fe.now))
    }

    @Test func whoStoppedIsNoCandidateBeforeAllOfItHasStopped() {
        var fe = Driven()
        let renewal = fe.win()
        #expect(fe.answer(renewal, .keptAlive(nil)) == [.stop(Driven.fence)])
        #expect(fe.election.wakeAt == nil, "only that wakes it")
        for _ in 0..<20 { #expect(fe.pass(.seconds(1)).isEmpty) }
        #expect(kinds(fe.take(.stopped(Fence(3)))).isEmpty, "of another term")
        #expect(kinds(fe.take(.stopped(Driven.fence))).contains(.resign(Driven.lease)))
        #expect(kinds(fe.pass(.seconds(1))) == [.observe])
    }

    @Test func aCandidacyWithoutAnAnswerIsSettledByLooking() {
        var fe = Driven()
        #expect(fe.answer(fe.campaign(), unknown).isEmpty)
        let look = fe.pass(.milliseconds(250))
        #expect(kinds(look) == [.observe])
        #expect(fe.answer(look, .observed(own)).contains(.replay(Driven.fence)), "the key is under our lease")
    }

    @Test func aCandidacyThatDidNotArriveIsSentAgainWithTheSameLease() {
        var fe = Driven()
        _ = fe.answer(fe.campaign(), unknown)
        #expect(kinds(fe.answer(fe.pass(.milliseconds(250)), .observed(absent))) == [.campaign(Driven.lease)])
    }

    @Test func aKeyOfOursUnderAnotherLeaseIsOfALifeBefore() {
        var fe = Driven()
        _ = fe.answer(fe.campaign(), unknown)
        let before = key("fe1", lease: LeaseID(6), fence: 12)
        let next = fe.answer(fe.pass(.milliseconds(250)), .observed(before))
        #expect(kinds(next) == [.resign(Driven.lease)])
        #expect(fe.election.state == .unknown)
    }

    @Test func whoLosesLetsItsLeaseGo() {
        var fe = Driven()
        #expect(kinds(fe.answer(fe.campaign(), .campaigned(foreign))) == [.resign(Driven.lease)])
        #expect(fe.election.state == .follower)
    }

    @Test func aCandidacyThatTakesTooLongIsGivenUpForGood() {
        var fe = Driven()
        let campaign = fe.campaign()
        #expect(kinds(fe.pass(.seconds(5))).contains(.resign(Driven.lease)))
        _ = fe.answer(campaign, .campaigned(own))
        #expect(fe.election.fence == nil)
    }

    @Test func answersToCallsBeforeAreNotListenedTo() {
        var fe = Driven()
        let first = fe.take(.tick)
        let grant = fe.answer(first, .observed(absent))
        #expect(fe.answer(first, .observed(foreign)).isEmpty)
        #expect(fe.election.leader == nil)
        #expect(kinds(grant) == [.grant(ttl: .seconds(5))])
    }

    @Test func aFailedPromotionEndsInAPause() {
        var fe = Driven()
        _ = fe.win()
        #expect(fe.take(.promotionFailed(Driven.fence, reason: "disk")) == [.stop(Driven.fence)])
        _ = fe.take(.stopped(Driven.fence))
        #expect(fe.election.state == .unknown, "it never was master")
        #expect(fe.transitions.isEmpty)
    }

    @Test func aPromotionHasALimit() {
        var fe = Driven()
        var next = fe.win()
        var stopped = false
        for _ in 0..<70 where !stopped {
            if !calls(next).isEmpty { _ = fe.answer(next, .keptAlive(.seconds(5))) }
            next = fe.pass(.seconds(1))
            stopped = next.contains(.stop(Driven.fence))
        }
        #expect(stopped)
    }

    @Test func aLogThatEndsBeforeWhatWasReplayedIsNotLed() {
        var fe = Driven()
        _ = fe.win()
        #expect(fe.take(.replayed(Driven.fence, upTo: 9, logEnd: 5)) == [.stop(Driven.fence)])
    }

    @Test func whoCantStoreOrLeavesIsNoCandidate() {
        for event in [ElectionEvent.storage(isSound: false), .leave] {
            var fe = Driven()
            let look = fe.take(event)
            #expect(fe.answer(look, .observed(absent)).isEmpty)
            #expect(kinds(fe.pass(.seconds(1))) == [.observe])
        }
    }

    @Test func whoWatchesTheKeyIsQuicker() {
        var fe = Driven()
        _ = fe.answer(fe.take(.tick), .observed(foreign))
        #expect(kinds(fe.take(.saw(LeaderObservation(revision: 21, holder: nil)))) == [.grant(ttl: .seconds(5))])
    }

    /// It was asked before, and would hold the candidacy up until the next look.
    @Test func anAnswerThatIsOlderThanWhatWasSeenIsPassedOver() {
        var fe = Driven()
        let look = fe.take(.tick)
        #expect(kinds(fe.take(.saw(LeaderObservation(revision: 21, holder: nil)))) == [.grant(ttl: .seconds(5))])
        #expect(fe.answer(look, .observed(foreign)).isEmpty)
        #expect(fe.election.leader == nil)
    }

    @Test func aMasterWhoseKeyWasTakenAwayStops() {
        var fe = Driven()
        fe.lead()
        #expect(fe.take(.saw(absent)).isEmpty, "older than its key")
        #expect(fe.take(.saw(LeaderObservation(revision: 30, holder: nil))) == [.stop(Driven.fence)])
        #expect(!fe.election.mayAct(at: fe.now))
    }

    /// It would hold the lead, and refuse every change.
    @Test func aMasterThatCanNotAppendGivesTheLeadUp() {
        var fe = Driven()
        fe.lead()
        #expect(fe.take(.logLost(Fence(19), reason: "of a term before")).isEmpty)
        #expect(fe.election.mayAct(at: fe.now))
        #expect(fe.take(.logLost(Driven.fence, reason: "moved by somebody else")) == [.stop(Driven.fence)])
        #expect(!fe.election.mayAct(at: fe.now))
    }

    @Test func whoLeavesHandsOverAtOnce() {
        var fe = Driven()
        fe.lead()
        #expect(fe.take(.leave) == [.stop(Driven.fence)])
        #expect(kinds(fe.take(.stopped(Driven.fence))) == [.resign(Driven.lease)])
    }

    @Test func failedCandidaciesWaitLongerEachTime() {
        var fe = Driven()
        var grants = 0
        var next = fe.take(.tick)
        let start = fe.now
        while fe.now < start + .seconds(120) {
            if kinds(next) == [.observe] { next = fe.answer(next, .observed(absent)) }
            if kinds(next) == [.grant(ttl: .seconds(5))] {
                grants += 1
                _ = fe.answer(next, .failed(.refused(reason: "database space exceeded")))
            }
            next = fe.pass(.milliseconds(50))
        }
        #expect((20...100).contains(grants))
    }

    @Test func aLeaseThatLeavesNoTimeToRenewIsNoSetting() {
        #expect(ElectionTiming().complaint == nil)
        #expect(ElectionTiming(lease: .seconds(2)).complaint == nil)
        #expect(ElectionTiming(lease: .seconds(5), margin: .seconds(3)).complaint != nil)
    }
}
