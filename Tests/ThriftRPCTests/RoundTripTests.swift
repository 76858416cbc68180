import CThrift
import Logging
import Platform
import ReportCodec
import ServerFixtures
import Synchronization
import TabletModel
import Testing

@testable import ThriftRPC

/// What goes out comes back as it was, through the bytes, for values drawn from a seed.
@Suite struct RoundTripTests {
    static let seeds: [UInt64] = [1, 2, 3, 4, 5, 6, 7, 8]

    @Test(arguments: seeds) func tasks(seed: UInt64) throws {
        var values = Values(seed: seed)
        for _ in 0..<50 {
            let task = values.task()
            var decoded = wire.TAgentTaskRequest()
            #expect(wire.decode(wire.encode(task.wireValue), &decoded))
            #expect(AgentTask(decoded) == task, "seed \(seed)")
        }
    }

    @Test(arguments: seeds) func finishedTasks(seed: UInt64) throws {
        var values = Values(seed: seed)
        for _ in 0..<50 {
            let request = values.finish()
            var decoded = wire.TFinishTaskRequest()
            #expect(wire.decode(wire.encode(try request.wireValue()), &decoded))
            #expect(try FinishTaskRequest(decoded) == request, "seed \(seed)")
        }
    }

    /// A tablet report leaves `version_miss` out when nothing is missing; the end of a task never does.
    @Test func theTabletOfAFinishedTaskSaysThatItMissesNothing() throws {
        let info = try TabletReportRow(tabletID: 5, schemaHash: 7, version: 2).wireValue()
        #expect(info.__isset.version_miss && !info.version_miss)
        #expect(!info.__isset.used && !info.__isset.transaction_ids && !info.__isset.cooldown_replica_id)
        #expect(info.__isset.is_cooldown && !info.__isset.cooldown_term)
    }

    /// A row goes by way of bytes: what either side can't read fails the call, and ends neither process.
    @Test func aRowOfAFinishedTaskThatCanNotBeReadIsAnErrorOnBothSides() throws {
        let row = TabletReportRow(tabletID: 5, schemaHash: 7, version: 2)
        let whole = array(wire.encode(try row.wireValue()))
        #expect(try TabletReportRow(encoded: text(whole)) == row)
        #expect(try TabletReportRow(wireTablet(text(whole), of: 5)) == row)
        for count in whole.indices {
            let cut = text(Array(whole.prefix(count)))
            #expect(throws: ReportDecodingError.self, "\(count) bytes") { try TabletReportRow(encoded: cut) }
            #expect(throws: UnsendableTablet(tabletID: 5, byteCount: count)) { try wireTablet(cut, of: 5) }
        }
    }

    @Test(arguments: seeds) func policies(seed: UInt64) throws {
        var values = Values(seed: seed)
        let rules = StorageRules(
            policies: (0..<20).map { _ in values.policy() }, resources: (0..<3).map { _ in values.resource() },
            droppedResources: [values.number()])
        try withFrontendServer(FrontendRecorder(rules: rules)) { server throws in
            let connection = ThriftMasterConnector().connection(to: .local(server.boundPort))
            let answer = try connection.refreshStoragePolicies(in: .tabletd)
            #expect(answer.status == .ok)
            #expect(answer.rules == rules, "seed \(seed)")
        }
    }

    @Test func everyBackendMethodThroughAServer() throws {
        let handler = BackendRecorder()
        var values = Values(seed: 99)
        let tasks = (0..<100).map { _ in values.task() }
        try withBackendServer(handler) { server throws in
            let address = NetworkAddress.local(server.boundPort)
            let connection = ThriftBackendConnector().connection(heartbeat: address, agent: address)
            #expect(try connection.submitTasks(tasks) == RPCStatus(.invalidArgument, "one of 100"))
            #expect(try connection.tabletStats() == handler.stats)

            let channel = wire.makeChannel(text("127.0.0.1"), server.boundPort, wire.ClientOptions())!
            defer { wire.freeChannel(channel) }
            var snapshot = wire.TSnapshotRequest()
            snapshot.tablet_id = 5
            snapshot.schema_hash = 6
            var result = wire.TAgentResult()
            #expect(wire.callMakeSnapshot(channel, snapshot, &result).code == wire.callOK)
            #expect(string(result.snapshot_path) == "/5/6" && result.allow_incremental_clone)
            #expect(wire.callReleaseSnapshot(channel, text("/x"), &result).code == wire.callOK)
            #expect(RPCStatus(result.status) == RPCStatus(.notFound, "/x"))
            #expect(wire.callPublishClusterState(channel, &result).code == wire.callOK)
            #expect(RPCStatus(result.status).code == .notImplementedError)
            var disks = wire.DiskTrashList()
            #expect(wire.callDiskTrash(channel, &disks).code == wire.callOK)
            #expect(disks.map { string($0.state) } == ["ONLINE"])
            var formats = wire.TCheckStorageFormatResult()
            #expect(wire.callCheckStorageFormat(channel, &formats).code == wire.callOK)
            #expect(identifiers(formats.v2_tablets) == [TabletID(1), 2])
        }
        #expect(handler.tasks.withLock { $0 } == tasks)
    }

    @Test func everyFrontendMethodThroughAServer() throws {
        let handler = FrontendRecorder()
        var values = Values(seed: 100)
        let request = values.finish()
        try withFrontendServer(handler) { server throws in
            let connection = ThriftMasterConnector().connection(to: .local(server.boundPort))
            #expect(try connection.finishTask(request) == .ok)
            let states = [(1, 1), (2, 2), (3, 1)].map {
                TabletCooldownState(
                    tabletID: TabletID($0.0), cooldownReplicaID: ReplicaID($0.1),
                    cooldownMetaID: UniqueID(high: -1, low: .max))
            }
            #expect(try connection.confirmUnusedRemoteFiles(states) == [1, 3])
        }
        #expect(handler.finished.withLock { $0 } == [request])
    }

    /// Many ends on one connection: each is a message of its own, and is answered.
    @Test func endsOfManyTasksThroughAServer() throws {
        let handler = FrontendRecorder()
        var values = Values(seed: 101)
        let requests = (0..<300).map { _ in values.finish() }
        try withFrontendServer(handler) { server throws in
            let connection = ThriftMasterConnector().connection(to: .local(server.boundPort))
            for _ in 0..<2 {
                let answers = connection.finishTasks(requests)
                #expect(try answers.map { try $0.get() } == Array(repeating: .ok, count: 300))
                #expect(try connection.finishTask(requests[0]) == .ok)
                #expect(server.statistics.connections == 1)
            }
            #expect(connection.finishTasks([]).isEmpty)
        }
        #expect(handler.finished.withLock { $0 } == requests + [requests[0]] + requests + [requests[0]])
    }

    /// The first that gets no answer says why; nothing is said of those behind it.
    @Test func endsThatNobodyHearsFailOnce() throws {
        let port = try LoopbackSocket.freePort()
        var values = Values(seed: 102)
        let requests = (0..<5).map { _ in values.finish() }
        let answers = ThriftMasterConnector().connection(to: .local(Int32(port))).finishTasks(requests)
        #expect(answers.count == 1)
        #expect(throws: RPCError.self) { try answers[0].get() }
    }

    /// The kept connection was closed meanwhile: they are told on a new one.
    @Test func endsAreToldAfterARestartOfTheMaster() throws {
        let connector = ThriftMasterConnector()
        var values = Values(seed: 103)
        let requests = (0..<5).map { _ in values.finish() }
        var port: Int32 = 0
        for round in 0..<2 {
            let handler = FrontendRecorder()
            let server = ThriftServer(
                .frontend(handler), address: "127.0.0.1", port: port,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            try server.start()
            port = server.boundPort
            let answers = connector.connection(to: .local(port)).finishTasks(requests)
            #expect(try answers.map { try $0.get() } == Array(repeating: .ok, count: 5), "round \(round)")
            server.stop()
            #expect(handler.finished.withLock { $0.count } == 5)
        }
    }
}
