internal import ReportCodec
public import TabletModel

/// What a backend's tablet report says that the master does not know, and the other way round (`contract/behaviour.md
/// §7`, step 1). A pure function of a snapshot and the report's bytes: it changes nothing, and keeps nothing of a
/// tablet that is as it was. What it found is judged again when it is carried out, since the state may have moved on.
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
    }

    /// A transaction that has waited on the backend for its publish or its end for long.
    public struct PendingTransaction: Hashable, Sendable {
        public var transactionID: TransactionID
        public var tabletID: TabletID
    }

    /// Rows of the report that belong to a known replica.
    public internal(set) var foundCount = 0
    public internal(set) var syncs: [Sync] = []
    public internal(set) var recoveries: [Recovery] = []
    /// Replicas that the report does not have, ascending: delete from meta.
    public internal(set) var missing: [TabletID] = []
    /// What only the backend has: to add as a replica or to drop.
    public internal(set) var unknown: [TabletReportRow] = []
    public internal(set) var transactions: [PendingTransaction] = []
    public internal(set) var cooldownMismatches: [CooldownMismatch] = []
    /// The table has a storage policy and the backend's tablet has none.
    public internal(set) var policyMismatches: [TabletID] = []
    /// Rows whose sizes, cooldown state or the like changed; for `ClusterState.takeFacts`.
    public internal(set) var changes: [TabletReportRow] = []
    /// The rows came in ascending tablet order, as ours do.
    public internal(set) var wasSorted = true

    /// Reads the report straight from its bytes, once when it is sorted.
    /// - Throws: `ReportDecodingError` for bytes that are not what `ReportDecoder` has checked.
    public init(_ report: EncodedTablets, from backend: BackendID, against state: ClusterState) throws {
        var comparison = RowComparison(state: state, backend: backend)
        var known = state.tablets.tablets(on: backend).makeIterator()
        var nextKnown = known.next()
        var previous = TabletID(.min)
        try report.forEachRow { row in
            if row.tabletID < previous { wasSorted = false }
            previous = row.tabletID
            if wasSorted {
                while let id = nextKnown, id < row.tabletID {
                    missing.append(id)
                    nextKnown = known.next()
                }
                if nextKnown == row.tabletID { nextKnown = known.next() }
            }
            comparison.compare(row, into: &self)
        }
        guard wasSorted else {
            missing = try Self.missing(from: report, known: state.tablets.tablets(on: backend))
            return
        }
        while let id = nextKnown {
            missing.append(id)
            nextKnown = known.next()
        }
    }

    /// For reports in any order: sorts the ids.
    private static func missing(from report: EncodedTablets, known: SortedTabletIDs) throws -> [TabletID] {
        var reported: [TabletID] = []
        reported.reserveCapacity(report.count)
        try report.forEachRow { reported.append($0.tabletID) }
        reported.sort()
        var next = 0
        return known.filter { id in
            while next < reported.count, reported[next] < id { next += 1 }
            return next == reported.count || reported[next] != id
        }
    }
}
