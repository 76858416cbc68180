import CThrift
import Platform
import ServerFixtures
import Synchronization
import TabletModel
import Testing

@testable import ThriftRPC

/// The bytes of `contract/wire.md` §2, both ways.
@Suite struct GoldenVectorTests {
    static let heartbeatCall = bytes(
        "8001000100000009686561727462656174000000000c00010c00010b00010000000831302e302e302e310800020000233c0008000200"
            + "0000010a000300000000000000020b000400000001740b00050000000831302e302e302e3208000600001f5e0a0007000000"
            + "00000000010a000800000000000027130000")
    static let heartbeatReply = bytes(
        "8001000200000009686561727462656174000000000c00000c000108000100000000000c00020800010000236408000200001f680800"
            + "03ffffffff08000400001f7c0b000500000001760a000600000185b1025c000b0007000000036d6978000000")
    static let cooldownTask = bytes(
        "080001000000000800020000001c0a0003ffffffffffffffff0c001e0f00010c000000010a000100000000000027150a000200000000"
            + "000027160a00030000000000000001000000")
    static let taskReport = bytes(
        "0c00010b00010000000831302e302e302e320800020000236408000300001f68000d0003080e000000010000001c0a00000001ffffff"
            + "ffffffffff00")
    static let pingCall = bytes("800100010000000470696e67000000010c0001080001000000010b000200000001740000")
    static let cleanTrash = bytes("800100040000000b636c65616e5f74726173680000000000")

    static let master = MasterInfo(
        address: NetworkAddress(host: "10.0.0.1", port: 9020), clusterID: 1, epoch: 2, token: "t",
        backendIP: "10.0.0.2", httpPort: 8030, flags: 1, backendID: 10003)
    static var reply: HeartbeatReply {
        var backend = BackendInfo()
        backend.bePort = 9060
        backend.httpPort = 8040
        backend.beRPCPort = -1
        backend.brpcPort = 8060
        backend.version = "v"
        backend.startTime = UnixTime(milliseconds: 1_673_712_000_000)
        backend.nodeRole = "mix"
        return HeartbeatReply(status: .ok, backend: backend)
    }

    @Test func theServerReadsTheCallAndWritesTheReply() throws {
        let handler = HeartbeatRecorder(reply: Self.reply)
        try withHeartbeatServer(handler) { server throws in
            let connection = try RawConnection(port: server.boundPort)
            connection.send(Self.heartbeatCall)
            #expect(connection.receive(Self.heartbeatReply.count) == Self.heartbeatReply)
        }
        #expect(handler.seen.withLock { $0 } == [Self.master])
    }

    @Test func theClientWritesTheCallAndReadsTheReply() throws {
        let listener = try RawListener()
        try withPeer({
            let connection = try listener.accept()
            let call = connection.receive(Self.heartbeatCall.count)
            connection.send(Self.heartbeatReply)
            return call
        }) { peer throws in
            let connection = ThriftBackendConnector().connection(heartbeat: .local(listener.port), agent: nil)
            #expect(try connection.heartbeat(Self.master) == Self.reply)
            #expect(try peer() == Self.heartbeatCall)
        }
    }

    @Test func aCooldownTaskIsTheseBytes() throws {
        let task = AgentTask(
            type: .pushCooldownConf, signature: -1,
            payload: .cooldownConfs([CooldownConf(tabletID: 10005, cooldownReplicaID: 10006, term: 1)]))
        #expect(array(wire.encode(task.wireValue)) == Self.cooldownTask)
        var decoded = wire.TAgentTaskRequest()
        #expect(wire.decode(text(Self.cooldownTask), &decoded))
        #expect(AgentTask(decoded) == task)
    }

    @Test func aTaskReportIsTheseBytes() throws {
        let backend = BackendAddress(host: "10.0.0.2", bePort: 9060, httpPort: 8040)
        let handler = FrontendRecorder()
        try withFrontendServer(handler) { server throws in
            let connection = ThriftMasterConnector().connection(to: .local(server.boundPort))
            let report = OutgoingReport(backend: backend, body: .tasks([.pushCooldownConf: [-1]]))
            #expect(try connection.report(report) == .ok)
            // The same, from a peer's own bytes.
            let raw = try RawConnection(port: server.boundPort)
            raw.send(callHead("report") + [12, 0, 1] + Self.taskReport + [0])
            let answer = callHead("report", type: 2) + [12, 0, 0, 12, 0, 1, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0]
            #expect(raw.receive(answer.count) == answer)
        }
        let reports = handler.reports.withLock { $0 }
        #expect(reports.count == 2)
        for report in reports {
            #expect(report.backend == backend)
            #expect(report.tasks == [.pushCooldownConf: [-1]])
        }
        var decoded = wire.TReportRequest()
        #expect(wire.decode(text(Self.taskReport), &decoded))
        #expect(array(wire.encode(decoded)) == Self.taskReport)
    }

    @Test func pingIsAnsweredUnderItsSequenceNumber() throws {
        try withFrontendServer { server throws in
            let raw = try RawConnection(port: server.boundPort)
            raw.send(Self.pingCall)
            let head = callHead("ping", type: 2, sequence: 1)
            #expect(raw.receive(head.count) == head)
            let body: [UInt8] =
                [12, 0, 0, 8, 0, 1] + bytes(Int32(0)) + [11, 0, 2] + bytes(Int32(1)) + [UInt8(ascii: "m")] + [8, 0, 3]
                + bytes(Int32(1)) + [8, 0, 4] + bytes(Int32(2)) + [10, 0, 5] + bytes(Int64(3)) + [11, 0, 6]
                + bytes(Int32(1)) + [UInt8(ascii: "v"), 0, 0]
            #expect(raw.receive(body.count) == body)
        }
    }

    @Test func aOnewayCallIsRunAndNotAnswered() throws {
        let handler = BackendRecorder()
        try withBackendServer(handler) { server throws in
            let raw = try RawConnection(port: server.boundPort)
            raw.send(Self.cleanTrash + callHead("get_trash_used_capacity", sequence: 9) + [0])
            // The first answer is that of the second call.
            let answer =
                callHead("get_trash_used_capacity", type: 2, sequence: 9) + [10, 0, 0] + bytes(Int64(1) << 40) + [0]
            #expect(raw.receive(answer.count) == answer)
        }
        #expect(handler.cleaned.withLock { $0 } == 1)
    }
}
