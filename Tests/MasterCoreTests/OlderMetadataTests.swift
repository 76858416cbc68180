import ClusterTestKit
import HTTPAPI
import Platform
import Synchronization
import TabletModel
import Testing

@testable import AgentTasks
@testable import ClusterMembership
@testable import ClusterMetadata
@testable import MasterCore
@testable import MasterServices
@testable import TableCatalog

/// Metadata older than the backends: found A2, A3.
@Suite struct OlderMetadataTests {
    private static let later = TableName(database: "db", table: "later")

    private func createLater(_ cluster: FlowCluster) throws {
        _ = try cluster.master.createTable(
            CreateTableRequest(name: Self.later, buckets: 2, replicas: 3, columns: ["k", "v"]))
        try cluster.scheduler.runUntilIdle()
    }

    /// A copy of the metadata is taken after the first load, put back after two more and another table.
    private func putBack(
        remembers: Bool = true, replaces: Bool = true, hasPolicy: Bool = false,
        _ inLostTime: (FlowCluster) throws -> Void = { _ in }
    ) throws -> FlowCluster {
        let cluster = try FlowCluster()
        for backend in cluster.backends { backend.set { $0.remembersPositions = remembers } }
        _ = try cluster.ready()
        if hasPolicy {
            try cluster.createPolicy()
            _ = try cluster.master.attachStoragePolicy("cold", to: FlowCluster.table)
            try cluster.live(for: 40)
        }
        try cluster.load("l1", "a,1\nb,1\n")
        let copy = cluster.machine.copy()
        try cluster.load("l2", "a,2\nb,2\n")
        try cluster.load("l3", "a,3\nb,3\n")
        try inLostTime(cluster)
        try createLater(cluster)
        try cluster.live(for: 20)
        cluster.killMaster()
        if replaces { cluster.machine.restore(copy) } else { cluster.machine.wipe() }
        for backend in cluster.backends { backend.set { $0.taken = [] } }
        try cluster.startMaster()
        return cluster
    }

    /// Nothing that destroys was sent to anybody.
    private func expectUntouched(_ cluster: FlowCluster, _ location: SourceLocation = #_sourceLocation) {
        for backend in cluster.backends {
            #expect(
                backend.taken(.drop).isEmpty && backend.taken(.clearTransactionTask).isEmpty
                    && backend.taken(.publishVersion).isEmpty && backend.taken(.clone).isEmpty,
                sourceLocation: location)
        }
    }

    private func expectRefused(_ cluster: FlowCluster, _ location: SourceLocation = #_sourceLocation) throws {
        do {
            _ = try cluster.master.beginLoad(BeginLoadRequest(table: FlowCluster.table, label: "refused"))
            Issue.record("the load was taken", sourceLocation: location)
        } catch let error as MasterError {
            #expect(error.code == .conflict, sourceLocation: location)
            #expect(error.message.contains("older than the backends"), sourceLocation: location)
            #expect(error.nextStep.contains("tabletctl meta"), sourceLocation: location)
        }
    }

    @Test func anOlderCopyIsFoundByWhatBackendsRememberBeforeAnythingIsDone() throws {
        let cluster = try putBack()
        try cluster.scheduler.advance(by: .seconds(6))
        let view = try cluster.master.metadataStatus()
        #expect(view.isHeld)
        #expect(view.findings.count == 3 && view.findings.allSatisfy { $0.kind == "position" })
        #expect(view.backends.allSatisfy { $0.remembers.contains("not in this FE's past") })
        try cluster.live(for: 400)
        expectUntouched(cluster)
        try expectRefused(cluster)
        for change in [
            { _ = try cluster.master.createDatabase("x") }, { try cluster.master.dropTable(FlowCluster.table) },
            { try cluster.master.dropDatabase("db", force: true) },
        ] {
            #expect(throws: MasterError.self) { try change() }
        }
        // Reading goes on.
        #expect(try cluster.master.readPlan(FlowCluster.table, backend: nil, version: nil).tablets.count == 4)
        #expect(try cluster.master.metadataStatus().backends.allSatisfy { $0.unknownTablets == 2 })
    }

    @Test(arguments: [false, true]) func theStateSurvivesARestart(withImage: Bool) throws {
        let cluster = try putBack()
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(try cluster.master.metadataStatus().isHeld)
        if withImage { _ = try cluster.master.checkpoint() }
        let before = try cluster.master.metadataStatus()
        cluster.killMaster()
        try cluster.startMaster()
        #expect(try cluster.master.metadataStatus().findings == before.findings)
        try cluster.live(for: 200)
        expectUntouched(cluster)
        try expectRefused(cluster)
    }

    @Test func adoptingTakesVersionsIdsAndTheEpochForward() throws {
        let cluster = try putBack()
        try cluster.live(for: 40)
        let epoch = try cluster.master.status().epoch
        let remembered = try #require(cluster.backends[0].state.withLock { $0.heard })
        let settled = try cluster.master.adoptMetadata(MetadataChoice())
        #expect(settled.tables == [FlowCluster.table] && settled.left.isEmpty)
        #expect(try cluster.master.status().epoch > max(epoch, remembered.epoch))
        let table = try cluster.master.table(FlowCluster.table)
        #expect(table.visibleVersion == 4 && table.healthyReplicaCount == 12)
        #expect(try cluster.load("l4", "a,4\nb,4\n").state == .visible)
        let rows = Set(["a,1", "b,1", "a,2", "b,2", "a,3", "b,3", "a,4", "b,4"])
        for backend in cluster.backends { #expect(Set(cluster.rows(on: backend)) == rows) }
        let load = try cluster.master.loads()[0]
        #expect(load.transactionID.rawValue >= remembered.idEnd)

        // The table of the lost time is not this FE's: it stays, for as long as nobody says otherwise, across restarts.
        try cluster.live(for: 200)
        cluster.killMaster()
        try cluster.startMaster()
        try cluster.live(for: 200)
        #expect(cluster.backends.allSatisfy { $0.taken(.drop).isEmpty && $0.tablets.count == 6 })
        #expect(try !cluster.master.metadataStatus().isHeld)
        #expect(try cluster.master.metadataStatus().lostIDs.count == 1)
        // Backends follow the new epoch: they remember it from now on.
        let heard = try #require(cluster.backends[0].state.withLock { $0.heard })
        #expect(heard.epoch == (try cluster.master.status().epoch))
    }

    @Test func adoptingGoesAboveAllIDsAndEpochsOfTheLostTime() throws {
        let cluster = try putBack { cluster in
            _ = try cluster.master.environment.store.allocateIDs(5000)
            for _ in 0..<3 {
                cluster.killMaster()
                try cluster.startMaster()
                try cluster.live(for: 20)
            }
        }
        try cluster.live(for: 40)
        let remembered = try #require(cluster.backends[0].state.withLock { $0.heard })
        #expect(try cluster.master.status().epoch < remembered.epoch)
        _ = try cluster.master.adoptMetadata(MetadataChoice())
        #expect(try cluster.master.status().epoch > remembered.epoch)
        #expect(try cluster.load("l4").transactionID.rawValue >= remembered.idEnd)
    }

    /// Replicas were cooled under terms that were never given here.
    @Test func adoptingGoesAboveTheTermsOfTheLostTime() throws {
        let cluster = try putBack(remembers: false, hasPolicy: true)
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0].id
        let uploader = try #require(cluster.backends[1].tablets[tablet]?.replicaID)
        let conf = CooldownConf(tabletID: tablet, cooldownReplicaID: uploader, term: 50)
        for backend in cluster.backends { backend.set { $0.tablets[tablet]?.conf = conf } }
        try cluster.live(for: 60)
        let held = try #require(try cluster.master.metadataStatus().tables.first)
        #expect(held.findings.contains { $0.kind == "cooldownTerm" })
        #expect(cluster.backends.allSatisfy { $0.taken(.pushCooldownConf).isEmpty })
        _ = try cluster.master.adoptMetadata(MetadataChoice(table: FlowCluster.table))
        #expect(cluster.master.environment.store.read { $0.tablets.tablet(tablet)?.cooldownTerm } == 50)
        try cluster.live(for: 60)
        #expect(try cluster.master.metadataStatus().tables.isEmpty)
    }

    /// Rows of one load are in some of its tablets only.
    @Test func aTableWhoseTabletsEndApartIsLeftAsItIs() throws {
        let cluster = try putBack()
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0].id
        for backend in cluster.backends { backend.set { $0.tablets[tablet]?.version = 2 } }
        try cluster.live(for: 40)
        let settled = try cluster.master.adoptMetadata(MetadataChoice())
        #expect(settled.tables.isEmpty && settled.left.map(\.table) == [FlowCluster.table])
        #expect(settled.left.first?.reason.contains("tablet \(tablet) is whole up to 2") == true)
        try expectRefused(cluster)
    }

    /// Replicas were moved, and cooled where they are now: none is where these metadata have it.
    @Test func replicasThatWereMovedInTheLostTimeAreTakenIn() throws {
        let cluster = try FlowCluster(backends: 6)
        for backend in cluster.backends { backend.set { $0.remembersPositions = false } }
        _ = try cluster.ready()
        try cluster.createPolicy()
        _ = try cluster.master.attachStoragePolicy("cold", to: FlowCluster.table)
        try cluster.live(for: 40)
        try cluster.load("l1")
        cluster.killMaster()
        for id in Set(cluster.backends.flatMap(\.tablets.keys)) {
            let holders = cluster.backends.filter { $0.tablets[id] != nil }
            let others = cluster.backends.filter { $0.tablets[id] == nil }
            let uploader = ReplicaID(100_000 + (holders[0].tablets[id]?.replicaID.rawValue ?? 0))
            for (old, new) in zip(holders, others) {
                guard var replica = old.tablets[id] else { continue }
                replica.replicaID = ReplicaID(100_000 + replica.replicaID.rawValue)
                replica.conf = CooldownConf(tabletID: id, cooldownReplicaID: uploader, term: 50)
                replica.metaID = UniqueID(high: 0, low: 50)
                old.set { $0.tablets[id] = nil }
                new.set { [replica] in $0.tablets[id] = replica }
            }
        }
        for backend in cluster.backends { backend.set { $0.taken = [] } }
        try cluster.startMaster()
        try cluster.live(for: 60)
        expectUntouched(cluster)
        _ = try cluster.master.adoptMetadata(MetadataChoice(table: FlowCluster.table))
        try cluster.live(for: 200)
        let replicas = try cluster.master.tablets(of: FlowCluster.table).flatMap(\.replicas)
        #expect(replicas.count == 12 && replicas.allSatisfy { $0.isHealthy && $0.id > 100_000 })
        #expect(cluster.backends.allSatisfy { $0.taken(.drop).isEmpty })
    }

    /// Backends of an older build remember nothing, and have tablets whose ids are still to be given out.
    @Test func tabletsOfIDsThatWereNeverGivenOutAreKept() throws {
        let cluster = try putBack(remembers: false) { cluster in
            _ = try cluster.master.environment.store.allocateIDs(5000)
        }
        try cluster.live(for: 200)
        expectUntouched(cluster)
        let view = try cluster.master.metadataStatus()
        #expect(view.isHeld && view.findings.contains { $0.kind == "tablets" })
        try expectRefused(cluster)
    }

    @Test func pendingRowsOfTheLostTimeAreKept() throws {
        let cluster = try putBack()
        try cluster.live(for: 40)
        let lost = TransactionID(cluster.master.environment.store.read { $0.idBatchEnd } - 1)
        func report() throws {
            for backend in cluster.backends {
                backend.set { $0.reportVersion += 1 }
                #expect(try backend.reportTablets { $0.transactionIDs = [lost] }?.isOK == true)
            }
            try cluster.scheduler.advance(by: .seconds(20))
        }
        try report()
        expectUntouched(cluster)
        _ = try cluster.master.adoptMetadata(MetadataChoice())
        try report()
        #expect(cluster.backends.allSatisfy { $0.taken(.clearTransactionTask).isEmpty })
    }

    @Test func whatIsHeldIsNotRepaired() throws {
        let cluster = try putBack()
        try cluster.live(for: 40)
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0].id
        cluster.backends[0].set {
            $0.tablets[tablet] = nil
            $0.reportVersion += 1
        }
        try cluster.live(for: 400)
        expectUntouched(cluster)
        #expect(try cluster.master.tablet(tablet).replicas.count == 3)
    }

    @Test func discardingNamesWhatIsLostAndThenGivesItUp() throws {
        let cluster = try putBack()
        try cluster.live(for: 40)
        for wrong in [nil, 0, 5, 7] as [Int64?] {
            #expect(throws: MasterError.self) {
                try cluster.master.discardMetadata(MetadataChoice(tabletReplicas: wrong))
            }
        }
        expectUntouched(cluster)
        let settled = try cluster.master.discardMetadata(MetadataChoice(tabletReplicas: 6))
        // Its rows can't be taken back from replicas: it stays held.
        #expect(settled.left.map(\.table) == [FlowCluster.table])
        try cluster.live(for: 60)
        #expect(cluster.backends.allSatisfy { $0.taken(.drop).count == 2 })
        try expectRefused(cluster)
        _ = try cluster.master.adoptMetadata(MetadataChoice(table: FlowCluster.table))
        #expect(try cluster.load("l4").state == .visible)
        #expect(try cluster.master.table(FlowCluster.table).visibleVersion == 5)
    }

    @Test func aChoiceWaitsForEveryBackend() throws {
        let cluster = try putBack()
        cluster.backends[2].set { $0.isDown = true }
        try cluster.live(for: 40)
        #expect(throws: MasterError.self) { try cluster.master.adoptMetadata(MetadataChoice()) }
        #expect(try cluster.master.metadataStatus().isHeld)
        _ = try cluster.master.adoptMetadata(MetadataChoice(force: true))
        #expect(try !cluster.master.metadataStatus().isHeld)
        // It remembers no more than was accepted.
        cluster.backends[2].set { $0.isDown = false }
        try cluster.live(for: 40)
        #expect(try !cluster.master.metadataStatus().isHeld)
    }

    /// Backends of an older build remember nothing: the publish compares, and the table is held then.
    @Test func aVersionThatWasGivenBeforeNeverShowsAnotherLoadsRows() throws {
        let cluster = try putBack(remembers: false)
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(try !cluster.master.metadataStatus().isHeld)
        let id = try cluster.beginLoad("new", "a,9\nb,9\n")
        _ = try cluster.master.finishLoad(id)
        try cluster.scheduler.advance(by: .seconds(60))
        #expect(try cluster.master.load(id).state == .committed)
        let held = try #require(try cluster.master.metadataStatus().tables.first)
        #expect(held.table == FlowCluster.table && held.findings.contains { $0.kind == "publish" })
        try expectRefused(cluster)
        try cluster.live(for: 60)
        _ = try cluster.master.adoptMetadata(MetadataChoice(table: FlowCluster.table))
        try cluster.live(for: 60)
        #expect(try cluster.master.load(id).state == .visible)
        #expect(try cluster.master.load(id).version == 5)
        let rows = Set(["a,1", "b,1", "a,2", "b,2", "a,3", "b,3", "a,9", "b,9"])
        for backend in cluster.backends { #expect(Set(cluster.rows(on: backend)) == rows) }
    }

    /// One backend holds the lost time's rows, the others came back from older disks: a majority takes the version.
    @Test func aMajorityShowsNothingWhileOneBackendHoldsAnotherLoadsRows() throws {
        let cluster = try putBack(remembers: false)
        for backend in cluster.backends.dropFirst() {
            backend.set { backend in
                for id in backend.tablets.keys {
                    backend.tablets[id]?.version = 2
                    backend.tablets[id]?.holders = [:]
                }
            }
        }
        try cluster.scheduler.advance(by: .seconds(6))
        let id = try cluster.beginLoad("new", "a,9\nb,9\n")
        _ = try cluster.master.finishLoad(id)
        try cluster.scheduler.advance(by: .seconds(200))
        #expect(try cluster.master.metadataStatus().tables.first?.findings.contains { $0.kind == "publish" } == true)
        #expect(try cluster.master.load(id).state == .committed)
    }

    /// A load that was committed when the copy was made went on in the lost time: its version is its own.
    @Test func aCommittedLoadOfTheCopyFindsItsOwnVersion() throws {
        let cluster = try FlowCluster().ready()
        for backend in cluster.backends { backend.set { $0.silent = [.publishVersion] } }
        let id = try cluster.beginLoad("l1", "a,1\nb,1\n")
        _ = try cluster.master.finishLoad(id)
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.load(id).state == .committed)
        let copy = cluster.machine.copy()
        for backend in cluster.backends {
            backend.set { $0.silent = [] }
            for task in backend.taken(.publishVersion) { backend.run(task) }
        }
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.load(id).state == .visible)
        try cluster.load("l2", "a,2\nb,2\n")
        try cluster.live(for: 20)
        cluster.killMaster()
        cluster.machine.restore(copy)
        try cluster.startMaster()
        try cluster.live(for: 60)
        #expect(try cluster.master.load(id).state == .committed)
        _ = try cluster.master.adoptMetadata(MetadataChoice())
        try cluster.live(for: 60)
        let load = try cluster.master.load(id)
        #expect(load.state == .visible && load.version == 2)
        #expect(try cluster.load("l3", "a,3\nb,3\n").version == 4)
        let rows = Set(["a,1", "b,1", "a,2", "b,2", "a,3", "b,3"])
        for backend in cluster.backends { #expect(Set(cluster.rows(on: backend)) == rows) }
    }

    @Test(arguments: [true, false]) func anEmptyCatalogDropsNothing(remembers: Bool) throws {
        let cluster = try putBack(remembers: remembers, replaces: false)
        try cluster.addBackends()
        try cluster.live(for: 400)
        expectUntouched(cluster)
        let view = try cluster.master.metadataStatus()
        #expect(view.isHeld)
        #expect(view.findings.contains { $0.kind == (remembers ? "position" : "tablets") || $0.kind == "emptyCatalog" })
        #expect(view.backends.allSatisfy { $0.unknownTablets == 6 })
        #expect(throws: MasterError.self) { try cluster.master.createDatabase("db") }
    }

    @Test func aTableThatWasBeingCreatedInTheCopyIsNotDropped() throws {
        let cluster = try FlowCluster()
        try cluster.addBackends()
        for backend in cluster.backends { backend.set { $0.silent = [.create] } }
        _ = try cluster.master.createDatabase("db")
        _ = try cluster.master.createTable(
            CreateTableRequest(name: FlowCluster.table, buckets: 1, replicas: 3, columns: ["k", "v"]))
        try cluster.scheduler.runUntilIdle()
        let copy = cluster.machine.copy()
        for backend in cluster.backends {
            backend.set { $0.silent = [] }
            for task in backend.taken(.create) { backend.run(task) }
        }
        try cluster.scheduler.runUntilIdle()
        try cluster.reportAll()
        try cluster.load("l1")
        try cluster.live(for: 20)
        cluster.killMaster()
        cluster.machine.restore(copy)
        try cluster.startMaster()
        try cluster.live(for: 200)
        #expect(cluster.backends.allSatisfy { $0.taken(.drop).isEmpty && $0.tablets.count == 1 })
        #expect(try cluster.master.table(FlowCluster.table).state == "creating")
        #expect(try cluster.master.metadataStatus().isHeld)
    }

    /// The order of things with FEs that start again and again as they should: nothing is ever held.
    @Test func anFEThatOnlyRestartsIsNeverHeld() throws {
        let cluster = try FlowCluster().ready()
        for round in 0..<4 {
            try cluster.load("l\(round)")
            if round == 2 { cluster.backends[1].set { $0.isDown = true } }
            try cluster.live(for: 20)
            cluster.killMaster()
            try cluster.startMaster()
            try cluster.live(for: 20)
            if round == 2 { cluster.backends[1].set { $0.isDown = false } }
        }
        try cluster.live(for: 60)
        let view = try cluster.master.metadataStatus()
        #expect(!view.isHeld && view.tables.isEmpty)
        #expect(view.backends.allSatisfy { $0.remembers.contains("in this FE's past") })
    }

    // MARK: Verdicts

    @Test func positionsAreJudgedByTheLifeThatToldThem() {
        var state = ClusterState()
        state.apply(.beginLife(MetadataLife(epoch: 1, life: 11, afterLogID: 0)))
        state.apply(.beginLife(MetadataLife(epoch: 2, life: 22, afterLogID: 50)))
        func verdict(_ epoch: Int64, _ life: Int64, _ logID: Int64) -> PositionVerdict {
            state.verdict(on: MetadataPosition(epoch: epoch, life: life, logID: logID, idEnd: 1), lastLogID: 70)
        }
        func position(_ epoch: Int64, _ life: Int64, _ logID: Int64) -> MetadataPosition {
            MetadataPosition(epoch: epoch, life: life, logID: logID, idEnd: 1)
        }
        #expect(state.verdict(on: nil, lastLogID: 70) == .silent)
        #expect(verdict(1, 11, 50) == .past(position(1, 11, 50)))
        // The first life went on where this FE knows nothing of it.
        #expect(verdict(1, 11, 51) == .ahead(position(1, 11, 51)))
        #expect(verdict(2, 22, 70) == .past(position(2, 22, 70)))
        #expect(verdict(2, 22, 71) == .ahead(position(2, 22, 71)))
        // The same epoch, begun from the same copy by another process.
        #expect(verdict(2, 23, 60) == .ahead(position(2, 23, 60)))
        #expect(verdict(3, 33, 60) == .ahead(position(3, 33, 60)))
        state.apply(
            .olderMetadataSettled(OlderSettlement(clearsCluster: true, accepted: [position(2, 23, 60)])))
        #expect(verdict(2, 23, 59) == .past(position(2, 23, 59)))
        #expect(verdict(2, 23, 61) == .ahead(position(2, 23, 61)))
    }

    @Test func backendsKeepAnothersPositionUntilItWasJudged() {
        let old = MetadataPosition(epoch: 4, life: 1, logID: 90, idEnd: 5)
        let new = MetadataPosition(epoch: 2, life: 2, logID: 10, idEnd: 3)
        typealias P = MetadataPosition
        #expect(P.remembered(nil, hearing: new, judged: nil) == new)
        #expect(P.remembered(old, hearing: nil, judged: old) == old)
        #expect(P.remembered(old, hearing: new, judged: nil) == old)
        #expect(P.remembered(old, hearing: new, judged: new) == old)
        #expect(P.remembered(old, hearing: new, judged: old) == new)
        var further = new
        further.logID = 12
        #expect(P.remembered(new, hearing: further, judged: nil) == further)
        #expect(P.remembered(further, hearing: new, judged: nil) == further)
    }

    // MARK: Tasks that waited (found D2)

    @Test func aDropThatWaitedForItsBackendSparesTheReplicaThatWasTakenIn() throws {
        let cluster = try FlowCluster(backends: 4) { $0.repair.isDisabled = true }
        try cluster.addBackends()
        try cluster.createTable(buckets: 1)
        try cluster.load("l1")
        try cluster.reportAll()
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0].id
        var copy = try #require(cluster.backends[0].tablets[tablet])
        copy.replicaID = 9_999
        cluster.backends[3].set { [copy] in
            $0.tablets[tablet] = copy
            $0.isDown = true
        }
        let backend = try #require(try cluster.master.backends().last).id
        // It was surplus, and its backend went away before it heard of that.
        cluster.master.environment.dispatcher.send(
            AgentTask.drop(tablet, 9_999, isTableGone: false), to: backend)
        try cluster.scheduler.advance(by: .seconds(20))
        // Meanwhile others are lost, and it is taken in, under the same id.
        try cluster.master.environment.commit([
            .addReplica(tablet, NewReplica(id: 9_999, backendID: backend, versions: ReplicaVersions(version: 2)))
        ])
        cluster.backends[3].set { $0.isDown = false }
        try cluster.live(for: 60)
        #expect(cluster.backends[3].taken(.drop).isEmpty)
        #expect(cluster.backends[3].tablets[tablet] != nil)
    }

    // MARK: Reports of an earlier process (found D1)

    /// The report was made before the backend's process ended and waits its turn until after the new one was heard. The new
    /// process has lost a replica, and its clock went back.
    @Test(arguments: [true, false]) func aReportOfAnEarlierProcessSaysNothing(isSigned: Bool) throws {
        let cluster = try FlowCluster().ready()
        try cluster.load("l1")
        try cluster.reportAll()
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0].id
        let backend = cluster.backends[0]
        let id = try cluster.master.backends()[0].id
        let restart = { (startedAt: Int64) in
            backend.set {
                $0.startedAt = UnixTime(milliseconds: startedAt)
                $0.tablets[tablet] = nil
                $0.reportVersion = 10
            }
        }
        // Queued, and not looked at while the heartbeat of the new process is taken in.
        #expect(try backend.reportTablets(version: 2_000, isSigned: isSigned)?.isOK == true)
        restart(5)
        let events = cluster.master.events
        let known = try #require(cluster.master.environment.store.read { $0.backend(id) })
        var heard = known
        heard.startedAt = UnixTime(milliseconds: 5)
        try cluster.master.environment.commit([.backendStateChange(heard)])
        cluster.master.environment.store.observe { state in
            state.updateStatus(of: id) { $0.forgetReportVersion() }
        }
        events.take(heard, .restarted)
        try cluster.scheduler.runUntilIdle()
        #expect(!cluster.master.environment.store.read { $0.status(of: id).hasReportedTablets })
        // What the new process says counts, although its version is lower.
        #expect(try backend.reportTablets(isSigned: isSigned)?.isOK == true)
        try cluster.scheduler.runUntilIdle()
        #expect(cluster.master.environment.store.read { $0.status(of: id).hasReportedTablets })
        #expect(try cluster.master.tablet(tablet).replicas.count == 2)
    }

    @Test func aReportOfAProcessThatWasNotHeardYetIsSentAgain() throws {
        let cluster = try FlowCluster().ready()
        let backend = cluster.backends[0]
        backend.set { $0.startedAt = UnixTime(milliseconds: 77) }
        let early = try #require(try backend.reportTablets(isSigned: true))
        #expect(early.code == .internalError && early.description.contains("send it again later"))
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(try backend.reportTablets(isSigned: true)?.isOK == true)
    }
}
