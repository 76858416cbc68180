import ClusterSimulation
import ClusterTestKit
import HTTPAPI
import MasterCore
import Testing

/// That the simulation of three FEs is one run a seed, and that its checks notice what is broken.
@Suite struct FailoverTests {
    @Test(arguments: Seeds.chosen(default: 1...2)) func theSameSeedGivesTheSameEventLog(seed: UInt64) throws {
        let log = try Seeds.expectSameLog(seed) {
            var scene = try FailoverScene(seed)
            try scene.run(rounds: 10)
            return scene.cluster.log
        }
        #expect(log.lines.count > 100)
    }

    // MARK: Flaws

    /// A flaw, and what a check says of it sooner or later.
    struct Case: Sendable, CustomTestStringConvertible {
        let flaw: SimulatedFlaw
        let complaint: String
        var comparesMetadata = true
        var testDescription: String { "\(flaw): \(complaint)" }
    }

    static let cases = [
        Case(flaw: .logBelievesAnyMaster, complaint: "is not what the log gives"),
        Case(flaw: .logBelievesAnyMaster, complaint: "acknowledged", comparesMetadata: false),
        Case(flaw: .mastersOutliveTheirLeases, complaint: "has acted in"),
        Case(flaw: .followersAnswerAtOnce, complaint: "is not seen there"),
    ]

    @Test(arguments: cases) func aFlawIsNoticed(_ test: Case) throws {
        var others: [String] = []
        for seed in UInt64(1)...40 {
            do {
                var scene = try FailoverScene(seed, flaws: [test.flaw])
                scene.comparesMetadata = test.comparesMetadata
                scene.troubles = [.leaderStops, .leaderLosesLog, .appendsAreLost]
                try scene.run(rounds: 16)
                try scene.finish()
            } catch let failure as SimulationFailure {
                if failure.reason.contains(test.complaint) { return }
                others.append("\(seed) \(failure.reason.prefix(300))")
            }
        }
        Issue.record("in 40 runs nothing noticed \(test), but: \(others)")
    }

    /// What a master was about to send when it was stopped leaves it no more once another one leads; with the flaw it does, and
    /// no backend takes it: commands are the host's whose heartbeat came last.
    @Test(arguments: [[], [.mastersOutliveTheirLeases]] as [Set<SimulatedFlaw>])
    func aStoppedMasterThatGoesOnSendsNotOneTask(flaws: Set<SimulatedFlaw>) throws {
        let cluster = try FailoverScene(1, flaws: flaws).cluster
        for backend in cluster.backends { cluster.calmDisk(of: backend) }
        let first = cluster.frontend
        let master = try #require(first.master)
        for tablet in try master.tablets(of: SimulatedCluster.table) { _ = try master.checkConsistency(tablet.id) }
        cluster.stop(first, for: .seconds(20))
        try cluster.pass(.seconds(15))
        #expect(cluster.frontend !== first && cluster.frontend.master != nil)
        let before = cluster.network.callCounts["submit_tasks"] ?? 0
        try cluster.pass(.seconds(5) + .milliseconds(1))
        if flaws.isEmpty {
            try cluster.checkFrontends()
            #expect(cluster.network.callCounts["submit_tasks"] ?? 0 == before)
        } else {
            let failure = #expect(throws: SimulationFailure.self) { try cluster.checkFrontends() }
            let reason = try #require(failure?.reason)
            #expect(reason.contains("\(first.name) sends") && !reason.contains("took tasks of"), "\(reason)")
        }
        try cluster.pass(.seconds(5))
        #expect(first.isRunning && first.master == nil)
    }
}
