import ClusterSimulation
import ClusterTestKit
import HTTPAPI
import MasterCore
import Platform
import TabletModel
import Testing

/// found A1: the meta store of a backend fails, once or for a while, with the change made or not, and nobody knows which. The
/// process settles it by opening the store anew, or ends when its tablets lack what the store holds; it is started again
/// then. Nothing that was acknowledged is lost.
@Suite struct UnknownBackendOutcomeTests {
    @Test(arguments: Seeds.chosen(default: 1...16))
    func aBackendWhoseMetaStoreFailsLosesNothing(seed: UInt64) throws {
        let cluster = Seeds.cluster(seed)
        let random = cluster.random
        cluster.restartsWithin = .seconds(15)
        let disk = cluster.scheduler.makeNode("disk").makePool(name: "repair", threads: 1, queueLimit: 100)
        let victim = cluster.backends[Int(random.next(below: 3))]
        try KillTests.play(cluster) {
            victim.plan.restart(Seeds.failure(random, below: 12), only: .keyValue)
            // Somebody sees to the disk.
            cluster.scheduler.schedule(after: .seconds(Int64(random.next(below: 80))), on: disk) {
                victim.plan.restart()
            }
        } afterEachStep: {
            victim.plan.restart()
        }
    }
}
