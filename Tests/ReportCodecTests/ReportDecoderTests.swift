import ReportCodec
import TabletModel
import Testing

@Suite("ReportDecoder")
struct ReportDecoderTests {
    @Test("random reports come back as they went out", arguments: 0..<20)
    func roundTrip(_: Int) throws {
        var random = SystemRandomNumberGenerator()
        let rows = (1...Int64.random(in: 1...80, using: &random)).map { randomRow($0 * 7, using: &random) }
        let report = try ReportDecoder.decode(ReportEncoder.bytes(of: tabletReport(rows)))
        #expect(report.backend == backend)
        #expect(report.reportVersion == 17)
        #expect(report.maxCompactionScore == 5)
        #expect(report.tasks == nil && report.disks == nil)
        #expect(report.tablets?.count == rows.count)
        #expect(try report.tablets?.allRows() == rows)
    }

    @Test("tasks and disks come back, and an empty report of each kind is told from none")
    func tasksAndDisks() throws {
        let tasks: [TaskType: Set<Int64>] = [.create: [1, 2], .drop: [], TaskType(rawValue: 4711): [-1]]
        let taskReport = OutgoingReport(backend: backend, body: .tasks(tasks))
        #expect(try ReportDecoder.decode(ReportEncoder.bytes(of: taskReport)).tasks == tasks)
        let disks = [
            DiskReport(
                rootPath: "/ä", totalBytes: 1, dataUsedBytes: 2, availableBytes: 3, remoteUsedBytes: 4,
                trashUsedBytes: 5, pathHash: 6, medium: .ssd, isUsed: false),
            // found A8
            DiskReport(
                rootPath: "/b", totalBytes: 1, dataUsedBytes: 2, availableBytes: 3, remoteUsedBytes: 4,
                trashUsedBytes: 5, pathHash: 7, medium: .ssd, isUsed: true,
                condition: DiskCondition(.full, reason: "/b is full", since: UnixTime(milliseconds: 5))),
        ]
        let diskReport = OutgoingReport(backend: backend, body: .disks(disks))
        #expect(Set(try ReportDecoder.decode(ReportEncoder.bytes(of: diskReport)).disks ?? []) == Set(disks))
        for empty: OutgoingReport.Body in [
            .tasks([:]), .disks([]), .tablets(ArrayReportSource([]), maxCompactionScore: 0),
        ] {
            let report = try ReportDecoder.decode(
                ReportEncoder.bytes(of: OutgoingReport(backend: backend, body: empty)))
            switch empty {
            case .tasks: #expect(report.tasks == [:] && report.disks == nil && report.tablets == nil)
            case .disks: #expect(report.disks == [] && report.tasks == nil && report.tablets == nil)
            case .tablets: #expect(report.tablets?.count == 0 && report.tasks == nil && report.disks == nil)
            }
        }
    }

    // found A12
    @Test("replicas that can't be read go with the tablets, and entries that name none are left out")
    func unreadableReplicas() throws {
        let named = UnreadableReplica(
            tabletID: 7, replicaID: 8, reason: "gone", since: UnixTime(milliseconds: 9), isHealedByCopy: true)
        var report = OutgoingReport(
            backend: backend, body: .tablets(ArrayReportSource([]), maxCompactionScore: 0))
        report.unreadable = [
            named, UnreadableReplica(tabletID: 0, replicaID: 8, reason: "", since: UnixTime(milliseconds: 9)),
        ]
        #expect(try ReportDecoder.decode(ReportEncoder.bytes(of: report)).unreadable == [named])
    }

    @Test(
        "what a backend has with its storage resources, and why tablets do not cool, goes along with the disks (found B9)"
    )
    func storageUse() throws {
        let error = StandingError(
            message: "HEAD: 403", lastAt: UnixTime(milliseconds: 9), since: UnixTime(milliseconds: 5))
        let use = StorageUse(
            resources: [
                ResourceUse(resource: "10021", isKnown: true, version: 3, tablets: 4, garbage: 5, error: error),
                ResourceUse(resource: "p1", isKnown: false, tablets: 1),
            ],
            failures: [CooldownFailure(tabletID: 70, error: error)])
        for storage in [use, StorageUse(), nil] {
            let report = OutgoingReport(backend: backend, body: .disks([]), storage: storage)
            #expect(try ReportDecoder.decode(ReportEncoder.bytes(of: report)).storage == storage)
        }
    }

    @Test("fields in any order, unknown ones between them, several infos a tablet, map and list form")
    func foreignShapes() throws {
        var wire = WireBuilder()
        wire.field(10, 8)
        wire.i64(9)
        wire.field(13, 4)
        wire.byte(10)
        wire.byte(12)
        wire.i32(2)
        wire.i64(70)
        tablet(of: [70, 70], &wire)
        wire.i64(71)
        tablet(of: [71], &wire)
        wire.field(15, 777)
        wire.byte(12)
        wire.i32(1)
        wire.stop()
        wire.field(15, 7)
        wire.byte(12)
        wire.i32(1)
        tablet(of: [72], &wire)
        wire.field(2, 6)
        wire.byte(1)
        wire.backendField()
        wire.stop()

        let report = try ReportDecoder.decode(wire.bytes)
        #expect(report.forceRecovery)
        #expect(report.maxCompactionScore == 9)
        #expect(report.backend == BackendAddress(host: "h", bePort: 1, httpPort: 2))
        let rows = try #require(try report.tablets?.allRows())
        #expect(rows.map(\.tabletID) == [70, 70, 71])
        #expect(rows[0].schemaHash == 20 && rows[0].version == 30 && rows[0].rowCount == 50)
        #expect(rows[0].dataSizeBytes == 60 && rows[0].isUsed && !rows[0].versionMiss && rows[0].cooldownTerm == -1)
    }

    @Test("the list form is read when there is no map")
    func listForm() throws {
        var wire = WireBuilder()
        wire.backendField()
        wire.field(15, 7)
        wire.byte(12)
        wire.i32(2)
        tablet(of: [1, 2], &wire)
        tablet(of: [3], &wire)
        wire.stop()
        let report = try ReportDecoder.decode(wire.bytes)
        #expect(report.tablets?.shape == .list)
        #expect(try report.tablets?.allRows().map(\.tabletID) == [1, 2, 3])
    }

    @Test("a struct inside a message is read from its place, and its end is told")
    func inside() throws {
        let inner = try ReportEncoder.bytes(of: tabletReport([fullRow(5)]))
        let (report, end) = try ReportDecoder.decode([1, 2, 3] + inner + [9, 9], from: 3)
        #expect(end == 3 + inner.count)
        #expect(try report.tablets?.allRows() == [fullRow(5)])
        #expect(throws: ReportDecodingError.trailingBytes(offset: inner.count)) {
            try ReportDecoder.decode(inner + [9])
        }
    }

    private func tablet(of tabletIDs: [Int64], _ wire: inout WireBuilder) {
        wire.field(15, 1)
        wire.byte(12)
        wire.i32(Int32(tabletIDs.count))
        for tabletID in tabletIDs { wire.shuffledTabletInfo(tabletID) }
        wire.stop()
    }
}
