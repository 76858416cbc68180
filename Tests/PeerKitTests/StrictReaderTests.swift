import Testing

@testable import PeerKit

/// The reader must be able to fail: each thing that a year does not have is found and named.
@Suite struct StrictReaderTests {
    /// Written by one schema, read by another.
    private func carry(
        _ record: WireRecord, from: WireSchema, to: WireSchema
    ) throws -> (record: WireRecord, findings: Findings, unreadable: [String]) {
        var writer = StrictWriter(from)
        try writer.structure(record, as: try #require(from.structures[record.type]))
        let findings = Findings()
        var reader = StrictReader(to, MemorySource(writer.bytes), findings)
        let read = try reader.structure(try #require(to.structures[record.type]), at: record.type)
        return (read, findings, reader.unreadable)
    }

    @Test func aStatusCodeThatTheYearLacksMakesTheStructUnreadable() throws {
        let (old, new) = (WireSchema.january2023, WireSchema.year2026)
        #expect(try carry(.status(41), from: old, to: old).unreadable.isEmpty)
        let read = try carry(.status(41), from: old, to: new)
        #expect(read.unreadable.joined().contains("status_code"))
        #expect(read.findings.contains(.unknownEnumValue, "TStatus.status_code"))
        #expect(read.findings.contains(.missingRequired, "TStatus.status_code"))
    }

    @Test func anUnknownValueInAnOptionalMemberIsNull() throws {
        var odd = WireSchema.january2023
        odd.enums["TStorageMedium"]?.values?[9] = "TAPE"
        let request = WireRecord(
            "TStorageMediumMigrateReq", ["tablet_id": 1, "schema_hash": 2, "storage_medium": 9, "data_dir": "/x"])
        #expect(try !carry(request, from: odd, to: .january2023).unreadable.isEmpty)
        let optional = WireRecord(
            "TDisk",
            [
                "root_path": "/", "disk_total_capacity": 1, "data_used_capacity": 1, "used": true, "storage_medium": 9,
            ])
        let read = try carry(optional, from: odd, to: .january2023)
        #expect(read.unreadable.isEmpty && read.record["storage_medium"] == nil)
        #expect(read.findings.contains(.unknownEnumValue, "TDisk.storage_medium"))
    }

    @Test func aFieldOfOursIsFoundAndSkipped() throws {
        var ours = WireSchema.january2023
        ours.structures["TMasterInfo"]?.fields.append(
            WireField(id: 1100, name: "backend_uuid", type: .text, isRequired: false))
        let address = WireRecord("TNetworkAddress", ["hostname": "h", "port": 1])
        let master = WireRecord(
            "TMasterInfo",
            ["network_address": .record(address), "cluster_id": 1, "epoch": 1, "backend_uuid": "u", "backend_id": 5])
        let read = try carry(master, from: ours, to: .january2023)
        #expect(read.findings.contains(.unknownField, "TMasterInfo id 1100"))
        #expect(read.record.number("backend_id") == 5 && read.unreadable.isEmpty)
    }

    @Test func aTaskTypeThatTheYearLacksIsFoundInAReport() throws {
        let backend = WireRecord("TBackend", ["host": "h", "be_port": 1, "http_port": 2])
        let report = WireRecord(
            "TReportRequest", ["backend": .record(backend), "tasks": .map([29: [-1], 1: [5]])])
        let read = try carry(report, from: .year2026, to: .january2023)
        #expect(read.findings.contains(.unknownEnumValue, "TReportRequest.tasks{key}"))
        #expect(read.record["tasks"]?.map == [1: [5]])
    }

    @Test func aWrongTypeAndAMissingMemberAreNamed() throws {
        var odd = WireSchema.january2023
        odd.structures["TTablet"]?.fields = [WireField(id: 1, name: "tablet_infos", type: .i64, isRequired: true)]
        let read = try carry(WireRecord("TTablet", ["tablet_infos": 5]), from: odd, to: .january2023)
        #expect(read.findings.contains(.wrongType, "TTablet.tablet_infos"))
        #expect(read.findings.contains(.missingRequired, "TTablet.tablet_infos"))
    }

    @Test func theWriterRefusesWhatItsYearLacks() throws {
        let task = WireRecord("TCreateTabletReq", ["tablet_id": 1, "storage_policy": "cold"])
        var old = StrictWriter(.january2023)
        try old.structure(task, as: try #require(WireSchema.january2023.structures["TCreateTabletReq"]))
        var new = StrictWriter(.year2026)
        let late = try #require(WireSchema.year2026.structures["TCreateTabletReq"])
        #expect(throws: UnwritableError.self) { try new.structure(task, as: late) }
    }

    @Test func whatBreaksOffOrClaimsTooMuchIsAnEnd() throws {
        let list: [UInt8] = [15, 0, 1, 12, 0x7F, 0xFF, 0xFF, 0xFF]
        let structure = try #require(WireSchema.january2023.structures["TTablet"])
        for bytes in [list, Array(list.prefix(5)), []] {
            var reader = StrictReader(.january2023, MemorySource(bytes), Findings())
            #expect(throws: WireEnd.self) { try reader.structure(structure, at: "TTablet") }
        }
    }
}
