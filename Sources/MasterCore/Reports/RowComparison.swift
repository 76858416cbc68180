internal import TabletModel

/// Compares one row after the other with a snapshot; keeps its place in the index and what it looked up last, since
/// neighbours in id order mostly belong to the same table.
struct RowComparison {
    private let state: ClusterState
    private let backend: BackendID
    private let alive: Set<BackendID>
    private var cursor: TabletCursor
    private var scope = Scope()

    /// What the tablets of one index have in common.
    private struct Scope {
        var tableID: TableID = -1
        var partitionID: PartitionID = -1
        var indexID: IndexID = -1
        var schemaHash: SchemaHash = 0
        var visibleVersion: Version = .none
        var hasPolicy = false
    }

    init(state: ClusterState, backend: BackendID) {
        self.state = state
        self.backend = backend
        alive = Set(state.backends.map(\.id).filter { state.isAlive($0) })
        cursor = TabletCursor(state.tablets)
    }

    @inline(__always)
    mutating func compare(_ row: TabletReportRow, into diff: inout TabletReportDiff) {
        guard cursor.seek(row.tabletID), let replica = cursor.replica(on: backend) else {
            diff.unknown.append(row)
            return
        }
        diff.foundCount += 1
        let tablet = cursor.tablet
        if tablet.indexID != scope.indexID { enter(tablet) }
        if !replica.matchesFacts(of: row) { diff.changes.append(row) }
        let versions = replica.versions
        if row.version != versions.version || versions.lastFailed != .none || versions.lastSuccess != row.version
            || replica.isBad || row.versionMiss || !row.isUsed || row.schemaHash != scope.schemaHash
        {
            judge(row, replica, into: &diff)
        }
        if row.transactionIDs != nil { addTransactions(row, into: &diff) }
        if scope.hasPolicy { compareCooldown(row, tablet, into: &diff) }
    }

    @inline(never)
    private mutating func enter(_ tablet: Tablet) {
        let table = state.table(tablet.tableID)
        let partition = table?.partition(tablet.partitionID)
        scope.indexID = tablet.indexID
        scope.schemaHash = partition?.index(tablet.indexID)?.schemaHash ?? 0
        scope.visibleVersion = partition?.visibleVersion ?? .none
        scope.hasPolicy = table?.storagePolicy != nil
    }

    @inline(never)
    private func judge(_ row: TabletReportRow, _ replica: Replica, into diff: inout TabletReportDiff) {
        guard replica.state == .normal else { return }
        if !row.isUsed {
            if !replica.isBad { diff.recoveries.append(.init(tabletID: row.tabletID, reason: .bad)) }
            return
        }
        guard row.schemaHash == scope.schemaHash else { return }
        if row.versionMiss {
            if row.version != .none, replica.versions.lastFailed == .none {
                diff.recoveries.append(.init(tabletID: row.tabletID, reason: .versionMiss))
            }
            return
        }
        var versions = replica.versions
        versions.reportedWhole(row.version, visible: scope.visibleVersion)
        let heals = replica.isBad && row.version >= replica.versions.version
        if versions != replica.versions || heals {
            diff.syncs.append(.init(tabletID: row.tabletID, version: row.version))
        }
    }

    @inline(never)
    private func addTransactions(_ row: TabletReportRow, into diff: inout TabletReportDiff) {
        for id in row.transactionIDs ?? [] {
            diff.transactions.append(.init(transactionID: id, tabletID: row.tabletID))
        }
    }

    @inline(__always)
    private func compareCooldown(_ row: TabletReportRow, _ tablet: Tablet, into diff: inout TabletReportDiff) {
        // Newer Doris backends send no `is_cooldown`; they show by their term that they have a policy.
        guard row.isCooldown || row.cooldownTerm >= 0 || row.cooldownMetaID != nil else {
            diff.policyMismatches.append(row.tabletID)
            return
        }
        guard let reason = cooldownMismatch(row, tablet) else { return }
        diff.cooldownMismatches.append(
            .init(tabletID: row.tabletID, reason: reason, reportedTerm: row.cooldownTerm))
    }

    @inline(__always)
    private func cooldownMismatch(
        _ row: TabletReportRow, _ tablet: Tablet
    ) -> TabletReportDiff.CooldownMismatch.Reason? {
        if row.cooldownTerm >= 0, row.cooldownTerm > tablet.cooldownTerm { return .newerThanMaster }
        guard uploaderIsFit(tablet) else { return .needsUploader }
        if row.cooldownTerm >= 0 { return row.cooldownTerm < tablet.cooldownTerm ? .outdatedConf : nil }
        // Backends of January 2023 report no term, only the replica.
        return row.cooldownReplicaID == tablet.cooldownReplicaID ? nil : .outdatedConf
    }

    /// The replica that the conf names is there, on a living backend, neither bad nor behind.
    @inline(__always)
    private func uploaderIsFit(_ tablet: Tablet) -> Bool {
        guard tablet.cooldownReplicaID > 0 else { return false }
        for place in 0..<tablet.replicaCount {
            let replica = cursor.replica(at: place)
            guard replica.id == tablet.cooldownReplicaID else { continue }
            return !replica.isBad && replica.versions.lastFailed == .none && replica.state == .normal
                && alive.contains(replica.backendID)
        }
        return false
    }
}

extension Replica {
    /// Would `takeFacts(of:)` leave it as it is?
    @inline(__always)
    func matchesFacts(of row: TabletReportRow) -> Bool {
        dataSizeBytes == row.dataSizeBytes && remoteSizeBytes == row.remoteDataSizeBytes && rowCount == row.rowCount
            && pathHash == row.pathHash && Int64(versionCount) == row.versionCount
            && reportedCooldownReplicaID == (row.cooldownReplicaID ?? -1) && reportedCooldownTerm == row.cooldownTerm
            && cooldownMetaID == row.cooldownMetaID && isReportedMissing == row.versionMiss && isReported
            && isReportCurrent == (row.version >= versions.version)
    }
}
