import BackendCore
import BackendHTTP
import CurlHTTP
import DaemonRuntime
import Dispatch
import LocalFileSystem
import Logging
import NodeConfiguration
import NodeMetrics
import Platform
import RocksDBStore
import S3Store
import StatusHTTP
import StorageEngine
import TabletModel
import ThreadRuntime
import ThriftRPC
import ZstdCompression

/// The parts of a running BE, wired. Start order: data dirs open, HTTP, agent port, heartbeat port, tablets load; it
/// answers heartbeats and HTTP while they do. Stop order is the reverse, and each step is bounded.
final class BackendDaemon: Sendable {
    static let version = "tabletd-0.1.0"

    private let configuration: BackendConfiguration
    private let logger: Logger
    private let scheduler: ThreadScheduler
    private let doors: DaemonDoors
    private let thriftKeys: ThriftTLS?
    private let client: HTTPClient
    private let engine: StorageEngine
    private let snapshots: SnapshotService
    private let clones: CloneService
    private let migrations: MigrationService
    private let cooldown: CooldownService
    private let backups: BackupService
    private let node: BackendNode
    private let loaders: LoadThreads
    private let metrics = MetricsRegistry()
    private let agentServer: ThriftServer
    private let heartbeatServer: ThriftServer
    private let pool = BlockingPool(threads: 8, queueLimit: 256)
    private let longPool = BlockingPool(threads: 2, queueLimit: 8)
    private let downloadRate: SendRate
    private let live: LiveConfiguration<BackendConfiguration>

    /// Opens the data dirs; loads nothing yet.
    init(_ configuration: BackendConfiguration, source: String, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        raiseOpenFileLimit(to: configuration.storage.minFileDescriptors, logger)
        keepFilesPrivate()
        doors = try DaemonDoors(configuration.access, configuration.tls, logger: logger)
        thriftKeys = try configuration.thriftKeys()
        let callKeys = configuration.tls.callsUseTLS ? thriftKeys : nil
        let (ports, doors) = (configuration.thriftPorts(thriftKeys), doors)
        for root in configuration.storage.roots { warnIfOpenToOthers(root.path, logger) }
        scheduler = ThreadScheduler { [logger] in logger.error("thread trouble", metadata: ["reason": "\($0)"]) }
        var http = configuration.httpClient
        http.peers = HTTPPeerSettings(usesTLS: configuration.tls.callsUseTLS, caFile: doors.caFile)
        client = try HTTPClient(configuration: http)
        let random = SystemRandomSource()
        let opener = RocksDBStoreOpener(
            cacheBytes: configuration.storage.metaCacheBytes, memtableBytes: configuration.storage.metaMemtableBytes,
            logger: logger)
        let loaders = LoadThreads(scheduler, dirs: configuration.storage.roots.count)
        self.loaders = loaders
        var environment = EngineEnvironment(
            fileSystem: LocalFileSystem(), keyValueStores: opener,
            compressor: ZstdCompressor(level: Int32(configuration.storage.zstdLevel)),
            fetcher: CurlFetcher(client: client, stallTimeout: configuration.download.silenceLimit), time: scheduler,
            random: random, logger: logger)
        environment.concurrently = { loaders.concurrently($0) }
        engine = try StorageEngine.open(
            configuration.storage.roots, options: configuration.engineOptions, environment: environment)
        let stores = try S3ObjectStoreProvider(client: client, settings: configuration.s3Settings, log: logger)
        cooldown = CooldownService(engine: engine, stores: stores)
        snapshots = SnapshotService(engine: engine, expiry: configuration.sweep.snapshotExpiry)
        clones = CloneService(
            engine: engine, peers: ThriftPeerConnector(tls: callKeys), settings: configuration.cloneSettings)
        backups = BackupService(engine: engine, stores: stores)
        let addresses = try MachineAddresses(configuration.address, source: source)
        var identity = BackendIdentity(
            host: addresses.advertised, localAddresses: addresses.all, bePort: 0, httpPort: 0, version: Self.version,
            startTime: scheduler.wallNow, uuid: engine.backendUUID)
        identity.cores = processorCount()
        let nodeEngine = NodeEngine(
            storage: engine, cooldown: cooldown, snapshots: snapshots, clones: clones, backups: backups)
        migrations = nodeEngine.migrations
        node = BackendNode(
            options: configuration.backendOptions, identity: identity,
            engine: nodeEngine,
            connector: ThriftMasterConnector(settings: configuration.masterClient, tls: callKeys),
            scheduler: scheduler, random: random, logger: logger, metrics: metrics)
        clones.useToken { [weak node] in node?.clusterToken }
        let limits = configuration.thriftLimits
        let host = configuration.address.bindHost
        agentServer = ThriftServer(
            .agent(node.backendHandler), address: host, port: Int32(configuration.bePort), limits: limits,
            tls: ports, admits: { doors.isAllowed("\($0)", at: "agent") }, logger: logger)
        heartbeatServer = ThriftServer(
            .heartbeat(node.heartbeatHandler), address: host, port: Int32(configuration.heartbeatPort), limits: limits,
            tls: ports, admits: { doors.isAllowed("\($0)", at: "heartbeat") }, logger: logger)
        let downloadRate = SendRate(bytesPerSecond: configuration.downloadBytesPerSecond)
        self.downloadRate = downloadRate
        live = LiveConfiguration(configuration, keep: ChangedKeysFile(besideConfiguration: source).set) {
            [engine, node] changed in
            LogLines.change(level: changed.log.level)
            engine.adopt(changed.engineOptions)
            node.adopt(changed.backendOptions)
            downloadRate.change(bytesPerSecond: changed.downloadBytesPerSecond)
        }
        publishCooldown(cooldown, in: metrics)
        publishRowsets(engine.counters, in: metrics)
        publishRows(engine.counters, in: metrics)
        publishObjectStores(stores.counters, in: metrics)
        publishThreads(scheduler, in: metrics)
        publishProcess(in: metrics)
        publishServer("agent", in: metrics) { [agentServer] in agentServer.statistics }
        publishRefusedCallers(doors, in: metrics)
        publishServer("heartbeat", in: metrics) { [heartbeatServer] in heartbeatServer.statistics }
    }

    /// Runs until SIGTERM or SIGINT, or until a part fails.
    func run() async throws {
        let httpPort = BoundPort()
        let routes = BackendRoutes(
            node: node, engine: engine, pool: pool, longPool: longPool, settings: live.settings, snapshots: snapshots,
            clones: clones, migrations: migrations, cooldown: cooldown, access: access, downloadRate: downloadRate,
            metrics: { [metrics] in metrics.render() })
        let http = HTTPService(
            routes: { routes.router() }, host: configuration.address.bindHost, port: configuration.httpPort,
            keys: "webserver_port and bind_host", rules: doors.http, logger: logger, onListening: { httpPort.set($0) })
        let storage = ThreadedService { [self] in closeStorage() }
        let backend = ThreadedService(after: httpPort) { [self] port in
            try start(httpPort: port)
        } onStop: { [self] in
            stop()
        }
        try await runUntilStopped(
            [DaemonPart("storage", storage), DaemonPart("HTTP", http), DaemonPart("tasks and heartbeats", backend)],
            within: StopLimits(graceful: configuration.shutdownDrain + .seconds(20)), logger: logger,
            onHangup: { [self] in doors.reload { try thriftKeys?.reload() } })
        try await pool.shutDown()
        try await longPool.shutDown()
        logger.notice("stopped")
    }

    private var access: AccessMiddleware {
        let logins = MasterLogins(node: node, client: client)
        return AccessMiddleware(
            rights: configuration.access.metricsNeedLogin ? .backend : .backend.opened(["/metrics"]),
            doorkeeper: BackendDoorkeeper(
                trustsLoopback: configuration.trustsLoopback, pool: pool, time: scheduler,
                isCluster: { [node] in node.accepts(token: $0) ?? false }, ask: { try logins.caller($0, $1, from: $2) })
        )
    }

    private func start(httpPort: Int) throws {
        try agentServer.start()
        node.announce(bePort: agentServer.boundPort, httpPort: Int32(httpPort))
        try heartbeatServer.start()
        try PortsFile(path: configuration.address.portsFile).write([
            ("heartbeat_service_port", Int(heartbeatServer.boundPort)), ("be_port", Int(agentServer.boundPort)),
            ("webserver_port", httpPort),
        ])
        logger.notice(
            "listening",
            metadata: [
                "heartbeat_port": "\(heartbeatServer.boundPort)", "be_port": "\(agentServer.boundPort)",
                "http_port": "\(httpPort)", "data_dirs": "\(engine.dataDirs.count)",
            ])
        node.start()
        try loadTablets()
    }

    /// Every data dir at once: each is a disk of its own.
    private func loadTablets() throws {
        let dirs = DispatchGroup()
        for dir in engine.dataDirs {
            dirs.enter()
            let isTaken = loaders.pool.submit { [engine] in
                engine.loadTablets(in: dir)
                dirs.leave()
            }
            guard isTaken else { throw EngineError.dataDirUnusable(dir.path, reason: "no thread to load it") }
        }
        dirs.wait()
        let usable = engine.dataDirs.filter(\.isUsable)
        guard !usable.isEmpty else { throw EngineError.noUsableDataDir(engine.dataDirs.compactMap(\.failure)) }
        for dir in usable { engine.removeOrphans(in: dir) }
        snapshots.removeUnfinished()
    }

    private func stop() {
        logger.notice("stopping")
        let isDrained = Latch()
        node.stop { isDrained.open() }
        if !isDrained.wait(upTo: configuration.shutdownDrain) {
            logger.warning("running tasks did not end in time; they are taken up after the restart")
        }
        heartbeatServer.stop()
        agentServer.stop()
    }

    private func closeStorage() {
        let left = scheduler.shutdown(drainingFor: .seconds(2))
        if !left.isClean {
            logger.warning(
                "jobs were left", metadata: ["dropped": "\(left.droppedJobs)", "stuck": "\(left.stuckThreads)"])
        }
        client.shutdown()
        // A thread that is still inside the engine must not find its stores closed under it.
        if left.stuckThreads.isEmpty { engine.close() }
    }
}
