import ClusterMetadata
import ClusterTestKit
import ElectionTestKit
import FrontendElection
import FrontendRoles
import Logging
import MetadataTestKit
import Platform
import Synchronization
import TabletModel

/// What a simulation has seen: nothing of it is lost when an FE is.
final class Witness: Sendable {
    private struct Seen: Sendable {
        var acknowledged: [String] = []
        var complaints: [String] = []
        var newestEpoch: Int64 = 0
        var actions = 0
    }
    private let seen = Mutex(Seen())

    var acknowledged: [String] { seen.withLock { $0.acknowledged } }
    var complaints: [String] { seen.withLock { $0.complaints } }
    var actions: Int { seen.withLock { $0.actions } }

    func acknowledge(_ name: String) { seen.withLock { $0.acknowledged.append(name) } }
    func complain(_ text: String) { seen.withLock { $0.complaints.append(text) } }

    /// As a backend that hears a task of this epoch.
    func hear(_ epoch: Int64, from name: String) {
        seen.withLock { seen in
            seen.actions += 1
            if epoch < seen.newestEpoch {
                seen.complaints.append("\(name) acted in epoch \(epoch), and \(seen.newestEpoch) was heard of")
            }
            seen.newestEpoch = max(seen.newestEpoch, epoch)
        }
    }
}

/// Makes databases while it may act, and tells the witness of each that was acknowledged.
private final class SimulatedMaster: TermMaster {
    private let isOn = Atomic(true)
    private let scheduler: SimulatedNode
    private let pool: any WorkerPool
    private let store: MetadataStore
    private let epoch: Int64
    private let witness: Witness
    private let mayAct: @Sendable () -> Bool
    private let made = Atomic(0)

    init(
        _ scheduler: SimulatedNode, _ store: MetadataStore, epoch: Int64, _ witness: Witness,
        mayAct: @escaping @Sendable () -> Bool
    ) {
        self.scheduler = scheduler
        self.store = store
        self.epoch = epoch
        self.witness = witness
        self.mayAct = mayAct
        pool = scheduler.makePool(name: "master", threads: 1, queueLimit: 10)
    }

    func start() { act() }
    func stop() { isOn.store(false, ordering: .relaxed) }

    private func act() {
        scheduler.schedule(after: .milliseconds(300), on: pool) { [weak self] in
            guard let self, isOn.load(ordering: .relaxed) else { return }
            if mayAct() { witness.hear(epoch, from: scheduler.name) }
            commit()
            if store.trouble != nil { _ = try? store.settle() }
            act()
        }
    }

    private func commit() {
        let number = made.add(1, ordering: .relaxed).newValue
        let name = "\(scheduler.name)-\(epoch)-\(number)"
        do {
            try store.commit { _, ids in
                ([.createDatabase(Database(id: DatabaseID(ids.take()), name: name))], ())
            }
        } catch {
            return
        }
        witness.acknowledge(name)
        // What one was told is visible to it.
        if store.read({ $0.database(named: name) }) == nil {
            witness.complain("\(name) was acknowledged and is not visible")
        }
    }
}

/// An FE's process, from one start to its end.
private struct Process {
    let node: SimulatedNode
    let store: MetadataStore
    let line: LogLine
    let runner: ElectionRunner
    let replayer: LogReplayer
}

/// Some FEs over one log and one lease service, from one seed.
final class TermsSimulation {
    private let scheduler: ManualScheduler
    private let leases: SimulatedLeases
    private let log: SimulatedLog
    private let random: SeededRandom
    private let disks: [MemoryMachine]
    private var processes: [Process?]
    let witness = Witness()
    private var starts = 0

    init(seed: UInt64, frontends: Int = 3) throws {
        let scheduler = ManualScheduler(seed: seed)
        self.scheduler = scheduler
        leases = SimulatedLeases { scheduler.monotonicNow }
        random = SeededRandom(seed: seed &* 77)
        log = SimulatedLog(leases: leases, random: random.fork("log"))
        log.loseAppends(oneIn: 10)
        disks = (0..<frontends).map { _ in MemoryMachine() }
        processes = disks.map { _ in nil }
        for number in disks.indices {
            try disks[number].fileSystem.createDirectory("/meta")
            try ClusterIdentity.join(
                clusterID: 7, token: "t", role: "FOLLOWER", nodeName: name(number), folder: "/meta",
                files: disks[number].fileSystem)
            try start(number)
        }
    }

    private func name(_ number: Int) -> String { "fe\(number + 1)" }

    private func start(_ number: Int) throws {
        starts += 1
        // Without its log none starts.
        leases.heal(name(number))
        let node = scheduler.makeNode(name(number))
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let line = log.line(of: name(number))
        let store = try MetadataStore.open(
            folder: "/meta", files: disks[number].fileSystem, journal: line, nodeName: name(number),
            random: SeededRandom(seed: random.next()), time: node, gates: DispatchGates(), standing: .follows,
            logger: quiet)
        // Nobody takes images here: the log keeps all.
        store.spreadImages { _ in false }
        let late = Late()
        let witness = witness
        let terms = MetadataTerms(store: store, log: line, logger: quiet) { epoch in
            SimulatedMaster(node, store, epoch: epoch, witness) { late.runner.withLock { $0 }?.mayAct ?? false }
        }
        let record = LeaderRecord(
            nodeName: name(number), host: name(number), editLogPort: 9010, httpPort: 8030, rpcPort: 9020, epoch: 0)
        let runner = ElectionRunner(
            RoleElection(
                nodeName: name(number), role: .follower, timing: ElectionTiming(),
                random: SeededRandom(seed: random.next())),
            leases: leases.line(of: name(number)), record: { record }, keeper: terms, scheduler: node, logger: quiet)
        late.runner.withLock { $0 = runner }
        let replayer = LogReplayer(
            store: store, feed: line, fetchImage: {}, scheduler: node, random: SeededRandom(seed: random.next()),
            logger: quiet, pause: .milliseconds(100))
        processes[number] = Process(node: node, store: store, line: line, runner: runner, replayer: replayer)
        replayer.start()
        runner.start()
    }

    private final class Late: Sendable {
        let runner = Mutex<ElectionRunner?>(nil)
    }

    private func kill(_ number: Int) {
        processes[number]?.node.kill()
        processes[number] = nil
        disks[number].crash()
    }

    // MARK: Running

    /// Kills, cuts and heals for a while; then all is well, and everything must come together.
    func run(rounds: Int) throws {
        for _ in 0..<rounds {
            try disturb(Int(random.next(below: UInt64(disks.count))))
            try pass(.milliseconds(Int64(200 + random.next(below: 4000))))
        }
        for number in disks.indices {
            leases.heal(name(number))
            processes[number]?.line.isCut = false
            if processes[number] == nil { try start(number) }
        }
        try pass(.seconds(60))
        checkEnd()
    }

    private func disturb(_ number: Int) throws {
        guard let process = processes[number] else { return try start(number) }
        switch random.next(below: 8) {
        case 0, 1: kill(number)
        case 2: leases.cut(name(number))
        case 3: leases.heal(name(number))
        case 4: process.line.isCut = true
        case 5: process.line.isCut = false
        case 6: leases.loseAnswers(1 + Int(random.next(below: 4)), of: name(number))
        // Refused while something is not settled.
        default: _ = try? process.store.checkpoint()
        }
    }

    private func pass(_ time: Duration) throws {
        let end = scheduler.monotonicNow + time
        while scheduler.monotonicNow < end {
            try scheduler.advance(by: min(.milliseconds(100), end - scheduler.monotonicNow))
            let acting = processes.compactMap { $0 }.filter(\.runner.mayAct)
            if acting.count > 1 { witness.complain("\(acting.map(\.node.name)) may act at one moment") }
        }
    }

    private func checkEnd() {
        let all = processes.compactMap { $0 }
        let end = Int64(log.entries.count)
        if all.filter(\.runner.mayAct).count != 1 { witness.complain("not one leads at the end") }
        let made = log.entries.compactMap { entry in
            if case .createDatabase(let database) = entry { database.name } else { nil }
        }
        let known = Set(made)
        for name in witness.acknowledged where !known.contains(name) {
            witness.complain("\(name) was acknowledged and is not in the log")
        }
        if known.count != made.count { witness.complain("an entry is in the log twice") }
        for process in all {
            let (last, names) = (process.store.lastLogID, process.store.read { Set($0.databases.map(\.name)) })
            if end - last > 20 { witness.complain("\(process.node.name) is at \(last) of \(end)") }
            let first = Set(
                log.entries.prefix(Int(last)).compactMap { entry in
                    if case .createDatabase(let database) = entry { database.name } else { nil }
                })
            if names != first { witness.complain("\(process.node.name) does not have what the log has up to \(last)") }
        }
    }
}
