import BackendCore
import ClusterSimulation
import ClusterTestKit
import HTTPAPI
import MasterCore
import StorageEngine
import TabletModel
import Testing

/// Repair of tablets whose rows are in the object store, and of replicas whose rowsets differ.
@Suite struct ColdRepairTests {
    typealias Cluster = SimulatedCluster

    private static func coldCluster(_ seed: UInt64, backends: Int = 3, loads: Int = 3) throws -> Cluster {
        let cluster = try RepairScene.cluster(seed, backends: backends, loads: loads)
        try cluster.attachPolicy(ttlSeconds: 30)
        try cluster.waitUntilCold()
        try cluster.converge()
        return cluster
    }

    private static func segmentKeys(_ cluster: Cluster) -> [String] {
        cluster.objects.stores.memoryStore(for: Cluster.resource).keys.filter { $0.hasSuffix(".dat") }
    }

    private static func uploader(of tablet: TabletView, _ cluster: Cluster) throws -> SimulatedBackend {
        let host = try #require(tablet.replicas.first { $0.id == tablet.cooldownReplicaID }).host
        return try #require(cluster.backend(host: host))
    }

    /// Nothing is downloaded from peers but lists and headers, and nothing is uploaded again.
    @Test(arguments: Seeds.chosen(default: 1...4)) func aLostColdFollowerIsClonedWithoutCopyingRows(seed: UInt64) throws
    {
        let cluster = try Self.coldCluster(seed)
        let tablet = try #require(try RepairScene.tablets(cluster).first)
        let host = try #require(tablet.replicas.first { $0.id != tablet.cooldownReplicaID }).host
        let victim = try #require(cluster.backend(host: host))
        let before = Self.segmentKeys(cluster)
        let puts = cluster.objects.puts.count
        cluster.emptyDisk(of: victim)
        try victim.start()
        try cluster.heal()
        try cluster.waitUntilCold()
        try RepairScene.finish(cluster)
        #expect(cluster.sentFiles.allSatisfy { !$0.isSegment }, "TABLETD_SEED=\(seed)")
        #expect(Self.segmentKeys(cluster) == before, "TABLETD_SEED=\(seed)")
        let segments = cluster.objects.puts.dropFirst(puts).filter { $0.key.hasSuffix(".dat") }
        #expect(segments.isEmpty, "TABLETD_SEED=\(seed): \(segments)")
        // The replica is the same one under the same id: where it was the uploader it goes on, and no other is named.
        for tablet in try RepairScene.tablets(cluster) {
            #expect(tablet.cooldownTerm == 1, "TABLETD_SEED=\(seed)")
        }
    }

    /// Another one is named, uploads what comes next, and each object is put once.
    @Test(arguments: Seeds.chosen(default: 1...4)) func aLostUploaderIsReplacedAndUploadsStayExactlyOne(seed: UInt64)
        throws
    {
        let cluster = try Self.coldCluster(seed)
        let first = try #require(try RepairScene.tablets(cluster).first)
        let victim = try Self.uploader(of: first, cluster)
        try RepairScene.load("warm", cluster)
        // It may be in the middle of the upload, before it or after it.
        try cluster.pass(.seconds(Int64(cluster.random.next() % 60)))
        cluster.emptyDisk(of: victim)
        if seed % 2 == 0 { try cluster.pass(.seconds(20)) }
        try victim.start()
        try RepairScene.load("later", cluster)
        try cluster.heal()
        try cluster.waitUntilCold()
        try RepairScene.finish(cluster)
        let now = try #require(try RepairScene.tablets(cluster).first { $0.id == first.id })
        #expect(
            now.cooldownReplicaID != first.cooldownReplicaID && now.cooldownTerm > first.cooldownTerm,
            "TABLETD_SEED=\(seed)")
    }

    /// A cold backend dies for good: its replicas are made elsewhere, and the uploads it owed are done by others.
    @Test(arguments: Seeds.chosen(default: 1...4)) func aDeadColdBackendIsReplaced(seed: UInt64) throws {
        let cluster = try Self.coldCluster(seed, backends: 4)
        let victim = cluster.backends[Int(cluster.random.next() % 4)]
        try RepairScene.load("warm", cluster)
        cluster.crash(victim)
        cluster.retired = [victim.name]
        try cluster.heal()
        try cluster.waitUntilCold()
        try RepairScene.finish(cluster)
        try RepairScene.load("later", cluster)
        cluster.retired = []
        try victim.start()
        try cluster.heal()
        try cluster.waitUntilCold()
        try RepairScene.finish(cluster)
    }

    // found A6
    /// The policy that cooled the rows is replaced by another of the same resource and dropped; backends that never heard of
    /// it then take over every replica.
    @Test(arguments: Seeds.chosen(default: 1...4)) func coldRowsOutliveTheirPolicyAndEveryReplicaOfThen(seed: UInt64)
        throws
    {
        let cluster = Seeds.cluster(seed) { $0.backends = 6 }
        let (leaving, late) = (cluster.backends.prefix(3), cluster.backends.suffix(3))
        cluster.retired = Set(late.map(\.name))
        try cluster.startAll()
        try cluster.addBackends()
        try cluster.createTable(buckets: 3)
        for number in 0..<2 { try RepairScene.load("first-\(number)", cluster) }
        try cluster.attachPolicy(ttlSeconds: 30)
        try cluster.waitUntilCold()
        let master = try RepairScene.master(cluster)
        _ = try master.createStoragePolicy(
            CreateStoragePolicyRequest(name: "second", resource: "s3", cooldownTTLSeconds: 30))
        _ = try master.attachStoragePolicy("second", to: Cluster.table)
        try master.dropStoragePolicy(Cluster.policy)
        cluster.retired = []
        for backend in late { try backend.start() }
        for backend in leaving {
            _ = try RepairScene.master(cluster).setDecommissioned(backend.heartbeatAddress, true)
        }
        try cluster.wait(for: "the drain") { try RepairScene.master(cluster).backends().count == 3 }
        cluster.retired = Set(leaving.map(\.name))
        // With what a drop that was on its way would have removed.
        for backend in leaving { cluster.emptyDisk(of: backend) }
        try RepairScene.finish(cluster)
        try cluster.waitUntilCold()
        let hosts = Set(leaving.map(\.heartbeatAddress.host))
        let left = try RepairScene.tablets(cluster).flatMap { $0.replicas.map(\.host) }
        #expect(left.allSatisfy { !hosts.contains($0) }, "TABLETD_SEED=\(seed)")
    }

    /// An old disk knows an older term and fewer remote rowsets.
    @Test(arguments: Seeds.chosen(default: 1...4)) func anOldDiskOfAColdBackendCatchesUp(seed: UInt64) throws {
        let cluster = try RepairScene.cluster(seed, loads: 2)
        let victim = cluster.backends[Int(cluster.random.next() % 3)]
        let warm = victim.machine.copy()
        try cluster.attachPolicy(ttlSeconds: 30)
        try cluster.waitUntilCold()
        try RepairScene.load("later", cluster)
        let old = seed % 2 == 0 ? warm : victim.machine.copy()
        try cluster.pass(.seconds(seed % 4 < 2 ? 10 : 120))
        try RepairScene.load("last", cluster)
        cluster.restoreDisk(of: victim, old)
        try victim.start()
        try cluster.heal()
        try cluster.waitUntilCold()
        try RepairScene.finish(cluster)
    }

    /// Every backend compacts when it likes, so that no two have the same rowsets; the rows stay the same.
    @Test(arguments: Seeds.chosen(default: 1...6)) func rowsStayTheSameWhateverEachBackendCompacts(seed: UInt64) throws
    {
        let cluster = try RepairScene.cluster(seed, loads: 2) { settings in
            settings.backend.compactsByItself = seed % 2 == 0
            settings.engine.compaction.minRowsets = 2
            settings.engine.staleRowsetExpiry = .seconds(10)
            settings.backend.maxSweepInterval = .seconds(15)
            settings.backend.minSweepInterval = .seconds(5)
        }
        if seed % 3 == 0 { try cluster.attachPolicy(ttlSeconds: 60) }
        for round in 0..<8 {
            try RepairScene.load("round-\(round)", cluster, rows: 20)
            for backend in cluster.backends where cluster.random.oneIn(3) { Self.compact(backend, cluster) }
            if round == 3 { cluster.emptyDisk(of: cluster.backends[Int(seed % 3)]) }
            try cluster.startAll()
            try cluster.pass(.seconds(Int64(cluster.random.next() % 20)))
        }
        // Chance may have left all as it was.
        Self.compact(cluster.backends[0], cluster, .cumulative)
        try RepairScene.finish(cluster)
        if seed % 3 == 0 {
            try cluster.waitUntilCold()
            try RepairScene.finish(cluster)
        } else {
            let layouts = cluster.backends.map { backend in
                (backend.engine?.allTablets ?? []).sorted { $0.id < $1.id }.map { $0.rowsets.map(\.meta.versions) }
            }
            #expect(layouts.contains { $0.contains { $0.count < 11 } }, "TABLETD_SEED=\(seed): nothing was compacted")
        }
    }

    /// A tablet that is busy is left alone.
    private static func compact(
        _ backend: SimulatedBackend, _ cluster: Cluster, _ kind: CompactionRequest.Kind? = nil
    ) {
        for tablet in backend.engine?.allTablets ?? [] {
            do {
                let kind = kind ?? (cluster.random.oneIn(2) ? .base : .cumulative)
                let request = CompactionRequest(tabletID: tablet.id, kind: kind)
                _ = try backend.engine?.compact(request, isAsked: true)
            } catch {
                cluster.log.note("\(backend.name) did not compact tablet \(tablet.id): \(error)")
            }
        }
    }
}
