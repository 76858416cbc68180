internal import ClusterMetadata
internal import Synchronization
public import TabletModel

/// What the newest report of each backend has beyond this FE's metadata: what `tabletctl meta` shows, and takes over. Memory
/// only; a report brings it again. Holds a row for each tablet that differs, and numbers of the rest. Any thread.
public final class SurplusBook: Sendable {
    /// A replica of a known tablet: at a version or term that was never given, or not registered.
    public struct Row: Hashable, Sendable {
        public var version: Version
        /// It is used, and no version below is missing.
        public var isWhole: Bool
        /// -1 or the term that the backend holds.
        public var cooldownTerm: Int64
        public var cooldownReplicaID: ReplicaID
        /// Of a replica that is not registered; 0 for others.
        public var unregisteredID: ReplicaID = 0
    }

    public struct Page: Sendable {
        public var rows: [TabletID: Row] = [:]
        /// Tablets of no table that this FE knows.
        public var unknownTablets = 0
        public var unknownExample: TabletID = 0
        /// Of tablets, replicas and transactions.
        public var greatestID: Int64 = 0
    }

    private let pages = Mutex<[BackendID: Page]>([:])

    public init() {}

    func take(_ diff: TabletReportDiff, from backend: BackendID, in state: ClusterState) {
        var page = Page()
        for ahead in diff.aheads where ahead.version <= Version.greatest {
            page.rows[ahead.tabletID] = Row(
                version: ahead.version, isWhole: !ahead.isMissing, cooldownTerm: -1, cooldownReplicaID: -1)
        }
        for mismatch in diff.cooldownMismatches where mismatch.reason == .newerThanMaster {
            page.rows[
                mismatch.tabletID,
                default: Row(version: .none, isWhole: false, cooldownTerm: -1, cooldownReplicaID: -1)
            ].take(term: mismatch.reportedTerm, mismatch.reportedReplicaID)
        }
        for row in diff.unknown {
            page.greatestID = max(page.greatestID, row.tabletID.rawValue, row.replicaID.rawValue)
            guard state.tablets.contains(row.tabletID) else {
                page.unknownTablets += 1
                if page.unknownExample == 0 { page.unknownExample = row.tabletID }
                continue
            }
            var found = Row(
                version: row.version, isWhole: row.isUsed && !row.versionMiss, cooldownTerm: -1, cooldownReplicaID: -1)
            found.take(term: row.cooldownTerm, row.cooldownReplicaID ?? -1)
            found.unregisteredID = row.replicaID
            page.rows[row.tabletID] = found
        }
        for replica in diff.strangeReplicas { page.greatestID = max(page.greatestID, replica.replicaID.rawValue) }
        for pending in diff.clears + diff.publishAgain {
            page.greatestID = max(page.greatestID, pending.transactionID.rawValue)
        }
        pages.withLock { $0[backend] = page }
    }

    public func forget(_ backend: BackendID) { pages.withLock { $0[backend] = nil } }

    func page(of backend: BackendID) -> Page? { pages.withLock { $0[backend] } }

    public var all: [BackendID: Page] { pages.withLock { $0 } }
}

extension SurplusBook.Row {
    fileprivate mutating func take(term: Int64, _ replica: ReplicaID) {
        cooldownTerm = term
        cooldownReplicaID = replica
    }
}
