import BackendCore
import ClusterTestKit
import Platform
import StorageEngine
import TabletModel
import Testing

/// What single task types do: `contract/behaviour.md` §2, "Per task".
@Suite struct TaskTests {
    @Test func dropEndsWithTheEnginesStatus() throws {
        let fixture = try Fixture.running()
        fixture.engine.set { $0.failures["drop 2"] = TaskError(.notFound, "tablet 2 is not on this backend") }
        _ = fixture.submit(.drop(1), .drop(2))
        try fixture.run()
        let codes = Dictionary(uniqueKeysWithValues: fixture.master.finishes.map { ($0.signature, $0.status.code) })
        #expect(codes == [1: .ok, 2: .notFound])
    }

    @Test func clearingATransactionIgnoresIDsThatAreNotPositive() throws {
        let fixture = try Fixture.running()
        let task = { (id: Int64) in
            AgentTask(
                type: .clearTransactionTask, signature: id,
                payload: .clearTransaction(ClearTransactionRequest(transactionID: TransactionID(id))))
        }
        _ = fixture.submit(task(0), task(8))
        try fixture.run()
        #expect(fixture.engine.calls.filter { $0.hasPrefix("clear") } == ["clear 8"])
        #expect(fixture.master.finishes.allSatisfy { $0.status.isOK })
    }

    @Test func anAlterEndsWithTheNewTabletAndARaisedVersion() throws {
        let fixture = try Fixture.running()
        fixture.engine.set { $0.failures["alter 6"] = TaskError(.invalidArgument, "column 'x' has two origins") }
        let before = fixture.node.status().reportVersion
        let task = { (id: Int64) in
            AgentTask(
                type: .alter, signature: id,
                payload: .alter(
                    AlterRequest(
                        baseTabletID: 1, newTabletID: TabletID(id), baseSchemaHash: 7, newSchemaHash: 8, alterVersion: 3
                    )))
        }
        _ = fixture.submit(
            task(5), task(6),
            AgentTask(
                type: .clearAlterTask, signature: 7,
                payload: .clearAlter(ClearAlterRequest(tabletID: 9, schemaHash: 1))))
        try fixture.run()
        let ends = Dictionary(uniqueKeysWithValues: fixture.master.finishes.map { ($0.signature, $0) })
        #expect(ends[5]?.tablets?.map(\.tabletID) == [5])
        #expect(ends[5]?.reportVersion == before + 1)
        #expect(ends[6]?.status == RPCStatus(.invalidArgument, "column 'x' has two origins"))
        #expect(ends[6]?.tablets == nil)
        #expect(ends[7]?.status.isOK == true)
        #expect(fixture.engine.calls.contains("clear alter 9"))
    }

    @Test func metaUpdatesAndPoliciesReachTheEngine() throws {
        let fixture = try Fixture.running()
        _ = fixture.submit(
            AgentTask(
                type: .updateTabletMetaInfo, signature: 1,
                payload: .updateTabletMeta([TabletMetaUpdate(tabletID: 4), TabletMetaUpdate(tabletID: 5)])),
            AgentTask(
                type: .notifyUpdateStoragePolicy, signature: -1,
                payload: .storagePolicy(StoragePolicyEntry(name: "cold"))))
        try fixture.run()
        #expect(fixture.engine.calls.contains("meta 4,5"))
        #expect(fixture.engine.calls.contains("policies cold"))
        #expect(fixture.master.finishes.map(\.status) == [.ok, .ok])
    }

    @Test func aMigrationTellsWhereTheTabletIsNow() throws {
        let fixture = try Fixture.running()
        let before = fixture.node.status().reportVersion
        _ = fixture.submit(
            AgentTask(
                type: .storageMediumMigrate, signature: 4,
                payload: .migrate(MigrateRequest(tabletID: 4, schemaHash: 5, dataDir: "/d2"))),
            AgentTask(
                type: .storageMediumMigrate, signature: 5,
                payload: .migrate(MigrateRequest(tabletID: 5, schemaHash: 5, medium: .ssd))))
        try fixture.run()
        #expect(fixture.engine.calls.contains("migrate 4 to /d2"))
        #expect(fixture.engine.calls.contains("migrate 5 to SSD"))
        let finish = try #require(fixture.master.finishes.first)
        #expect(finish.status == .ok && finish.tablets?.first?.pathHash == 77)
        #expect(fixture.node.status().reportVersion == before + 2)
    }

    @Test func aFailedMigrationSaysWhyInACodeThatBothYearsHave() throws {
        let fixture = try Fixture.running()
        fixture.engine.set {
            $0.failures["migrate 4 to /d1"] = TaskError(MigrationError.sameDir(4, dir: "/d1"))
            $0.failures["migrate 5 to /x"] = TaskError(MigrationError.unknownDir(5, dir: "/x", own: ["/d1"]))
        }
        for (id, dir) in [(4, "/d1"), (5, "/x")] as [(Int64, String)] {
            _ = fixture.submit(
                AgentTask(
                    type: .storageMediumMigrate, signature: id,
                    payload: .migrate(MigrateRequest(tabletID: TabletID(id), schemaHash: 5, dataDir: dir))))
        }
        try fixture.run()
        let codes = fixture.master.finishes.sorted { $0.signature < $1.signature }.map(\.status.code)
        #expect(codes == [.alreadyExist, .invalidArgument])
        #expect(fixture.taskCount == 0)
    }

    @Test func trashVersionsAndIndexPoliciesReachTheEngine() throws {
        let fixture = try Fixture.running()
        let policy = IndexPolicy(id: 12, name: "words", properties: ["tokenizer": "standard"])
        _ = fixture.submit(
            AgentTask(type: .cleanTrash, signature: 1, payload: .cleanTrash),
            AgentTask(type: .updateVisibleVersion, signature: 2, payload: .visibleVersions([3: 9, 4: 2])),
            AgentTask(
                type: .pushIndexPolicy, signature: -1,
                payload: .indexPolicies(PushedIndexPolicies(policies: [policy], dropped: [11]))),
            // Nothing of these is here.
            AgentTask(type: .gcBinlog, signature: 3, payload: .unread),
            AgentTask(type: .cleanUDFCache, signature: 4, payload: .unread))
        try fixture.run()
        for call in ["sweep all", "visible 3=9,4=2", "index policies 12"] {
            #expect(fixture.engine.calls.contains(call), "\(call)")
        }
        #expect(fixture.master.finishes.count == 5)
        #expect(fixture.master.finishes.allSatisfy { $0.status == .ok })
        // And they are reported back.
        try fixture.advance(.seconds(70))
        #expect(fixture.master.reports("disk").contains { $0.report.indexPolicies == [12] })
    }

    /// Each pool has the workers that its option says, and no two share a name.
    @Test func everyPoolIsThere() throws {
        var options = BackendOptions()
        options.alterWorkers = 4
        options.migrateWorkers = 2
        options.uploadWorkers = 5
        options.downloadWorkers = 6
        options.releaseSnapshotWorkers = 7
        options.checksumWorkers = 8
        let pools = try Fixture.running(options).node.status().pools
        #expect(Set(pools.map(\.name)).count == pools.count)
        let workers = Dictionary(uniqueKeysWithValues: pools.map { ($0.name, $0.workers) })
        for (name, count) in [
            ("alter", 4), ("migrate", 2), ("upload", 5), ("download", 6), ("release_snapshot", 7), ("checksum", 8),
            ("move", 1), ("snapshot", 5), ("clone", 3), ("publish", 8),
        ] { #expect(workers[name] == count, "\(name)") }
    }

    // Publish.

    @Test func aPublishWaitsForTheVersionBefore() throws {
        let fixture = try Fixture.running()
        fixture.engine.set {
            $0.publishOutcomes = [PublishOutcome(waiting: [5]), PublishOutcome(waiting: [5]), PublishOutcome()]
        }
        _ = fixture.submit(.publish(1))
        try fixture.run()
        #expect(fixture.master.finishes.isEmpty)
        #expect(fixture.node.status().tasks.map(\.phase) == [.pausing])
        // It holds no worker meanwhile: another publish passes.
        #expect(try fixture.scheduler.run(limit: .seconds(1)) { fixture.master.finishes.count == 1 })
        let finish = try #require(fixture.master.finishes.first)
        #expect(finish.status == .ok)
        #expect(finish.errorTabletIDs == nil)
        #expect(finish.reportVersion != nil)
        #expect(fixture.engine.calls.filter { $0 == "publish 1" }.count == 3)
    }

    @Test func waitingPublishesDoNotHoldWorkers() throws {
        var options = BackendOptions()
        options.publishWorkers = 1
        let fixture = try Fixture.running(options)
        fixture.engine.set { $0.publishOutcomes = [PublishOutcome(waiting: [5])] }
        _ = fixture.submit(.publish(2), .publish(1))
        try fixture.run()
        #expect(fixture.master.finishes.map(\.signature) == [1])
        #expect(try fixture.scheduler.run { fixture.master.finishes.count == 2 })
    }

    /// A replica that missed one version takes the next ones all the same: it lacks one version and not all later ones.
    @Test func aGapThatStaysIsPublishedOver() throws {
        let fixture = try Fixture.running()
        fixture.engine.set { $0.publishOutcomes = Array(repeating: PublishOutcome(waiting: [7, 5]), count: 1000) }
        let began = fixture.scheduler.monotonicNow
        _ = fixture.submit(.publish(1))
        #expect(try fixture.scheduler.run { fixture.master.finishes.count == 1 })
        let waited = fixture.scheduler.monotonicNow - began
        #expect(waited >= .seconds(10) && waited < .seconds(11))
        let finish = try #require(fixture.master.finishes.first)
        #expect(finish.status == .ok)
        #expect(finish.errorTabletIDs == nil)
        #expect(fixture.engine.calls.filter { $0 == "publish 1" }.count < 30)
        #expect(fixture.engine.calls.filter { $0 == "publish 1 over gaps" }.count == 1)
    }

    @Test func whatFailsWhileAGapIsPublishedOverIsNamed() throws {
        let fixture = try Fixture.running()
        fixture.engine.set {
            let outcome = PublishOutcome(waiting: [5], failures: [.init(tabletID: 6, error: .unknownTablet(6))])
            $0.publishOutcomes = Array(repeating: outcome, count: 1000)
        }
        _ = fixture.submit(.publish(1))
        #expect(try fixture.scheduler.run { fixture.master.finishes.count == 1 })
        #expect(fixture.master.finishes.first?.errorTabletIDs == [6])
        #expect(fixture.engine.calls.last == "publish 1 over gaps")
    }

    @Test func aTabletThatCanNotPublishIsReportedAtOnce() throws {
        let fixture = try Fixture.running()
        fixture.engine.set {
            $0.publishOutcomes = [PublishOutcome(failures: [.init(tabletID: 6, error: .unknownTablet(6))])]
        }
        _ = fixture.submit(.publish(1))
        try fixture.run()
        let finish = try #require(fixture.master.finishes.first)
        #expect(finish.status.code == .notFound)
        #expect(finish.status.messages.last == "tablet 6 is not on this backend")
        #expect(finish.errorTabletIDs == [6])
    }

    @Test func aPassingFailureIsTriedThreeTimes() throws {
        let fixture = try Fixture.running()
        let failed = PublishOutcome(
            failures: [.init(tabletID: 6, error: .metaNotWritten(dataDir: "/a", reason: "disk"))])
        fixture.engine.set { $0.publishOutcomes = Array(repeating: failed, count: 10) }
        _ = fixture.submit(.publish(1))
        try fixture.advance(.seconds(3))
        #expect(fixture.engine.calls.filter { $0 == "publish 1" }.count == 3)
        #expect(fixture.master.finishes.map(\.status.code) == [.serviceUnavailable])
    }

    @Test func anUnknownTransactionFailsThePublish() throws {
        let fixture = try Fixture.running()
        fixture.engine.set { $0.failures["publish 1"] = TaskError(.notFound, "transaction 1 is not known") }
        _ = fixture.submit(.publish(1))
        try fixture.run()
        #expect(fixture.master.finishes.map(\.status.code) == [.notFound])
        #expect(fixture.master.finishes.first?.errorTabletIDs == [])
    }

    // Cooldown confs.

    @Test(arguments: [
        ([CooldownConfVerdict.applied, .unchanged], StatusCode.ok),
        ([.applied, .unknownTablet], .ok),
        ([.unknownTablet, .unknownTablet], .notFound),
        ([.applied, .staleTerm(current: 9)], .aborted),
        ([.applied, .conflict(current: 7)], .aborted),
        ([.staleTerm(current: 9), .noReplica], .invalidArgument),
    ])
    func confsEndWithTheWorstVerdict(verdicts: [CooldownConfVerdict], code: StatusCode) throws {
        let fixture = try Fixture.running()
        fixture.engine.set { $0.confVerdicts = verdicts }
        _ = fixture.submit(.confs(CooldownConf(tabletID: 1, term: 3), CooldownConf(tabletID: 2, term: 3)))
        try fixture.run()
        #expect(fixture.master.finishes.map(\.status.code) == [code])
    }

    @Test func aConfThatCanNotBePersistedIsWorseThanAStaleTermAndKeepsNoOtherBack() throws {
        let fixture = try Fixture.running()
        fixture.engine.set { state in
            state.failures["conf 2"] = TaskError(.ioError, "disk")
            state.confVerdicts = [.staleTerm(current: 9), .applied]
        }
        _ = fixture.submit(.confs(CooldownConf(tabletID: 1), CooldownConf(tabletID: 2), CooldownConf(tabletID: 3)))
        try fixture.run()
        #expect(fixture.master.finishes.map(\.status) == [RPCStatus(.ioError, "disk")])
        #expect(fixture.engine.calls.filter { $0.hasPrefix("conf") } == ["conf 1", "conf 2", "conf 3"])
    }

    @Test func aConfThatAnUploadHoldsUpIsTriedAgain() throws {
        let fixture = try Fixture.running()
        fixture.engine.set { $0.confVerdicts = [.busy, .busy, .applied] }
        _ = fixture.submit(.confs(CooldownConf(tabletID: 1, term: 3)))
        try fixture.run()
        #expect(fixture.master.finishes.isEmpty)
        try fixture.advance(.seconds(1))
        #expect(fixture.master.finishes.map(\.status) == [.ok])
    }

    @Test func aConfThatStaysHeldUpIsAborted() throws {
        let fixture = try Fixture.running()
        fixture.engine.set { $0.confVerdicts = Array(repeating: .busy, count: 1000) }
        _ = fixture.submit(.confs(CooldownConf(tabletID: 1, term: 3)))
        try fixture.advance(.seconds(40))
        #expect(fixture.master.finishes.map(\.status.code) == [.aborted])
    }

    @Test func anAcceptedConfStartsCoolingAtOnce() throws {
        let fixture = try Fixture.running()
        fixture.engine.set { $0.due = [DueCooldown(tabletID: 1, dataDir: "/a")] }
        _ = fixture.submit(.confs(CooldownConf(tabletID: 1, term: 3)))
        try fixture.run()
        #expect(fixture.engine.calls.last == "cool 1")
    }
}
