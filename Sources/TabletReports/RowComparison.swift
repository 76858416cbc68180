public import ClusterMetadata
internal import ReportCodec
internal import TabletModel

/// Compares the rows of a report with a snapshot, chunk of the index by chunk: within one, tablets and replicas are
/// read where they lie, next to free when the ids ascend as ours do, and right in any order. What is as it was costs a
/// few comparisons and no memory.
struct RowComparison {
    /// Empty between two slices.
    private var state = ClusterState()
    let backend: BackendID
    /// Living backends, ascending.
    private var alive: [BackendID] = []
    /// Ids from here on were given by nobody whose metadata these are.
    private var idEnd: Int64 = 0
    /// The tablets that were named.
    private(set) var seen = TabletIDRuns()
    private var lastAlive = BackendID(-1)
    private var previous = TabletID(.min)
    private var scope = Scope()

    /// What the tablets of one index have in common.
    private struct Scope {
        var partitionID: PartitionID = -1
        var indexID: IndexID = -1
        var schemaHash: SchemaHash = 0
        var visibleVersion: Version = .none
        var nextVersion = Version(.max)
        var hasPolicy = false
    }

    init(backend: BackendID) { self.backend = backend }

    /// Goes on with a newer snapshot: what the last one was needed for is let go.
    mutating func renew(_ newer: ClusterState) {
        state = newer
        idEnd = newer.idBatchEnd
        alive = Self.living(in: newer)
        lastAlive = BackendID(-1)
        scope = Scope()
    }

    /// Keeps no snapshot until `renew`.
    mutating func letGo() { state = ClusterState() }

    private static func living(in state: ClusterState) -> [BackendID] {
        state.backends.map(\.id).filter { state.isAlive($0) }
    }

    /// Compares the row that `rows` is at, and those after it for as long as they are in the same chunk.
    /// - Returns: whether `rows` is at a row that was not compared; false at the end of the report.
    mutating func compareRun(of rows: inout TabletRows, into diff: inout TabletReportDiff) throws -> Bool {
        let id = rows.row.tabletID
        guard let chunk = state.tablets.chunkIndex(for: id), id <= state.tablets.chunks[chunk].lastID else {
            note(id, in: &diff)
            diff.unknown.append(rows.row)
            return try rows.next()
        }
        let tablets = state.tablets.chunks[chunk]
        return try tablets.withReader { known in
            let (first, last, count) = (known.tabletID(0), known.tabletID(known.tabletCount - 1), known.tabletCount)
            let onlyIndex = known.onlyIndexID
            var place = known.lowerBound(of: id)
            repeat {
                // Most rows are right after the one before.
                if place == count || !compare(rows.row, known, place, onlyIndex, into: &diff) {
                    let id = rows.row.tabletID
                    guard id >= first, id <= last else { return true }
                    place = known.lowerBound(of: id)
                    if !compare(rows.row, known, place, onlyIndex, into: &diff) {
                        note(id, in: &diff)
                        diff.unknown.append(rows.row)
                        continue
                    }
                }
                place += 1
            } while try rows.next()
            return false
        }
    }

    @inline(__always)
    private mutating func note(_ id: TabletID, in diff: inout TabletReportDiff) {
        if id <= previous { diff.note(id, after: previous) }
        previous = id
        seen.append(id)
    }

    /// - Parameters:
    ///   - tablet: the row of a tablet in `known`.
    ///   - onlyIndex: of all tablets in `known`.
    /// - Returns: false, and nothing was done, when the row is of another tablet.
    @inline(__always)
    private mutating func compare(
        _ row: borrowing TabletReportRow, _ known: PackedReader, _ tablet: Int, _ onlyIndex: IndexID?,
        into diff: inout TabletReportDiff
    ) -> Bool {
        let match = known.match(RowFacts(row), tablet: tablet, on: backend)
        switch match {
        case .otherTablet: return false
        case .unknown:
            note(row.tabletID, in: &diff)
            diff.unknown.append(copy row)
            return true
        case .asReported, .differs: note(row.tabletID, in: &diff)
        }
        diff.foundCount += 1
        if row.replicaID.rawValue >= idEnd { Self.noteStrangeReplica(row, in: &diff) }
        if (onlyIndex ?? known.indexID(tablet)) != scope.indexID { enter(known.tablet(tablet)) }
        if case .differs(let position) = match {
            compare(row, known.replica(at: position), into: &diff)
        } else if !row.isUsed || row.schemaHash != scope.schemaHash,
            let position = known.position(row: tablet, backend: backend)
        {
            judge(copy row, known.replica(at: position), into: &diff)
        }
        if row.transactionIDs != nil { addTransactions(copy row, into: &diff) }
        if scope.hasPolicy {
            compareCooldown(row, known, tablet, into: &diff)
        } else if row.hasPolicy {
            Self.notePolicyMismatch(row, in: &diff)
        }
        return true
    }

    // What is seldom found stays out of the loop's code: appends in it cost every row some percent.

    @inline(never)
    private func compare(
        _ row: borrowing TabletReportRow, _ replica: Replica, into diff: inout TabletReportDiff
    ) {
        let versions = replica.versions
        if !replica.matchesFacts(of: row) { diff.changes.append(copy row) }
        if row.version != versions.version || versions.lastFailed != .none || versions.lastSuccess != row.version
            || replica.isBad || row.versionMiss || !row.isUsed || row.schemaHash != scope.schemaHash
        {
            judge(copy row, replica, into: &diff)
        }
    }

    @inline(never)
    private static func noteStrangeReplica(_ row: borrowing TabletReportRow, in diff: inout TabletReportDiff) {
        diff.strangeReplicas.append(.init(tabletID: row.tabletID, replicaID: row.replicaID))
    }

    @inline(never)
    private static func notePolicyMismatch(_ row: borrowing TabletReportRow, in diff: inout TabletReportDiff) {
        diff.policyMismatches.append(row.tabletID)
    }

    @inline(never)
    private mutating func enter(_ tablet: Tablet) {
        let table = state.table(tablet.tableID)
        let partition = table?.partition(tablet.partitionID)
        scope.indexID = tablet.indexID
        scope.partitionID = tablet.partitionID
        scope.schemaHash = partition?.index(tablet.indexID)?.schemaHash ?? 0
        scope.visibleVersion = partition?.visibleVersion ?? .none
        scope.nextVersion = partition?.nextVersion ?? Version(.max)
        scope.hasPolicy = table?.storagePolicy != nil
    }

    @inline(never)
    private func judge(_ row: TabletReportRow, _ replica: Replica, into diff: inout TabletReportDiff) {
        guard replica.takesReports else { return }
        if !row.isUsed {
            if !replica.isBad { diff.recoveries.append(.init(tabletID: row.tabletID, reason: .bad)) }
            return
        }
        guard row.schemaHash == scope.schemaHash else {
            diff.schemaMismatches.append(
                .init(tabletID: row.tabletID, reported: row.schemaHash, expected: scope.schemaHash))
            return
        }
        guard row.version < scope.nextVersion else {
            diff.aheads.append(
                .init(tabletID: row.tabletID, version: row.version, isMissing: row.versionMiss))
            return
        }
        let known = replica.versions
        // A tablet without any rowset says -1: that is no old version.
        if row.version != .none, row.version < known.version {
            diff.regressions.append(
                .init(tabletID: row.tabletID, version: row.version, isMissing: row.versionMiss))
            return
        }
        if row.versionMiss {
            if row.version != .none, known.lastFailed == .none {
                diff.recoveries.append(.init(tabletID: row.tabletID, reason: .versionMiss))
            }
            return
        }
        var versions = known
        versions.reportedWhole(row.version, visible: scope.visibleVersion)
        let heals = replica.isBad && row.version >= known.version
        if versions != known || heals { diff.syncs.append(.init(tabletID: row.tabletID, version: row.version)) }
    }

    /// What is to be done about transactions that the backend has waited for. One that still runs, or waits for its own
    /// publish, is left to the load.
    @inline(never)
    private func addTransactions(_ row: TabletReportRow, into diff: inout TabletReportDiff) {
        for id in row.transactionIDs ?? [] {
            let pending = TabletReportDiff.PendingTransaction(transactionID: id, tabletID: row.tabletID)
            guard let transaction = state.transaction(id) else {
                diff.clears.append(pending)
                continue
            }
            switch transaction.state {
            case .prepared, .committed: break
            case .aborted: diff.clears.append(pending)
            case .visible:
                if transaction.partitions.contains(where: { $0.partitionID == scope.partitionID }) {
                    diff.publishAgain.append(pending)
                }
            }
        }
    }

    @inline(__always)
    private mutating func compareCooldown(
        _ row: borrowing TabletReportRow, _ known: PackedReader, _ tablet: Int, into diff: inout TabletReportDiff
    ) {
        guard row.hasPolicy else { return Self.notePolicyMismatch(row, in: &diff) }
        guard let reason = cooldownMismatch(row, known, tablet) else { return }
        diff.cooldownMismatches.append(
            .init(
                tabletID: row.tabletID, reason: reason, reportedTerm: row.cooldownTerm,
                reportedReplicaID: row.cooldownReplicaID ?? -1))
    }

    @inline(__always)
    private mutating func cooldownMismatch(
        _ row: borrowing TabletReportRow, _ known: PackedReader, _ tablet: Int
    ) -> TabletReportDiff.CooldownMismatch.Reason? {
        let uploader = known.uploader(tablet: tablet)
        if row.cooldownTerm >= 0, row.cooldownTerm > uploader.term { return .newerThanMaster }
        guard let backend = uploader.fitOn, isAlive(backend) else { return .needsUploader }
        if row.cooldownTerm >= 0 { return row.cooldownTerm < uploader.term ? .outdatedConf : nil }
        // Backends of January 2023 report no term, only the replica.
        return row.cooldownReplicaID == uploader.replicaID ? nil : .outdatedConf
    }

    @inline(__always)
    private mutating func isAlive(_ backend: BackendID) -> Bool {
        if backend == lastAlive { return true }
        guard alive.containsSorted(backend) else { return false }
        lastAlive = backend
        return true
    }
}

extension TabletReportRow {
    /// Its backend has a storage policy for the tablet. Newer Doris backends send no `is_cooldown`, they show it by their
    /// term. A remote meta proves nothing: what is cold stays so when the policy is taken off.
    @inline(__always)
    fileprivate var hasPolicy: Bool { isCooldown || cooldownTerm >= 0 }
}

extension Replica {
    /// Reports decide over its versions and health; one that is being cloned or altered is in its task's hands. A
    /// replica that is on its way out still counts until it is gone.
    public var takesReports: Bool { state == .normal || state == .decommission }
}
