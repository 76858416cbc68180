import BackendCore
import ClusterTestKit
import Platform
import Synchronization
import TabletModel
import Testing

/// `contract/behaviour.md` §2, "Submission".
@Suite struct SubmissionTests {
    @Test func nothingIsTakenBeforeTheFirstHeartbeat() throws {
        let fixture = Fixture()
        fixture.node.start()
        #expect(fixture.submit(.create(1)).code == .cancelled)
        try fixture.run()
        fixture.heartbeat()
        try fixture.run()
        #expect(fixture.engine.calls.filter { $0.hasPrefix("create") } == [])
        #expect(fixture.taskCount == 0)
    }

    @Test func aCreatedTabletIsReportedWithTheRaisedReportVersion() throws {
        let fixture = try Fixture.running()
        let before = fixture.node.status().reportVersion
        #expect(fixture.submit(.create(10)) == .ok)
        try fixture.run()
        let finish = try #require(fixture.master.finishes.first)
        #expect(finish.backend == BackendAddress(host: "10.0.0.2", bePort: 9060, httpPort: 8040))
        #expect(finish.type == .create)
        #expect(finish.signature == 10)
        #expect(finish.status == .ok)
        #expect(finish.reportVersion == before + 1)
        #expect(finish.tablets?.map(\.tabletID) == [10])
        #expect(fixture.taskCount == 0)
    }

    @Test func aFailedCreateCarriesItsReasonAndRaisesNothing() throws {
        let fixture = try Fixture.running()
        fixture.engine.set { $0.failures["create 10"] = TaskError(.alreadyExist, "other schema hash") }
        let before = fixture.node.status().reportVersion
        _ = fixture.submit(.create(10))
        try fixture.run()
        let finish = try #require(fixture.master.finishes.first)
        #expect(finish.status == RPCStatus(.alreadyExist, "other schema hash"))
        #expect(finish.reportVersion == before)
        #expect(finish.tablets == nil)
    }

    @Test func theReportVersionStartsWithTheClockAndOnlyGrows() throws {
        let fixture = try Fixture.running()
        #expect(fixture.node.status().reportVersion == 1_700_000_000 * 100_000)
        var tasks: [AgentTask] = [.create(1), .push(2), .push(3, pushType: .delete)]
        tasks += [.drop(4), .publish(5), .confs(CooldownConf(tabletID: 6))]
        _ = fixture.node.backendHandler.submitTasks(tasks, from: masterHost)
        try fixture.run()
        // CREATE and the two PUSH, not the others.
        #expect(fixture.node.status().reportVersion == 1_700_000_000 * 100_000 + 3)
        let sent = fixture.master.finishes.filter { $0.reportVersion != nil }.map(\.type)
        #expect(Set(sent) == [.create, .realtimePush, .publishVersion])
    }

    @Test func everyTypeOfTheContractHasAnEnd() throws {
        let fixture = try Fixture.running()
        let types = TaskType.names.keys.sorted().map { TaskType(rawValue: $0) }
        let implemented: Set<TaskType> = [
            .create, .drop, .push, .realtimePush, .publishVersion, .clearTransactionTask, .updateTabletMetaInfo,
            .notifyUpdateStoragePolicy, .pushCooldownConf, .clone, .makeSnapshot, .releaseSnapshot, .compaction,
            .checkConsistency, .checkStorage, .alter, .clearAlterTask, .upload, .download, .move,
            .checkConsistency, .checkStorage, .storageMediumMigrate, .cleanTrash, .updateVisibleVersion,
            .pushIndexPolicy, .gcBinlog, .cleanUDFCache,
        ]
        let tasks = types.filter { !implemented.contains($0) }.map {
            AgentTask(type: $0, signature: Int64($0.rawValue) + 100, payload: .unread)
        }
        #expect(fixture.node.backendHandler.submitTasks(tasks, from: masterHost) == .ok)
        try fixture.run()
        #expect(fixture.master.finishes.count == tasks.count)
        for finish in fixture.master.finishes {
            #expect(finish.status.code == .notImplementedError)
            #expect(finish.status.messages.first?.contains(finish.type.description) == true)
        }
        #expect(fixture.taskCount == 0)
    }

    @Test(arguments: [
        (TaskType.create, "create_tablet_req"), (.drop, "drop_tablet_req"), (.push, "push_req"),
        (.realtimePush, "push_req"), (.publishVersion, "publish_version_req"),
        (.clearTransactionTask, "clear_transaction_task_req"), (.updateTabletMetaInfo, "update_tablet_meta_info_req"),
        (.notifyUpdateStoragePolicy, "update_policy"), (.pushCooldownConf, "push_cooldown_conf"),
        (.clone, "clone_req"), (.alter, "alter_tablet_req"), (.compaction, "compaction_req"),
    ])
    func aMissingRequestMemberIsNamedAndFinished(type: TaskType, member: String) throws {
        let fixture = try Fixture.running()
        let answer = fixture.submit(.create(1), AgentTask(type: type, signature: 77, payload: .absent), .create(2))
        #expect(answer.code == .invalidArgument)
        #expect(answer.messages.first?.contains(member) == true)
        #expect(answer.messages.first?.contains("77") == true)
        try fixture.run()
        let refused = try #require(fixture.master.finishes.first { $0.signature == 77 })
        #expect(refused.status.code == .invalidArgument)
        #expect(refused.type == type)
        // The rest of the batch is carried out.
        #expect(Set(fixture.master.finishes.filter { $0.status.isOK }.map(\.signature)) == [1, 2])
    }

    @Test func anotherTypesMemberIsAMissingMember() throws {
        let fixture = try Fixture.running()
        let task = AgentTask(type: .create, signature: 5, payload: .drop(DropTabletRequest(tabletID: 5)))
        #expect(fixture.submit(task).code == .invalidArgument)
        try fixture.run()
        #expect(fixture.master.finishes.map(\.status.code) == [.invalidArgument])
        #expect(!fixture.engine.calls.contains("drop 5"))
    }

    @Test(arguments: [PushType.loadDelete, PushType(rawValue: 9)])
    func anUnknownPushTypeIsRefused(pushType: PushType) throws {
        let fixture = try Fixture.running()
        #expect(fixture.submit(.push(5, pushType: pushType)).code == .invalidArgument)
        try fixture.run()
        #expect(fixture.master.finishes.map(\.status.code) == [.invalidArgument])
    }

    @Test func anUnknownTypeIsNamedAndFinished() throws {
        let fixture = try Fixture.running()
        let answer = fixture.submit(
            AgentTask(type: TaskType(rawValue: 4711), signature: 5, payload: .absent), .create(6))
        #expect(answer.code == .invalidArgument)
        #expect(answer.messages.first?.contains("UNKNOWN(4711)") == true)
        try fixture.run()
        #expect(Set(fixture.master.finishes.map(\.signature)) == [5, 6])
    }

    @Test func aLargeBatchOfRefusalsIsAnsweredBriefly() throws {
        let fixture = try Fixture.running()
        let tasks = (0..<100).map { AgentTask(type: .create, signature: $0, payload: .absent) }
        let answer = fixture.node.backendHandler.submitTasks(tasks, from: masterHost)
        #expect(answer.messages.count == 17)
        #expect(answer.messages.last == "and 84 more")
    }

    @Test func aDeleteEchoesItsVersion() throws {
        let fixture = try Fixture.running()
        _ = fixture.submit(.push(5, pushType: .delete), .push(6))
        try fixture.run()
        let byTask = Dictionary(uniqueKeysWithValues: fixture.master.finishes.map { ($0.signature, $0.requestVersion) })
        #expect(byTask == [5: 9, 6: nil])
    }

    @Test func aFullPoolSaysTooManyAndDropsNothingSilently() throws {
        var options = BackendOptions()
        options.queueLimit = 2
        let fixture = try Fixture.running(options)
        let answer = fixture.node.backendHandler.submitTasks((1...5).map { .create($0) }, from: masterHost)
        #expect(answer.code == .tooManyTasks)
        #expect(answer.messages.count == 3)
        #expect(fixture.taskCount == 2)
        try fixture.run()
        #expect(fixture.master.finishes.map(\.signature).sorted() == [1, 2])
        // What was not taken can come again.
        #expect(fixture.submit(.create(5)) == .ok)
        try fixture.run()
        #expect(fixture.master.finishes.count == 3)
        #expect(fixture.metric("tabletd_be_submitted_tasks_total{verdict=\"too_many\"}") == 3)
    }

    @Test func theLimitOfKnownTasksHoldsAcrossPools() throws {
        var options = BackendOptions()
        options.taskLimit = 3
        let fixture = try Fixture.running(options)
        #expect(fixture.submit(.create(1), .drop(2), .push(3), .publish(4)).code == .tooManyTasks)
        #expect(fixture.taskCount == 3)
    }

    // Duplicates.

    @Test func aTaskRepeatedWhileItWaitsOrRunsIsDropped() throws {
        let fixture = try Fixture.running()
        fixture.engine.during.withLock { $0 = { if $0 == "create 1" { _ = fixture.submit(.create(1)) } } }
        #expect(fixture.submit(.create(1), .create(1)) == .ok)
        #expect(fixture.submit(.create(1)) == .ok)
        try fixture.run()
        #expect(fixture.engine.calls.filter { $0 == "create 1" }.count == 1)
        #expect(fixture.master.finishes.count == 1)
        #expect(fixture.metric("tabletd_be_submitted_tasks_total{verdict=\"duplicate\"}") == 3)
    }

    @Test func aTaskRepeatedAfterItFinishedRunsAgain() throws {
        let fixture = try Fixture.running()
        for _ in 0..<2 {
            #expect(fixture.submit(.create(1)) == .ok)
            try fixture.run()
        }
        #expect(fixture.engine.calls.filter { $0 == "create 1" }.count == 2)
        #expect(fixture.master.finishes.count == 2)
    }

    @Test func aFinishedTaskStaysADuplicateUntilTheMasterKnows() throws {
        let fixture = try Fixture.running()
        fixture.master.set { $0.finishFailures = 1 }
        _ = fixture.submit(.create(1))
        try fixture.scheduler.runUntilIdle()
        #expect(fixture.node.status().tasks.map(\.phase) == [.finishing])
        _ = fixture.submit(.create(1))
        #expect(try fixture.scheduler.run { fixture.taskCount == 0 })
        #expect(fixture.engine.calls.filter { $0 == "create 1" }.count == 1)
    }

    @Test func sameSignatureOfAnotherTypeIsAnotherTask() throws {
        let fixture = try Fixture.running()
        _ = fixture.submit(.create(1), .drop(1), .push(1, type: .push), .push(1, type: .realtimePush))
        try fixture.run()
        #expect(fixture.master.finishes.count == 4)
    }

    @Test func signatureMinusOneIsNeverADuplicate() throws {
        let fixture = try Fixture.running()
        let conf = AgentTask.confs(CooldownConf(tabletID: 1, cooldownReplicaID: 2, term: 3))
        #expect(fixture.submit(conf, conf) == .ok)
        #expect(fixture.submit(conf) == .ok)
        #expect(fixture.taskCount == 3)
        try fixture.run()
        #expect(fixture.master.finishes.map(\.type) == [.pushCooldownConf, .pushCooldownConf, .pushCooldownConf])
        #expect(fixture.taskCount == 0)
    }

    // Waiting for the engine.

    @Test func tasksWaitUntilTheTabletsAreLoaded() throws {
        let engine = RecordingEngine()
        engine.set { $0.isLoaded = false }
        let fixture = Fixture(engine: engine)
        fixture.node.start()
        fixture.heartbeat()
        #expect(fixture.submit(.create(1)) == .ok)
        try fixture.advance(.seconds(2))
        #expect(!engine.calls.contains("create 1"))
        #expect(fixture.node.status().tasks.map(\.phase) == [.waiting])
        engine.set { $0.isLoaded = true }
        try fixture.advance(.seconds(1))
        #expect(fixture.master.finishes.map(\.signature) == [1])
    }

    @Test func highTasksPassNormalOnesAndUseTheirOwnWorkers() throws {
        let fixture = try Fixture.running()
        var tasks = (1...40).map { AgentTask.push($0) }
        tasks.append(.push(99, priority: .high))
        _ = fixture.node.backendHandler.submitTasks(tasks, from: masterHost)
        try fixture.run()
        #expect(fixture.master.finishes.count == 41)
        let place = try #require(fixture.engine.calls.filter { $0.hasPrefix("push") }.firstIndex(of: "push 99"))
        #expect(place < 20)
    }

    @Test(arguments: 0..<30)
    func noWakeUpIsLostInAnyOrder(seed: UInt64) throws {
        let fixture = try Fixture.running(seed: seed)
        var next: Int64 = 1
        for step in 0..<20 {
            let batch = (0..<(step % 4 + 1)).map { offset -> AgentTask in
                defer { next += 1 }
                return .push(next, priority: (step + offset) % 2 == 0 ? .high : .normal)
            }
            #expect(fixture.node.backendHandler.submitTasks(batch, from: masterHost) == .ok)
            if step % 3 == 0 { try fixture.run() }
        }
        try fixture.run()
        #expect(fixture.master.finishes.map(\.signature).sorted() == Array(1..<next))
        #expect(fixture.taskCount == 0)
    }

    /// `contract/behaviour.md` §11 #38: a wake-up for a HIGH task that a HIGH worker is about to take must not count for the
    /// normal task that comes next, and the other way round.
    @Test(arguments: [TaskPriority.normal, .high], [TaskPriority.normal, .high])
    func aWakeUpIsNotSwallowedByAWorkerOfTheOtherKind(first: TaskPriority, second: TaskPriority) throws {
        var options = BackendOptions()
        options.pushWorkers = 1
        options.highPushWorkers = 1
        for runsBetween in [false, true] {
            let fixture = try Fixture.running(options)
            _ = fixture.submit(.push(1, priority: first))
            if runsBetween { try fixture.run() }
            _ = fixture.submit(.push(2, priority: second))
            try fixture.run()
            #expect(fixture.engine.calls.filter { $0.hasPrefix("push") }.sorted() == ["push 1", "push 2"])
            #expect(fixture.taskCount == 0)
        }
    }

    /// The only HIGH worker ends its task just as a normal one comes: nobody but a normal worker may be counted on.
    @Test func aNormalTaskThatComesWhileAHighOneRunsIsTaken() throws {
        var options = BackendOptions()
        options.pushWorkers = 1
        options.highPushWorkers = 1
        let fixture = try Fixture.running(options)
        fixture.engine.during.withLock { during in
            during = { call in
                if call == "push 1" { _ = fixture.submit(.push(2), .push(3, priority: .high)) }
            }
        }
        _ = fixture.submit(.push(1, priority: .high))
        try fixture.run()
        #expect(fixture.engine.calls.filter { $0.hasPrefix("push") }.count == 3)
        #expect(fixture.taskCount == 0)
    }

    @Test func highTasksRunWhileTheNormalWorkersAreBusy() throws {
        var options = BackendOptions()
        options.pushWorkers = 1
        options.highPushWorkers = 1
        let fixture = try Fixture.running(options)
        // While the only normal worker runs, a high task must get the other pool's worker: both run at once.
        fixture.engine.during.withLock { during in
            during = { call in
                guard call == "push 1" else { return }
                _ = fixture.submit(.push(2, priority: .high))
                #expect(fixture.scheduler.readyCount == 1)
            }
        }
        _ = fixture.submit(.push(1))
        try fixture.run()
        #expect(fixture.master.finishes.count == 2)
    }
}
