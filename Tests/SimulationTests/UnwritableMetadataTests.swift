import ClusterSimulation
import ClusterTestKit
import HTTPAPI
import MasterCore
import Platform
import TabletModel
import Testing

/// found D8, A1: the disk of the FE's journal fails, once or for a while, with the entry written or not, and the FE lives on.
/// No acknowledged load is lost, none stays half done, and later ones become visible.
@Suite struct UnwritableMetadataTests {
    @Test(arguments: Seeds.chosen(default: 1...24))
    func aFrontendWhoseJournalFailsLivesOnAndLosesNothing(seed: UInt64) throws {
        let cluster = Seeds.cluster(seed)
        let random = cluster.random
        let disk = cluster.scheduler.makeNode("disk").makePool(name: "repair", threads: 1, queueLimit: 100)
        let plan = cluster.frontend.plan
        try KillTests.play(cluster) {
            plan.restart(Seeds.failure(random, below: 8))
            // Somebody sees to the disk.
            cluster.scheduler.schedule(after: .seconds(Int64(random.next(below: 80))), on: disk) { plan.restart() }
        } afterEachStep: {
            plan.restart()
        }
        #expect(cluster.frontend.incarnation == 1, "TABLETD_SEED=\(seed): the FE went down")
        #expect(try cluster.frontend.master?.status().isReady == true)
        let loads = try cluster.frontend.master?.loads() ?? []
        #expect(loads.allSatisfy { $0.state == .visible || $0.state == .aborted }, "TABLETD_SEED=\(seed)")
    }

    /// The same, and the FE's machine goes down in the middle of it: a restart settles what nobody knew.
    @Test(arguments: Seeds.chosen(default: 1...12))
    func aFrontendThatGoesDownWhileAnOutcomeIsUnknownLosesNothing(seed: UInt64) throws {
        let cluster = Seeds.cluster(seed)
        let random = cluster.random
        cluster.restartsWithin = .seconds(15)
        let disk = cluster.scheduler.makeNode("disk").makePool(name: "repair", threads: 1, queueLimit: 100)
        let frontend = cluster.frontend
        try KillTests.play(cluster) {
            let index = Int(random.next(below: 8))
            frontend.plan.restart(random.oneIn(2) ? .failFrom(index) : .failAfterAndFrom(index))
            cluster.arm(frontend) { frontend.isUnwritable }
            cluster.scheduler.schedule(after: .seconds(Int64(random.next(below: 80))), on: disk) {
                frontend.plan.restart()
            }
        } afterEachStep: {
            frontend.plan.restart()
        }
        #expect(try frontend.master?.status().isReady == true)
    }
}
