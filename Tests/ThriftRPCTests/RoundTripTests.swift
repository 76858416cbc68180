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
        var requests = (0..<300).map { _ in values.finish() }
        for place in requests.indices { requests[place].signature = Int64(place) }
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
        let together = handler.together.withLock { $0 }
        #expect(together.reduce(0, +) == 602)
        #expect(together.max() ?? 0 > 1)
        #expect(together.allSatisfy { $0 <= 64 })
    }

    /// A `finishTask` as it is on the wire.
    private static func endCall(signature: Int64, sequence: Int32) -> [UInt8] {
        let host = Array("10.0.0.2".utf8)
        let backend =
            [11, 0, 1] + bytes(Int32(host.count)) + host + [8, 0, 2] + bytes(Int32(9060)) + [8, 0, 3]
            + bytes(Int32(8040)) + [0]
        return callHead("finishTask", sequence: sequence) + [12, 0, 1, 12, 0, 1] + backend + [8, 0, 2] + bytes(Int32(0))
            + [10, 0, 3] + bytes(signature) + [12, 0, 4, 8, 0, 1] + bytes(Int32(0)) + [0, 0, 0]
    }

    /// Message type and sequence number of each reply.
    private static func heads(_ replies: [UInt8]) -> [[Int32]] {
        replies.indices.compactMap { place in
            guard replies[place...].starts(with: [0x80, 1, 0]), replies.count >= place + 12 else { return nil }
            let length = replies[(place + 4)..<(place + 8)].reduce(Int32(0)) { $0 << 8 | Int32($1) }
            let sequence = replies[(place + 8 + Int(length))...].prefix(4).reduce(Int32(0)) { $0 << 8 | Int32($1) }
            return [Int32(replies[place + 3]), sequence]
        }
    }

    /// Of messages that come in one write: ends, one of which is not wanted and one can't be read, and another method.
    @Test func eachOfManyMessagesGetsItsOwnAnswerInItsPlace() throws {
        let handler = FrontendRecorder()
        let unreadable = callHead("finishTask", sequence: 200) + [12, 0, 1, 0, 0]
        let unknown = callHead("nobodyKnows", sequence: 201) + [0]
        try withFrontendServer(handler) { server throws in
            let raw = try RawConnection(port: server.boundPort)
            let ends = [1, 2, FrontendRecorder.unwantedSignature, 3].enumerated().map { place, signature in
                Self.endCall(signature: signature, sequence: Int32(100 + place))
            }
            raw.send(ends[0] + ends[1] + unreadable + ends[2] + unknown + ends[3])
            raw.endSending()
            #expect(
                Self.heads(raw.receive(1 << 16)) == [[2, 100], [2, 101], [3, 200], [2, 102], [3, 201], [2, 103]])
        }
        #expect(handler.finished.withLock { $0.map(\.signature) } == [1, 2, 3])
        #expect(handler.together.withLock { $0.reduce(0, +) } == 4)
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
