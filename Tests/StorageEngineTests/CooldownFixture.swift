import ClusterTestKit
import Logging
import Platform
import StoredFormats
import TabletModel
import Testing

@testable import StorageEngine

/// Three backends with a replica each of tablet 1, one bucket, one clock.
final class ColdCluster {
    static let tablet: TabletID = 1
    static let resource = S3Resource(endpoint: "s3:9000", accessKey: "key", secretKey: "secret", bucket: "cold")
    static let policy = StoragePolicyEntry(
        name: "hot10", cooldownTTLSeconds: 10, resource: resource, checksum: "1")

    let time = ManualScheduler()
    let objects = MemoryObjectStoreProvider(pageSize: 2)
    private(set) var nodes: [ColdNode] = []
    var store: MemoryObjectStore { objects.memoryStore(for: Self.resource) }

    init(nodes count: Int = 3, dirs: [String] = ["/be/d1"]) throws {
        for index in 0..<count { nodes.append(try ColdNode(index, time: time, objects: objects, dirs: dirs)) }
    }

    /// Tablet 1 on every node with versions [0-1] empty and these loads, one version each; the policy is known.
    convenience init(nodes count: Int = 3, dirs: [String] = ["/be/d1"], loads: [[String]]) throws {
        try self.init(nodes: count, dirs: dirs)
        for node in nodes {
            _ = try node.cooldown.policies.apply([Self.policy])
            _ = try node.engine.createTablet(.sample(1, replica: node.replicaID, policy: "hot10"))
        }
        for rows in loads { try load(rows) }
    }

    private var loaded: Int64 = 0

    /// One more version on every node.
    func load(_ rows: [String]) throws {
        loaded += 1
        for node in nodes { try node.load(rows, version: Version(1 + loaded), transaction: TransactionID(loaded)) }
    }

    /// The node's local rowsets become one, and nothing of the old ones is left.
    func mergeAll(_ node: ColdNode) throws {
        _ = try node.engine.compact(CompactionRequest(tabletID: Self.tablet, kind: .cumulative), isAsked: true)
        try time.advance(by: .seconds(86_400))
        try node.engine.sweepStaleRowsets()
    }

    func conf(_ uploader: Int, term: Int64) -> CooldownConf {
        CooldownConf(tabletID: Self.tablet, cooldownReplicaID: nodes[uploader].replicaID, term: term)
    }

    func push(_ conf: CooldownConf) throws {
        for node in nodes { #expect([.applied, .unchanged].contains(try node.cooldown.apply(conf))) }
    }

    /// Time passes, and every node does what it finds due, until nobody finds anything.
    func settle(rounds: Int = 6) throws {
        for _ in 0..<rounds {
            try time.advance(by: .seconds(20))
            for node in nodes {
                for due in node.cooldown.dueTablets(now: time.wallNow) { _ = try node.cooldown.runOnce(due.tabletID) }
            }
        }
    }

    // MARK: Invariants

    /// What must hold at every moment (design.md, "Cooldown protocol").
    func checkAlways(rows: [String], _ comment: Comment? = nil) throws {
        // No segment object is ever put twice.
        #expect(store.overwrittenKeys.allSatisfy { $0.hasSuffix(".meta") }, comment)
        for (key, count) in store.putCounts where key.hasSuffix(".dat") { #expect(count == 1, comment) }
        for key in store.keys where key.hasSuffix(".meta") {
            let bytes = try #require(store.bytes(key))
            let meta = try bytes.withUnsafeBytes { try RemoteCooldownMeta(decoding: $0, name: key) }
            // A stale uploader's meta may name what is gone; those that a replica may follow must not.
            guard nodes.contains(where: { RemoteKeys.meta($0.tablet.header.cooldownConf) == key }) else { continue }
            for rowset in meta.rowsets { checkObjects(of: rowset, comment) }
        }
        for node in nodes {
            let snapshot = node.tablet.snapshot
            #expect(snapshot.isComplete, comment)
            var isPrefix = true
            for rowset in snapshot.rowsets.map(\.meta) {
                if rowset.isRemote {
                    #expect(isPrefix, comment)
                    checkObjects(of: rowset, comment)
                } else {
                    isPrefix = false
                }
            }
            #expect(try readRows(node.engine, 1) == rows, comment)
        }
    }

    private func checkObjects(of rowset: RowsetMeta, _ comment: Comment?) {
        for (key, segment) in zip(RemoteKeys.segments(of: rowset), rowset.segments) {
            #expect(store.bytes(key).map { Int64($0.count) } == segment.sizeBytes, comment)
        }
    }

    /// All replicas stand on one meta, every rowset is remote, no local segment and no unnamed object is left.
    func checkCold(_ comment: Comment? = nil) throws {
        let ids = nodes.map(\.tablet.header.cooldownMetaID)
        #expect(Set(ids).count == 1 && ids[0] != nil, comment)
        var named: Set<String> = []
        for node in nodes {
            #expect(node.tablet.snapshot.rowsets.allSatisfy { $0.meta.isRemote }, comment)
            #expect(node.segmentFiles == [], comment)
            #expect(node.tablet.rowsets.map(\.meta.id) == nodes[0].tablet.rowsets.map(\.meta.id), comment)
            for rowset in node.tablet.rowsets { named.formUnion(RemoteKeys.segments(of: rowset.meta)) }
        }
        let segments = store.keys.filter { $0.hasPrefix("data/1/") && $0.hasSuffix(".dat") }
        #expect(Set(segments) == named, comment)
    }
}

/// One backend: its machine outlives its engines.
final class ColdNode {
    let replicaID: ReplicaID
    let machine: MemoryMachine
    let plan = FaultPlan(counts: { _ in true })
    let fetcher = MemoryHTTPFetcher(pieceBytes: 1000)
    private let time: ManualScheduler
    private let objects: MemoryObjectStoreProvider
    private let random: SeededRandom
    private let dirs: [String]
    private(set) var engine: StorageEngine
    private(set) var cooldown: CooldownService

    init(_ index: Int, time: ManualScheduler, objects: MemoryObjectStoreProvider, dirs: [String]) throws {
        self.dirs = dirs
        replicaID = ReplicaID(Int64(101 + index))
        self.time = time
        self.objects = objects
        machine = MemoryMachine(time: time)
        random = SeededRandom(seed: UInt64(index) + 7)
        for path in ["/be"] + dirs { try machine.fileSystem.createDirectory(path) }
        for path in ["/be", "/"] { try machine.fileSystem.syncDirectory(path) }
        (engine, cooldown) = try Self.open(machine, plan, fetcher, time, objects, random, dirs)
    }

    var tablet: Tablet {
        guard let tablet = try? engine.tablet(1) else { preconditionFailure("tablet 1 is not there") }
        return tablet
    }

    private static func open(
        _ machine: MemoryMachine, _ plan: FaultPlan, _ fetcher: MemoryHTTPFetcher, _ time: ManualScheduler,
        _ objects: MemoryObjectStoreProvider, _ random: SeededRandom, _ dirs: [String]
    ) throws -> (StorageEngine, CooldownService) {
        let environment = EngineEnvironment(
            fileSystem: FaultyFileSystem(machine.fileSystem, plan: plan),
            keyValueStores: FaultyKeyValueStoreOpener(machine.keyValueStores, plan: plan),
            compressor: NoCompression(), fetcher: fetcher, time: time, random: random,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let engine = try StorageEngine.open(
            dirs.map { DataDirSpec(path: $0) }, options: .small, environment: environment)
        let cooldown = CooldownService(
            engine: engine, stores: FaultyObjectStoreProvider(objects, plan: plan))
        try engine.loadAllTablets()
        return (engine, cooldown)
    }

    /// Power loss and a new process, without faults from then on; start-up work included.
    func crashAndRestart(_ loss: CrashLoss = .everything) throws {
        machine.crash(loss)
        plan.restart()
        (engine, cooldown) = try Self.open(machine, plan, fetcher, time, objects, random, dirs)
        for dir in engine.dataDirs { engine.removeOrphans(in: dir) }
    }

    func load(_ rows: [String], version: Version, transaction: TransactionID) throws {
        let url = "http://fe/\(transaction)"
        fetcher.set(url, .body(Array(rows.map { $0 + "\n" }.joined().utf8)))
        _ = try engine.push(.sample(1, transaction: transaction, url: url))
        _ = try engine.publish(.sample(transaction, version))
    }

    var segmentFiles: [String] {
        machine.fileSystem.allFiles().map(\.path).filter { $0.contains("/data/") && $0.hasSuffix(".dat") }
    }

    /// Keys of the meta store that begin so.
    func records(_ prefix: [UInt8]) -> Int {
        machine.keyValueStores.entries("/be/d1/meta").count { $0.key.starts(with: prefix) }
    }
}
