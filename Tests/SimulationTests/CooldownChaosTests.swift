import BackendCore
import ClusterSimulation
import ClusterTestKit
import HTTPAPI
import MasterCore
import StorageEngine
import TabletModel
import Testing

@testable import Platform

/// A table cools while everything goes wrong, at random: machines go down, calls, confs and answers of the object store get
/// lost, disks and the store are slow, clocks jump, uploaders leave, policies come and go. After a quiet period every
/// replica is cold on one prefix, and the object store holds that and nothing else.
@Suite struct CooldownChaosTests {
    @Test(arguments: Seeds.chosen(default: 1...8)) func afterAnyTroubleEveryReplicaIsColdOnOnePrefix(seed: UInt64)
        throws
    {
        _ = try CooldownChaos(seed: seed).run()
    }

    @Test(arguments: 1...2 as ClosedRange<UInt64>) func theSameSeedGivesTheSameEventLog(seed: UInt64) throws {
        _ = try Seeds.expectSameLog(seed) { try CooldownChaos(seed: seed).run().log }
    }
}

/// One seed's play.
struct CooldownChaos {
    typealias Cluster = SimulatedCluster

    let cluster: Cluster
    private let random: SeededRandom
    private let rounds = 8
    private let deletes: Bool
    private let upkeep: Upkeep

    init(seed: UInt64) throws {
        deletes = seed % 2 == 0
        cluster = Seeds.cluster(seed) { settings in
            settings.backends = 3 + Int(seed % 2)
            settings.engine.compaction.minRowsets = 3
            settings.engine.staleRowsetExpiry = .seconds(20)
            settings.backend.compactsByItself = seed % 5 != 0
            settings.backend.maxSweepInterval = .seconds(120)
            settings.backend.minSweepInterval = .seconds(30)
            settings.backend.unusedRemoteFilesInterval = .seconds(90)
            settings.backend.confirmUnusedInterval = .seconds(30)
            // A follower cuts what the uploader's prefix ends inside of at once, or after a while.
            if seed % 3 == 0 { settings.cooldown.smallTailBytes = 256 }
            settings.cooldown.rowsetsPerRun = seed % 4 == 2 ? 1 : 4
        }
        random = cluster.random.fork("cooldown chaos")
        cluster.losesInPart = random.oneIn(3)
        upkeep = Upkeep(cluster)
    }

    func run() throws -> Cluster {
        try cluster.startAll()
        try cluster.addBackends()
        try cluster.createTable(buckets: 2)
        try load("first", rows: 30)
        cluster.restartsWithin = .seconds(20)
        cluster.readableReplicas = 0
        try cluster.attachPolicy(ttlSeconds: 40)
        for round in 0..<rounds {
            setWeather()
            var calm: [() throws -> Void] = []
            // Several troubles meet one backend: with two of three in trouble no load has a majority.
            let victim = anyBackend
            for _ in 0...random.next(below: 2) { calm.append(try trouble(victim)) }
            // Last: who comes back waits for all the others.
            if random.oneIn(4) { calm.append(try departure(of: uploader() ?? victim)) }
            try upkeep.begin()
            // A single row leaves the other tablet with an empty version.
            try load("round-\(round)", rows: random.oneIn(4) ? 1 : 1 + Int(random.next(below: 40)))
            if deletes, round % 3 == 1 {
                try upkeep.endAlters()
                // Of rows that may be cold by now.
                try cluster.delete(of: "round-\(round / 2)", first: 12)
                try cluster.check()
            }
            try cluster.pass(.seconds(Int64(random.next(below: 60))))
            for end in calm { try end() }
        }
        try endTrouble()
        try upkeep.settle()
        try cluster.heal()
        cluster.readableReplicas = nil
        // Rows that came while a clock was ahead are due that much later.
        try cluster.waitUntilSettled()
        try load("quiet", rows: 20)
        try cluster.heal()
        try upkeep.finish()
        try cluster.waitUntilSettled()
        try cluster.expectEveryReplicaWhole()
        return cluster
    }

    private func load(_ label: String, rows: Int) throws {
        try cluster.load(label, SampleRows(rows, label: label, random: cluster.random))
        try cluster.check()
    }

    // MARK: Network, object store, confs

    private func setWeather() {
        let link: DirectNetwork.Link = random.oneIn(3) ? .lossy(oneIn: 20) : .up
        for process in cluster.processes { cluster.network.setLink(from: process.name, to: nil, link) }
        cluster.loseConfs(oneIn: random.oneIn(3) ? 2 : nil)
        cluster.objects.setTrouble(
            random.oneIn(2)
                ? nil
                : ObjectStoreTrouble(
                    refusesOneIn: random.oneIn(2) ? 6 : nil, losesAnswerOneIn: random.oneIn(2) ? 6 : nil,
                    takesUpTo: random.oneIn(2) ? .seconds(8) : nil))
    }

    private func endTrouble() throws {
        for process in cluster.processes { cluster.network.setLink(from: process.name, to: nil, .up) }
        cluster.loseConfs(oneIn: nil)
        cluster.objects.setTrouble(nil)
        cluster.setClocksRight()
        for backend in cluster.backends { cluster.calmDisk(of: backend) }
        cluster.disarm()
        try cluster.startAll()
        try cluster.addBackends()
        try cluster.attachPolicy()
    }

    // MARK: Troubles

    private var anyBackend: SimulatedBackend {
        cluster.backends[Int(random.next(below: UInt64(cluster.backends.count)))]
    }

    /// - Returns: what ends it.
    private func trouble(_ victim: SimulatedBackend) throws -> () throws -> Void {
        switch random.next(below: 14) {
        case 0: if victim.isRunning { cluster.crash(victim) }
        case 1: if cluster.frontend.isRunning { cluster.crash(cluster.frontend) }
        case 2: victim.plan.restart(.crashAfter(Int(random.next(below: 40))))
        case 3: cluster.frontend.plan.restart(.crashBefore(Int(random.next(below: 20))))
        case 4: victim.plan.restart(.fail(Int(random.next(below: 60))))
        case 5: return loseAnswersOfMetaStore(victim)
        case 6, 7: setClock()
        case 8: return partition(victim)
        case 9:
            let faults = Cluster.DiskFault.allCases
            cluster.trouble(victim, faults[Int(random.next(below: UInt64(faults.count)))])
            return { cluster.calmDisk(of: victim) }
        case 10:
            cluster.trouble(victim, .slow)
            return { cluster.calmDisk(of: victim) }
        case 11: compact(victim)
        case 12:
            try cluster.detachPolicy()
            return { try cluster.attachPolicy() }
        default: try cluster.moveSomewhere(victim)
        }
        return {}
    }

    /// The process lives on, and does not know what became of a change.
    private func loseAnswersOfMetaStore(_ victim: SimulatedBackend) -> () -> Void {
        let index = Int(random.next(below: 12))
        victim.plan.restart(random.oneIn(2) ? .failAfter(index) : .failAfterAndFrom(index), only: .keyValue)
        return { if victim.isRunning, !victim.plan.hasCrashed { victim.plan.restart() } }
    }

    private func setClock() {
        let processes = cluster.processes
        let process = processes[Int(random.next(below: UInt64(processes.count)))]
        let seconds: [Int64] = [0, 10, -10, 90, -90, 1800, -1800]
        cluster.setClock(of: process, ahead: .seconds(seconds[Int(random.next(below: UInt64(seconds.count)))]))
    }

    /// One backend reaches nobody, or nobody reaches it.
    private func partition(_ victim: SimulatedBackend) -> () -> Void {
        let kind: DirectNetwork.Link = random.oneIn(2) ? .lostRequest : .lostReply
        if random.oneIn(2) {
            cluster.network.setLink(from: victim.name, to: nil, kind)
            return { cluster.network.setLink(from: victim.name, to: nil, .up) }
        }
        let callers = cluster.processes.filter { $0 !== victim }.map(\.name)
        let ports = [victim.heartbeatAddress, victim.agentAddress]
        for caller in callers { for port in ports { cluster.network.setLink(from: caller, to: port, kind) } }
        return { for caller in callers { for port in ports { cluster.network.setLink(from: caller, to: port, .up) } } }
    }

    private func compact(_ backend: SimulatedBackend) {
        for tablet in backend.engine?.allTablets ?? [] {
            do {
                let kind: CompactionRequest.Kind = random.oneIn(2) ? .base : .cumulative
                _ = try backend.engine?.compact(CompactionRequest(tabletID: tablet.id, kind: kind), isAsked: true)
            } catch {
                cluster.log.note("\(backend.name) did not compact tablet \(tablet.id): \(error)")
            }
        }
    }

    /// Who uploads a tablet.
    private func uploader() throws -> SimulatedBackend? {
        guard let tablet = try cluster.frontend.master?.tablets(of: Cluster.table).first,
            let replica = tablet.replicas.first(where: { $0.id == tablet.cooldownReplicaID })
        else { return nil }
        return cluster.backend(host: replica.host)
    }

    /// It is drained, or dropped with all that it holds; at the end of the round it is taken in again.
    private func departure(of backend: SimulatedBackend) throws -> () throws -> Void {
        guard cluster.backends.count > 3 else { return {} }
        let address = backend.heartbeatAddress
        if random.oneIn(2) {
            guard try tell({ _ = try $0.setDecommissioned(address, true) }) else { return {} }
        } else {
            // Nobody does that while another one lacks anything.
            guard try everyoneIsWhole(), try tell({ try $0.dropBackend(address, force: true) }) else { return {} }
        }
        return { try takeIn(backend) }
    }

    private func takeIn(_ backend: SimulatedBackend) throws {
        // One that was drained has been forgotten by now, or still waits for that.
        while try !tell({ master in
            guard try master.backends().contains(where: { $0.host == backend.heartbeatAddress.host }) else { return }
            _ = try master.setDecommissioned(backend.heartbeatAddress, false)
        }) { try cluster.pass(.seconds(5)) }
        try cluster.startAll()
        try cluster.addBackends()
    }

    /// False when the FE is away or can't do it now.
    private func tell(_ body: (Master) throws -> Void) throws -> Bool {
        guard let master = cluster.frontend.master else { return false }
        do {
            try body(master)
            return true
        } catch let error as MasterError {
            cluster.log.note("refused: \(error)")
            return false
        }
    }

    /// Looked at on the machines, and not in what the FE believes.
    private func everyoneIsWhole() throws -> Bool {
        guard let master = cluster.frontend.master else { return false }
        return try master.tables(inDatabase: nil).flatMap { try master.tablets(of: $0.name) }.allSatisfy { tablet in
            tablet.replicas.count == 3
                && tablet.replicas.allSatisfy { replica in
                    let engine = cluster.backend(host: replica.host)?.engine
                    let held = engine?.allTablets.first { $0.id == tablet.id }?.snapshot
                    return replica.isHealthy && held?.isComplete == true
                        && (held?.maxContinuousVersion ?? .none) >= tablet.visibleVersion
                }
        }
    }
}
