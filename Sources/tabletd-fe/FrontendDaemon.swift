import ClusterMetadata
import CurlHTTP
import DaemonRuntime
import LocalFileSystem
import Logging
import MasterCore
import MasterHTTP
import NodeConfiguration
import NodeMetrics
import Platform
import RocksDBStore
import S3Store
import StatusHTTP
import TabletModel
import ThreadRuntime
import ThriftRPC

/// The parts of a running FE, wired. Start order: metadata loaded, HTTP and rpc ports bound, master started. Stop order is
/// the reverse.
final class FrontendDaemon: Sendable {
    static let version = "tabletd-0.1.0"

    private let configuration: FrontendConfiguration
    private let logger: Logger
    private let scheduler: ThreadScheduler
    /// For the meta files of backups.
    private let client: HTTPClient
    /// Nobody else uses the folder of the metadata while this process lives.
    private let metadataLock: (any FileLock)?
    private let journalStore: ReopeningStore
    private let store: MetadataStore
    private let host: String
    private let running = RunningMaster()
    private let metrics = MetricsRegistry()
    private let rpcServer: ThriftServer
    private let pool = BlockingPool(threads: 16, queueLimit: 512)
    /// For what other frontends ask: a `/put` waits for the one that asked.
    private let peerPool = BlockingPool(threads: 4, queueLimit: 16)

    /// Loads the metadata.
    init(_ configuration: FrontendConfiguration, source: String, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        keepFilesPrivate()
        warnIfOpenToOthers(configuration.journal.metaDir, logger)
        scheduler = ThreadScheduler { [logger] in logger.error("thread trouble", metadata: ["reason": "\($0)"]) }
        client = try HTTPClient(configuration: configuration.s3Client)
        host = try MachineAddresses(configuration.address, source: source).advertised
        let files = LocalFileSystem()
        let folder = configuration.journal.metaDir
        try files.createDirectory(folder)
        try files.syncDirectory(parentDirectory(of: folder))
        metadataLock = try MetadataLock.take(folder, files)
        if metadataLock == nil {
            logger.warning(
                "the folder of the metadata can't be locked: see that no other FE uses it",
                metadata: ["folder": "\(folder)"])
        }
        journalStore = try ReopeningStore(
            RocksDBStoreOpener(cacheBytes: configuration.journal.cacheBytes, logger: logger),
            path: folder + "/journal")
        store = try MetadataStore.open(
            folder: folder + "/image", files: files, journal: KeyValueJournal(journalStore),
            nodeName: Frontend.newName(
                NetworkAddress(host: host, port: Int32(configuration.rpcPort)), at: scheduler.wallNow),
            clusterID: configuration.configuredClusterID,
            random: SystemRandomSource(),
            checkpoints: CheckpointTrigger(
                rollEntries: Int64(configuration.journal.rollCount),
                interval: configuration.journal.checkpointInterval,
                rollBytes: Int64(configuration.journal.rollBytes)),
            time: scheduler, gates: ThreadGates(), logger: logger)
        try store.checkRole()
        rpcServer = ThriftServer(
            .frontend(running), address: configuration.address.bindHost, port: Int32(configuration.rpcPort),
            limits: configuration.serverLimits, logger: logger)
        publishServer("frontend", in: metrics) { [rpcServer] in rpcServer.statistics }
        publishMaster(running, in: metrics)
    }

    /// Runs until SIGTERM or SIGINT, or until a part fails.
    func run() async throws {
        let httpPort = BoundPort()
        let routes = MasterRoutes(
            control: { [running] in running.current }, pool: pool, peers: peerRoutes,
            metrics: { [metrics] in metrics.render() })
        let http = HTTPService(
            routes: { routes.router() }, host: configuration.address.bindHost, port: configuration.httpPort,
            keys: "http_port and bind_host", logger: logger, onListening: { httpPort.set($0) })
        let metadata = ThreadedService { [self] in closeMetadata() }
        let master = ThreadedService(after: httpPort) { [self] port in
            try start(httpPort: port)
        } onStop: { [self] in
            stop()
        }
        try await runUntilStopped(
            [DaemonPart("metadata", metadata), DaemonPart("HTTP", http), DaemonPart("master", master)],
            within: StopLimits(graceful: configuration.shutdownDrain + .seconds(20)), logger: logger)
        try await pool.shutDown()
        try await peerPool.shutDown()
        logger.notice("stopped")
    }

    private var peerRoutes: PeerRoutes {
        let files = PeerFiles(store: store, peers: configuration.peers.addresses, fetch: imageFetch(client))
        return PeerRoutes(
            files: { files }, pool: peerPool, bytesPerSecond: configuration.peers.imageBytesPerSecond)
    }

    private func start(httpPort: Int) throws {
        try rpcServer.start()
        let rpcPort = rpcServer.boundPort
        let connector = ThriftBackendConnector(
            heartbeat: configuration.heartbeatClient, agent: configuration.agentClient)
        let master = Master(
            configuration: configuration.masterConfiguration(
                host: host, httpPort: httpPort, rpcPort: rpcPort, version: Self.version),
            heartbeat: configuration.heartbeatConfiguration(host: host, httpPort: httpPort, rpcPort: rpcPort),
            store: store, epoch: beginEpoch(), connector: connector,
            frontends: ThriftFrontendConnector(configuration.heartbeatClient),
            stores: try S3ObjectStoreProvider(client: client, log: logger), fileSystem: LocalFileSystem(),
            scheduler: scheduler, random: SystemRandomSource(), logger: logger)
        master.start()
        running.current = master
        try PortsFile(path: configuration.address.portsFile).write([
            ("http_port", httpPort), ("rpc_port", Int(rpcPort)),
        ])
        logger.notice(
            "listening",
            metadata: [
                "http_port": "\(httpPort)", "rpc_port": "\(rpcPort)", "cluster_id": "\(store.identity.clusterID)",
            ])
    }

    /// nil when metadata can't be written now: the FE serves what it has, and the master begins the epoch once it can.
    private func beginEpoch() -> Int64? {
        do {
            return try store.beginEpoch()
        } catch {
            logger.error("the epoch of this start can't be written yet", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func stop() {
        logger.notice("stopping")
        running.current?.stop()
        rpcServer.stop()
    }

    private func closeMetadata() {
        let left = scheduler.shutdown(drainingFor: min(configuration.shutdownDrain, .seconds(5)))
        if !left.isClean {
            logger.warning(
                "jobs were left", metadata: ["dropped": "\(left.droppedJobs)", "stuck": "\(left.stuckThreads)"])
        }
        client.shutdown()
        // A thread that is still inside the store must not find it closed under it.
        if left.stuckThreads.isEmpty { journalStore.close() }
    }
}
