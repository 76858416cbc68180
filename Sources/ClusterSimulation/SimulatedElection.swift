internal import ClusterMetadata
internal import ClusterTestKit
internal import ElectionTestKit
internal import FrontendElection
internal import FrontendRoles
internal import Logging
internal import Platform
internal import Synchronization
internal import TabletModel

/// How one of several FEs follows the others and comes to lead, for one life of it: as the daemon puts the parts together, over a
/// simulated log.
final class SimulatedElection: Sendable {
    let runner: ElectionRunner
    let replayer: LogReplayer
    /// The epoch of the term that is, or was the last.
    private let epoch: Atomic<Int64>

    /// Where an FE of several is, and what it has.
    struct Place: Sendable {
        let store: MetadataStore
        let node: SimulatedNode
        let line: LogLine
        let address: NetworkAddress
        let httpPort: Int32
        let random: SeededRandom
        let logger: Logger
    }

    /// - Parameters:
    ///   - onTheWay: time that passes while a call about leases is on its way.
    ///   - late: gets this one.
    ///   - makeTerm: makes the master of a term.
    init(
        _ place: Place, log: SharedLog, name: String, timing: ElectionTiming, onTheWay: @escaping @Sendable () -> Void,
        late: LateElection, fetchImage: @escaping @Sendable (_ leader: LeaderRecord) throws -> Void,
        makeTerm: @escaping @Sendable (_ epoch: Int64) throws -> any TermMaster
    ) {
        let (store, address, httpPort) = (place.store, place.address, place.httpPort)
        let nodeName = store.identity.nodeName
        let terms = MetadataTerms(store: store, log: place.line, logger: place.logger) { epoch in
            late.election?.epoch.store(epoch, ordering: .relaxed)
            return try makeTerm(epoch)
        }
        let role = store.read { state in
            state.frontends.isEmpty
                ? FrontendRole(rawValue: store.identity.role) : state.frontends[nodeName]?.role
        }
        runner = ElectionRunner(
            RoleElection(nodeName: nodeName, role: role, timing: timing, random: place.random.fork("election")),
            leases: log.leases.line(of: name, onTheWay: onTheWay),
            record: {
                LeaderRecord(
                    nodeName: nodeName, host: address.host, editLogPort: address.port, httpPort: httpPort,
                    rpcPort: address.port, epoch: store.read { $0.epoch } + 1)
            }, keeper: terms, scheduler: place.node, logger: place.logger)
        replayer = LogReplayer(
            store: store, feed: place.line,
            fetchImage: {
                guard let leader = late.election?.runner.leader?.record, leader.nodeName != nodeName else {
                    throw PeerRefusal.unreachable("no other FE leads")
                }
                try fetchImage(leader)
            }, scheduler: place.node, random: place.random.fork("replayer"), logger: place.logger,
            pause: Self.lookEvery)
        epoch = Atomic(0)
        late.election = self
    }

    private static let lookEvery = Duration.milliseconds(100)

    func start() {
        replayer.start()
        runner.start()
    }

    var termEpoch: Int64 { epoch.load(ordering: .relaxed) }
}

/// The election of an FE for those of its parts that are made before it. Lives no longer than the FE.
final class LateElection: Sendable {
    private struct Held: Sendable {
        weak var election: SimulatedElection?
    }

    private let held = Mutex(Held())
    /// It acts as if its lease never ended.
    private let isFlawed: Bool

    init(isFlawed: Bool) { self.isFlawed = isFlawed }

    var election: SimulatedElection? {
        get { held.withLock { $0.election } }
        set { held.withLock { $0.election = newValue } }
    }

    var mayAct: Bool { isFlawed || election?.runner.mayAct ?? false }
}
