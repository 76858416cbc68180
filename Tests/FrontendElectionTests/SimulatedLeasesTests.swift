import ClusterTestKit
import ElectionTestKit
import FrontendElection
import TabletModel
import Testing

/// What stands in for etcd does what etcd does.
@Suite struct SimulatedLeasesTests {
    let time = ManualScheduler()
    let leases: SimulatedLeases
    let record = LeaderRecord(nodeName: "a", host: "a", editLogPort: 1, httpPort: 2, rpcPort: 3, epoch: 4)

    init() {
        let time = time
        leases = SimulatedLeases { time.monotonicNow }
    }

    @Test func theKeyGoesWithItsLease() throws {
        let line = leases.line(of: "a")
        let grant = try line.grant(ttl: .seconds(5), within: .seconds(1))
        let key = try #require(try line.campaign(grant.lease, as: record, within: .seconds(1)).holder)
        #expect(key.lease == grant.lease)
        try time.advance(by: .seconds(4))
        #expect(try line.keepAlive(grant.lease, within: .seconds(1)) == .seconds(5))
        try time.advance(by: .milliseconds(4999))
        #expect(try line.observe(within: .seconds(1)).holder == key)
        try time.advance(by: .milliseconds(1))
        #expect(try line.observe(within: .seconds(1)).holder == nil)
        #expect(try line.keepAlive(grant.lease, within: .seconds(1)) == nil)
        #expect(throws: ElectionError.self) { try line.campaign(grant.lease, as: record, within: .seconds(1)) }
    }

    @Test func oneHasItAndLaterOnesHaveHigherFences() throws {
        let (a, b) = (leases.line(of: "a"), leases.line(of: "b"))
        let first = try a.grant(ttl: .seconds(5), within: .seconds(1)).lease
        let second = try b.grant(ttl: .seconds(5), within: .seconds(1)).lease
        let key = try a.campaign(first, as: record, within: .seconds(1)).holder
        #expect(try a.campaign(first, as: record, within: .seconds(1)).holder == key, "as asked once")
        #expect(try b.campaign(second, as: record, within: .seconds(1)).holder == key)
        try a.resign(first, within: .seconds(1))
        let next = try #require(try b.campaign(second, as: record, within: .seconds(1)).holder)
        #expect(next.fence > (try #require(key)).fence)
    }

    @Test func aLostAnswerIsOfACallThatWasCarriedOut() throws {
        let line = leases.line(of: "a")
        let lease = try line.grant(ttl: .seconds(5), within: .seconds(1)).lease
        leases.loseAnswers(1, of: "a")
        #expect(throws: ElectionError.self) { try line.campaign(lease, as: record, within: .seconds(1)) }
        #expect(try line.observe(within: .seconds(1)).holder?.lease == lease)
        leases.cut("a")
        #expect(throws: ElectionError.self) { try line.resign(lease, within: .seconds(1)) }
        leases.heal("a")
        #expect(try line.observe(within: .seconds(1)).holder?.lease == lease)
    }
}
