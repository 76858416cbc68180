import ClusterTestKit
import Platform
import ReportCodec
import Synchronization
import TabletModel
import Testing

@testable import ClusterMetadata
@testable import TabletReports

@Suite struct TabletReportDiffTests {
    static let backend: BackendID = 10
    static let schemaHash: SchemaHash = 77

    /// One table of tablets 1…n with a replica (id: tablet + 100) at visible version 5 on backend 10, and one on 11.
    private func state(
        tablets: Int = 3, policy: String? = nil, conf: CooldownConf? = nil, aliveUploader: Bool = true,
        _ update: ReplicaUpdate? = nil, facts rows: [TabletReportRow] = []
    ) -> ClusterState {
        var state = ClusterState()
        let ids = (1...tablets).map { TabletID(Int64($0)) }
        for id in [Self.backend, 11] {
            state.apply(.addBackend(Backend(id: id, host: "h\(id)", heartbeatPort: 9050)))
            state.updateStatus(of: id) { $0.isAlive = id == Self.backend || aliveUploader }
        }
        let index = MaterializedIndex(id: 4, schemaHash: Self.schemaHash, tabletIDs: ids)
        let table = Table(
            id: 2, databaseID: 1, name: "t", state: .normal, delimiter: 44, hasHeader: false,
            columns: TableColumn.text([]),
            distributionColumn: 0, bucketCount: Int32(tablets), replicationCount: 2, storagePolicy: policy,
            createdAt: UnixTime(seconds: 0),
            partitions: [Partition(id: 3, name: "t", visibleVersion: 5, nextVersion: 8, indexes: [index])])
        state.apply(
            .createTable(
                table,
                ids.map { id in
                    TabletPlacement(
                        tabletID: id,
                        replicas: [
                            .init(replicaID: ReplicaID(id.rawValue + 100), backendID: Self.backend),
                            .init(replicaID: ReplicaID(id.rawValue + 200), backendID: 11),
                        ])
                }))
        if let conf { state.apply(.pushCooldownConf([conf])) }
        if let update { state.apply(.updateReplicas([update])) }
        state.takeFacts(of: rows, from: Self.backend)
        return state
    }

    private func row(_ id: Int64, version: Version = 5) -> TabletReportRow {
        var row = TabletReportRow(tabletID: TabletID(id), schemaHash: Self.schemaHash, version: version)
        row.replicaID = ReplicaID(id + 100)
        row.partitionID = 3
        return row
    }

    private func diff(_ rows: [TabletReportRow], _ state: ClusterState) throws -> TabletReportDiff {
        let report = OutgoingReport(
            backend: BackendAddress(host: "h10", bePort: 9060, httpPort: 8040),
            body: .tablets(ArrayReportSource(rows), maxCompactionScore: 0))
        let decoded = try ReportDecoder.decode(try ReportEncoder.bytes(of: report))
        return try TabletReportDiff(try #require(decoded.tablets), from: Self.backend, against: state)
    }

    private func update(_ tablet: TabletID, version: Version, lastFailed: Version = .none, bad: Bool = false)
        -> ReplicaUpdate
    {
        ReplicaUpdate(
            key: ReplicaKey(tabletID: tablet, backendID: Self.backend),
            versions: ReplicaVersions(version: version, lastFailed: lastFailed), isBad: bad)
    }

    @Test func unchangedBackendGivesNothing() throws {
        let rows = [row(1), row(2), row(3)]
        let diff = try diff(rows, state(facts: rows))
        #expect(diff.foundCount == 3)
        #expect(diff.changes.isEmpty && diff.syncs.isEmpty && diff.missing.isEmpty && diff.unknown.isEmpty)
        #expect(diff.recoveries.isEmpty && diff.cooldownMismatches.isEmpty && diff.policyMismatches.isEmpty)
    }

    @Test func changedSizesAreFacts() throws {
        var changed = row(2)
        changed.dataSizeBytes = 9
        let diff = try diff([row(1), changed, row(3)], state(facts: [row(1), row(2), row(3)]))
        #expect(Array(diff.changes) == [changed])
        #expect(diff.syncs.isEmpty)
    }

    @Test func newerVersionIsSynced() throws {
        let diff = try diff([row(1, version: 6), row(2), row(3)], state())
        #expect(diff.syncs == [.init(tabletID: 1, version: 6)])
    }

    @Test func wholeReplicaHealsBadAndFailed() throws {
        #expect(
            try diff([row(1), row(2), row(3)], state(update(2, version: 5, bad: true))).syncs.map(\.tabletID) == [2])
        let failed = state(update(1, version: 4, lastFailed: 5))
        #expect(try diff([row(1), row(2), row(3)], failed).syncs.map(\.tabletID) == [1])
        #expect(try diff([row(1, version: 4), row(2), row(3)], failed).syncs.isEmpty)
    }

    @Test func unusableAndMissingVersionsNeedRecovery() throws {
        var bad = row(1)
        bad.isUsed = false
        var miss = row(2, version: 7)
        miss.versionMiss = true
        let diff1 = try diff([bad, miss, row(3)], state())
        #expect(diff1.recoveries == [.init(tabletID: 1, reason: .bad), .init(tabletID: 2, reason: .versionMiss)])
        #expect(diff1.syncs.isEmpty)
        // Known already: nothing new.
        #expect(try diff([bad, row(2), row(3)], state(update(1, version: 5, bad: true))).recoveries.isEmpty)
        #expect(try diff([row(1), miss, row(3)], state(update(2, version: 5, lastFailed: 6))).recoveries.isEmpty)
    }

    @Test func missingAndUnknownAreFoundAtAllEnds() throws {
        let state = state(tablets: 5)
        let found = try diff([row(2), row(4), row(9)], state)
        #expect(found.missing == [1, 3, 5])
        #expect(found.unknown.map(\.tabletID) == [9])
        #expect(found.foundCount == 2)
        #expect(try diff([], state).missing == [1, 2, 3, 4, 5])
    }

    @Test func unsortedReportsGiveTheSame() throws {
        let state = state(tablets: 5)
        let sorted = try diff([row(2), row(4), row(9)], state)
        let unsorted = try diff([row(9), row(4), row(2)], state)
        #expect(sorted.wasSorted && !unsorted.wasSorted)
        #expect(unsorted.missing == sorted.missing)
        #expect(unsorted.foundCount == sorted.foundCount)
        #expect(unsorted.unknown.map(\.tabletID) == [9])
    }

    @Test func longPendingTransactionsArePublishedAgainClearedOrLeftAlone() throws {
        var state = state()
        func add(_ id: Int64, _ last: Transaction.State, partition: PartitionID = 3) {
            let transaction = Transaction(
                id: TransactionID(id), databaseID: 1, tableID: 2, label: "l\(id)", state: last,
                partitions: [.init(partitionID: partition, version: 5)], timeoutMs: 1,
                preparedAt: UnixTime(seconds: 0))
            state.apply(.upsertTransaction(transaction))
        }
        add(8, .visible)
        add(9, .aborted)
        add(10, .prepared)
        add(11, .committed)
        add(12, .visible, partition: 99)
        var pending = row(1)
        pending.transactionIDs = [7, 8, 9, 10, 11, 12]
        let diff = try diff([pending, row(2), row(3)], state)
        #expect(diff.publishAgain == [.init(transactionID: 8, tabletID: 1)])
        #expect(diff.clears == [.init(transactionID: 7, tabletID: 1), .init(transactionID: 9, tabletID: 1)])
    }

    // MARK: Bad input

    @Test func lowerVersionThanKnownIsARegression() throws {
        var miss = row(2, version: 3)
        miss.versionMiss = true
        let diff = try diff([row(1, version: 4), miss, row(3, version: .none)], state())
        #expect(
            diff.regressions == [
                .init(tabletID: 1, version: 4, isMissing: false), .init(tabletID: 2, version: 3, isMissing: true),
            ])
        #expect(diff.syncs.isEmpty && diff.recoveries.isEmpty)
    }

    @Test func otherSchemaHashIsAMismatchAndNothingElse() throws {
        var other = row(1, version: 9)
        other.schemaHash = 1
        let diff = try diff([other, row(2), row(3)], state())
        #expect(diff.schemaMismatches == [.init(tabletID: 1, reported: 1, expected: Self.schemaHash)])
        #expect(diff.syncs.isEmpty && diff.recoveries.isEmpty && diff.regressions.isEmpty)
    }

    @Test(arguments: [true, false])
    func tabletNamedTwiceIsInNoOtherList(sorted: Bool) throws {
        var bad = row(2)
        bad.isUsed = false
        let rows = [row(1, version: 6), row(2, version: 7), bad, row(9), row(9)]
        let diff = try listDiff(sorted ? rows : rows.reversed(), state())
        #expect(diff.duplicates == [2, 9])
        #expect(diff.syncs.map(\.tabletID) == [1])
        #expect(diff.recoveries.isEmpty && diff.unknown.isEmpty)
        #expect(diff.missing == [3])
        #expect(!diff.changes.contains { $0.tabletID == 2 })
    }

    /// As `tablet_list`, where a tablet can stand twice.
    private func listDiff(_ rows: [TabletReportRow], _ state: ClusterState) throws -> TabletReportDiff {
        let single = try rows.map { row in
            let report = OutgoingReport(
                backend: BackendAddress(host: "h10", bePort: 9060, httpPort: 8040),
                body: .tablets(ArrayReportSource([row]), maxCompactionScore: 0))
            return try #require(try ReportDecoder.decode(try ReportEncoder.bytes(of: report)).tablets)
        }
        let entries = EncodedTablets(
            bytes: single.flatMap { $0.bytes[$0.range] }, range: 0..<single.reduce(0) { $0 + $1.range.count },
            count: rows.count, shape: .map)
        return try TabletReportDiff(entries, from: Self.backend, against: state)
    }

    @Test func brokenRowsRefuseTheWholeReport() throws {
        let report = OutgoingReport(
            backend: BackendAddress(host: "h10", bePort: 9060, httpPort: 8040),
            body: .tablets(ArrayReportSource([row(1), row(2), row(3)]), maxCompactionScore: 0))
        let bytes = try ReportEncoder.bytes(of: report)
        for cut in bytes.indices {
            #expect(throws: (any Error).self) { try ReportDecoder.decode(Array(bytes[..<cut])) }
        }
    }

    /// Rows of all forms side by side, against a cluster with gaps: the fast path and the slow one say the same.
    @Test(arguments: UInt64(1)...50)
    func everyRowIsFoundWhateverItsForm(seed: UInt64) throws {
        let random = SeededRandom(seed: seed)
        let state = state(tablets: 400)
        var expected = Set<TabletID>()
        var rows: [TabletReportRow] = []
        for id in 1...Int64(500) where random.next(below: 3) > 0 {
            var row = row(id)
            if random.next(below: 4) == 0 { row.isUsed = false }
            if random.next(below: 5) == 0 { row.cooldownReplicaID = 7 }
            if random.next(below: 5) == 0 { row.cooldownMetaID = UniqueID(high: 1, low: id) }
            if random.next(below: 9) == 0 { row.transactionIDs = [1] }
            if !row.isUsed, id <= 400 { expected.insert(row.tabletID) }
            rows.append(row)
        }
        if random.next(below: 2) == 0 { rows.shuffle(with: random) }
        let diff = try diff(rows, state)
        #expect(diff.foundCount == rows.count { $0.tabletID <= 400 })
        #expect(Set(diff.recoveries.map(\.tabletID)) == expected)
        #expect(Set(diff.unknown) == Set(rows.filter { $0.tabletID > 400 }))
        #expect(Set(diff.changes) == Set(rows.filter { $0.tabletID <= 400 }))
        #expect(diff.missing == (1...400).map { TabletID($0) }.filter { id in !rows.contains { $0.tabletID == id } })
    }

    // MARK: Slices

    /// Of tablets that are as reported, and a snapshot for each slice.
    private func slicedDiff(
        _ ids: [Int64], _ state: ClusterState, then later: ClusterState
    ) throws -> (diff: TabletReportDiff, snapshots: Int) {
        let report = OutgoingReport(
            backend: BackendAddress(host: "h10", bePort: 9060, httpPort: 8040),
            body: .tablets(ArrayReportSource(ids.map { row($0) }), maxCompactionScore: 0))
        let decoded = try ReportDecoder.decode(try ReportEncoder.bytes(of: report))
        let snapshots = Atomic(0)
        let diff = try TabletReportDiff(try #require(decoded.tablets), from: Self.backend) {
            // Once to see who is there, once for the first slice.
            snapshots.add(1, ordering: .relaxed).newValue <= 2 ? state : later
        }
        return (diff, snapshots.load(ordering: .relaxed))
    }

    @Test func aSnapshotIsHeldForASliceOnly() throws {
        let rows = (1...Int64(20_000)).map { row($0) }
        let state = state(tablets: rows.count, facts: rows)
        let (diff, snapshots) = try slicedDiff(rows.map(\.tabletID.rawValue), state, then: state)
        #expect(snapshots == 3 + 20_000 / 128 / TabletComparison.sliceChunks)
        #expect(diff.foundCount == 20_000 && diff.changes.isEmpty && diff.missing.isEmpty)
    }

    /// One that was found leaves while the report is compared, and another is missing: the numbers agree all the same.
    @Test func whatLeavesBetweenSlicesHidesNothing() throws {
        let state = state(tablets: 20_000)
        var later = state
        later.apply(.deleteReplica(ReplicaKey(tabletID: 5, backendID: Self.backend)))
        let (diff, _) = try slicedDiff((1...19_999).map { $0 }, state, then: later)
        #expect(diff.foundCount == later.tablets.tablets(on: Self.backend).count)
        #expect(diff.missing == [20_000])
    }

    /// Later slices are judged by what has become of the table meanwhile.
    @Test func aSliceIsComparedWithTheStateOfItsMoment() throws {
        let rows = (1...Int64(20_000)).map { row($0) }
        let state = state(tablets: rows.count, facts: rows)
        var later = state
        var changed = row(19_999)
        changed.rowCount = 9
        later.takeFacts(of: [changed], from: Self.backend)
        let (diff, _) = try slicedDiff(rows.map(\.tabletID.rawValue), state, then: later)
        #expect(diff.changes.map(\.tabletID) == [19_999])
    }

    // MARK: Cooldown

    private func cold(_ id: Int64, replica: ReplicaID? = -1, term: Int64 = -1) -> TabletReportRow {
        var row = row(id)
        row.isCooldown = true
        row.cooldownReplicaID = replica
        row.cooldownTerm = term
        return row
    }

    @Test func tabletWithoutTheTablesPolicyIsAMismatch() throws {
        let diff = try diff([row(1), cold(2), cold(3)], state(policy: "p"))
        #expect(diff.policyMismatches == [1])
        #expect(diff.cooldownMismatches.map(\.tabletID) == [2, 3])
    }

    /// A backend that missed that the policy was attached again, with rows that cooled before it was taken off.
    @Test func aRemoteMetaIsNoPolicy() throws {
        var past = row(1)
        past.cooldownMetaID = UniqueID(high: 1, low: 2)
        let diff = try diff([past, cold(2), cold(3)], state(policy: "p"))
        #expect(diff.policyMismatches == [1] && diff.cooldownMismatches.map(\.tabletID) == [2, 3])
    }

    /// Newer Doris backends send no `is_cooldown`.
    @Test func aTermShowsAPolicyThatTheTableNoLongerHas() throws {
        var newer = row(1)
        newer.cooldownTerm = 0
        #expect(try diff([newer, row(2), row(3)], state()).policyMismatches == [1])
    }

    /// found A7: a backend that missed that the policy was taken off.
    @Test func tabletThatStillHasAPolicyWhereTheTableHasNoneIsAMismatch() throws {
        let diff = try diff([cold(1), row(2), row(3)], state())
        #expect(diff.cooldownMismatches.isEmpty && diff.policyMismatches == [1])
    }

    @Test(
        arguments: [
            (Int64(2), ReplicaID(201), nil), (1, 201, .outdatedConf), (-1, -1, .outdatedConf), (-1, 201, nil),
            (-1, 101, .outdatedConf), (3, 101, .newerThanMaster),
        ] as [(Int64, ReplicaID, TabletReportDiff.CooldownMismatch.Reason?)])
    func reportedConfIsComparedByTermThenReplica(
        term: Int64, replica: ReplicaID, expected: TabletReportDiff.CooldownMismatch.Reason?
    ) throws {
        let state = state(tablets: 1, policy: "p", conf: CooldownConf(tabletID: 1, cooldownReplicaID: 201, term: 2))
        #expect(try diff([cold(1, replica: replica, term: term)], state).cooldownMismatches.first?.reason == expected)
    }

    @Test func deadUploaderIsReplaced() throws {
        let conf = CooldownConf(tabletID: 1, cooldownReplicaID: 201, term: 2)
        let state = state(tablets: 1, policy: "p", conf: conf, aliveUploader: false)
        #expect(
            try diff([cold(1, replica: 201, term: 2)], state).cooldownMismatches.first?.reason == .needsUploader)
        let gone = CooldownConf(tabletID: 1, cooldownReplicaID: 999, term: 2)
        let other = self.state(tablets: 1, policy: "p", conf: gone)
        #expect(
            try diff([cold(1, replica: 999, term: 2)], other).cooldownMismatches.first?.reason == .needsUploader)
    }
}

extension [TabletReportRow] {
    fileprivate mutating func shuffle(with random: SeededRandom) {
        for place in indices.dropFirst() { swapAt(place, Int(random.next(below: UInt64(place + 1)))) }
    }
}
