import ClusterMembership
import ClusterMetadata
import CurlHTTP
import EtcdClient
import EtcdMetadata
import FrontendElection
import FrontendRoles
import Logging
import MasterCore
import MasterHTTP
import NodeConfiguration
import Platform
import Synchronization
import TabletModel
import ThreadRuntime

/// An FE of several, over an edit log in etcd: follows it, and leads when it is elected.
final class ReplicatedFrontend: Sendable {
    private let configuration: FrontendConfiguration
    private let store: MetadataStore
    private let journal: EtcdJournal
    private let scheduler: ThreadScheduler
    private let logger: Logger
    let runner: ElectionRunner
    let replayer: LogReplayer
    private let running: RunningMaster
    private let registered = Mutex<FrontendRole?>(nil)
    private let isLogSound = Mutex(true)
    private let leaderWatch: LeaderWatch
    private let watch: any WorkerPool

    /// - Parameters:
    ///   - maker: makes the master of a term.
    ///   - running: gets it while it acts.
    ///   - leaseGuard: gives its lease back when this process has died.
    init(
        _ configuration: FrontendConfiguration, maker: MasterMaker, etcd: EtcdClient, journal: EtcdJournal,
        files: PeerFiles, peers: PeerClient, running: RunningMaster, leaseGuard: any LeaseGuard,
        scheduler: ThreadScheduler, logger: Logger
    ) throws {
        let store = maker.store
        let prefix = configuration.etcdPrefix
        self.configuration = configuration
        self.store = store
        self.journal = journal
        self.running = running
        self.scheduler = scheduler
        self.logger = logger
        let timing = configuration.electionTiming
        let role = Self.role(store)
        registered.withLock { $0 = role }
        let name = store.identity.nodeName
        let late = Late<ElectionRunner>()
        let spread = ImageSpread(store: store, logger: logger) { logID, frontend in
            try peers.offer(
                logID, to: NetworkAddress(host: frontend.host, port: frontend.httpPort).description,
                port: maker.httpPort, token: store.identity.token)
        }
        store.spreadImages(spread.spread)
        let cluster = store.identity.clusterID
        let terms = MetadataTerms(
            store: store, log: journal, logger: logger,
            checkLog: { try EtcdClusterMark(etcd, prefix: prefix).check(cluster, within: .seconds(2)) }
        ) { epoch in
            let own = ThreadScheduler { logger.error("thread trouble", metadata: ["reason": "\($0)"]) }
            return ActingMaster(
                try maker.make(epoch: epoch, scheduler: own) { late.value?.mayAct ?? false }, store: store,
                scheduler: own, running: running, begun: maker.giveRootItsPassword, logger: logger)
        }
        runner = ElectionRunner(
            RoleElection(nodeName: name, role: role, timing: timing, random: SystemRandomSource()),
            leases: GuardedLeases(EtcdElection(etcd, prefix: prefix), guard: leaseGuard),
            record: {
                LeaderRecord(
                    nodeName: name, host: maker.host, editLogPort: maker.rpcPort, httpPort: Int32(maker.httpPort),
                    rpcPort: maker.rpcPort, epoch: store.read { $0.epoch } + 1)
            }, keeper: terms, scheduler: scheduler, logger: logger)
        late.value = runner
        let runner = runner
        replayer = LogReplayer(
            store: store, feed: EtcdLogFeed(etcd, prefix: prefix, cluster: cluster, time: scheduler),
            fetchImage: {
                guard let leader = runner.leader?.record, leader.nodeName != name else {
                    throw PeerError("no other frontend is the master now, from whom an image could come")
                }
                let logID = try peers.imageLogID(
                    from: NetworkAddress(host: leader.host, port: leader.httpPort).description,
                    token: store.identity.token)
                try files.takeLaterImage(logID, from: leader.host, port: Int(leader.httpPort))
            }, scheduler: scheduler, random: SystemRandomSource(), logger: logger)
        leaderWatch = LeaderWatch(
            EtcdLeaderFeed(etcd, prefix: prefix), scheduler: scheduler, random: SystemRandomSource(), logger: logger
        ) { runner.take(.saw($0)) }
        watch = scheduler.makePool(name: "role-watch", threads: 1, queueLimit: 4)
    }

    func start() {
        replayer.start()
        runner.start()
        leaderWatch.start()
        watchRole()
    }

    /// Gives up the lead; what that takes is done while the scheduler drains.
    func stop() {
        replayer.stop()
        leaderWatch.stop()
        runner.leave()
    }

    // MARK: What the ports ask

    var place: MasterPlace {
        // Between the lead and its master's beginning nobody takes changes.
        if runner.mayAct, running.acting != nil { return .here }
        // Who leads over another log is not this cluster's master.
        guard replayer.trouble?.isOtherLog != true, let leader = runner.leader?.record,
            leader.nodeName != store.identity.nodeName
        else {
            let reason = replayer.trouble.map { ": \($0.reason)" } ?? "; try again in a moment"
            return .nowhere(reason: "no frontend is the master now" + reason)
        }
        return .at(NetworkAddress(host: leader.host, port: leader.httpPort))
    }

    /// Why what was replayed is too old to be shown; nil: it is not.
    var staleness: String? {
        if let trouble = replayer.trouble, trouble.isOtherCluster {
            return "this frontend shows nothing: \(trouble.reason)"
        }
        guard let told = store.read({ $0.frontends.timestamp }) else { return nil }
        let age = scheduler.wallNow.milliseconds - told.milliseconds
        let limit = configuration.delayToleration
        guard age > limit.wholeMilliseconds else { return nil }
        let reason = replayer.trouble.map { ": \($0.reason)" } ?? ""
        return """
            this frontend has heard nothing of a master for \(age / 1000) s, which is more than meta_delay_toleration_second \
            = \(limit.wholeMilliseconds / 1000) s, and shows nothing so old\(reason)
            """
    }

    // MARK: Role

    private static func role(_ store: MetadataStore) -> FrontendRole? {
        let name = store.identity.nodeName
        let own = FrontendRole(rawValue: store.identity.role)
        // Nobody is registered before the first master has begun.
        return store.read { $0.frontends.isEmpty ? own : $0.frontends[name]?.role }
    }

    private func watchRole() {
        scheduler.schedule(after: .milliseconds(500), on: watch) { [weak self] in
            guard let self else { return }
            let role = Self.role(store)
            let isNew = registered.withLock { known in
                defer { known = role }
                return known != role
            }
            if isNew {
                logger.notice("registered", metadata: ["role": "\(role?.rawValue ?? "not in the cluster")"])
                runner.take(.registered(role))
            }
            watchLog()
            watchRole()
        }
    }

    /// Over a log that is not the one it knows, this FE is no candidate.
    private func watchLog() {
        if let lost = journal.deposition { runner.take(.logLost(lost.fence, reason: lost.reason)) }
        let isSound = replayer.trouble?.isOtherLog != true
        let isNew = isLogSound.withLock { known in
            defer { known = isSound }
            return known != isSound
        }
        if isNew { runner.take(.storage(isSound: isSound)) }
    }
}

/// The master of one term, with threads of its own.
private final class ActingMaster: TermMaster {
    private let master: Master
    private let scheduler: ThreadScheduler
    private let running: RunningMaster
    /// What is done once the master acts.
    private let begun: @Sendable (Master) -> Void
    private let clock: TimePrinter
    private let logger: Logger

    init(
        _ master: Master, store: MetadataStore, scheduler: ThreadScheduler, running: RunningMaster,
        begun: @escaping @Sendable (Master) -> Void, logger: Logger
    ) {
        self.begun = begun
        self.master = master
        self.scheduler = scheduler
        self.running = running
        self.logger = logger
        clock = TimePrinter(store: store, scheduler: scheduler, logger: logger)
    }

    func start() {
        running.acting = master
        master.start()
        begun(master)
        clock.start()
    }

    func stop() {
        running.acting = nil
        clock.stop()
        master.stop()
        // What still runs may hold a call to a backend: as long as that takes, no later term of this FE begins.
        while true {
            let left = scheduler.shutdown(drainingFor: .zero)
            if left.stuckThreads.isEmpty { return }
            logger.warning(
                "the term has ended, and jobs of it still run", metadata: ["threads": "\(left.stuckThreads)"])
        }
    }
}
