import ClusterTestKit
import ElectionTestKit
import FrontendElection
import PlatformContracts
import TabletModel
import Testing

/// What stands in for etcd does what etcd does.
@Suite struct SimulatedLeasesTests {
    let time = ManualScheduler()
    let leases: SimulatedLeases

    init() {
        let time = time
        leases = SimulatedLeases { time.monotonicNow }
    }

    @Test(arguments: LeaderElectionContract.allCases)
    func keepsTheContract(_ contract: LeaderElectionContract) throws {
        try contract.check(leases.line(of: "a"), leases.line(of: "b"), ttl: .seconds(2)) { try time.advance(by: $0) }
    }

    @Test func aLostAnswerIsOfACallThatWasCarriedOut() throws {
        let record = LeaderRecord(nodeName: "a", host: "a", editLogPort: 1, httpPort: 2, rpcPort: 3, epoch: 4)
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
