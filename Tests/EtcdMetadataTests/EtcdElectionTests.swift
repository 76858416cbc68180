import EtcdClient
import FrontendElection
import Glibc
import PlatformContracts
import ServerFixtures
import TabletModel
import Testing

@testable import EtcdMetadata

@Suite struct EtcdElectionTests {
    private static let limit = Duration.seconds(5)

    private func election(_ fixture: LogFixture) throws -> EtcdElection {
        EtcdElection(try fixture.client(), prefix: LogFixture.prefix)
    }

    @Test func oneIsElectedAndTheOthersSeeWho() throws {
        let fixture = try LogFixture()
        let (one, two) = (try election(fixture), try election(fixture))
        #expect(try one.observe(within: Self.limit).holder == nil)
        let mine = try one.grant(ttl: .seconds(30), within: Self.limit)
        #expect(mine.ttl >= .seconds(30))
        let won = try one.campaign(mine.lease, as: .named("fe1"), within: Self.limit)
        let key = try #require(won.holder)
        #expect(key.lease == mine.lease && key.record == .named("fe1") && key.fence.rawValue == won.revision)
        // To be elected twice is to be elected.
        #expect(try one.campaign(mine.lease, as: .named("fe1"), within: Self.limit).holder == key)
        let other = try two.grant(ttl: .seconds(30), within: Self.limit)
        #expect(try two.campaign(other.lease, as: .named("fe2"), within: Self.limit).holder == key)
        let seen = try two.observe(within: Self.limit)
        #expect(seen.holder == key && seen.revision >= key.fence.rawValue)
        #expect(try #require(try one.keepAlive(mine.lease, within: Self.limit)) >= .seconds(29))

        let watch = try two.watch(from: seen.revision + 1)
        try one.resign(mine.lease, within: Self.limit)
        var gone = false
        while !gone, let tidings = try watch.next(upTo: .seconds(10)) {
            gone = tidings.events.contains { if case .delete = $0 { true } else { false } }
        }
        #expect(gone)
        let later = try #require(try two.campaign(other.lease, as: .named("fe2"), within: Self.limit).holder)
        #expect(later.record.nodeName == "fe2" && later.fence > key.fence)
        #expect(try one.keepAlive(mine.lease, within: Self.limit) == nil)
        try two.resign(other.lease, within: Self.limit)
        // One that has ended is no error, and elects nobody.
        try two.resign(other.lease, within: Self.limit)
        let error = #expect(throws: ElectionError.self) {
            try one.campaign(mine.lease, as: .named("fe1"), within: Self.limit)
        }
        if case .refused? = error {} else { Issue.record("\(String(describing: error))") }
    }

    /// One etcd, a prefix for each check.
    @Test func contract() throws {
        let fixture = try LogFixture()
        for check in LeaderElectionContract.allCases {
            let lines = try (0..<2).map { _ in
                EtcdElection(try fixture.client(), prefix: "/tabletd/\(check.rawValue)")
            }
            do {
                // etcd grants none that is shorter.
                try check.check(lines[0], lines[1], ttl: .seconds(2)) { usleep(UInt32($0 / .microseconds(1))) }
            } catch {
                Issue.record("\(check): \(error)")
            }
        }
    }

    @Test func aLeaseThatNobodyRenewsEnds() throws {
        let fixture = try LogFixture()
        let one = try election(fixture)
        let before = RealTime().monotonicNow
        let lease = try one.grant(ttl: .seconds(1), within: Self.limit)
        _ = try one.campaign(lease.lease, as: .named("fe1"), within: Self.limit)
        let seen = try one.observe(within: Self.limit)
        let watch = try one.watch(from: seen.revision + 1)
        var endedAt: MonotonicTime?
        while endedAt == nil, let tidings = try watch.next(upTo: .seconds(20)) {
            if !tidings.events.isEmpty { endedAt = RealTime().monotonicNow }
        }
        // Never before its holder stops believing in it.
        #expect(try #require(endedAt) >= before + lease.ttl)
    }

    @Test func theFeedTellsWhoLeadsAndEachChange() throws {
        let fixture = try LogFixture()
        let one = try election(fixture)
        let feed = EtcdLeaderFeed(try fixture.client(), prefix: LogFixture.prefix)
        let first = try #require(try feed.next(within: Self.limit))
        #expect(first.holder == nil)
        #expect(try feed.next(within: .milliseconds(50)) == nil)

        let lease = try one.grant(ttl: .seconds(30), within: Self.limit)
        let won = try one.campaign(lease.lease, as: .named("fe1"), within: Self.limit)
        #expect(try feed.next(within: Self.limit) == won)
        try one.resign(lease.lease, within: Self.limit)
        let gone = try #require(try feed.next(within: Self.limit))
        #expect(gone.holder == nil && gone.revision > won.revision)

        // What happens while nobody can be asked is seen afterwards.
        fixture.etcd.kill(0)
        #expect(throws: (any Error).self) {
            while try feed.next(within: Self.limit) != nil {}
            _ = try feed.next(within: Self.limit)
        }
        try fixture.etcd.startAgain(0)
        let again = try one.grant(ttl: .seconds(30), within: Self.limit)
        let second = try one.campaign(again.lease, as: .named("fe2"), within: Self.limit)
        #expect(try feed.next(within: Self.limit) == second)
    }

    /// Nobody knows what became of a call that had no answer in time.
    @Test func aCallWithoutAnAnswerIsOfUnknownOutcome() throws {
        let fixture = try LogFixture()
        let one = try election(fixture)
        let lease = try one.grant(ttl: .seconds(30), within: Self.limit)
        fixture.etcd.freeze(0)
        defer { fixture.etcd.thaw(0) }
        let error = #expect(throws: ElectionError.self) {
            try one.campaign(lease.lease, as: .named("fe1"), within: .milliseconds(500))
        }
        if case .outcomeUnknown? = error {} else { Issue.record("\(String(describing: error))") }
    }

    @Test func theKeySaysWhereTheLeaderIs() {
        let record = LeaderRecord.named("fe1")
        #expect(LeaderRecord(text: record.text) == record)
        #expect(String(decoding: record.text, as: UTF8.self).contains(#""host":"fe1.example""#))
        #expect(LeaderRecord(text: Array("nonsense".utf8)).nodeName.isEmpty)
    }
}
