import CThrift
import Platform
import ServerFixtures
import Synchronization
import TabletModel
import Testing

@testable import ThriftRPC

/// Peers that are newer, older, or want what is not here.
@Suite struct CompatibilityTests {
    /// The struct's bytes with more fields before its stop byte, one of every kind.
    private func withUnknownFields(_ encoded: [UInt8]) -> [UInt8] {
        let flat: [UInt8] = [2, 0x7F, 0, 1, 3, 0x7F, 1, 9, 6, 0x7F, 2, 0, 1, 8, 0x7F, 3, 0, 0, 0, 1]
        let wide: [UInt8] = [10, 0x7F, 4] + bytes(Int64(5)) + [4, 0x7F, 5] + bytes(Int64(0))
        let nested: [UInt8] =
            [11, 0x7F, 6] + bytes(Int32(2)) + [65, 66] + [12, 0x7F, 7, 8, 0, 1, 0, 0, 0, 1, 0]
            + [15, 0x7F, 8, 12] + bytes(Int32(2)) + [0, 0]
            + [13, 0x7F, 9, 11, 15] + bytes(Int32(1)) + bytes(Int32(1)) + [67, 10] + bytes(Int32(1)) + bytes(Int64(3))
            + [14, 0x7F, 10, 8] + bytes(Int32(1)) + bytes(Int32(4))
        return encoded.dropLast() + flat + wide + nested + [0]
    }

    @Test func unknownFieldsAreSkippedByTheServer() throws {
        let handler = HeartbeatRecorder()
        try withHeartbeatServer(handler) { server throws in
            let raw = try RawConnection(port: server.boundPort)
            // The arguments end in two stop bytes: the struct's and their own.
            let call = GoldenVectorTests.heartbeatCall
            raw.send(withUnknownFields(Array(call.dropLast())) + [0])
            #expect(raw.receive(4) == [0x80, 1, 0, 2])
        }
        #expect(handler.seen.withLock { $0 } == [GoldenVectorTests.master])
    }

    @Test func unknownFieldsAreSkippedInTasksAndReports() throws {
        var task = wire.TAgentTaskRequest()
        #expect(wire.decode(text(withUnknownFields(GoldenVectorTests.cooldownTask)), &task))
        #expect(array(wire.encode(task)) == GoldenVectorTests.cooldownTask)
        let handler = FrontendRecorder()
        try withFrontendServer(handler) { server throws in
            let raw = try RawConnection(port: server.boundPort)
            raw.send(callHead("report") + [12, 0, 1] + withUnknownFields(GoldenVectorTests.taskReport) + [0])
            #expect(raw.receive(4) == [0x80, 1, 0, 2])
        }
        #expect(handler.reports.withLock { $0.map(\.tasks) } == [[.pushCooldownConf: [-1]]])
    }

    /// A newer FE tells a role beside the keys: the policy is taken with the keys.
    @Test func aPolicyWhoseResourceHasUnknownFieldsIsTaken() throws {
        let policy = StoragePolicyEntry(
            name: "p", cooldownTTLSeconds: 5,
            resource: S3Resource(
                endpoint: "host", accessKey: "a", secretKey: "s", sessionToken: "t", bucket: "bucket"))
        let task = AgentTask(type: .notifyUpdateStoragePolicy, signature: 1, payload: .storagePolicy(policy))
        let encoded = array(wire.encode(task.wireValue))
        // The end of the resource: its token "t", then the stop byte.
        let end: [UInt8] = [11, 0, 11, 0, 0, 0, 1, UInt8(ascii: "t"), 0]
        let place = try #require(encoded.indices.first { encoded[$0...].starts(with: end) })
        var newer = encoded
        let role: [UInt8] = [8, 0, 13] + bytes(Int32(1)) + [11, 0, 14] + bytes(Int32(3)) + Array("arn".utf8)
        newer.insert(contentsOf: role, at: place + end.count - 1)
        var decoded = wire.TAgentTaskRequest()
        #expect(wire.decode(text(newer), &decoded))
        #expect(AgentTask(decoded) == task)
    }

    @Test(arguments: [999, 1001, 70_000, Int32.max, -7]) func newerEnumValuesPassThrough(value: Int32) throws {
        let finish = FinishTaskRequest(
            backend: BackendAddress(host: "h", bePort: 1, httpPort: 2), type: TaskType(rawValue: value), signature: 3,
            status: RPCStatus(StatusCode(rawValue: value)))
        let handler = FrontendRecorder()
        try withFrontendServer(handler) { server throws in
            let connection = ThriftMasterConnector().connection(to: .local(server.boundPort))
            #expect(try connection.finishTask(finish) == .ok)
        }
        #expect(handler.finished.withLock { $0 } == [finish])
        let task = AgentTask(type: TaskType(rawValue: value), signature: 1, payload: .unread)
        #expect(AgentTask(task.wireValue) == task)
    }

    @Test(arguments: [
        (TaskType.create, AgentTask.Payload.absent), (.drop, .absent), (.push, .absent), (.realtimePush, .absent),
        (.publishVersion, .absent), (.clearTransactionTask, .absent), (.updateTabletMetaInfo, .absent),
        (.notifyUpdateStoragePolicy, .absent), (.pushCooldownConf, .absent), (.clone, .absent), (.alter, .absent),
        (.gcBinlog, .absent), (.pushStoragePolicy, .absent), (.cleanTrash, .absent), (.updateVisibleVersion, .absent),
        (TaskType(rawValue: 4711), .unread),
    ])
    func aTaskWithoutItsMemberIsAbsentOrUnread(type: TaskType, payload: AgentTask.Payload) {
        var task = wire.TAgentTaskRequest()
        task.task_type = .init(rawValue: enumBits(type))
        #expect(AgentTask(task).payload == payload)
    }

    @Test func theMemberOfATypeThatIsNotRunIsUnread() {
        var task = wire.TAgentTaskRequest()
        task.task_type = .init(rawValue: enumBits(TaskType.gcBinlog))
        task.__set_gc_binlog_req(wire.TGcBinlogReq())
        #expect(AgentTask(task).payload == .unread)
    }

    @Test(arguments: ["no_such_method", "", "exec_plan_fragment"])
    func anUnknownMethodIsToldAndTheConnectionGoesOn(method: String) throws {
        try withHeartbeatServer { server throws in
            let raw = try RawConnection(port: server.boundPort)
            raw.send(callHead(method, sequence: 77) + [12, 0, 1, 8, 0, 1, 0, 0, 0, 1, 0, 0])
            let head = callHead(method, type: 3, sequence: 77)
            #expect(raw.receive(head.count) == head)
            let text = "Invalid method name: '\(method)'"
            let body = [11, 0, 1] + bytes(Int32(text.utf8.count)) + Array(text.utf8) + [8, 0, 2, 0, 0, 0, 1, 0]
            #expect(raw.receive(body.count) == body)
            raw.send(GoldenVectorTests.heartbeatCall)
            #expect(raw.receive(4) == [0x80, 1, 0, 2])
        }
    }

    @Test func theClientNamesAnUnknownMethod() throws {
        try withHeartbeatServer { server throws in
            let connection = ThriftMasterConnector().connection(to: .local(server.boundPort))
            let error = #expect(throws: RPCError.self) { try connection.refreshStoragePolicies(in: .tabletd) }
            #expect(error?.code == .unknownMethod)
            #expect(error?.method == "refreshStoragePolicy")
        }
    }

    /// A newer FE forwards statements, and an older BE asks for resources: the answers are whole, and say how it is.
    @Test func whatThisFrontendDoesNotDoIsAnswered() throws {
        try withFrontendServer { server throws in
            let raw = try RawConnection(port: server.boundPort)
            raw.send(callHead("fetchResource") + [0])
            let head = callHead("fetchResource", type: 2)
            #expect(raw.receive(head.count) == head)
            // Success: version 1 of the protocol, version 0 of no resources.
            let empty: [UInt8] = [
                12, 0, 0, 8, 0, 1, 0, 0, 0, 0, 10, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 13, 0, 3, 11, 12, 0, 0, 0, 0, 0, 0,
            ]
            #expect(raw.receive(empty.count) == empty)

            func string(_ id: UInt8, _ text: [UInt8]) -> [UInt8] { [11, 0, id] + bytes(Int32(text.count)) + text }
            let message = Array(StatementRefusal.message.utf8)
            let packet: [UInt8] = [0xFF, 0xD3, 0x04] + Array("#42000".utf8) + message
            let older = string(1, [65]) + string(2, [66]) + string(3, [67])
            for (extra, tail) in [
                ([], []),
                (string(22, [72]), [8, 0, 6] + bytes(Int32(1235)) + string(7, message)),
            ] as [([UInt8], [UInt8])] {
                raw.send(callHead("forward") + [12, 0, 1] + older + extra + [0, 0])
                let head = callHead("forward", type: 2)
                #expect(raw.receive(head.count) == head)
                let body =
                    [12, 0, 0, 10, 0, 1] + bytes(Int64(0)) + string(2, packet) + string(5, Array("ERR".utf8)) + tail
                    + [0, 0]
                #expect(raw.receive(body.count) == body)
            }
            raw.send(callHead("initExternalCtlMeta") + [12, 0, 1, 0, 0])
            let last = callHead("initExternalCtlMeta", type: 2)
            #expect(raw.receive(last.count) == last)
            let body = [12, 0, 0, 10, 0, 1] + bytes(Int64(0)) + string(2, message) + [0, 0]
            #expect(raw.receive(body.count) == body)
        }
    }

    @Test func missingArgumentsAreAProtocolErrorAndTheConnectionGoesOn() throws {
        try withHeartbeatServer { server throws in
            let raw = try RawConnection(port: server.boundPort)
            // A TMasterInfo without its required fields.
            raw.send(callHead("heartbeat") + [12, 0, 1, 0, 0])
            #expect(raw.receive(4) == [0x80, 1, 0, 3])
            _ = raw.receive(9 + 4 + 4)
            let type = raw.receive(3)
            #expect(type == [11, 0, 1])
            let length = raw.receive(4).reduce(0) { $0 << 8 | Int($1) }
            let message = String(decoding: raw.receive(length), as: UTF8.self)
            #expect(message.contains("can't read the arguments of heartbeat"))
        }
    }

    @Test func aBrokenReportIsRefusedAndTheConnectionGoesOn() throws {
        let handler = FrontendRecorder()
        try withFrontendServer(handler) { server throws in
            let raw = try RawConnection(port: server.boundPort)
            for arguments: [UInt8] in [[0], [12, 0, 1, 0, 0], [12, 0, 1, 10, 0, 2] + bytes(Int64(1)) + [0, 0]] {
                raw.send(callHead("report") + arguments)
                #expect(raw.receive(4) == [0x80, 1, 0, 3])
                _ = raw.receive(6 + 4 + 4 + 3)
                let length = raw.receive(4).reduce(0) { $0 << 8 | Int($1) }
                _ = raw.receive(length + 7 + 1)
            }
            raw.send(callHead("report") + [12, 0, 1] + GoldenVectorTests.taskReport + [0])
            #expect(raw.receive(4) == [0x80, 1, 0, 2])
        }
        #expect(handler.reports.withLock { $0.count } == 1)
    }
}
