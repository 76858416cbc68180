import ClusterSimulation
import ClusterTestKit
import Testing

/// Three FEs over one log: they crash, stop and go on, lose the log, each other and backends, hear no answers, and have clocks that
/// drift and jump. One master acts at a moment, what was acknowledged stays, each FE has what the log gives, and whoever changes
/// something through an FE sees it there.
@Suite struct FailoverChaosTests {
    @Test(arguments: Seeds.chosen(default: 1...20)) func whateverHappensToFrontendsNothingIsLost(seed: UInt64) throws {
        var scene = try FailoverScene(seed)
        try scene.run(rounds: 16)
        try scene.finish()
        let acts = scene.cluster.masterActs
        #expect(acts.count > 20, "TABLETD_SEED=\(seed)")
    }
}
