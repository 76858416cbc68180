import ClusterTestKit
import FrontendElection
import TabletModel
import Testing

@Suite struct ElectionPropertyTests {
    @Test func noTwoActAtAnyMomentAndOnceAllIsWellOneDoes() {
        var terms = 0
        for seed in SeedRange.chosen(default: 1...100) {
            var run = ElectionSimulation(seed: seed, timing: ElectionTiming(), trouble: .seconds(240))
            run.run(until: .seconds(300))
            // All has been well for a while, so nothing changes any more.
            var without = 0
            run.run(until: .seconds(330)) { if $0.acting.count != 1 { without += 1 } }
            #expect(run.complaints.isEmpty, "seed \(seed): \(run.complaints.first ?? "")")
            #expect(without == 0, "seed \(seed): nobody led, with everything well")
            let leader = run.acting.first
            for (place, machine) in run.machines.enumerated() where place != leader {
                #expect(machine.election.state == (machine.role == .observer ? .observer : .follower), "seed \(seed)")
                #expect(machine.election.leader?.record.nodeName == leader.map { "fe\($0)" }, "seed \(seed)")
            }
            terms += run.masters.count
        }
        // The trouble is worth the name.
        #expect(terms > 100 * 3 || SeedRange.environment != nil)
    }

    /// What keeps two from acting is the margin that is counted from before a renewal was sent: without one, two do.
    @Test func aLeaderThatCountsOnItsLeaseForLongerIsCaught() {
        let broken = ElectionTiming(margin: .seconds(-3))
        let caught = (1...60).contains { seed in
            var run = ElectionSimulation(seed: UInt64(seed), timing: broken, trouble: .seconds(240))
            run.run(until: .seconds(240))
            return run.complaints.contains { $0.hasSuffix("act") }
        }
        #expect(caught)
    }
}
