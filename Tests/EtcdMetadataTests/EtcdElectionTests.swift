import EtcdClient
import EtcdMetadata
import ServerFixtures
import TabletModel
import Testing

@Suite struct EtcdElectionTests {
    private func election(_ fixture: LogFixture) throws -> EtcdElection {
        EtcdElection(try fixture.client(), prefix: LogFixture.prefix, time: RealTime())
    }

    @Test func oneIsElectedAndTheOthersSeeWho() throws {
        let fixture = try LogFixture()
        let (one, two) = (try election(fixture), try election(fixture))
        #expect(try one.observe().leader == nil)
        let before = RealTime().monotonicNow
        let mine = try one.grant(life: .seconds(30))
        #expect(mine.endsAt >= before + .seconds(30) && mine.endsAt <= RealTime().monotonicNow + .seconds(30))
        guard case .won(let fence) = try one.campaign(mine.id, value: [1]) else {
            Issue.record("not elected")
            return
        }
        // To be elected twice is to be elected.
        #expect(try one.campaign(mine.id, value: [1]) == .won(fence))
        let other = try two.grant(life: .seconds(30))
        guard case .lost(let leader) = try two.campaign(other.id, value: [2]) else {
            Issue.record("two are elected")
            return
        }
        #expect(leader.value == [1] && leader.fence == fence && leader.leaseID == mine.id)
        let seen = try two.observe()
        #expect(seen.leader == leader && seen.revision >= fence.createRevision)
        #expect(try one.keepAlive(mine.id).endsAt >= mine.endsAt)

        let watch = try two.watch(from: seen.revision + 1)
        try one.resign(mine.id)
        var gone = false
        while !gone, let tidings = try watch.next(upTo: .seconds(10)) {
            gone = tidings.events.contains { if case .delete = $0 { true } else { false } }
        }
        #expect(gone)
        guard case .won(let later) = try two.campaign(other.id, value: [2]) else {
            Issue.record("not elected")
            return
        }
        #expect(later.createRevision > fence.createRevision)
        let error = #expect(throws: EtcdError.self) { try one.keepAlive(mine.id) }
        #expect(error?.code == .leaseGone)
        try two.resign(other.id)
        // A lease that has ended elects nobody.
        let ended = #expect(throws: EtcdError.self) { try one.campaign(mine.id, value: [1]) }
        #expect(ended?.code == .leaseGone)
    }

    @Test func aLeaseThatNobodyRenewsEnds() throws {
        let fixture = try LogFixture()
        let one = try election(fixture)
        let lease = try one.grant(life: .seconds(1))
        _ = try one.campaign(lease.id, value: [1])
        let seen = try one.observe()
        let watch = try one.watch(from: seen.revision + 1)
        var endedAt: MonotonicTime?
        while endedAt == nil, let tidings = try watch.next(upTo: .seconds(20)) {
            if !tidings.events.isEmpty { endedAt = RealTime().monotonicNow }
        }
        // Never before its holder stops believing in it.
        #expect(try #require(endedAt) >= lease.endsAt)
    }
}
