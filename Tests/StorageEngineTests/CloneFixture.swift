import ClusterTestKit
import Logging
import Platform
import Synchronization
import TabletModel

@testable import StorageEngine

/// Backends that clone from each other: each with a machine in memory, direct calls between them, one clock.
final class CloneCluster: PeerConnector, HTTPFetcher {
    static let tablet: TabletID = 1
    static let token = "secret"

    /// What a download does instead of giving the bytes.
    enum Fault: Sendable {
        case unreachable
        case status(Int)
        /// The connection breaks after so many bytes.
        case broken(after: Int)
        /// The server ends the body early, as if it were whole.
        case short(Int)
        /// This byte is wrong.
        case flipped(Int)
        case replaced([UInt8])
    }

    private struct State {
        var faults: [String: [Fault]] = [:]
        var fetched: [String] = []
        var ranges: [String: [Range<Int64>]] = [:]
        var timeouts: [String: Int64] = [:]
        var onFetch: (@Sendable (String) throws -> Void)?
    }

    let time: ManualScheduler
    let nodes: [CloneNode]
    private let state = Mutex(State())

    /// - Parameter objects: where the nodes cool their tablets to; nil: they don't.
    init(
        _ count: Int = 3, options: EngineOptions = .small, dirs: Int = 1, objects: MemoryObjectStoreProvider? = nil
    ) throws {
        let time = ManualScheduler()
        self.time = time
        nodes = try (0..<count).map {
            try CloneNode($0, time: time, options: options, dirs: dirs, objects: objects)
        }
        for node in nodes { try node.start(in: self) }
    }

    // MARK: Faults

    /// The next downloads of files whose path ends so; each fault serves once.
    func inject(_ suffix: String, _ faults: Fault...) { state.withLock { $0.faults[suffix, default: []] += faults } }

    /// Called with each path before it is served.
    func onFetch(_ body: (@Sendable (String) throws -> Void)?) { state.withLock { $0.onFetch = body } }

    /// Names of segment files that were asked for since the last call, sorted.
    func takeFetchedSegments() -> [String] {
        state.withLock { state in
            defer { state.fetched = [] }
            return state.fetched.filter { $0.hasSuffix(".dat") }.sorted()
        }
    }

    func ranges(_ suffix: String) -> [Range<Int64>] {
        state.withLock { state in state.ranges.filter { $0.key.hasSuffix(suffix) }.flatMap(\.value) }
    }

    /// Of the last download of such a file.
    func timeoutSeconds(_ suffix: String) -> Int64? {
        state.withLock { state in state.timeouts.first { $0.key.hasSuffix(suffix) }?.value }
    }

    // MARK: Seams

    func connection(to agent: NetworkAddress) -> any PeerConnection { Peer(cluster: self, host: agent.host) }

    private struct Peer: PeerConnection {
        let cluster: CloneCluster
        let host: String

        private func node(_ method: String) throws -> CloneNode {
            guard let node = cluster.nodes.first(where: { $0.host == host && $0.isUp }) else {
                throw RPCError(
                    .connect, method: method, peer: NetworkAddress(host: host, port: 9060),
                    message: "connection refused", mayHaveRun: false)
            }
            return node
        }

        func makeSnapshot(_ request: SnapshotRequest) throws -> AgentResult {
            let node = try node("make_snapshot")
            do {
                let made = try node.snapshots.make(request)
                return AgentResult(status: .ok, snapshotPath: made.path, allowIncrementalClone: made.isIncremental)
            } catch {
                return AgentResult(status: RPCStatus(describing: error))
            }
        }

        func releaseSnapshot(path: String) throws -> RPCStatus {
            let node = try node("release_snapshot")
            do {
                try node.snapshots.release(path)
                return .ok
            } catch {
                return RPCStatus(describing: error)
            }
        }
    }

    func fetch(
        _ url: String, range: Range<Int64>?, timeoutSeconds: Int64, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        if url.hasPrefix("http://fe/") { return try rows(url, body) }
        let parts = url.dropFirst("cluster://".count).split(separator: "/", maxSplits: 1)
        let host = parts[0].split(separator: ":")[0]
        let path = String(url[url.firstRange(of: "&file=")!.upperBound...])
        func failure(_ status: Int, _ message: String) -> HTTPFetchError {
            HTTPFetchError(url: url, httpStatus: status, message: message, isRetryable: status == 0 || status >= 500)
        }
        guard url.contains("token=\(Self.token)&") else { throw failure(403, "wrong token") }
        let (fault, watch) = state.withLock { state in
            state.fetched.append(String(path.split(separator: "/").last!))
            state.timeouts[path] = timeoutSeconds
            if let range { state.ranges[path, default: []].append(range) }
            let suffix = state.faults.keys.sorted().first { path.hasSuffix($0) && state.faults[$0]?.isEmpty == false }
            return (suffix.map { state.faults[$0]!.removeFirst() }, state.onFetch)
        }
        try watch?(path)
        guard let node = nodes.first(where: { $0.host == host && $0.isUp }) else {
            throw failure(0, "connection refused")
        }
        var bytes: [UInt8]
        do {
            switch try node.snapshots.download(path) {
            case .folder(let names): bytes = Array(names.map { $0 + "\n" }.joined().utf8)
            case .file(let file): bytes = try file.read(count: Int(file.sizeBytes), at: 0)
            }
        } catch is SnapshotDownload.Refusal {
            throw failure(404, "not there")
        } catch {
            throw failure(500, "\(error)")
        }
        if let range { bytes = Array(bytes[Int(range.lowerBound)..<min(bytes.count, Int(range.upperBound))]) }
        var breakAfter: Int?
        switch fault {
        case nil: break
        case .unreachable: throw failure(0, "connection refused")
        case .status(let status): throw failure(status, "refused")
        case .broken(let after): breakAfter = after
        case .short(let count): bytes = Array(bytes.prefix(count))
        case .flipped(let index): bytes[index] ^= 1
        case .replaced(let other): bytes = other
        }
        for start in stride(from: 0, to: min(bytes.count, breakAfter ?? .max), by: 50) {
            let end = min(start + 50, bytes.count, breakAfter ?? .max)
            try bytes[start..<end].withUnsafeBytes { try body($0) }
        }
        if breakAfter != nil { throw failure(0, "the connection broke") }
    }

    /// `http://fe/{count}/{name}`: that many rows.
    private func rows(_ url: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let parts = url.split(separator: "/")
        let text = sampleRows(Int(parts[2])!, String(parts[3])).map { $0 + "\n" }.joined()
        try Array(text.utf8).withUnsafeBytes { try body($0) }
    }

    // MARK: Requests

    func request(
        upTo version: Version?, from sources: [Int], replica: ReplicaID = 0, hash: SchemaHash = 7,
        tablet: TabletID = CloneCluster.tablet, timeout: Int64 = 600
    ) -> CloneRequest {
        CloneRequest(
            tabletID: tablet, schemaHash: hash, sources: sources.map { nodes[$0].address }, committedVersion: version,
            timeoutSeconds: timeout, replicaID: replica, partitionID: 20, tableID: 10)
    }

    /// Tablet 1 on these nodes, and versions 2... of ten rows each; `lacks` are left out at a node.
    func load(_ members: [Int], versions: Int64, lacks: [Int: Set<Int64>] = [:]) throws {
        for index in members {
            _ = try nodes[index].engine.createTablet(.sample(Self.tablet, replica: nodes[index].replicaID))
        }
        guard versions >= 2 else { return }
        for version in 2...versions {
            for index in members where lacks[index]?.contains(version) != true {
                try nodes[index].load(version)
            }
        }
    }

    /// The rows that versions 2...`last` make.
    static func rows(upTo last: Int64) -> [String] { (2...last).flatMap { sampleRows(10, "v\($0)") } }
}

/// The cluster's time on a machine whose wall clock may be wrong.
final class NodeClock: TimeSource {
    private let base: ManualScheduler
    private let skew = Mutex(Duration.zero)

    init(_ base: ManualScheduler) { self.base = base }

    var monotonicNow: MonotonicTime { base.monotonicNow }
    var wallNow: UnixTime { base.wallNow + skew.withLock { $0 } }

    func setWallSkew(_ skew: Duration) { self.skew.withLock { $0 = skew } }
}

final class CloneNode: @unchecked Sendable {
    // Unchecked: used by one thread.
    let host: String
    let address: BackendAddress
    let replicaID: ReplicaID
    let machine: MemoryMachine
    let plan: FaultPlan
    /// Comes between two operations of disk and meta store.
    let interruption: Interruption
    let random: SeededRandom
    let clock: NodeClock
    var isUp = true
    private(set) var engine: StorageEngine!
    private(set) var snapshots: SnapshotService!
    private(set) var clones: CloneService!
    /// nil in a cluster without objects.
    private(set) var cooldown: CooldownService!
    /// As `cooldown`.
    private(set) var backups: BackupService!
    private let objects: MemoryObjectStoreProvider?
    private let options: EngineOptions
    private let specs: [DataDirSpec]
    /// Holds the cluster, which holds its nodes: a test's memory goes with its process.
    private var cluster: CloneCluster!

    init(
        _ index: Int, time: ManualScheduler, options: EngineOptions, dirs: Int, objects: MemoryObjectStoreProvider?
    ) throws {
        clock = NodeClock(time)
        self.objects = objects
        host = "be\(index)"
        address = BackendAddress(host: host, bePort: 9060, httpPort: 8040)
        replicaID = ReplicaID(500 + Int64(index))
        machine = MemoryMachine(time: time)
        let interruption = Interruption()
        self.interruption = interruption
        plan = FaultPlan(counts: { operation in
            interruption.look(operation)
            return operation.isChange
        })
        random = SeededRandom(seed: UInt64(1000 + index))
        self.options = options
        specs = (1...dirs).map { DataDirSpec(path: "/be/d\($0)") }
        try makeDirs()
    }

    private func makeDirs() throws {
        for spec in specs { try machine.fileSystem.createDirectory(spec.path) }
        try machine.fileSystem.syncDirectory("/be")
        try machine.fileSystem.syncDirectory("/")
    }

    func start(in cluster: CloneCluster? = nil) throws {
        if let cluster { self.cluster = cluster }
        let environment = EngineEnvironment(
            fileSystem: FaultyFileSystem(machine.fileSystem, plan: plan),
            keyValueStores: FaultyKeyValueStoreOpener(machine.keyValueStores, plan: plan), compressor: NoCompression(),
            fetcher: self.cluster, time: clock, random: random,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        engine = try StorageEngine.open(specs, options: options, environment: environment)
        if let objects {
            let stores = FaultyObjectStoreProvider(objects, plan: plan)
            cooldown = CooldownService(engine: engine, stores: stores)
            backups = BackupService(engine: engine, stores: stores)
        } else {
            engine.remoteSegments = resources
        }
        try engine.loadAllTablets()
        snapshots = SnapshotService(engine: engine)
        clones = CloneService(engine: engine, peers: self.cluster)
        clones.useToken { CloneCluster.token }
    }

    /// Every storage resource is known here, unless a test says otherwise; nothing is read.
    var resources = NamedResources()

    struct NamedResources: RemoteSegmentProvider {
        var unknown: Set<String> = []
        func source(for rowset: RowsetMeta, segment index: Int) throws -> any SegmentSource {
            throw EngineError.notImplemented("reading remote rowsets in this test")
        }
        func fault(of rowset: RowsetMeta, segment index: Int) throws -> String? { nil }
        func isKnown(_ resource: String) -> Bool { !unknown.contains(resource) }
        func resource(ofPolicy name: String) -> String? { name }
    }

    func stop() {
        engine?.close()
        (engine, snapshots, clones, cooldown, backups) = (nil, nil, nil, nil, nil)
    }

    func restart() throws {
        stop()
        try start()
    }

    /// Its machine gets another disk, that of an earlier day or, with nil, a new one; and comes up with it.
    func restart(with disk: MemoryMachineCopy?) throws {
        stop()
        if let disk {
            machine.restore(disk)
        } else {
            machine.wipe()
            try makeDirs()
        }
        plan.restart()
        try start()
    }

    func load(_ version: Int64, count: Int = 10) throws {
        let request = PushRequest.sample(
            CloneCluster.tablet, transaction: TransactionID(version), url: "http://fe/\(count)/v\(version)")
        _ = try engine.push(request)
        let result = try engine.publish(.sample(TransactionID(version), Version(version)), gaps: .accept)
        if let failure = result.failures.first { throw failure.error }
    }

    func rows(version: Version? = nil) throws -> [String] {
        try readRows(engine, CloneCluster.tablet, version: version)
    }
    func tablet() throws -> Tablet { try engine.tablet(CloneCluster.tablet) }
    var held: String { (try? tablet()).map { VersionSet($0.rowsets.map(\.meta.versions)).description } ?? "no tablet" }

    /// Merges the visible local rowsets of these versions into one, as a compaction does.
    func merge(_ range: VersionRange) throws {
        let tablet = try tablet()
        let inputs = tablet.rowsets.filter { range.contains($0.meta.versions) }
        let writer = RowsetWriter(tablet, id: random.rowsetID(), now: cluster.time.wallNow)
        defer { writer.end() }
        if inputs.contains(where: { $0.meta.deletePredicate != nil }) {
            var merger = RowsetMerger(engine: engine, tablet: tablet, writer: writer)
            try merger.copy(inputs)
            let merged = try merger.finish(inputs, createdAt: cluster.time.wallNow)
            try tablet.commit(
                TabletChange(addRowsets: [merged], removeRowsets: inputs.map(\.meta.id), keepsRemovedAsStale: true))
            return
        }
        for input in inputs {
            for index in input.meta.segments.indices {
                let path = tablet.segmentPath(input.meta.id, index)
                let reader = try SegmentReader(
                    source: FileSegmentSource(try engine.environment.fileSystem.open(path)), name: path,
                    expected: input.meta.segments[index], compressor: engine.environment.compressor(for:))
                while let block = try reader.next() {
                    try block.forEachRow { try writer.append(row: $0, writtenAt: UnixTime(milliseconds: 1)) }
                }
            }
        }
        var meta = inputs[0].meta
        meta.id = writer.id
        meta.versions = range
        meta.newestWrite = inputs.reduce(meta.newestWrite) { max($0, $1.meta.newestWrite) }
        meta.segments = try writer.finish()
        meta.rowCount = meta.segments.reduce(0) { $0 + $1.rowCount }
        meta.sizeBytes = meta.segments.reduce(0) { $0 + $1.sizeBytes }
        try tablet.commit(
            TabletChange(addRowsets: [meta], removeRowsets: inputs.map(\.meta.id), keepsRemovedAsStale: true))
    }

    /// Paths of files below these folders of the data dir.
    func files(_ folder: String) -> [String] {
        machine.fileSystem.allFiles().map(\.path).filter { $0.contains("/\(folder)/") }
    }

    /// Segment files that no visible or stale rowset of the tablet names.
    func orphans() throws -> [String] {
        let known = Set(
            engine.allTablets.flatMap { tablet in
                tablet.localRowsets.flatMap { rowset in
                    rowset.meta.segments.indices.map { tablet.segmentPath(rowset.meta.id, $0) }
                }
            })
        return files("data").filter { !known.contains($0) }
    }
}
