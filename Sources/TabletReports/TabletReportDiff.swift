public import ClusterMetadata
internal import ReportCodec
public import TabletModel

/// What a backend's tablet report says that the master does not know, and the other way round (`contract/behaviour.md
/// §7`, step 1). It changes nothing, and keeps nothing of a tablet that is as it was. A snapshot is held for a slice of the
/// report only. What was found is judged again when it is carried out, since the state may have moved on.
///
/// Doris' list of replicas to migrate between HDD and SSD has no counterpart: our partitions have no medium to differ
/// from.
public struct TabletReportDiff: Sendable {
    /// A replica that the report shows whole, at a version or in a state that the master does not have.
    public struct Sync: Hashable, Sendable {
        public var tabletID: TabletID
        public var version: Version
    }

    public struct Recovery: Hashable, Sendable {
        public enum Reason: Hashable, Sendable {
            /// The backend can't serve the replica at all.
            case bad
            /// It lacks a version below its newest.
            case versionMiss
        }

        public var tabletID: TabletID
        public var reason: Reason
    }

    public struct CooldownMismatch: Hashable, Sendable {
        public enum Reason: Hashable, Sendable {
            /// Nobody fit is named by the conf: a replica must be chosen.
            case needsUploader
            /// The backend has an older conf than the master.
            case outdatedConf
            /// The backend has a newer term than the master ever gave: somebody else gave it. For a person to see.
            case newerThanMaster
        }

        public var tabletID: TabletID
        public var reason: Reason
        public var reportedTerm: Int64
        /// -1: it named none.
        public var reportedReplicaID: ReplicaID = -1
    }

    /// A replica that is older than the master believes: its backend came up with an old disk, say.
    public struct Regression: Hashable, Sendable {
        public var tabletID: TabletID
        public var version: Version
        /// It lacks a version even below that one.
        public var isMissing: Bool
    }

    /// A replica at a version that no load was ever given: nothing it says of its versions is believed. The backend is broken,
    /// or this FE's metadata is older than the backend's data.
    public struct Ahead: Hashable, Sendable {
        public var tabletID: TabletID
        public var version: Version
        /// It lacks a version below that one.
        public var isMissing = false
    }

    /// A known replica under an id that was never given out: one of this tablet was made after these metadata.
    public struct StrangeReplica: Hashable, Sendable {
        public var tabletID: TabletID
        public var replicaID: ReplicaID
    }

    /// The backend's tablet has another schema than the index it belongs to: nothing it says is about our replica.
    public struct SchemaMismatch: Hashable, Sendable {
        public var tabletID: TabletID
        public var reported: SchemaHash
        public var expected: SchemaHash
    }

    /// A transaction that has waited on the backend for its publish or its end for long.
    public struct PendingTransaction: Hashable, Sendable {
        public var transactionID: TransactionID
        public var tabletID: TabletID
    }

    /// Rows of the report that belong to a known replica: found.
    public internal(set) var foundCount = 0
    public internal(set) var syncs: [Sync] = []
    public internal(set) var recoveries: [Recovery] = []
    public internal(set) var regressions: [Regression] = []
    public internal(set) var aheads: [Ahead] = []
    /// Replicas whose ids this FE never gave out.
    public internal(set) var strangeReplicas: [StrangeReplica] = []
    /// Replicas that the report does not have, ascending: delete from meta.
    public internal(set) var missing: [TabletID] = []
    /// What only the backend has: to add as a replica or to drop.
    public internal(set) var unknown = ReportedRows()
    /// Of visible transactions that cover the tablet's partition: the backend missed the publish.
    public internal(set) var publishAgain: [PendingTransaction] = []
    /// Of transactions that were aborted, or that nobody remembers: the backend may drop their rows.
    public internal(set) var clears: [PendingTransaction] = []
    public internal(set) var cooldownMismatches: [CooldownMismatch] = []
    /// The table has a storage policy and the backend's tablet has none, or the other way round.
    public internal(set) var policyMismatches: [TabletID] = []
    public internal(set) var schemaMismatches: [SchemaMismatch] = []
    /// Rows whose sizes, cooldown state or the like changed; for `ClusterState.takeFacts`.
    public internal(set) var changes = ReportedRows()
    /// Tablets that the report names more than once, ascending. It contradicts itself there: they are in no other list.
    public internal(set) var duplicates: [TabletID] = []
    /// The rows came in ascending tablet order, as ours do.
    public internal(set) var wasSorted = true

    /// Of a report that is there as a whole.
    /// - Parameter snapshot: gives the state as it is; asked for each slice.
    /// - Throws: `ReportDecodingError` for bytes that are not what `ReportDecoder` has checked.
    public init(
        _ report: EncodedTablets, from backend: BackendID, against snapshot: @escaping @Sendable () -> ClusterState
    ) throws {
        var comparison = TabletComparison(from: backend, against: snapshot)
        try report.withRows { try comparison.take(&$0) }
        self = comparison.finish()
    }

    /// The same against one state.
    public init(_ report: EncodedTablets, from backend: BackendID, against state: ClusterState) throws {
        try self.init(report, from: backend, against: { state })
    }

    init() {}

    /// Finds out, once every row was compared, what is missing and what was named twice.
    /// - Parameter seen: the tablets of the report.
    mutating func end(_ seen: TabletIDRuns, known: BackendTablets, isSameMembership: Bool) {
        guard !wasSorted || !duplicates.isEmpty || foundCount != known.count || !isSameMembership else { return }
        wasSorted ? takeMissing(of: seen, known) : takeIDs(of: seen, known)
        if !duplicates.isEmpty { removeDuplicates() }
    }

    /// A row that does not come after the one before it.
    mutating func note(_ id: TabletID, after previous: TabletID) {
        if id < previous { wasSorted = false }
        if id == previous { duplicates.append(id) }
    }

    /// What is missing of a sorted report. What it names twice was noted already, once for each time too many.
    private mutating func takeMissing(of seen: TabletIDRuns, _ known: BackendTablets) {
        var left = known.makeIterator()
        var next = left.next()
        seen.forEach { tablet in
            while let id = next, id < tablet {
                missing.append(id)
                next = left.next()
            }
            if next == tablet { next = left.next() }
        }
        while let id = next {
            missing.append(id)
            next = left.next()
        }
        let named = duplicates
        duplicates = []
        for id in named where duplicates.last != id { duplicates.append(id) }
    }

    /// What is missing and what is named twice, for reports in any order.
    private mutating func takeIDs(of seen: TabletIDRuns, _ known: BackendTablets) {
        let reported = seen.sorted
        var next = 0
        missing = known.filter { id in
            while next < reported.count, reported[next] < id { next += 1 }
            return next == reported.count || reported[next] != id
        }
        duplicates = []
        for (id, following) in zip(reported, reported.dropFirst()) where id == following && duplicates.last != id {
            duplicates.append(id)
        }
    }

    private mutating func removeDuplicates() {
        let named = Set(duplicates)
        syncs.removeAll { named.contains($0.tabletID) }
        recoveries.removeAll { named.contains($0.tabletID) }
        regressions.removeAll { named.contains($0.tabletID) }
        aheads.removeAll { named.contains($0.tabletID) }
        strangeReplicas.removeAll { named.contains($0.tabletID) }
        unknown.remove(named)
        publishAgain.removeAll { named.contains($0.tabletID) }
        clears.removeAll { named.contains($0.tabletID) }
        cooldownMismatches.removeAll { named.contains($0.tabletID) }
        policyMismatches.removeAll { named.contains($0) }
        schemaMismatches.removeAll { named.contains($0.tabletID) }
        changes.remove(named)
    }
}
