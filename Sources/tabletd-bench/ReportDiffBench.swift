internal import ClusterMetadata
internal import ReportCodec
internal import TabletModel
internal import TabletReports

struct ReportDiff {
    var tabletsPerSecond: Double
    /// The two parts of it: the check of the message, and the reading and comparing of its rows.
    var decodeSeconds: Double
    var diffSeconds: Double
    /// In both parts together, for each tablet; taken in a run of its own.
    var allocationsPerTablet: Double
}

/// How fast the frontend reads a tablet report of a backend on which nothing changed: decode, check and compare against
/// a cluster of this many tablets with three replicas each. Medians over `runs`.
/// - Parameter hasPolicy: the tables have a storage policy and every tablet has cooled under its conf.
func runReportDiffBench(tablets: Int, hasPolicy: Bool, runs: Int) throws -> ReportDiff {
    let fixture = try ReportDiffFixture(tablets: tablets, hasPolicy: hasPolicy)
    var decodes: [Double] = []
    var diffs: [Double] = []
    for _ in 0..<max(runs, 1) {
        let (decode, diff) = try fixture.run()
        decodes.append(decode)
        diffs.append(diff)
    }
    let allocations = try allocationCount { _ = try fixture.run() }
    let wholes = zip(decodes, diffs).map { $0 + $1 }
    return ReportDiff(
        tabletsPerSecond: Double(tablets) / median(wholes), decodeSeconds: median(decodes),
        diffSeconds: median(diffs), allocationsPerTablet: Double(allocations) / Double(tablets))
}

/// A cluster of tables of 1,000 tablets on three backends, and the report of one of them.
private struct ReportDiffFixture {
    static let backend: BackendID = 10_001
    private static let tabletsPerTable = 1000
    private static let schemaHash: SchemaHash = 77
    private static let cooldownTerm: Int64 = 3

    let state: ClusterState
    let bytes: [UInt8]

    init(tablets: Int, hasPolicy: Bool) throws {
        var entries: [JournalEntry] = (0..<3).map {
            .addBackend(Backend(id: BackendID(10_001 + $0), host: "be\($0)", heartbeatPort: 9050))
        }
        var next: Int64 = 20_000
        var ids: [TabletID] = []
        while ids.count < tablets {
            let count = min(Self.tabletsPerTable, tablets - ids.count)
            let (entry, made) = Self.table(count, hasPolicy, &next)
            entries.append(entry)
            ids += made
        }
        // Given out by this FE, or each replica were a finding.
        entries.append(.saveNextID(end: next))
        if hasPolicy {
            entries.append(
                .pushCooldownConf(
                    ids.map {
                        CooldownConf(
                            tabletID: $0, cooldownReplicaID: Self.replica(of: $0), term: Self.cooldownTerm)
                    }))
        }
        var state = ClusterState(replaying: entries)
        for backend in state.backends { state.updateStatus(of: backend.id) { $0.isAlive = true } }
        let rows = ids.map { Self.row($0, hasPolicy) }
        state.takeFacts(of: rows, from: Self.backend)
        self.state = state
        bytes = try ReportEncoder.bytes(
            of: OutgoingReport(
                backend: BackendAddress(host: "be0", bePort: 9060, httpPort: 8040), reportVersion: 1,
                body: .tablets(ArrayReportSource(rows), maxCompactionScore: 0)))
    }

    /// Seconds of the check and of the comparison.
    func run() throws -> (decode: Double, diff: Double) {
        let clock = ContinuousClock()
        let start = clock.now
        let report = try ReportDecoder.decode(bytes)
        let decoded = clock.now
        guard let rows = report.tablets else { throw BenchError("the report has no tablets") }
        let diff = try TabletReportDiff(rows, from: Self.backend, against: state)
        let end = clock.now
        guard diff.foundCount == rows.count, diff.changes.isEmpty, diff.syncs.isEmpty, diff.missing.isEmpty,
            diff.regressions.isEmpty, diff.policyMismatches.isEmpty, diff.cooldownMismatches.isEmpty,
            diff.strangeReplicas.isEmpty
        else { throw BenchError("the comparison found changes where nothing had changed") }
        return (seconds(decoded - start), seconds(end - decoded))
    }

    private static func replica(of tablet: TabletID) -> ReplicaID { ReplicaID(tablet.rawValue + 1) }

    private static func table(_ count: Int, _ hasPolicy: Bool, _ next: inout Int64) -> (JournalEntry, [TabletID]) {
        let tableID = next
        var placements: [TabletPlacement] = []
        next += 3
        for _ in 0..<count {
            let tablet = TabletID(next)
            placements.append(
                TabletPlacement(
                    tabletID: tablet,
                    replicas: (0..<3).map {
                        .init(
                            replicaID: ReplicaID(replica(of: tablet).rawValue + $0),
                            backendID: BackendID(10_001 + $0))
                    }))
            next += 4
        }
        let ids = placements.map(\.tabletID)
        let index = MaterializedIndex(id: IndexID(tableID + 2), schemaHash: schemaHash, tabletIDs: ids)
        let table = Table(
            id: TableID(tableID), databaseID: 1, name: "t\(tableID)", state: .normal, delimiter: 44, hasHeader: false,
            columns: [], distributionColumn: 0, bucketCount: Int32(count), replicationCount: 3,
            storagePolicy: hasPolicy ? "to_s3" : nil, createdAt: UnixTime(seconds: 0),
            partitions: [Partition(id: PartitionID(tableID + 1), name: "p", visibleVersion: 5, indexes: [index])])
        return (.createTable(table, placements), ids)
    }

    private static func row(_ id: TabletID, _ hasPolicy: Bool) -> TabletReportRow {
        var row = TabletReportRow(tabletID: id, schemaHash: schemaHash, version: 5)
        row.replicaID = replica(of: id)
        row.rowCount = 1000
        row.dataSizeBytes = 100_000
        row.versionCount = 4
        row.pathHash = 123_456_789
        guard hasPolicy else { return row }
        row.dataSizeBytes = 0
        row.remoteDataSizeBytes = 100_000
        row.isCooldown = true
        row.cooldownReplicaID = replica(of: id)
        row.cooldownTerm = cooldownTerm
        row.cooldownMetaID = UniqueID(high: id.rawValue, low: 7)
        return row
    }
}
