import Testing

@testable import PeerKit

/// The golden vectors of the wire contract, read by the kit's own schema.
@Suite struct GoldenVectorTests {
    private func bytes(_ hex: String) -> [UInt8] {
        var rest = Substring(hex)
        var bytes: [UInt8] = []
        while let byte = UInt8(rest.prefix(2), radix: 16), !rest.isEmpty {
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }

    private func read(
        _ hex: String, hasHead: Bool, _ structure: WireStructure, _ schema: WireSchema = .january2023
    ) throws -> (MessageHead?, WireRecord, Findings) {
        let findings = Findings()
        let source = MemorySource(bytes(hex))
        var reader = StrictReader(schema, source, findings)
        let head = hasHead ? try MessageHead(from: &reader) : nil
        let record = try reader.structure(structure, at: structure.name)
        #expect(throws: WireEnd.self) { _ = try source.read(1) }
        return (head, record, findings)
    }

    @Test(arguments: PeerYear.allCases)
    func aHeartbeatAndItsAnswer(year: PeerYear) throws {
        let schema = year.schema
        let method = try #require(schema.method("heartbeat", of: "HeartbeatService"))
        let (head, call, findings) = try read(
            "8001000100000009686561727462656174000000000c00010c00010b00010000000831302e302e302e310800020000233c000800"
                + "02000000010a000300000000000000020b000400000001740b00050000000831302e302e302e3208000600001f5e0a0007"
                + "00000000000000010a000800000000000027130000", hasHead: true, method.arguments, schema)
        #expect(head == MessageHead(.call, "heartbeat", 0))
        #expect(findings.lines.isEmpty)
        #expect(call.text("master_info.network_address.hostname") == "10.0.0.1")
        #expect(call.number("master_info.network_address.port") == 9020)
        #expect(call.number("master_info.backend_id") == 10003)
        let result = WireStructure(
            name: "result",
            fields: [WireField(id: 0, name: "success", type: .structure("THeartbeatResult"), isRequired: false)])
        let (_, answer, more) = try read(
            "8001000200000009686561727462656174000000000c00000c000108000100000000000c00020800010000236408000200001f68"
                + "080003ffffffff08000400001f7c0b000500000001760a000600000185b1025c000b0007000000036d6978000000",
            hasHead: true, result, schema)
        #expect(more.lines.isEmpty)
        #expect(answer.number("success.backend_info.be_rpc_port") == -1)
        #expect(answer.number("success.backend_info.be_start_time") == 1_673_712_000_000)
        #expect(answer.text("success.backend_info.be_node_role") == "mix")
    }

    @Test func aCooldownConf() throws {
        let hex =
            "080001000000000800020000001c0a0003ffffffffffffffff0c001e0f00010c000000010a000100000000000027150a0002000000"
            + "00000027160a00030000000000000001000000"
        let structure = try #require(WireSchema.january2023.structures["TAgentTaskRequest"])
        let (_, task, findings) = try read(hex, hasHead: false, structure)
        #expect(findings.lines.isEmpty)
        #expect(task.number("task_type") == 28 && task.number("signature") == -1)
        let conf = task.records("push_cooldown_conf.cooldown_confs").first
        #expect(conf?.number("tablet_id") == 10005 && conf?.number("cooldown_term") == 1)
        var writer = StrictWriter(.january2023)
        try writer.structure(task, as: structure)
        #expect(writer.bytes == bytes(hex))
    }

    @Test func aTaskReport() throws {
        let structure = try #require(WireSchema.january2023.structures["TReportRequest"])
        let (_, report, findings) = try read(
            "0c00010b00010000000831302e302e302e320800020000236408000300001f68000d0003080e000000010000001c0a00000001"
                + "ffffffffffffffff00", hasHead: false, structure)
        #expect(findings.lines.isEmpty)
        #expect(report["tasks"]?.map == [28: [-1]])
    }

    @Test func aPingAndACallWithoutAnswer() throws {
        let ping = try #require(WireSchema.january2023.method("ping", of: "FrontendService"))
        let (head, call, findings) = try read(
            "800100010000000470696e67000000010c0001080001000000010b000200000001740000", hasHead: true, ping.arguments)
        #expect(findings.lines.isEmpty && head == MessageHead(.call, "ping", 1))
        #expect(call.number("request.clusterId") == 1 && call.text("request.token") == "t")
        let trash = try #require(WireSchema.january2023.method("clean_trash", of: "BackendService"))
        let (other, _, _) = try read(
            "800100040000000b636c65616e5f74726173680000000000", hasHead: true, trash.arguments)
        #expect(other == MessageHead(.oneway, "clean_trash", 0) && trash.result == nil)
    }

    @Test func aHeadWithoutAVersion() throws {
        var reader = StrictReader(.january2023, MemorySource(bytes("0000000470696e670100000007")), Findings())
        #expect(try MessageHead(from: &reader) == MessageHead(.call, "ping", 7))
    }
}
