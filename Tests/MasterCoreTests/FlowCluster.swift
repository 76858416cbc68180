import ClusterTestKit
import HTTPAPI
import Logging
import Platform
import Synchronization
import TabletModel
import Testing

@testable import ClusterMetadata
@testable import MasterCore
@testable import MasterServices

/// A master over memory and backends that answer it, in one thread and on a clock that the test moves.
final class FlowCluster {
    let scheduler = ManualScheduler()
    let machine = MemoryMachine()
    let random = SeededRandom(seed: 7)
    let objects = MemoryObjectStoreProvider()
    let backends: [FlowBackend]
    var master: Master!
    private var node: SimulatedNode!
    /// Of the journal's store: every write and every opening counts.
    let faults: FaultPlan
    private let reportTimeout: Duration
    private let dialect: WireDialect?
    var configure: (inout MasterConfiguration) -> Void
    /// The connections to the backends, by heartbeat address.
    struct Connector: BackendConnector {
        let backends: [FlowBackend]
        func connection(heartbeat: NetworkAddress, agent: NetworkAddress?) -> any BackendConnection {
            backends.first { $0.answers(at: heartbeat) } ?? NobodyThere(address: heartbeat)
        }
    }

    private struct NobodyThere: BackendConnection {
        let address: NetworkAddress
        private func refused(_ method: String) -> RPCError {
            RPCError(.connect, method: method, peer: address, message: "refused", mayHaveRun: false)
        }
        func heartbeat(_ master: MasterInfo) throws -> HeartbeatReply { throw refused("heartbeat") }
        func submitTasks(_ tasks: [AgentTask]) throws -> RPCStatus { throw refused("submit_tasks") }
        func tabletStats() throws -> [TabletStat] { throw refused("get_tablet_stat") }
    }

    /// - Parameters:
    ///   - fault: what happens to the journal's store, from its first opening on.
    ///   - dialect: `wire_dialect`; one that is not of ours gets tables only when it is told to be.
    ///   - reportTimeout: backends here report only when a test says so.
    init(
        backends count: Int = 3, fault: FaultPlan.Fault = .none, version: String = "tabletd-test",
        dialect: WireDialect? = nil, reportTimeout: Duration = .seconds(1_000_000),
        configure: @escaping (inout MasterConfiguration) -> Void = { _ in }
    ) throws {
        let scheduler = scheduler
        backends = (0..<count).map {
            FlowBackend(host: "10.0.0.\($0 + 1)", port: 9050, scheduler: scheduler, version: version)
        }
        for backend in backends {
            backend.set { [backends, objects] in
                $0.peers = backends
                $0.objects = objects
            }
        }
        faults = FaultPlan(fault)
        self.reportTimeout = reportTimeout
        self.dialect = dialect
        self.configure = configure
        try startMaster()
    }

    func startMaster() throws {
        node = scheduler.makeNode("fe")
        let stores = FaultyKeyValueStoreOpener(machine.keyValueStores, plan: faults)
        let journal = KeyValueJournal(try ReopeningStore(stores, path: "/fe/journal"))
        let logger = Logger(label: "fe") { _ in SwiftLogNoOpLogHandler() }
        var configuration = MasterConfiguration(
            host: "10.0.0.100", httpPort: 8030, rpcPort: 9020, version: "tabletd-fe-test", spoolDirectory: "/fe/spool")
        // So that tables are journaled in pieces, as large ones are.
        configuration.tabletsPerRecord = 1
        configure(&configuration)
        let store = try MetadataStore.open(
            folder: "/fe/image", files: machine.fileSystem, journal: journal, nodeName: "fe1", random: random,
            time: node, gates: DispatchGates(), elementsPerRecord: configuration.tabletsPerRecord, logger: logger)
        var epoch: Int64?
        do { epoch = try store.beginEpoch() } catch is MetadataError {}
        var heartbeat = HeartbeatConfiguration(
            master: NetworkAddress(host: configuration.host, port: configuration.rpcPort),
            httpPort: configuration.httpPort, reportTimeout: reportTimeout, wireDialect: dialect)
        heartbeat.processUUID = 77
        let master = Master(
            configuration: configuration, heartbeat: heartbeat, store: store, epoch: epoch,
            connector: Connector(backends: backends), stores: objects, fileSystem: machine.fileSystem,
            scheduler: node, random: random, logger: logger)
        for backend in backends { backend.set { $0.master = master } }
        self.master = master
        master.start()
    }

    /// The FE dies now; what is not durable is gone.
    func killMaster() {
        node.kill()
        for backend in backends { backend.set { $0.master = nil } }
        master = nil
        machine.crash()
    }

    func addBackends() throws {
        for backend in backends { _ = try master.addBackend(backend.address) }
        try scheduler.runUntilIdle()
    }

    static let table = TableName(database: "db", table: "t")

    @discardableResult
    func createTable(buckets: Int = 4, replicas: Int = 3, policy: String? = nil) throws -> JobView {
        if try master.databases().isEmpty { _ = try master.createDatabase("db") }
        let job = try master.createTable(
            CreateTableRequest(
                name: Self.table, buckets: buckets, replicas: replicas, columns: ["k", "v"],
                storagePolicy: policy))
        try scheduler.runUntilIdle()
        return try master.job(job.id)
    }

    /// Backends that have reported, and a table.
    func ready() throws -> FlowCluster {
        try addBackends()
        #expect(try createTable().state == .finished)
        try reportAll()
        return self
    }

    func createPolicy(_ name: String = "cold") throws {
        _ = try master.createStorageResource(
            CreateStorageResourceRequest(
                name: "s3",
                s3: S3Resource(endpoint: "http://127.0.0.1:1", accessKey: "ak", secretKey: "hush", bucket: "b")))
        _ = try master.createStoragePolicy(
            CreateStoragePolicyRequest(name: name, resource: "s3", cooldownTTLSeconds: 0))
    }

    func beginLoad(_ label: String, _ text: String) throws -> TransactionID {
        let load = try master.beginLoad(BeginLoadRequest(table: Self.table, label: label))
        try Array(text.utf8).withUnsafeBytes { try master.appendToLoad(load.transactionID, $0) }
        return load.transactionID
    }

    @discardableResult
    func load(_ label: String, _ text: String = "a,1\nb,2\nc,3\nd,4\n") throws -> LoadView {
        let id = try beginLoad(label, text)
        _ = try master.finishLoad(id)
        try scheduler.runUntilIdle()
        // Something goes on elsewhere: the next reports are newer than the publish.
        for backend in backends { backend.set { $0.reportVersion += 1 } }
        return try master.load(id)
    }

    /// Every backend that is up.
    func reportAll() throws {
        for backend in backends where !backend.state.withLock({ $0.isDown }) {
            #expect(try backend.reportTablets()?.isOK == true)
        }
        try scheduler.runUntilIdle()
    }

    /// Time passes, with reports every twenty seconds.
    func live(for seconds: Int64) throws {
        var left = seconds
        while left > 0 {
            let step = min(left, 20)
            try scheduler.advance(by: .seconds(step))
            // Backends that were dropped are refused.
            for backend in backends where !backend.state.withLock({ $0.isDown }) { _ = try backend.reportTablets() }
            try scheduler.runUntilIdle()
            left -= step
        }
    }

    func rows(on backend: FlowBackend) -> [String] {
        backend.tablets.values.flatMap { $0.rows.split(separator: "\n").map(String.init) }.sorted()
    }
}
