import BackendCore
import Checksums
import ClusterSimulation
import ClusterTestKit
import HTTPAPI
import MasterCore
import Platform
import StorageEngine
import TabletModel
import Testing

/// Every I/O operation of create, load and cooldown on a BE, and of create and load on the FE, fails or takes the machine
/// down, in turn. What comes back is the old state or the new one, and the work can be finished.
@Suite struct ClusterFaultTests {
    typealias Cluster = SimulatedCluster

    private static let buckets = 2

    private static func rows(_ cluster: Cluster, _ label: String) -> SampleRows {
        SampleRows(40, label: label, random: SeededRandom(seed: 3).fork(label))
    }

    private static func load(_ cluster: Cluster, _ label: String) throws {
        try cluster.load(label, rows(cluster, label))
    }

    private static func prepareTable(_ cluster: Cluster, buckets: Int = buckets) throws {
        try cluster.addBackends()
        try cluster.createTable(buckets: buckets)
        try cluster.converge()
    }

    private static func expectAllRows(_ cluster: Cluster) throws {
        try cluster.converge()
        let read = try cluster.readThroughFollowers()
        guard read == cluster.acknowledgedRows else {
            throw SimulationFailure(seed: cluster.seed, "read \(read), acknowledged \(cluster.acknowledgedRows)")
        }
    }

    // MARK: On a BE

    @Test(arguments: FaultKind.allCases) func createOnABackend(kind: FaultKind) throws {
        let sweep = FaultSweep(
            prepare: { cluster in
                try cluster.addBackends()
                return cluster.backends[0]
            },
            work: { try $0.createTable(buckets: Self.buckets) },
            checkRestarted: { try Self.expectVersions([1], $0, $1) },
            checkDone: { cluster in
                try cluster.converge()
                try Self.load(cluster, "afterwards")
                try Self.expectAllRows(cluster)
            })
        #expect(try sweep.run("create on a BE", kind) > 1 / FaultSweep.stride)
    }

    @Test(arguments: FaultKind.allCases) func pushAndPublishOnABackend(kind: FaultKind) throws {
        let sweep = FaultSweep(
            prepare: { cluster in
                try Self.prepareTable(cluster)
                return cluster.backends[0]
            },
            work: { cluster in
                try Self.load(cluster, "hit")
                try cluster.pass(.seconds(40))
            },
            checkRestarted: { try Self.expectVersions([1, 2], $0, $1) },
            checkDone: { try Self.expectAllRows($0) })
        #expect(try sweep.run("push and publish on a BE", kind) > 10 / FaultSweep.stride)
    }

    @Test(arguments: FaultKind.allCases) func uploadOfACooldown(kind: FaultKind) throws {
        #expect(try coolingSweep(uploads: true).run("cooldown on the uploader", kind) > 5 / FaultSweep.stride)
    }

    @Test(arguments: FaultKind.allCases) func followInACooldown(kind: FaultKind) throws {
        #expect(try coolingSweep(uploads: false).run("cooldown on a follower", kind) > 1)
    }

    /// Confs are known and nothing is due yet when the faults begin.
    private func coolingSweep(uploads: Bool) -> FaultSweep {
        FaultSweep(
            prepare: { cluster in
                try Self.prepareTable(cluster, buckets: 1)
                try Self.load(cluster, "first")
                try Self.load(cluster, "second")
                try cluster.converge()
                try cluster.attachPolicy(ttlSeconds: 300)
                try cluster.wait(for: "confs") {
                    cluster.backends.allSatisfy {
                        $0.engine?.allTablets.allSatisfy { $0.header.cooldownTerm > 0 } ?? false
                    }
                }
                guard
                    let victim = cluster.backends.first(where: { backend in
                        backend.engine?.allTablets.contains {
                            ($0.header.replicaID == $0.header.cooldownReplicaID) == uploads
                        } ?? false
                    })
                else { throw SimulationFailure(seed: cluster.seed, "nobody is the victim") }
                return victim
            },
            work: { try $0.waitUntilCold() },
            checkRestarted: { try Self.expectVersions([3], $0, $1) },
            checkDone: { cluster in
                try Self.expectAllRows(cluster)
                try Self.expectNoLeaks(cluster)
            })
    }

    @Test(arguments: FaultKind.allCases) func restartOfABackend(kind: FaultKind) throws {
        let sweep = FaultSweep(
            prepare: { cluster in
                try Self.prepareTable(cluster)
                try Self.load(cluster, "first")
                try cluster.attachPolicy()
                try cluster.waitUntilCold()
                try Self.load(cluster, "second")
                let victim = cluster.backends[0]
                try cluster.pass(.seconds(5))
                cluster.restartsWithin = nil
                cluster.crash(victim)
                cluster.restartsWithin = .seconds(10)
                return victim
            },
            work: { cluster in
                try Self.startUntilUp(cluster, cluster.backends[0])
                try cluster.converge()
            },
            checkRestarted: { try Self.expectVersions([3], $0, $1) },
            checkDone: { cluster in
                try cluster.waitUntilCold()
                try Self.expectAllRows(cluster)
                try Self.expectNoLeaks(cluster)
            })
        #expect(try sweep.run("restart of a BE", kind) > 3)
    }

    // MARK: On the FE

    @Test(arguments: FaultKind.allCases) func createOnTheFrontend(kind: FaultKind) throws {
        let sweep = FaultSweep(
            prepare: { cluster in
                try cluster.addBackends()
                return cluster.frontend
            },
            work: { try $0.createTable(buckets: Self.buckets) },
            checkRestarted: { try Self.expectNothingHalf($0, $1) },
            checkDone: { cluster in
                try cluster.converge()
                try Self.expectNoHalfTable(cluster)
                try Self.load(cluster, "afterwards")
                try Self.expectAllRows(cluster)
            })
        #expect(try sweep.run("create on the FE", kind) > 2)
    }

    @Test(arguments: FaultKind.allCases) func loadOnTheFrontend(kind: FaultKind) throws {
        let sweep = FaultSweep(
            prepare: { cluster in
                try Self.prepareTable(cluster)
                return cluster.frontend
            },
            work: { try Self.load($0, "hit") },
            checkRestarted: { try Self.expectNothingHalf($0, $1) },
            checkDone: { try Self.expectAllRows($0) })
        #expect(try sweep.run("load on the FE", kind) > 5)
    }

    @Test(arguments: FaultKind.allCases) func cooldownConfsAndImagesOnTheFrontend(kind: FaultKind) throws {
        let sweep = FaultSweep(
            prepare: { cluster in
                try Self.prepareTable(cluster)
                try Self.load(cluster, "first")
                try cluster.converge()
                return cluster.frontend
            },
            work: { cluster in
                try cluster.attachPolicy()
                try cluster.waitUntilCold()
                try cluster.pass(.seconds(130))
                // And an image over an older one, whenever the first was written.
                try cluster.detachPolicy()
                try cluster.attachPolicy()
                try cluster.pass(.seconds(70))
            },
            checkRestarted: { try Self.expectNothingHalf($0, $1) },
            checkDone: { cluster in
                try cluster.waitUntilCold()
                try Self.expectAllRows(cluster)
                try Self.expectNoLeaks(cluster)
            })
        #expect(try sweep.run("cooldown confs and images on the FE", kind) > 5)
    }

    @Test(arguments: FaultKind.allCases) func restartOfTheFrontend(kind: FaultKind) throws {
        let sweep = FaultSweep(
            prepare: { cluster in
                try Self.prepareTable(cluster)
                try Self.load(cluster, "first")
                cluster.restartsWithin = nil
                cluster.crash(cluster.frontend)
                cluster.restartsWithin = .seconds(10)
                return cluster.frontend
            },
            work: { cluster in
                try Self.startUntilUp(cluster, cluster.frontend)
                try cluster.converge()
            },
            checkRestarted: { try Self.expectNothingHalf($0, $1) },
            checkDone: { cluster in
                try Self.load(cluster, "second")
                try Self.expectAllRows(cluster)
            })
        #expect(try sweep.run("restart of the FE", kind) > 3)
    }

    // MARK: Checks

    /// A start that fails is tried again, as whoever runs the daemons would; the fault is there at the first try only.
    private static func startUntilUp(_ cluster: Cluster, _ process: any SimulatedProcess) throws {
        do {
            try process.start()
        } catch {
            try process.start()
        }
    }

    /// Every tablet of the BE is whole and at one of these versions.
    private static func expectVersions(
        _ versions: Set<Version>, _ cluster: Cluster, _ process: any SimulatedProcess
    ) throws {
        guard let backend = process as? SimulatedBackend, let engine = backend.engine else { return }
        for tablet in engine.allTablets {
            let state = tablet.snapshot
            guard state.isComplete, versions.contains(state.maxVersion) else {
                throw SimulationFailure(
                    seed: cluster.seed, "\(process.name) came back with tablet \(tablet.id) at \(state.maxVersion)")
            }
            _ = try cluster.rows(of: tablet.id, on: backend, at: state.maxVersion)
        }
    }

    /// After its start the FE has no load that it can't bring to an end. A half table stays until its backends were heard:
    /// the metadata may be older than they are.
    private static func expectNothingHalf(_ cluster: Cluster, _ process: any SimulatedProcess) throws {
        guard let master = cluster.frontend.master else { return }
        for load in try master.loads() where [.receiving, .pushing].contains(load.state) {
            throw SimulationFailure(seed: cluster.seed, "load \(load.label) came back \(load.state)")
        }
    }

    private static func expectNoHalfTable(_ cluster: Cluster) throws {
        for table in try cluster.frontend.master?.tables(inDatabase: nil) ?? [] where table.state != "normal" {
            throw SimulationFailure(seed: cluster.seed, "table \(table.name) is still \(table.state)")
        }
    }

    /// Every segment object is one that a replica reads, once garbage was swept.
    private static func expectNoLeaks(_ cluster: Cluster) throws {
        for backend in cluster.backends { _ = backend.cooldown?.sweepRemoteGarbage() }
        let needed = Set(
            cluster.backends.flatMap { backend in
                (backend.engine?.allTablets ?? []).flatMap { tablet in
                    tablet.rowsets.filter(\.meta.isRemote).flatMap { RemoteKeys.segments(of: $0.meta) }
                }
            })
        let store = cluster.objects.stores.memoryStore(for: Cluster.resource)
        let leaked = store.keys.filter { $0.hasSuffix(".dat") && !needed.contains($0) }
        guard leaked.isEmpty else { throw SimulationFailure(seed: cluster.seed, "leaked \(leaked)") }
    }
}
