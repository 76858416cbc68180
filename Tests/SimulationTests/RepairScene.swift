import BackendCore
import ClusterSimulation
import ClusterTestKit
import HTTPAPI
import MasterCore
import StorageEngine
import TabletModel

/// How scenarios of repair begin and end.
enum RepairScene {
    typealias Cluster = SimulatedCluster

    /// A cluster with a table and some loads, healthy.
    static func cluster(
        _ seed: UInt64, backends: Int = 3, buckets: Int = 3, loads: Int = 3,
        configure: (inout SimulationSettings) -> Void = { _ in }
    ) throws -> Cluster {
        let cluster = Seeds.cluster(seed) { settings in
            settings.backends = backends
            configure(&settings)
        }
        try cluster.startAll()
        try cluster.addBackends()
        try cluster.createTable(buckets: buckets)
        for number in 0..<loads { try load("first-\(number)", cluster) }
        try cluster.converge()
        return cluster
    }

    static func load(_ label: String, _ cluster: Cluster, rows: Int = 40) throws {
        try cluster.load(label, SampleRows(rows, label: label, random: cluster.random))
        try cluster.check()
    }

    /// Healed, every row of every acknowledged load on every replica, and the backends agree about the rows.
    static func finish(_ cluster: Cluster, leavesNothing: Bool = true) throws {
        try cluster.heal()
        try cluster.expectEveryReplicaWhole()
        try cluster.checkConsistency()
        try cluster.heal()
        if leavesNothing { try cluster.expectNoCloneLeftovers() }
    }

    static func master(_ cluster: Cluster) throws -> Master {
        guard let master = cluster.frontend.master else {
            throw SimulationFailure(seed: cluster.seed, "the FE is down")
        }
        return master
    }

    static func tablets(_ cluster: Cluster) throws -> [TabletView] { try master(cluster).tablets(of: Cluster.table) }

    /// Every tablet of the BE ends up with all of its own rowsets, up to the version.
    static func holds(_ backend: SimulatedBackend, upTo version: Version) -> Bool {
        guard let engine = backend.engine, engine.isLoaded else { return false }
        return engine.allTablets.allSatisfy { $0.snapshot.maxContinuousVersion >= version }
    }
}
