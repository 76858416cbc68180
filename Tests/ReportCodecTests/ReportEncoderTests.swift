import ReportCodec
import TabletModel
import Testing

@Suite("ReportEncoder")
struct ReportEncoderTests {
    @Test("a task report is the contract's golden bytes")
    func goldenTasks() throws {
        let report = OutgoingReport(backend: backend, body: .tasks([.pushCooldownConf: [-1]]))
        let golden = """
            0c00010b00010000000831302e302e302e320800020000236408000300001f68000d0003080e000000010000001c0a00000001
            ffffffffffffffff00
            """
        #expect(try ReportEncoder.bytes(of: report) == bytes(hex: golden))
    }

    @Test("tasks go out in the order of types and signatures, empty sets too")
    func taskOrder() throws {
        let report = OutgoingReport(
            backend: backend, reportVersion: 2, body: .tasks([.drop: [], .create: [5, -3, 4]]))
        let golden = """
            0c00010b00010000000831302e302e302e320800020000236408000300001f6800 0a0002 0000000000000002
            0d0003 08 0e 00000002
            00000000 0a 00000003 fffffffffffffffd 0000000000000004 0000000000000005
            00000001 0a 00000000
            00
            """
        #expect(try ReportEncoder.bytes(of: report) == bytes(hex: golden))
    }

    @Test("a tablet with all members has them in id order")
    func goldenTablet() throws {
        let golden = """
            0c00010b00010000000831302e302e302e320800020000236408000300001f6800 0a0002 0000000000000011
            0d0004 0a 0c 00000001 0000000000002711
            0f0001 0c 00000001
            0a0001 0000000000002711 080002 000001a5 0a0003 0000000000000007 0a0004 0000000000000000
            0a0005 00000000000003e8 0a0006 00000000000007d0 080007 00000001
            0f0008 0a 00000002 0000000000000008 0000000000000009
            0a0009 0000000000000006 0a000a ffffffffffffffb3 02000b 01 02000c 00 0a000d 0000000000000037 02000e 01
            0a000f 0000000000000042 0a0010 0000000000000bb8 0a0011 0000000000000043 020012 01 0a0013 0000000000000003
            0c0014 0a0001 0000000000000001 0a0002 ffffffffffffffff 00
            00 00
            0a0008 0000000000000005
            00
            """
        #expect(try ReportEncoder.bytes(of: tabletReport([fullRow(10001)])) == bytes(hex: golden))
    }

    @Test(
        "a plain tablet leaves out what a C++ BE leaves out, and has no term, which a newer FE would answer with a conf"
    )
    func plainTablet() throws {
        let row = TabletReportRow(tabletID: 1, schemaHash: 2, version: 3)
        let golden = """
            0c00010b00010000000831302e302e302e320800020000236408000300001f6800 0a0002 0000000000000011
            0d0004 0a 0c 00000001 0000000000000001
            0f0001 0c 00000001
            0a0001 0000000000000001 080002 00000002 0a0003 0000000000000003 0a0004 0000000000000000
            0a0005 0000000000000000 0a0006 0000000000000000 080007 00000000
            0a0009 0000000000000000 0a000a 0000000000000000 0a000d 0000000000000000 02000e 00
            0a000f 0000000000000000 0a0010 0000000000000000 020012 00
            00 00
            0a0008 0000000000000005
            00
            """
        #expect(try ReportEncoder.bytes(of: tabletReport([row])) == bytes(hex: golden))
    }

    @Test("a term is told of a RUNNING tablet with a policy or remote data, -1 too, and of no other")
    func terms() throws {
        func hasTerm(_ dialect: WireDialect, _ change: (inout TabletReportRow) -> Void) throws -> Bool {
            var row = TabletReportRow(tabletID: 1, schemaHash: 2, version: 3)
            change(&row)
            let field: [UInt8] = [10, 0, 19]
            let bytes = try row.tabletInfoBytes(in: dialect)
            return bytes.indices.contains { bytes[$0...].starts(with: field) }
        }
        for dialect in WireDialect.allCases {
            #expect(try !hasTerm(dialect) { _ in })
            #expect(try hasTerm(dialect) { $0.isCooldown = true })
            #expect(try hasTerm(dialect) { $0.remoteDataSizeBytes = 1 })
        }
        for dialect in [WireDialect.year2023, .year2026] {
            #expect(
                try !hasTerm(dialect) { row in
                    row.isCooldown = true
                    row.isRunning = false
                })
        }
    }

    @Test("disks go out by path")
    func disks() throws {
        func disk(_ path: String) -> DiskReport {
            DiskReport(
                rootPath: path, totalBytes: 1, dataUsedBytes: 2, availableBytes: 3, remoteUsedBytes: 4,
                trashUsedBytes: 5, pathHash: 6, medium: .ssd, isUsed: true)
        }
        let entries = ["2f61", "2f62"].map { path in
            """
            00000002 \(path) 0b0001 00000002 \(path) 0a0002 0000000000000001 0a0003 0000000000000002 020004 01
            0a0005 0000000000000003 0a0006 0000000000000006 080007 00000001 0a0008 0000000000000004
            0a0009 0000000000000005 00
            """
        }
        let golden = """
            0c00010b00010000000831302e302e302e320800020000236408000300001f6800
            0d0005 0b 0c 00000002 \(entries[0]) \(entries[1]) 00
            """
        let report = OutgoingReport(backend: backend, body: .disks([disk("/b"), disk("/a")]))
        #expect(try ReportEncoder.bytes(of: report) == bytes(hex: golden))
    }

    @Test("a small buffer gives the same bytes in pieces no larger than it")
    func pieces() throws {
        var random = SystemRandomNumberGenerator()
        let report = tabletReport((1...200).map { randomRow($0, using: &random) })
        let whole = try ReportEncoder.bytes(of: report)
        var encoder = ReportEncoder(bufferBytes: 4096)
        for _ in 0..<2 {
            var pieces: [UInt8] = []
            try encoder.encode(report) { piece in
                #expect(piece.count <= 4096)
                pieces.append(contentsOf: piece)
            }
            #expect(pieces == whole)
        }
    }

    @Test("what the sink throws ends the encoding")
    func sinkThrows() {
        struct Broken: Error {}
        var encoder = ReportEncoder()
        #expect(throws: Broken.self) {
            try encoder.encode(tabletReport([fullRow(1)])) { _ in throw Broken() }
        }
    }

    @Test("a source that changes its mind about its size is an error")
    func countMismatch() {
        struct Liar: TabletReportSource {
            let count = 2
            func forEachChunk(_ body: (UnsafeBufferPointer<TabletReportRow>) throws -> Void) rethrows {
                try [fullRow(1)].withUnsafeBufferPointer(body)
            }
        }
        let report = OutgoingReport(backend: backend, body: .tablets(Liar(), maxCompactionScore: 0))
        #expect(throws: ReportEncodingError.countMismatch(promised: 2, handedOut: 1)) {
            try ReportEncoder.bytes(of: report)
        }
    }
}
