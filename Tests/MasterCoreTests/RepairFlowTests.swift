import ClusterTestKit
import HTTPAPI
import Platform
import TabletModel
import Testing

@testable import MasterCore
@testable import MasterServices

@Suite struct RepairFlowTests {
    private func replicas(_ cluster: FlowCluster) throws -> [ReplicaView] {
        try cluster.master.tablets(of: FlowCluster.table).flatMap(\.replicas)
    }

    private func isWhole(_ cluster: FlowCluster, replicas count: Int) throws -> Bool {
        let all = try replicas(cluster)
        return all.count == count && all.allSatisfy(\.isHealthy)
    }

    private func backendID(_ cluster: FlowCluster, _ place: Int) throws -> BackendID {
        let address = cluster.backends[place].address
        return try #require(try cluster.master.backends().first { $0.host == address.host }).id
    }

    @Test func replicasOfADeadBackendAreMadeAnewElsewhereAfterTheGrace() throws {
        let cluster = try FlowCluster(backends: 4).ready()
        try cluster.load("l1")
        let dead = try backendID(cluster, 0)
        let lost = try replicas(cluster).count { $0.backendID == dead }
        #expect(lost > 0)
        cluster.backends[0].set { $0.isDown = true }
        // Heartbeats find it dead within 5 s; nobody moves during the grace.
        try cluster.scheduler.advance(by: .seconds(55))
        for backend in cluster.backends { #expect(backend.taken(.clone).isEmpty) }
        let away = try cluster.master.unhealthyReplicas(of: nil, limit: 100)
        #expect(away.count == lost)
        #expect(away.allSatisfy { $0.replica.unhealthySinceMs > 0 && $0.note.contains("may come back") })
        try cluster.live(for: 60)
        #expect(try isWhole(cluster, replicas: 12))
        #expect(try replicas(cluster).allSatisfy { $0.backendID != dead && $0.state == "NORMAL" })
        #expect(cluster.backends.dropFirst().allSatisfy { cluster.rows(on: $0) == ["a,1", "b,2", "c,3", "d,4"] })
        let scheduler = try cluster.master.scheduler()
        #expect(scheduler.pending.isEmpty && scheduler.running.isEmpty)
        #expect(scheduler.slots.allSatisfy { $0.used == 0 })
        #expect(try cluster.master.status().finishedClones == Int64(lost))
        #expect(try cluster.master.status().queuedTasks == 0)
    }

    @Test func aReturningBackendLosesWhatWasMadeAnew() throws {
        let cluster = try FlowCluster(backends: 4).ready()
        try cluster.load("l1")
        cluster.backends[0].set { $0.isDown = true }
        try cluster.scheduler.advance(by: .seconds(120))
        try cluster.load("l2", "e,5\n")
        cluster.backends[0].set { $0.isDown = false }
        try cluster.scheduler.advance(by: .seconds(10))
        let plan = try cluster.master.readPlan(FlowCluster.table, backend: nil, version: nil)
        let returned = try backendID(cluster, 0)
        #expect(plan.tablets.allSatisfy { tablet in tablet.backends.allSatisfy { $0.backendID != returned } })
        try cluster.reportAll()
        try cluster.scheduler.advance(by: .seconds(10))
        #expect(cluster.backends[0].tablets.isEmpty)
        #expect(try isWhole(cluster, replicas: 12))
    }

    @Test func aBackendThatComesBackInTimeKeepsItsReplicasAndCatchesUpInPlace() throws {
        let cluster = try FlowCluster(backends: 3).ready()
        cluster.backends[2].set { $0.isDown = true }
        try cluster.scheduler.advance(by: .seconds(10))
        try cluster.load("l1")
        try cluster.load("l2", "e,5\nf,6\n")
        cluster.backends[2].set { $0.isDown = false }
        try cluster.scheduler.advance(by: .seconds(6))
        let returned = try backendID(cluster, 2)
        let plan = try cluster.master.readPlan(FlowCluster.table, backend: nil, version: nil)
        #expect(plan.tablets.allSatisfy { tablet in tablet.backends.allSatisfy { $0.backendID != returned } })
        #expect(throws: MasterError.self) {
            try cluster.master.readPlan(FlowCluster.table, backend: returned, version: nil)
        }
        try cluster.scheduler.advance(by: .seconds(30))
        #expect(try isWhole(cluster, replicas: 12))
        #expect(cluster.rows(on: cluster.backends[2]).count == 6)
        _ = try cluster.master.readPlan(FlowCluster.table, backend: returned, version: nil)
    }

    @Test func aVersionPulledOutIsClonedInPlaceWhileLoadsContinue() throws {
        let cluster = try FlowCluster(backends: 3).ready()
        try cluster.load("l1")
        try cluster.load("l2", "e,5\nf,6\n")
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0].id
        cluster.backends[1].lose([2], of: tablet)
        _ = try cluster.backends[1].reportTablets()
        try cluster.scheduler.runUntilIdle()
        let unhealthy = try cluster.master.unhealthyReplicas(of: FlowCluster.table, limit: 10)
        #expect(unhealthy.count == 1)
        #expect(unhealthy.first?.tabletID == tablet)
        for second in 0..<20 {
            try cluster.load("more\(second)", "k\(second),1\n")
            try cluster.scheduler.advance(by: .seconds(1))
        }
        try cluster.reportAll()
        try cluster.scheduler.advance(by: .seconds(10))
        #expect(try isWhole(cluster, replicas: 12))
        #expect(try cluster.master.unhealthyReplicas(of: nil, limit: 10).isEmpty)
        for backend in cluster.backends { #expect(cluster.rows(on: backend).count == 26) }
        #expect(cluster.backends[1].taken(.clone).count >= 1)
        let history = try cluster.master.scheduler().history
        #expect(history.contains { $0.status == "VERSION_INCOMPLETE" && $0.state == "finished" })
    }

    @Test func loadsGoOnWhileAReplicaIsMade() throws {
        let cluster = try FlowCluster(backends: 4).ready()
        try cluster.load("l1")
        // The clones begin and do not end yet.
        for backend in cluster.backends { backend.set { $0.silent = [.clone] } }
        cluster.backends[0].set { $0.isDown = true }
        try cluster.scheduler.advance(by: .seconds(80))
        #expect(try cluster.master.scheduler().running.count > 0)
        for load in 0..<3 {
            #expect(try cluster.load("during\(load)", "m\(load),1\nn\(load),1\n").version.rawValue == Int64(3 + load))
            try cluster.scheduler.advance(by: .seconds(5))
            #expect(try cluster.master.load(label: "during\(load)", database: "db").state == .visible)
        }
        // Now they end.
        for backend in cluster.backends {
            let tasks = backend.taken(.clone)
            backend.set {
                $0.silent = []; $0.running = [:]
            }
            for task in tasks { backend.run(task) }
        }
        try cluster.scheduler.advance(by: .seconds(60))
        try cluster.reportAll()
        try cluster.scheduler.advance(by: .seconds(60))
        #expect(try isWhole(cluster, replicas: 12))
        for backend in cluster.backends.dropFirst() { #expect(cluster.rows(on: backend).count == 10) }
    }

    @Test func twoOfThreeReplicasLostAreBothRebuilt() throws {
        let cluster = try FlowCluster(backends: 5).ready()
        try cluster.load("l1")
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0]
        let hosts = tablet.replicas.prefix(2).map(\.host)
        for backend in cluster.backends where hosts.contains(backend.address.host) { backend.set { $0.isDown = true } }
        try cluster.live(for: 150)
        #expect(try isWhole(cluster, replicas: 12))
        let first = try #require(try cluster.master.scheduler().history.last { $0.tabletID == tablet.id })
        #expect(first.priority == "VERY_HIGH")
        #expect(try cluster.load("l2", "z,1\n").version == 3)
    }

    @Test func replicasWithDifferentGapsRepairEachOther() throws {
        let cluster = try FlowCluster(backends: 3).ready()
        for load in 0..<3 { try cluster.load("l\(load)", "a\(load),1\nb\(load),1\nc\(load),1\nd\(load),1\n") }
        for tablet in try cluster.master.tablets(of: FlowCluster.table) {
            for place in 0..<3 { cluster.backends[place].lose([Version(Int64(2 + place))], of: tablet.id) }
        }
        for backend in cluster.backends { _ = try backend.reportTablets() }
        try cluster.scheduler.runUntilIdle()
        #expect(throws: MasterError.self) {
            try cluster.master.readPlan(FlowCluster.table, backend: nil, version: nil)
        }
        try cluster.scheduler.advance(by: .seconds(60))
        #expect(try isWhole(cluster, replicas: 12))
        for backend in cluster.backends { #expect(cluster.rows(on: backend).count == 12) }
    }

    @Test func aCloneThatFailsBacksOffAndSaysWhy() throws {
        let cluster = try FlowCluster(backends: 3).ready()
        try cluster.load("l1")
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0].id
        cluster.backends[1].set { $0.failing[.clone] = RPCStatus(.ioError, "disk full") }
        cluster.backends[1].lose([2], of: tablet)
        _ = try cluster.backends[1].reportTablets()
        try cluster.scheduler.advance(by: .seconds(120))
        let taken = cluster.backends[1].taken(.clone).count
        #expect((4...6).contains(taken))
        let pending = try #require(try cluster.master.scheduler().pending.first)
        #expect(pending.attempts == Int64(taken))
        #expect(pending.message.contains("disk full"))
        let unhealthy = try #require(try cluster.master.unhealthyReplicas(of: nil, limit: 10).first)
        #expect(unhealthy.repair == "pending")
        #expect(unhealthy.note.contains("disk full"))
        #expect(unhealthy.replica.unhealthySinceMs > 0)
        cluster.backends[1].set { $0.failing = [:] }
        // A person does not wait for the backoff.
        #expect(try cluster.master.repair([tablet]).count == 1)
        try cluster.scheduler.advance(by: .seconds(1))
        #expect(try isWhole(cluster, replicas: 12))
    }

    @Test func aNewReplicaThatCanNotBeMadeIsRemovedAndAnotherBackendTried() throws {
        let cluster = try FlowCluster(backends: 5).ready()
        try cluster.load("l1")
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0]
        let held = Set(tablet.replicas.map(\.host))
        let free = cluster.backends.filter { !held.contains($0.address.host) }
        for backend in cluster.backends where backend.address.host == tablet.replicas[0].host {
            backend.set { $0.isDown = true }
        }
        free[0].set { $0.failing[.clone] = RPCStatus(.ioError, "disk full") }
        free[1].set { $0.failing[.clone] = RPCStatus(.ioError, "disk full") }
        try cluster.live(for: 200)
        #expect(free.allSatisfy { !$0.taken(.clone).isEmpty })
        #expect(try cluster.master.tablet(tablet.id).replicas.count == 3)
        for backend in free { backend.set { $0.failing = [:] } }
        try cluster.live(for: 320)
        #expect(try isWhole(cluster, replicas: 12))
    }

    @Test func aLeaseThatRunsOutIsCleanedUp() throws {
        let cluster = try FlowCluster(backends: 4) { $0.repair.minCloneTimeout = .seconds(30) }.ready()
        try cluster.load("l1")
        for backend in cluster.backends { backend.set { $0.silent = [.clone] } }
        cluster.backends[0].set { $0.isDown = true }
        try cluster.scheduler.advance(by: .seconds(75))
        let running = try cluster.master.scheduler().running
        #expect(running.count > 0)
        #expect(running.allSatisfy { $0.startedMs > 0 && $0.destinationBackendID != nil })
        let registered = try replicas(cluster).count
        #expect(registered > 12)
        try cluster.scheduler.advance(by: .seconds(30))
        #expect(try cluster.master.scheduler().history.contains { $0.message.contains("30 seconds") })
        for backend in cluster.backends {
            backend.set {
                $0.silent = []; $0.running = [:]
            }
        }
        try cluster.live(for: 120)
        #expect(try isWhole(cluster, replicas: 12))
        #expect(try cluster.master.scheduler().slots.allSatisfy { $0.used == 0 })
    }

    // found D5
    @Test func theLateFailureOfAnAttemptDoesNotEndTheNextOne() throws {
        let cluster = try FlowCluster(backends: 3) {
            $0.repair.minCloneTimeout = .seconds(30)
            $0.repair.retryBase = .seconds(1)
        }.ready()
        try cluster.load("l1")
        let backend = cluster.backends[1]
        backend.set { $0.silent = [.clone] }
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0].id
        backend.lose([2], of: tablet)
        _ = try backend.reportTablets()
        try cluster.scheduler.advance(by: .seconds(60))
        let attempts = backend.taken(.clone)
        #expect(attempts.count == 2)
        var late = FinishTaskRequest(
            backend: backend.addressAsBackend, type: .clone, signature: try #require(attempts.first).signature,
            status: RPCStatus(.internalError, "its source went away"))
        #expect(cluster.master.frontend.finishTask(late).code == .cancelled)
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.scheduler().running.map(\.tabletID) == [tablet])
        #expect(try cluster.master.status().queuedTasks == 1)
        late.signature = try #require(attempts.last).signature
        #expect(cluster.master.frontend.finishTask(late).isOK)
        #expect(try cluster.master.scheduler().running.isEmpty)
    }

    @Test func aRestartOfTheFrontendTakesUnfinishedReplicasUpAgain() throws {
        let cluster = try FlowCluster(backends: 4).ready()
        try cluster.load("l1")
        for backend in cluster.backends { backend.set { $0.silent = [.clone] } }
        cluster.backends[0].set { $0.isDown = true }
        try cluster.scheduler.advance(by: .seconds(80))
        let unfinished = try replicas(cluster).filter { $0.state == "CLONE" }
        #expect(!unfinished.isEmpty)
        cluster.killMaster()
        for backend in cluster.backends {
            backend.set {
                $0.silent = []; $0.running = [:]
            }
        }
        try cluster.startMaster()
        try cluster.scheduler.advance(by: .seconds(30))
        // The grace of the dead backend is over only later, the unfinished ones need not wait for it.
        let ids = Set(unfinished.map(\.id))
        #expect(try replicas(cluster).filter { ids.contains($0.id) }.allSatisfy { $0.state == "NORMAL" })
        try cluster.live(for: 120)
        #expect(try isWhole(cluster, replicas: 12))
    }

    @Test func nobodyIsJudgedDeadRightAfterAStart() throws {
        let cluster = try FlowCluster(backends: 4).ready()
        try cluster.load("l1")
        cluster.killMaster()
        cluster.backends[0].set { $0.isDown = true }
        try cluster.startMaster()
        try cluster.scheduler.advance(by: .seconds(55))
        #expect(cluster.backends.allSatisfy { $0.taken(.clone).isEmpty })
        try cluster.live(for: 60)
        #expect(try isWhole(cluster, replicas: 12))
    }

    @Test func aLoadRightAfterAStartWaitsForTheFirstHeartbeats() throws {
        let cluster = try FlowCluster(backends: 3).ready()
        cluster.killMaster()
        try cluster.startMaster()
        #expect(try cluster.load("l1").state == .visible)
        #expect(try isWhole(cluster, replicas: 12))
        cluster.killMaster()
        cluster.backends[0].set { $0.isDown = true }
        try cluster.startMaster()
        let id = try cluster.beginLoad("l2", "e,5\n")
        _ = try cluster.master.finishLoad(id)
        #expect(try cluster.master.load(id).state == .pushing)
        try cluster.scheduler.advance(by: .seconds(1))
        #expect(try cluster.master.load(id).state == .visible)
    }

    @Test func decommissionDrainsAndForgetsTheBackend() throws {
        let cluster = try FlowCluster(backends: 4).ready()
        try cluster.load("l1")
        let leaving = try backendID(cluster, 0)
        _ = try cluster.master.setDecommissioned(cluster.backends[0].address, true)
        try cluster.live(for: 30)
        #expect(try cluster.master.backends().allSatisfy { $0.id != leaving })
        #expect(try isWhole(cluster, replicas: 12))
        #expect(cluster.backends[0].tablets.isEmpty)
        #expect(try cluster.load("l2", "e,5\n").version == 3)
    }

    @Test func decommissionWithoutAPlaceSaysSoAndCanBeTakenBack() throws {
        let cluster = try FlowCluster(backends: 3).ready()
        try cluster.load("l1")
        _ = try cluster.master.setDecommissioned(cluster.backends[0].address, true)
        try cluster.scheduler.advance(by: .seconds(90))
        let pending = try cluster.master.scheduler().pending
        #expect(pending.count == 4)
        #expect(pending.allSatisfy { $0.status == "REPLICA_RELOCATING" })
        #expect(pending.allSatisfy { $0.message.contains("no backend can take another replica") })
        #expect(cluster.backends[0].tablets.count == 4)
        _ = try cluster.master.setDecommissioned(cluster.backends[0].address, false)
        try cluster.scheduler.advance(by: .seconds(30))
        #expect(try cluster.master.scheduler().pending.isEmpty)
        #expect(try isWhole(cluster, replicas: 12))
    }

    @Test func surplusReplicasStandForAWhileAndThenGo() throws {
        let cluster = try FlowCluster(backends: 4).ready()
        try cluster.load("l1")
        _ = try cluster.master.setDecommissioned(cluster.backends[0].address, true)
        // Cloned elsewhere, not dropped yet: then it is taken back.
        cluster.backends[0].set { $0.silent = [.drop] }
        try cluster.live(for: 2)
        let clones = try replicas(cluster).count
        try cluster.live(for: 120)
        #expect(clones >= 12)
        #expect(try isWhole(cluster, replicas: 12))
    }

    @Test func lastGoodReplicaIsNeverDropped() throws {
        let cluster = try FlowCluster(backends: 4).ready()
        try cluster.load("l1")
        // Everybody else is damaged, and the last good one is on a backend that is to be drained.
        for backend in cluster.backends { backend.set { $0.failing[.clone] = RPCStatus(.ioError, "no") } }
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0]
        let last = try #require(tablet.replicas.first)
        for backend in cluster.backends where backend.address.host != last.host {
            guard backend.tablets[tablet.id] != nil else { continue }
            _ = try backend.reportTablets { if $0.tabletID == tablet.id { $0.isUsed = false } }
        }
        try cluster.scheduler.runUntilIdle()
        let host = try #require(cluster.backends.first { $0.address.host == last.host })
        _ = try cluster.master.setDecommissioned(host.address, true)
        try cluster.scheduler.advance(by: .seconds(900))
        #expect(host.tablets[tablet.id] != nil)
        #expect(try cluster.master.tablet(tablet.id).replicas.contains { $0.id == last.id })
        // And it is what everything is rebuilt from.
        for backend in cluster.backends { backend.set { $0.failing = [:] } }
        try cluster.live(for: 700)
        let healed = try cluster.master.tablet(tablet.id)
        #expect(healed.replicas.count == 3 && healed.replicas.allSatisfy(\.isHealthy))
        #expect(try cluster.master.backends().count == 3)
    }

    @Test func nothingIsDoneToATabletThatCanNotBeRecovered() throws {
        let cluster = try FlowCluster(backends: 4).ready()
        try cluster.load("l1")
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0]
        for backend in cluster.backends where backend.tablets[tablet.id] != nil {
            _ = try backend.reportTablets { if $0.tabletID == tablet.id { $0.isUsed = false } }
        }
        try cluster.scheduler.advance(by: .seconds(300))
        let view = try cluster.master.tablet(tablet.id)
        #expect(view.replicas.map(\.id) == tablet.replicas.map(\.id))
        let unhealthy = try cluster.master.unhealthyReplicas(of: nil, limit: 10)
        #expect(unhealthy.count == 3)
        #expect(unhealthy.allSatisfy { $0.note.contains("no replica is left to copy from") })
        #expect(try cluster.master.status().unrecoverableTablets == 1)
        #expect(cluster.backends.allSatisfy { $0.taken(.drop).isEmpty })
    }

    @Test func aSchedulerThatIsOffOnlyTells() throws {
        let cluster = try FlowCluster(backends: 4) { $0.repair.isDisabled = true }.ready()
        cluster.backends[0].set { $0.isDown = true }
        try cluster.scheduler.advance(by: .seconds(120))
        #expect(cluster.backends.allSatisfy { $0.taken(.clone).isEmpty })
        #expect(try cluster.master.status().unhealthyTablets > 0)
        #expect(throws: MasterError.self) { try cluster.master.repair([]) }
    }
}
