import ReportCodec
import TabletModel
import Testing

@testable import MasterCore

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
            id: 2, databaseID: 1, name: "t", state: .normal, delimiter: 44, hasHeader: false, columnNames: [],
            distributionColumn: 0, bucketCount: Int32(tablets), replicationCount: 2, storagePolicy: policy,
            createdAt: UnixTime(seconds: 0),
            partitions: [Partition(id: 3, name: "t", visibleVersion: 5, indexes: [index])])
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
        #expect(diff.changes == [changed])
        #expect(diff.syncs.isEmpty)
    }

    @Test func newerVersionIsSyncedAndOlderIsNot() throws {
        let diff = try diff([row(1, version: 6), row(2, version: 4), row(3)], state())
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

    @Test func otherSchemaHashIsNotTakenForTheReplica() throws {
        var other = row(1, version: 9)
        other.schemaHash = 1
        #expect(try diff([other, row(2), row(3)], state()).syncs.isEmpty)
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

    @Test func longPendingTransactionsAreListed() throws {
        var pending = row(1)
        pending.transactionIDs = [8, 9]
        let diff = try diff([pending, row(2), row(3)], state())
        #expect(diff.transactions.map(\.transactionID) == [8, 9])
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

    @Test func tableWithoutAPolicyHasNoMismatches() throws {
        let diff = try diff([cold(1), row(2), row(3)], state())
        #expect(diff.cooldownMismatches.isEmpty && diff.policyMismatches.isEmpty)
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
