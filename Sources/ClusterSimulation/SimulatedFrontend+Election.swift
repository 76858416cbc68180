internal import ClusterMetadata
internal import ClusterTestKit
internal import ElectionTestKit
internal import FrontendElection
internal import FrontendRoles
internal import Logging
internal import MasterCore
internal import Platform
internal import TabletModel

/// One FE of several.
extension SimulatedFrontend {
    private static let startRetry = Duration.seconds(1)

    /// Whether it has been told which cluster it belongs to. The first FE makes one.
    public var hasJoined: Bool {
        address == Self.rpcAddress || ((try? machine.fileSystem.exists(Self.folder + "/ROLE")) ?? false)
    }

    /// Before its first start: as the cluster's metadata name it.
    func join(as nodeName: String, _ role: String, of cluster: ClusterIdentity) throws {
        try machine.fileSystem.createDirectory(Self.folder)
        for folder in ["/", "/fe"] { try machine.fileSystem.syncDirectory(folder) }
        try ClusterIdentity.join(
            clusterID: cluster.clusterID, token: cluster.token, role: role, nodeName: nodeName,
            folder: Self.folder, files: machine.fileSystem)
    }

    /// What its files say of it. - Throws: it has not begun yet.
    func identity() throws -> ClusterIdentity {
        try ClusterIdentity.read(folder: Self.folder, files: machine.fileSystem)
    }

    /// Begins once the log can be read, however long that takes: nobody is told anything before.
    func begin(over log: SharedLog, _ node: SimulatedNode) throws {
        let pool = node.makePool(name: "start", threads: 1, queueLimit: 1)
        do {
            try beginNow(over: log, node)
        } catch LogLineError.away {
            shared.log.note("\(name) waits for the log")
            node.schedule(after: Self.startRetry, on: pool) { [weak self] in
                guard let self else { return }
                do {
                    try begin(over: log, node)
                } catch  where !plan.hasCrashed {
                    shared.masters.complain("\(name) did not start: \(error)")
                } catch {
                    // The machine went down: whoever looks after it sees that.
                }
            }
        }
    }

    private func beginNow(over log: SharedLog, _ node: SimulatedNode) throws {
        let random = random(shared.random)
        let (name, shared, address) = (name, shared, address)
        let line = log.log.line(of: name)
        let store = try openMetadata(
            line, nodeName: "\(address.host)_\(address.port)", standing: .follows, random, node)
        try store.checkRole()
        let late = LateElection(isFlawed: shared.settings.flaws.contains(.mastersOutliveTheirLeases))
        let running = RunningMaster(
            isLeading: { late.mayAct },
            leader: { late.election?.runner.leader.map { "\($0.record.host):\($0.record.rpcPort)" } })
        let files = files(store)
        let spread = ImageSpread(store: store, logger: logger) { [weak self] logID, other in
            try self?.offer(logID, to: other)
        }
        store.spreadImages(spread.spread)
        running.reading = makeMaster(
            store, epoch: nil, connector: FencedConnector(guardedConnector()) { false }, random.fork("reading"),
            scheduler: node)
        let election = SimulatedElection(
            SimulatedElection.Place(
                store: store, node: node, line: line, address: address, httpPort: Self.httpPort, random: random,
                logger: logger),
            log: log, name: name, timing: shared.settings.election,
            onTheWay: { shared.interleaving.letCallTravel(of: node) }, late: late,
            fetchImage: { leader in
                let owner = try shared.frontends.at(leader.host)?.offered()
                guard let owner else { throw PeerRefusal.unreachable("nobody is at \(leader.host)") }
                let logID = try shared.network.carry("info", from: name, to: leader.httpAddress) {
                    try owner.summary().imageLogID
                }
                try files.takeLaterImage(logID, from: leader.host, port: Int(leader.httpPort))
            },
            makeTerm: { [weak self, weak running] epoch in
                guard let self, let running else { throw CrashedError(operation: "a term of \(name)") }
                return makeTerm(epoch, store, node.makePart(), running: running, late: late, random)
            })
        begin(Life(store: store, running: running, files: files, election: election, late: late))
        election.start()
    }

    private func makeTerm(
        _ epoch: Int64, _ store: MetadataStore, _ node: SimulatedNode, running: RunningMaster, late: LateElection,
        _ random: SeededRandom
    ) -> SimulatedTerm {
        let watched = WatchedBackendConnector(
            base: guardedConnector(), actor: MasterWatch.Actor(frontend: name, epoch: epoch), watch: shared.masters)
        let master = makeMaster(
            store, epoch: epoch, connector: FencedConnector(watched) { late.mayAct },
            frontends: shared.network.frontendConnector(from: name), random.fork("term \(epoch)"), scheduler: node)
        return SimulatedTerm(master, store: store, node: node, running: running, logger: logger)
    }

    /// Has another FE fetch an image from this one.
    private func offer(_ logID: Int64, to other: Frontend) throws {
        let target = NetworkAddress(host: other.host, port: other.httpPort)
        try shared.network.carry("offer", from: name, to: target) {
            guard let files = try shared.frontends.at(other.host)?.offered() else {
                throw PeerRefusal.unreachable("nobody is at \(other.host)")
            }
            if try files.summary().imageLogID >= logID { return }
            try files.takeImage(logID, from: address.host, port: Int(Self.httpPort))
        }
    }

    // MARK: What others see

    /// Whether it may act as master at this moment, by its own clock.
    var mayAct: Bool { life?.election?.runner.mayAct ?? false }

    /// Who acts when its master does.
    var actor: MasterWatch.Actor? {
        life?.election.map { MasterWatch.Actor(frontend: name, epoch: $0.termEpoch) }
    }

    /// Where it sends what only the master can do; nil: it knows of none.
    var knownLeader: NetworkAddress? { life?.election?.runner.leader?.record.httpAddress }
}

extension LeaderRecord {
    fileprivate var httpAddress: NetworkAddress { NetworkAddress(host: host, port: httpPort) }
}
