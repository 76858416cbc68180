internal import Logging
internal import NodeMetrics
internal import Platform
internal import Synchronization
internal import TabletModel

/// Answers heartbeats, also while the tablets are still being loaded. Heartbeats are decided one after the other under a
/// short lock; only writing the cluster id, once in a data dir's life, does I/O, and others are refused meanwhile.
final class HeartbeatService: HeartbeatHandler {
    private struct Learnt {
        var state: HeartbeatState
        var revision: UInt64 = 0
        var isWritingClusterID = false
        var isShutdown = false
        var refused: HeartbeatRefusal?
        var identity: BackendIdentity
    }

    private let engine: any AgentEngine
    private let connector: any MasterConnector
    private let link: MasterLink
    private let logger: Logger
    private let metrics: BackendMetrics
    private let onNewMaster: @Sendable () -> Void
    private let onConfirmed: @Sendable () -> Void
    private let onNewPosition: @Sendable () -> Void
    private let dialect: WireDialect?
    private let learnt: Mutex<Learnt>

    /// - Parameters:
    ///   - dialect: as configured; nil: learnt.
    ///   - onNewMaster: called after the new master is in `link`, on the connection's thread; must not block.
    ///   - onConfirmed: as `onNewMaster`, once the master knows this backend for who it is.
    ///   - onNewPosition: the metadata position to remember is another one; likewise.
    init(
        identity: BackendIdentity, engine: any AgentEngine, connector: any MasterConnector, link: MasterLink,
        dialect: WireDialect?, logger: Logger, metrics: BackendMetrics, onNewMaster: @escaping @Sendable () -> Void,
        onConfirmed: @escaping @Sendable () -> Void, onNewPosition: @escaping @Sendable () -> Void
    ) {
        self.engine = engine
        self.connector = connector
        self.link = link
        self.logger = logger
        self.metrics = metrics
        self.dialect = dialect
        self.onNewMaster = onNewMaster
        self.onConfirmed = onConfirmed
        self.onNewPosition = onNewPosition
        let state = HeartbeatState(clusterID: engine.clusterID, heardPosition: engine.heardPosition)
        learnt = Mutex(Learnt(state: state, identity: identity))
    }

    var state: HeartbeatState { learnt.withLock { $0.state } }
    /// Where the master is whose commands are carried out; empty before the first heartbeat.
    var masterHosts: Set<CallerHost> { learnt.withLock { $0.state.masterHosts } }
    var identity: BackendIdentity { learnt.withLock { $0.identity } }

    /// The ports that the servers really bound; before the first heartbeat is answered.
    func announce(bePort: Int32, httpPort: Int32) {
        learnt.withLock { learnt in
            learnt.identity.bePort = bePort
            learnt.identity.httpPort = httpPort
        }
    }

    /// From now on the answers say that this backend is going away.
    func beginShutdown() { learnt.withLock { $0.isShutdown = true } }

    func heartbeat(_ master: MasterInfo, from caller: CallerHost) -> HeartbeatReply {
        metrics.heartbeats.increment()
        do throws(HeartbeatRefusal) {
            try claimClusterID(master, caller)
            return try accept(master, caller)
        } catch {
            return refuse(error, from: master, caller)
        }
    }

    /// On return the data dirs durably hold a cluster id (this heartbeat's, or `accept` refuses it).
    private func claimClusterID(_ master: MasterInfo, _ caller: CallerHost) throws(HeartbeatRefusal) {
        let toWrite = try learnt.withLock { (learnt) throws(HeartbeatRefusal) -> Int32? in
            let transition = try evaluate(master, caller, learnt)
            guard let id = transition.persistClusterID else { return nil }
            if learnt.isWritingClusterID { throw .clusterIDBeingWritten }
            learnt.isWritingClusterID = true
            return id
        }
        guard let id = toWrite else { return }
        let failure: HeartbeatRefusal?
        do {
            try engine.persistClusterID(id)
            failure = nil
        } catch {
            failure = .clusterIDNotWritten(id, reason: String(describing: error))
        }
        learnt.withLock { learnt in
            learnt.isWritingClusterID = false
            if failure == nil { learnt.state.clusterID = id }
        }
        if let failure { throw failure }
    }

    private func accept(_ master: MasterInfo, _ caller: CallerHost) throws(HeartbeatRefusal) -> HeartbeatReply {
        // What was remembered before this heartbeat is what the master must judge.
        let (before, state, revision, isNewMaster, isShutdown) = try learnt.withLock {
            (learnt) throws(HeartbeatRefusal) -> (HeartbeatState, HeartbeatState, UInt64?, Bool, Bool) in
            let before = learnt.state
            let transition = try evaluate(master, caller, learnt)
            // The position moves with nearly every heartbeat, and the link does not depend on it.
            var comparable = before
            comparable.heardPosition = transition.state.heardPosition
            let isChange = transition.state != comparable
            learnt.state = transition.state
            learnt.refused = nil
            if isChange { learnt.revision += 1 }
            return (before, learnt.state, isChange ? learnt.revision : nil, transition.isNewMaster, learnt.isShutdown)
        }
        if state.heardPosition != before.heardPosition { onNewPosition() }
        let hasLearntDialect = revision != nil && (state.dialect != before.dialect || before.master == nil)
        // As of this moment: of two heartbeats at once the later one counts.
        if hasLearntDialect { engine.masterSpeaks(self.state.dialect) }
        if let revision {
            let identity = identity
            let host = state.backendHost ?? identity.host
            link.install(
                KnownMaster(
                    address: master.address, epoch: state.epoch,
                    backend: BackendAddress(host: host, bePort: identity.bePort, httpPort: identity.httpPort),
                    line: link.line(to: master.address, epoch: state.epoch) {
                        connector.connection(to: master.address)
                    },
                    dialect: state.dialect, isConfirmed: state.isConfirmed, revision: revision,
                    onAnswer: { [link] in link.masterAnswered() }))
            engine.refuseFiles(from: Set(state.formerMasters), revision: revision)
        }
        if isNewMaster || hasLearntDialect {
            logger.notice(
                isNewMaster ? "new master" : "the master speaks otherwise now",
                metadata: [
                    "master": "\(master.address)", "epoch": "\(state.epoch)", "dialect": "\(state.dialect)",
                ])
            onNewMaster()
        }
        if state.isConfirmed && !before.isConfirmed { onConfirmed() }
        var info = identity.heartbeatInfo(isShutdown: isShutdown)
        info.heardPosition = before.heardPosition
        return HeartbeatReply(status: .ok, backend: info).spoken(in: state.dialect)
    }

    private func evaluate(
        _ master: MasterInfo, _ caller: CallerHost, _ learnt: borrowing Learnt
    ) throws(HeartbeatRefusal) -> HeartbeatAcceptance {
        try HeartbeatAcceptance.evaluate(
            master, from: caller, state: learnt.state, identity: learnt.identity, dialect: dialect)
    }

    /// INTERNAL_ERROR with the ports at 0, as a C++ BE answers (`contract/wire.md` §4).
    private func refuse(
        _ refusal: HeartbeatRefusal, from master: MasterInfo, _ caller: CallerHost
    ) -> HeartbeatReply {
        metrics.heartbeatsRefused.increment()
        // A wrong master asks every few seconds: the log says it once until something else happens.
        let isRepeated = learnt.withLock { learnt in
            defer { learnt.refused = refusal }
            return learnt.refused == refusal
        }
        logger.log(
            level: isRepeated ? .debug : .warning, "heartbeat refused",
            metadata: [
                "master": "\(master.address)", "from": "\(caller)", "epoch": "\(master.epoch)", "reason": "\(refusal)",
            ])
        var info = BackendInfo()
        info.heardPosition = state.heardPosition
        return HeartbeatReply(status: RPCStatus(.internalError, refusal.description), backend: info)
            .spoken(in: dialect ?? WireDialect(of: master))
    }
}
