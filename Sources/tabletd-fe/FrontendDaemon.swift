import AccessControl
import ClusterMetadata
import CurlHTTP
import DaemonRuntime
import FrontendElection
import FrontendRoles
import Logging
import MasterCore
import MasterHTTP
import MasterServices
import NodeConfiguration
import NodeMetrics
import Platform
import SQLExecution
import StatusHTTP
import Synchronization
import TabletModel
import ThreadRuntime
import ThriftRPC

/// The parts of a running FE, wired. Start order: metadata loaded, HTTP and rpc ports bound, then the master is started, or the
/// election in which this FE may become it. Stop order is the reverse.
final class FrontendDaemon: Sendable {
    static let version = "tabletd-0.1.0"

    let configuration: FrontendConfiguration
    /// The same, with what was changed since the start.
    let live: LiveConfiguration<FrontendConfiguration>
    let logger: Logger
    let scheduler: ThreadScheduler
    /// For the meta files of backups, and for other frontends.
    let client: HTTPClient
    private let metadata: OpenedMetadata
    private let host: String
    private let leaseGuard: LeaseGuardProcess
    /// Of an FE over etcd, once its ports are bound.
    private let replicated: Late<ReplicatedFrontend>
    let running: RunningMaster
    let logins: Logins
    let doors: DaemonDoors
    private let thriftKeys: ThriftTLS?
    let ports = ListeningPorts()
    private let metrics = MetricsRegistry()
    let rpcServer: ThriftServer
    private let pool = BlockingPool(threads: 16, queueLimit: 512)
    /// For what other frontends ask: a `/put` waits for the one that asked.
    private let peerPool = BlockingPool(threads: 4, queueLimit: 16)

    var store: MetadataStore { metadata.store }

    /// Loads the metadata.
    /// - Parameters:
    ///   - helper: see `OpenedMetadata`.
    ///   - source: the configuration file, and `overrides` what wins over it.
    init(
        _ configuration: FrontendConfiguration, helper: String?, source: String, overrides: [String], logger: Logger
    ) throws {
        self.configuration = configuration
        self.logger = logger
        keepFilesPrivate()
        doors = try DaemonDoors(configuration.access, configuration.tls, logger: logger)
        thriftKeys = try configuration.thriftKeys()
        warnIfOpenToOthers(configuration.journal.metaDir, logger)
        scheduler = ThreadScheduler { [logger] in logger.error("thread trouble", metadata: ["reason": "\($0)"]) }
        var http = configuration.s3Client
        http.peers = HTTPPeerSettings(usesTLS: configuration.tls.callsUseTLS, caFile: doors.caFile)
        client = try HTTPClient(configuration: http)
        host = try MachineAddresses(configuration.address, source: source).advertised
        leaseGuard = LeaseGuardProcess(source: source, overrides: overrides, logger: logger)
        metadata = try OpenedMetadata(
            configuration, address: NetworkAddress(host: host, port: Int32(configuration.rpcPort)), helper: helper,
            scheduler: scheduler, peers: PeerClient(http: client), logger: logger)
        let replicated = Late<ReplicatedFrontend>()
        self.replicated = replicated
        if case .etcd = metadata.log {
            running = RunningMaster(
                isLeading: { replicated.value?.runner.mayAct ?? false },
                leader: { [own = metadata.store.identity.nodeName] in
                    // Between its lead and the next one's the key may still name this one.
                    guard let leader = replicated.value?.runner.leader?.record, leader.nodeName != own
                    else { return nil }
                    return "\(leader.host):\(leader.rpcPort)"
                })
        } else {
            running = RunningMaster()
        }
        live = LiveConfiguration(configuration, keep: ChangedKeysFile(besideConfiguration: source).set) {
            [running] changed in
            LogLines.change(level: changed.log.level)
            running.adopt(changed.masterConfiguration(host: "", httpPort: 0, rpcPort: 0, version: ""))
        }
        logins = Logins(
            users: { [store = metadata.store] name in store.read { $0.user(named: name) } },
            throttle: LoginThrottle(time: scheduler))
        rpcServer = ThriftServer(
            .frontend(running), address: configuration.address.bindHost, port: Int32(configuration.rpcPort),
            limits: configuration.serverLimits, tls: configuration.thriftPorts(thriftKeys),
            admits: { [doors] in doors.isAllowed("\($0)", at: "rpc") }, logger: logger)
        publishServer("frontend", in: metrics) { [rpcServer] in rpcServer.statistics }
        publishMaster(running, in: metrics)
        publishAccess(logins, doors, in: metrics)
        publishCluster(running, metadata.store, in: metrics)
        publishJournal(metadata.store, in: metrics)
        publishThreads(scheduler, in: metrics)
        publishProcess(in: metrics)
    }

    /// Runs until SIGTERM or SIGINT, or until a part fails.
    func run() async throws {
        let executor = makeExecutor()
        let routes = MasterRoutes(
            control: { [running] in running.current }, pool: pool,
            peers: PeerRoutes(
                files: { [peerFiles] in peerFiles }, pool: peerPool,
                bytesPerSecond: configuration.peers.imageBytesPerSecond),
            forwarding: forwarding,
            backendLine: BackendRelay(http: client, token: { [store] in store.identity.token }),
            surface: surface(executor),
            sql: ForwardedSQL(
                accepts: { [store] in store.identity.accepts(token: $0) }, lastLogID: { [store] in store.lastLogID },
                run: executor.run),
            access: access,
            metrics: { [metrics] in metrics.render() })
        let http = HTTPService(
            routes: { routes.router() }, host: configuration.address.bindHost, port: configuration.httpPort,
            keys: "http_port and bind_host", rules: doors.http, logger: logger,
            onListening: { [ports] in ports.httpListens(at: $0) })
        let sql = makeSQLService(executor) { [ports] in ports.sqlListens(at: $0) }
        publishSQL(sql, in: metrics)
        let closing = ThreadedService { [self] in closeMetadata() }
        let master = ThreadedService(after: ports.ready) { [self] port in
            try start(httpPort: port)
        } onStop: { [self] in
            stop()
        }
        try await runUntilStopped(
            [
                DaemonPart("metadata", closing), DaemonPart("HTTP", http), DaemonPart("master", master),
                DaemonPart("SQL", sql),
            ],
            within: StopLimits(graceful: configuration.shutdownDrain + .seconds(20)), logger: logger,
            onHangup: { [self] in doors.reload { try thriftKeys?.reload() } })
        try await pool.shutDown()
        try await peerPool.shutDown()
        logger.notice("stopped")
    }

    private var peerFiles: PeerFiles {
        PeerFiles(
            store: store, peers: configuration.peers.addresses, fetch: imageFetch(client),
            pause: { [client] in try client.pause($0) })
    }

    private var access: AccessMiddleware {
        let door = FrontendDoorkeeper(logins: logins) { [store] in store.identity.accepts(token: $0) }
        return AccessMiddleware(
            rights: configuration.access.metricsNeedLogin ? .frontend : .frontend.opened(["/metrics"]), doorkeeper: door
        )
    }

    /// Who answers what only the master can.
    @Sendable
    func place() -> MasterPlace {
        guard case .etcd = metadata.log else { return .here }
        return replicated.value?.place ?? .nowhere(reason: "the FE is starting; try again in a moment")
    }

    /// nil: there is no other FE.
    private var forwarding: MasterForwarding? {
        guard case .etcd = metadata.log else { return nil }
        return MasterForwarding(
            line: MasterRelay(http: client, token: { [store] in store.identity.token }), scheme: doors.scheme,
            place: place,
            lastLogID: { [store] in store.lastLogID }, staleness: { [replicated] in replicated.value?.staleness })
    }

    private func start(httpPort: Int) throws {
        try rpcServer.start()
        let rpcPort = rpcServer.boundPort
        let maker = MasterMaker(
            configuration: configuration, host: host, httpPort: httpPort, rpcPort: rpcPort,
            processUUID: scheduler.wallNow.milliseconds, store: store, client: client,
            thriftKeys: configuration.tls.callsUseTLS ? thriftKeys : nil, logger: logger)
        switch metadata.log {
        case .embedded:
            let master = try maker.make(epoch: beginEpoch(), scheduler: scheduler)
            master.start()
            running.acting = master
            maker.giveRootItsPassword(by: master)
        case .etcd(let etcd, let journal):
            running.reading = try maker.make(epoch: nil, scheduler: scheduler) { false }
            let frontend = try ReplicatedFrontend(
                configuration, maker: maker, etcd: etcd, journal: journal, files: peerFiles,
                peers: PeerClient(http: client), running: running, leaseGuard: leaseGuard, scheduler: scheduler,
                logger: logger)
            replicated.value = frontend
            frontend.start()
        }
        try PortsFile(path: configuration.address.portsFile).write([
            ("http_port", httpPort), ("rpc_port", Int(rpcPort)), ("query_port", ports.sql),
        ])
        logger.notice(
            "listening",
            metadata: [
                "http_port": "\(httpPort)", "rpc_port": "\(rpcPort)", "query_port": "\(ports.sql)",
                "cluster_id": "\(store.identity.clusterID)",
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
        if let frontend = replicated.value {
            frontend.stop()
        } else {
            running.acting?.stop()
        }
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
        if left.stuckThreads.isEmpty { metadata.close() }
    }
}
