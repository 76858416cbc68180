public import TabletModel

/// The state *metadata older than the backends*: what backends have that this FE never made, after an older copy of its
/// metadata was put back or its metadata were lost. While it lasts nothing there is dropped or overwritten and writes are
/// refused; a person ends it (`tabletctl meta adopt`, `… discard`). Journaled, and part of the image.
public struct OlderMetadata: Hashable, Sendable {
    /// What shows that the whole FE is behind; empty when nothing does.
    public internal(set) var cluster: [OlderFinding] = []
    /// What shows that a table is.
    public internal(set) var tables: [TableID: [OlderFinding]] = [:]
    /// Ids that a lost timeline may have given out, once a person ended the state: tablets of these ids that this FE does
    /// not know stay on their backends until they are discarded.
    public internal(set) var lostIDs: [Range<Int64>] = []
    /// Where a lost timeline ended, as far as backends told when a person ended the state: they are taken to be past.
    public internal(set) var accepted: [MetadataPosition] = []

    public init() {}

    public var isClusterHeld: Bool { !cluster.isEmpty }
    public var isEmpty: Bool { cluster.isEmpty && tables.isEmpty }

    /// Nothing of the table may be dropped or written.
    public func holds(_ table: TableID?) -> Bool {
        if !cluster.isEmpty { return true }
        guard let table, !tables.isEmpty else { return false }
        return tables[table] != nil
    }

    /// Why; the first that was found.
    public func finding(for table: TableID?) -> OlderFinding? {
        cluster.first ?? table.flatMap { tables[$0]?.first }
    }

    public func isOfLostTimeline(_ id: Int64) -> Bool { lostIDs.contains { $0.contains(id) } }

    mutating func add(_ finding: OlderFinding, of table: TableID?) {
        if let table {
            tables[table, default: []].addOnce(finding)
        } else {
            cluster.addOnce(finding)
        }
    }
}

/// One thing that a backend has and this FE never made.
public struct OlderFinding: Hashable, Sendable {
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        /// It was told of metadata further than, or other than, these.
        case position = 1
        /// Tablets with ids that were never given out.
        case tablets = 2
        /// Tablets, while the catalog has none.
        case emptyCatalog = 3
        /// A replica at a version that no load was given.
        case version = 4
        /// A cooldown term that was never given.
        case cooldownTerm = 5
        /// A transaction whose id was never given out.
        case transaction = 6
        /// A replica whose id was never given out.
        case replica = 7
        /// A version to publish holds another transaction's rows.
        case publish = 8
    }

    public var kind: Kind
    public var backendID: BackendID
    /// An example; 0 for `position`.
    public var tabletID: TabletID
    /// What this FE has, and what the backend has: log ids, ids, versions, terms or transactions, as the kind says.
    public var ours: Int64
    public var theirs: Int64
    public var foundAt: UnixTime
    /// Ids from this one on had not been given out when it was found.
    public var idEnd: Int64

    public init(
        kind: Kind, backendID: BackendID, tabletID: TabletID = 0, ours: Int64, theirs: Int64, foundAt: UnixTime,
        idEnd: Int64 = 0
    ) {
        self.kind = kind
        self.backendID = backendID
        self.tabletID = tabletID
        self.ours = ours
        self.theirs = theirs
        self.foundAt = foundAt
        self.idEnd = idEnd
    }

    public var text: String {
        switch kind {
        case .position:
            "backend \(backendID) was told of metadata up to log id \(theirs) that are not in this FE's past, which was at "
                + "log id \(ours)"
        case .tablets:
            "backend \(backendID) has tablet \(tabletID), and this FE gave out no id from \(ours) on"
        case .emptyCatalog:
            "backend \(backendID) has \(theirs) tablets, \(tabletID) for one, and this FE knows of no table at all"
        case .version:
            "tablet \(tabletID) on backend \(backendID) is at version \(theirs), this FE gave versions below \(ours)"
        case .cooldownTerm:
            "tablet \(tabletID) on backend \(backendID) has the cooldown term \(theirs), this FE gave up to \(ours)"
        case .transaction:
            "tablet \(tabletID) on backend \(backendID) has rows of transaction \(theirs), and this FE gave out no id from "
                + "\(ours) on"
        case .replica:
            "tablet \(tabletID) on backend \(backendID) is replica \(theirs), and this FE gave out no id from \(ours) on"
        case .publish:
            "tablet \(tabletID) on backend \(backendID) holds version \(ours) with another load's rows than those of "
                + "transaction \(theirs)"
        }
    }
}

extension [OlderFinding] {
    /// One of a kind and backend, and not more than a person reads.
    fileprivate mutating func addOnce(_ finding: OlderFinding) {
        guard count < 64, !contains(where: { $0.kind == finding.kind && $0.backendID == finding.backendID }) else {
            return
        }
        append(finding)
    }
}

/// How a person ended the state, for some tables or for the whole FE: what is true from then on.
public struct OlderSettlement: Hashable, Sendable {
    /// The whole FE is held no longer; tables are where they are not named.
    public var clearsCluster: Bool
    public var tables: [TableID]
    /// Ids of the lost timeline whose tablets stay; nil adds none.
    public var lostIDs: Range<Int64>?
    /// Nothing of the lost timeline is kept any longer.
    public var forgetsLostIDs: Bool
    public var accepted: [MetadataPosition]

    public init(
        clearsCluster: Bool = false, tables: [TableID] = [], lostIDs: Range<Int64>? = nil,
        forgetsLostIDs: Bool = false, accepted: [MetadataPosition] = []
    ) {
        self.clearsCluster = clearsCluster
        self.tables = tables
        self.lostIDs = lostIDs
        self.forgetsLostIDs = forgetsLostIDs
        self.accepted = accepted
    }
}

extension OlderMetadata {
    mutating func settle(_ settlement: OlderSettlement) {
        if settlement.clearsCluster { cluster = [] }
        for table in settlement.tables { tables[table] = nil }
        if settlement.forgetsLostIDs { lostIDs = [] }
        if let lost = settlement.lostIDs, !lost.isEmpty, !lostIDs.contains(lost) { lostIDs.append(lost) }
        for position in settlement.accepted where !accepted.contains(position) {
            accepted.removeAll { $0.epoch == position.epoch && $0.life == position.life && $0.logID <= position.logID }
            accepted.append(position)
        }
    }

    /// The lowest id that a lost timeline may have given out: ids of the last batch may be of either.
    public func lostIDsBegin(_ batch: Int64) -> Int64? {
        let ends = (cluster + tables.values.joined()).map(\.idEnd).filter { $0 > 0 }
        return ends.min().map { max($0 - batch, 1) }
    }
}
