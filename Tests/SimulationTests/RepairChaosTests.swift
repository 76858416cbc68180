import BackendCore
import ClusterSimulation
import ClusterTestKit
import HTTPAPI
import MasterCore
import Platform
import StorageEngine
import TabletModel
import Testing

/// Machines go down, calls get lost, files disappear and disks come back old, clocks jump, addresses change, at random, while
/// loads, deletes, compactions, cooldown and upkeep go on. After a quiet period nothing of it is left to be seen.
@Suite struct RepairChaosTests {
    typealias Cluster = SimulatedCluster

    @Test(arguments: Seeds.chosen(default: 1...20)) func afterAnyTroubleEveryReplicaIsHealthyAgain(seed: UInt64) throws
    {
        try Chaos(seed: seed).run()
    }

    /// One seed's play.
    private struct Chaos {
        let cluster: Cluster
        let random: SeededRandom
        let seed: UInt64
        /// Its disk is never touched: whatever else is lost, one copy of everything stays. With three BEs it has a replica of
        /// every tablet.
        let keeper: SimulatedBackend
        let upkeep: Upkeep

        init(seed: UInt64) throws {
            self.seed = seed
            cluster = try RepairScene.cluster(seed, backends: 3 + Int(seed % 2), buckets: 2) { settings in
                settings.engine.compaction.minRowsets = 3
                settings.engine.staleRowsetExpiry = .seconds(20)
            }
            random = cluster.random.fork("chaos")
            keeper = cluster.backends[Int(random.next(below: 3))]
            upkeep = Upkeep(cluster)
            cluster.restartsWithin = .seconds(20)
            cluster.losesInPart = seed % 3 == 0
            cluster.readableReplicas = 0
            if seed % 4 == 3 { try cluster.attachPolicy(ttlSeconds: 40) }
        }

        func run() throws {
            for round in 0..<6 {
                setLinks(random.oneIn(3) ? .lossy(oneIn: 20) : .up)
                let calm = try trouble()
                try upkeep.begin()
                try RepairScene.load("round-\(round)", cluster, rows: 20)
                if seed % 2 == 0, round % 2 == 1 {
                    try upkeep.endAlters()
                    try cluster.delete(of: "round-\(round / 2)", first: 7)
                    try cluster.check()
                }
                try cluster.pass(.seconds(Int64(random.next(below: 30))))
                calm()
            }
            setLinks(.up)
            cluster.setClocksRight()
            cluster.disarm()
            try upkeep.settle()
            try cluster.heal()
            cluster.readableReplicas = nil
            try RepairScene.load("quiet", cluster)
            try cluster.heal()
            try upkeep.finish()
            try RepairScene.finish(cluster, leavesNothing: false)
        }

        private func setLinks(_ link: DirectNetwork.Link) {
            for process in cluster.processes { cluster.network.setLink(from: process.name, to: nil, link) }
        }

        /// - Returns: what ends it.
        private func trouble() throws -> () -> Void {
            let victim = cluster.backends[Int(random.next(below: UInt64(cluster.backends.count)))]
            switch random.next(below: 14) {
            case 0: if victim.isRunning { cluster.crash(victim) }
            case 1: if cluster.frontend.isRunning { cluster.crash(cluster.frontend) }
            case 2: victim.plan.restart(.crashAfter(Int(random.next(below: 40))))
            case 3: cluster.frontend.plan.restart(.crashBefore(Int(random.next(below: 20))))
            case 4: try loseFile(victim)
            case 5 where cluster.backends.count == 3: try comeBackOld(victim)
            case 6 where cluster.backends.count == 3: try comeBackEmpty(victim)
            case 8, 9:
                // found D8: a living backend with a bad disk.
                let faults = Cluster.DiskFault.allCases
                cluster.trouble(victim, faults[Int(random.next(below: UInt64(faults.count)))])
                return { cluster.calmDisk(of: victim) }
            case 10, 11: setClock()
            case 12:
                // The process lives on, and does not know what became of a change.
                let index = Int(random.next(below: 12))
                victim.plan.restart(random.oneIn(2) ? .failAfter(index) : .failAfterAndFrom(index), only: .keyValue)
                return { if victim.isRunning, !victim.plan.hasCrashed { victim.plan.restart() } }
            case 13: try cluster.moveSomewhere(victim)
            default:
                for backend in cluster.backends { backend.plan.restart(.fail(Int(random.next(below: 60)))) }
            }
            return {}
        }

        private func setClock() {
            let processes = cluster.processes
            let process = processes[Int(random.next(below: UInt64(processes.count)))]
            let seconds: [Int64] = [0, 15, -15, 300, -300, 3600, -3600]
            cluster.setClock(of: process, ahead: .seconds(seconds[Int(random.next(below: UInt64(seconds.count)))]))
        }

        private func loseFile(_ victim: SimulatedBackend) throws {
            guard victim !== keeper, let held = victim.engine?.allTablets.sorted(by: { $0.id < $1.id }), !held.isEmpty
            else { return }
            let tablet = held[Int(random.next(below: UInt64(held.count)))]
            let version = Version(Int64(random.next(below: UInt64(max(1, tablet.snapshot.maxVersion.rawValue)))) + 1)
            guard hasOther(tablet.id) else { return }
            if try cluster.deleteRowset(holding: version, of: tablet.id, on: victim) != nil { try victim.start() }
        }

        /// The keeper holds all of the tablet.
        private func hasOther(_ tablet: TabletID) -> Bool {
            guard let engine = keeper.engine, engine.isLoaded else { return false }
            return engine.allTablets.contains { $0.id == tablet && $0.snapshot.isComplete }
        }

        private func comeBackOld(_ victim: SimulatedBackend) throws {
            guard victim !== keeper, victim.isRunning, keeperIsWhole else { return }
            let old = victim.machine.copy()
            try RepairScene.load("old-\(cluster.crashCount)-\(random.next(below: 1000))", cluster, rows: 10)
            guard victim.isRunning else { return }
            cluster.restoreDisk(of: victim, old)
            try victim.start()
        }

        private func comeBackEmpty(_ victim: SimulatedBackend) throws {
            guard victim !== keeper, victim.isRunning, keeperIsWhole else { return }
            cluster.emptyDisk(of: victim)
            try victim.start()
        }

        /// It holds every version of every tablet.
        private var keeperIsWhole: Bool {
            guard let engine = keeper.engine, engine.isLoaded, let master = cluster.frontend.master,
                let tables = try? master.tables(inDatabase: nil),
                let tablets = try? tables.flatMap({ try master.tablets(of: $0.name) })
            else { return false }
            let held = engine.allTablets.map { ($0.id, $0.snapshot) }
            return tablets.allSatisfy { tablet in
                held.contains { $0 == tablet.id && $1.isComplete && $1.maxVersion >= tablet.visibleVersion }
            }
        }
    }
}
