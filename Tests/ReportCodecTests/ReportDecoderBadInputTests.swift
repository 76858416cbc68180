import ReportCodec
import TabletModel
import Testing

@Suite("ReportDecoder and bytes that are no report")
struct ReportDecoderBadInputTests {
    @Test("cut at any byte, it is an error and nothing else")
    func truncation() throws {
        let reports = [
            tabletReport([fullRow(1), fullRow(2)]),
            OutgoingReport(backend: backend, body: .tasks([.create: [1, 2]])),
            OutgoingReport(
                backend: backend,
                body: .disks([
                    DiskReport(
                        rootPath: "/a", totalBytes: 1, dataUsedBytes: 2, availableBytes: 3, pathHash: 4, medium: .hdd,
                        isUsed: true)
                ])),
        ]
        for report in reports {
            let whole = try ReportEncoder.bytes(of: report)
            for length in 0..<whole.count {
                #expect(throws: ReportDecodingError.self) { try ReportDecoder.decode(Array(whole[..<length])) }
            }
        }
    }

    @Test("any one byte changed, it decodes or throws, and so do its rows")
    func flippedBytes() throws {
        let whole = try ReportEncoder.bytes(of: tabletReport([fullRow(1), fullRow(2)]))
        for index in whole.indices {
            for value in [0, 1, 0x7F, 0x80, 0xFF, whole[index] ^ 0x10] as [UInt8] {
                var broken = whole
                broken[index] = value
                decodeAll(broken)
            }
        }
    }

    @Test("random bytes never crash it", arguments: 0..<50)
    func randomBytes(_: Int) {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let count = Int.random(in: 0...200, using: &random)
            // Small values make plausible types, ids and sizes, so that the decoder gets deep.
            decodeAll((0..<count).map { _ in UInt8.random(in: 0...15, using: &random) })
            let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            decodeAll(noise)
            let tablets = EncodedTablets(bytes: noise, range: 0..<count, count: 1000, shape: .map)
            #expect(throws: (any Error).self) { try tablets.forEachRow { _ in } }
        }
    }

    @Test(
        "a claimed size that the bytes can't hold is refused before memory is taken",
        arguments: [
            Int32.max, -1, .min, 1 << 24,
        ])
    func claimedSizes(size: Int32) {
        for (field, header) in [(13, [8, 14]), (13, [10, 12]), (13, [11, 12]), (15, [12]), (11, [])]
            as [(UInt8, [UInt8])]
        {
            for id in [3, 4, 5, 7, 900] as [UInt16] {
                var wire = WireBuilder()
                wire.backendField()
                wire.field(field, id)
                wire.bytes += header
                wire.i32(size)
                wire.stop()
                #expect(throws: ReportDecodingError.self) { try ReportDecoder.decode(wire.bytes) }
            }
        }
    }

    @Test("nesting deeper than the limit is refused, as deep as the limit is not")
    func nesting() {
        func nested(_ depth: Int) -> [UInt8] {
            var wire = WireBuilder()
            wire.backendField()
            for _ in 0..<depth { wire.field(12, 99) }
            wire.bytes += [UInt8](repeating: 0, count: depth)
            wire.stop()
            return wire.bytes
        }
        #expect(throws: Never.self) { try ReportDecoder.decode(nested(ReportDecoder.nestingLimit)) }
        #expect {
            try ReportDecoder.decode(nested(100_000))
        } throws: {
            if case ReportDecodingError.tooDeep = $0 { true } else { false }
        }
    }

    @Test("a missing required field is named", arguments: [1, 2, 3, 4, 5, 6] as [UInt16])
    func missingInTabletInfo(omitted: UInt16) {
        var wire = WireBuilder()
        wire.backendField()
        wire.field(15, 7)
        wire.byte(12)
        wire.i32(1)
        wire.field(15, 1)
        wire.byte(12)
        wire.i32(1)
        for id in [1, 3, 4, 5, 6] as [UInt16] where id != omitted {
            wire.field(10, id)
            wire.i64(1)
        }
        if omitted == 2 {
            // There, but as another type: absent, as a C++ reader has it.
            wire.field(10, 2)
            wire.i64(1)
        } else {
            wire.field(8, 2)
            wire.i32(1)
        }
        wire.bytes += [0, 0, 0]
        let names = ["", "tablet_id", "schema_hash", "version", "version_hash", "row_count", "data_size"]
        #expect {
            try ReportDecoder.decode(wire.bytes)
        } throws: {
            guard case ReportDecodingError.missingField("TTabletInfo", let field, _) = $0 else { return false }
            return field == names[Int(omitted)]
        }
    }

    @Test("a report without a backend, a tablet without infos, a key of another tablet")
    func missingElsewhere() throws {
        #expect(throws: ReportDecodingError.missingField(structure: "TReportRequest", field: "backend", offset: 1)) {
            try ReportDecoder.decode([0])
        }
        var empty = WireBuilder()
        empty.backendField()
        empty.field(15, 7)
        empty.byte(12)
        empty.i32(1)
        empty.bytes += [0, 0]
        #expect {
            try ReportDecoder.decode(empty.bytes)
        } throws: {
            if case ReportDecodingError.missingField("TTablet", "tablet_infos", _) = $0 { true } else { false }
        }
        var whole = try ReportEncoder.bytes(of: tabletReport([fullRow(0x0102)]))
        let key = try #require(whole.indices.first { whole[$0...].starts(with: [0, 0, 0, 0, 0, 0, 1, 2]) })
        whole[key + 7] = 3
        #expect {
            try ReportDecoder.decode(whole)
        } throws: {
            if case ReportDecodingError.keyMismatch(key: 0x0103, tabletID: 0x0102, offset: _) = $0 {
                true
            } else {
                false
            }
        }
    }

    private func decodeAll(_ bytes: [UInt8]) {
        do {
            let report = try ReportDecoder.decode(bytes)
            try report.tablets?.forEachRow { _ in }
        } catch is ReportDecodingError {
        } catch {
            Issue.record("unexpected error \(error)")
        }
    }
}
