import ClusterMetadata
import ClusterSimulation
import ClusterTestKit
import Platform
import TabletModel

/// Three FEs over one log, a table, and what may happen to them.
struct FailoverScene {
    let cluster: SimulatedCluster
    let random: SeededRandom
    private let upkeep: Upkeep
    private let cools: Bool
    /// Whose disk may be lost: an image that only it has is one that the log need not stand for.
    private let victim: SimulatedFrontend
    private var oldDisk: MemoryMachineCopy?
    /// What may happen.
    var troubles = Trouble.allCases
    /// Whether the metadata of FEs are compared with their log all the time.
    var comparesMetadata = true
    private var made = 0

    /// Drawn by a seed.
    enum Trouble: String, CaseIterable {
        case leaderCrashes
        case leaderCrashesMidway
        case leaderStops
        case leaderLosesLog
        case frontendCrashes
        case frontendCrashesInIO
        case frontendStops
        case frontendLosesLog
        case frontendLosesDisk
        case frontendComesBackOld
        case frontendsParted
        case logIsAway
        case appendsAreLost
        case leaseAnswersAreLost
        case callsAreLost
        case partedFromBackends
        case backendCrashes
        case clockJumps
        case diskOfFrontendFails
        case logRefuses
    }

    init(_ seed: UInt64, flaws: Set<SimulatedFlaw> = []) throws {
        cluster = Seeds.cluster(seed) { settings in
            settings.frontends = 3
            if seed % 4 == 2 { settings.observers = 1 }
            settings.flaws = flaws
            if seed % 5 < 3 { settings.callsTake = .milliseconds(200) }
            // FEs that were away for a moment need images.
            if seed % 2 == 0 { settings.checkpoints = CheckpointTrigger(rollEntries: 8, interval: .seconds(15)) }
        }
        random = cluster.random.fork("failover")
        upkeep = Upkeep(cluster)
        cools = seed % 4 == 3
        victim = cluster.frontends[Int(random.next(below: UInt64(cluster.frontends.count)))]
        cluster.restartsWithin = .seconds(15)
        cluster.losesInPart = seed % 3 == 0
        try cluster.startAll()
        try cluster.addFrontends()
        try cluster.addBackends()
        try cluster.createTable(buckets: 2)
        if cools { try cluster.attachPolicy(ttlSeconds: 40) }
        // What takes time can be broken off.
        if seed % 3 == 1 { for backend in cluster.backends { cluster.trouble(backend, .slow) } }
    }

    /// Work goes on through whoever leads while all kinds of things happen; each ends by itself.
    mutating func run(rounds: Int) throws {
        for round in 0..<rounds {
            for _ in 0..<random.next(below: 3) { try begin(any(of: troubles)) }
            cluster.mend(after: seconds(upTo: 20))
            try pass(upTo: 8)
            if round % 4 == 3 { try upkeep.begin() }
            switch random.next(below: 3) {
            case 0: try load("round-\(round)")
            case 1: for _ in 0..<3 { try makeDatabase() }
            default: try makeDatabase()
            }
            try pass(upTo: 10)
            try check()
        }
    }

    /// All is well again: everything comes together, and nothing that was acknowledged is missing.
    mutating func finish() throws {
        cluster.mend()
        cluster.disarm()
        cluster.setClocksRight()
        for backend in cluster.backends { cluster.calmDisk(of: backend) }
        try cluster.settleFrontends(limit: .seconds(300))
        try upkeep.settle()
        try load("quiet")
        try cluster.heal()
        try upkeep.finish()
        if cools { try cluster.waitUntilCold() }
        try cluster.expectEveryReplicaWhole()
        try cluster.settleFrontends()
    }

    private func check() throws {
        try cluster.check()
        if comparesMetadata { try cluster.checkFrontends() }
    }

    private func load(_ label: String) throws {
        try cluster.load(label, SampleRows(20, label: label, random: random))
        try check()
    }

    private mutating func makeDatabase() throws {
        made += 1
        _ = try cluster.makeDatabase("made_\(made)", through: any(of: cluster.frontends))
        try check()
        try pass(upTo: 1)
    }

    // MARK: Chance

    private func any<Element>(of all: [Element]) -> Element { all[Int(random.next(below: UInt64(all.count)))] }

    private func seconds(upTo limit: Int64) -> Duration {
        .milliseconds(Int64(random.next(below: UInt64(limit * 1000))))
    }

    private func pass(upTo limit: Int64) throws { try cluster.pass(seconds(upTo: limit)) }

    // MARK: Trouble

    private mutating func begin(_ trouble: Trouble) throws {
        cluster.log.note("trouble: \(trouble)")
        let (leader, other) = (cluster.frontend, any(of: cluster.frontends))
        switch trouble {
        case .leaderCrashes: if leader.isRunning { cluster.crash(leader) }
        case .leaderCrashesMidway: crashMidway(leader)
        case .leaderStops: stop(leader)
        case .leaderLosesLog: cluster.cutFromLog(leader)
        case .frontendCrashes: if other.isRunning { cluster.crash(other) }
        case .frontendCrashesInIO: other.plan.restart(.crashBefore(Int(random.next(below: 12))))
        case .frontendStops: stop(other)
        case .frontendLosesLog: cluster.cutFromLog(other)
        case .frontendLosesDisk: if victim.isRunning { try cluster.putBackDisk(of: victim) }
        case .frontendComesBackOld:
            if let oldDisk, victim.isRunning { try cluster.putBackDisk(of: victim, oldDisk) }
            oldDisk = victim.machine.copy()
        case .frontendsParted: for one in cluster.frontends where one !== other { cluster.part(one, other) }
        case .logIsAway: cluster.setLogAway(true)
        case .appendsAreLost: cluster.loseAppends(oneIn: 1 + random.next(below: 6))
        case .leaseAnswersAreLost:
            for frontend in cluster.frontends {
                cluster.loseLeaseAnswers(Int(random.next(below: 8)), of: frontend)
            }
        case .callsAreLost: cluster.loseCalls(oneIn: 4 + random.next(below: 20))
        case .partedFromBackends:
            for backend in cluster.backends where random.oneIn(2) { cluster.part(leader, backend) }
        case .backendCrashes: if case let victim = any(of: cluster.backends), victim.isRunning { cluster.crash(victim) }
        case .diskOfFrontendFails: other.plan.restart(Seeds.failure(random, below: 12))
        case .logRefuses: cluster.refuseAppends(oneIn: 1 + random.next(below: 6))
        case .clockJumps: cluster.setClock(of: other, ahead: .seconds(Int64(random.next(below: 600)) - 300))
        }
    }

    private func stop(_ frontend: SimulatedFrontend) {
        cluster.stop(frontend, after: seconds(upTo: 3), for: seconds(upTo: 20))
    }

    private func crashMidway(_ frontend: SimulatedFrontend) {
        let method = any(of: ["submit_tasks", "finishTask", "report"])
        let calls = (cluster.network.callCounts[method] ?? 0) + 1 + Int(random.next(below: 6))
        cluster.arm(frontend) { [unowned cluster] in (cluster.network.callCounts[method] ?? 0) >= calls }
    }
}
