public import ClusterTestKit
internal import Platform
internal import TabletModel

/// One FE, or some, and some BEs in one thread: memory machines, direct calls, a memory object store and one event queue, all from
/// one seed. The same seed and the same calls give the same event log, byte for byte.
///
/// Used by one thread. Nothing happens but in `run`, `pass` and the calls that say so.
public final class SimulatedCluster {
    public let seed: UInt64
    public let settings: SimulationSettings
    public let scheduler: ManualScheduler
    public let network: DirectNetwork
    public let objects: WatchedObjectStores
    public let log: EventLog
    public let frontends: [SimulatedFrontend]
    public let backends: [SimulatedBackend]
    /// The frontends, then the backends.
    public let processes: [any SimulatedProcess]
    /// For the decisions of the test itself.
    public let random: SeededRandom
    public let ledger = LoadLedger()
    public internal(set) var columnBook = ColumnBook()
    /// What went down comes up again after a random time of up to this; nil: somebody calls `start`.
    public var restartsWithin: Duration?
    /// Machines lose a random part of what was not synced instead of all of it.
    public var losesInPart = false
    /// Backends that are meant to be down: nobody waits for them.
    public var retired: Set<String> = []
    /// As many replicas a tablet has once it is healed.
    public var wantedReplicas = 3
    /// How many replicas of a tablet can be read at every moment; nil: a majority of them, as long as nothing but restarts
    /// and lost calls happens.
    public var readableReplicas: Int?
    /// Called with each daemon that came up again, before anything else happens; what it throws ends the run.
    public var onRestart: ((any SimulatedProcess) throws -> Void)?
    /// Crashes that met a machine so far, of faults and of `crash`.
    public private(set) var crashCount = 0
    /// The replicas of each tablet as the FE had them when it was last looked at.
    var registered: [TabletID: Set<ReplicaID>] = [:]
    private var armed: [Armed] = []
    /// How often each process had been started when it was last looked at.
    private var seenLives: [String: Int] = [:]
    let supervisor: Supervisor
    let parts: SharedParts
    /// nil: nothing was compared yet.
    var witness: LogWitness?
    /// That were made through whatever FE, and acknowledged.
    var databasesMade: [String] = []
    private let observation: Observation
    private let confLoss: ConfLoss
    let watch: RepairWatch
    let watchedPeers: PeerDirectory

    /// Nothing runs yet: call `startAll`.
    public init(seed: UInt64, settings: SimulationSettings = SimulationSettings()) {
        self.seed = seed
        self.settings = settings
        let random = SeededRandom(seed: seed)
        let scheduler = ManualScheduler(seed: seed)
        let observation = Observation()
        let interleaving = Interleaving(scheduler: scheduler, random: random)
        let shared = SharedParts(
            settings: settings, scheduler: scheduler, network: DirectNetwork(seed: seed),
            objects: WatchedObjectStores(
                weather: ObjectStoreWeather(random: random, interleaving: interleaving, observation: observation)),
            log: EventLog(scheduler: scheduler, echo: settings.echo), random: random, observation: observation,
            interleaving: interleaving, watch: RepairWatch(), confLoss: ConfLoss(random: random),
            replicated: settings.frontends + settings.observers > 1
                ? SharedLog(scheduler: scheduler, random: random, settings: settings) : nil)
        frontends = (0..<max(1, settings.frontends + settings.observers)).map {
            SimulatedFrontend(number: $0 + 1, shared: shared)
        }
        shared.frontends.install(frontends)
        if let limit = settings.callsTake {
            shared.network.letCallsTravel { [frontends = shared.frontends] caller in
                interleaving.letCallTravel(of: frontends.all.first { $0.name == caller }?.node, upTo: limit)
            }
        }
        backends = (0..<settings.backends).map { index in
            SimulatedBackend(number: index + 1, plan: shared.makeFaultPlan(), shared: shared)
        }
        processes = frontends + backends
        self.scheduler = scheduler
        network = shared.network
        objects = shared.objects
        log = shared.log
        self.observation = observation
        confLoss = shared.confLoss
        watch = shared.watch
        watchedPeers = shared.peers
        self.random = random.fork("test")
        supervisor = Supervisor(scheduler: scheduler, random: random.fork("supervisor"), log: log)
        parts = shared
        let judge = RepairJudge(frontends: shared.frontends, backends: backends, watch: watch)
        watch.judge { judge.wrong(with: $0, to: $1) }
    }

    /// What the body reads counts as nobody's operation: for looking at the cluster between faults.
    public func observe<Result>(_ body: () throws -> Result) rethrows -> Result { try observation.during(body) }

    /// The FE that leads, or did last; the only one.
    public var frontend: SimulatedFrontend { parts.frontends.leading ?? frontends[0] }

    /// Starts whatever is down and belongs to the cluster.
    public func startAll() throws {
        for process in processes where !process.isRunning && !retired.contains(process.name) {
            if let frontend = process as? SimulatedFrontend, !frontend.hasJoined { continue }
            log.note("start \(process.name)")
            try process.start()
        }
    }

    /// Takes a machine down now.
    public func crash(_ process: any SimulatedProcess) {
        crashCount += 1
        let loss: CrashLoss = losesInPart ? .seeded(random.next()) : .everything
        let place = process.plan.touchedOperation.map { " at \($0)" } ?? ""
        log.note("crash \(process.name)\(place)")
        if let backend = process as? SimulatedBackend {
            watch.wentDown(backend.heartbeatAddress.host, holding: backend.wholeVersions)
        }
        process.crash(loss)
        if let restartsWithin { supervisor.restart(process, within: restartsWithin) }
    }

    /// Once the condition holds the machine goes down, or meets the fault. The condition is asked after every job.
    public func arm(
        _ process: any SimulatedProcess, _ fault: FaultPlan.Fault? = nil, when condition: @escaping () -> Bool
    ) {
        armed.append(Armed(process: process, fault: fault, condition: condition))
    }

    /// Faults that have not happened will not.
    public func disarm() {
        armed = []
        for process in processes where process.isRunning && !process.plan.hasCrashed { process.plan.restart() }
    }

    private func fireArmed() {
        for index in armed.indices.reversed() where armed[index].process.isRunning && armed[index].condition() {
            let one = armed.remove(at: index)
            if let fault = one.fault { one.process.plan.restart(fault) } else { crash(one.process) }
        }
    }

    /// Ends the daemons whose machine met its fault, and those that would have ended themselves.
    private func reap() {
        for process in processes where process.isRunning && (process.plan.hasCrashed || process.mustExit) {
            crash(process)
        }
    }

    private func greetRestarted() throws {
        guard let onRestart else { return }
        for process in processes where process.isRunning {
            let lives = process.incarnation
            let before = seenLives.updateValue(lives, forKey: process.name) ?? 1
            if before < lives { try onRestart(process) }
        }
    }

    /// Runs until the condition holds; it is asked after every job. False when it does not hold in time.
    /// - Throws: what the condition throws; a `SimulationFailure` when a daemon did not come up again.
    public func run(limit: Duration = .seconds(600), until condition: () throws -> Bool) throws -> Bool {
        var failure: (any Error)?
        let holds = try scheduler.run(limit: limit) {
            reap()
            if !armed.isEmpty { fireArmed() }
            if let trouble = supervisor.trouble {
                failure = SimulationFailure(seed: seed, trouble)
                return true
            }
            do {
                if isReplicated { try checkLeaders() }
                try greetRestarted()
                return try condition()
            } catch {
                failure = error
                return true
            }
        }
        if let failure { throw failure }
        return holds
    }

    /// As `run`, for a condition that takes a look at everything: it is asked when nothing more can run without time passing, and
    /// twice a second at most.
    func runToRest(limit: Duration, until condition: () throws -> Bool) throws -> Bool {
        var next = scheduler.monotonicNow
        return try run(limit: limit) {
            guard scheduler.readyCount == 0, scheduler.monotonicNow >= next else { return false }
            next = scheduler.monotonicNow + Self.pause
            return try condition()
        }
    }

    private static let pause = Duration.milliseconds(500)

    /// One cooldown conf in so many is lost on its way, and the FE takes it for sent; nil: none is.
    public func loseConfs(oneIn: UInt64?) { confLoss.set(oneIn) }

    /// Lets time pass.
    public func pass(_ duration: Duration) throws {
        let end = scheduler.monotonicNow + duration
        _ = try run(limit: duration) { false }
        try scheduler.advance(by: end - scheduler.monotonicNow)
        reap()
    }

    /// As `run`, and it must hold in time.
    public func wait(
        for what: String, limit: Duration = .seconds(600), until condition: () throws -> Bool
    ) throws {
        guard try run(limit: limit, until: condition) else {
            throw SimulationFailure(
                seed: seed, "waited \(limit) for: \(what)\n" + log.lines.suffix(30).joined(separator: "\n"))
        }
    }
}

private struct Armed {
    let process: any SimulatedProcess
    let fault: FaultPlan.Fault?
    let condition: () -> Bool
}

/// Something that must not be. Carries the seed that shows it again.
public struct SimulationFailure: Error, CustomStringConvertible {
    public var seed: UInt64
    public var reason: String

    public init(seed: UInt64, _ reason: String) {
        self.seed = seed
        self.reason = reason
    }

    public var description: String { "TABLETD_SEED=\(seed): \(reason)" }
}
