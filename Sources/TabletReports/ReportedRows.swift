internal import ClusterMetadata
public import TabletModel

/// Rows of a report that are kept for a while, packed: some ten bytes a row where they are of one kind, instead of two
/// hundred.
public struct ReportedRows: Sendable, Sequence {
    /// Rows that are packed together, and handed out together.
    static let sliceLimit = 1024

    private var slices: [Slice] = []
    /// The newest, not packed yet.
    private var open: [TabletReportRow] = []
    public private(set) var count = 0

    init() {}

    public var isEmpty: Bool { count == 0 }
    public var underestimatedCount: Int { count }
    public var first: TabletReportRow? { first { _ in true } }

    mutating func append(_ row: TabletReportRow) {
        open.append(row)
        count += 1
        guard open.count == Self.sliceLimit else { return }
        slices.append(Slice(open))
        open.removeAll(keepingCapacity: true)
    }

    /// Takes out all rows of these tablets.
    mutating func remove(_ tablets: Set<TabletID>) {
        var kept = ReportedRows()
        for row in self where !tablets.contains(row.tabletID) { kept.append(row) }
        self = kept
    }

    /// All rows in order, so many at a time.
    func forEachSlice<E>(_ body: ([TabletReportRow]) throws(E) -> Void) throws(E) {
        for slice in slices { try body(slice.rows) }
        if !open.isEmpty { try body(open) }
    }

    public struct Iterator: IteratorProtocol, Sendable {
        fileprivate let all: ReportedRows
        fileprivate var slice = 0
        fileprivate var rows: [TabletReportRow] = []
        fileprivate var row = 0

        public mutating func next() -> TabletReportRow? {
            while row == rows.count {
                guard slice <= all.slices.count else { return nil }
                rows = slice < all.slices.count ? all.slices[slice].rows : all.open
                (slice, row) = (slice + 1, 0)
            }
            row += 1
            return rows[row - 1]
        }
    }

    public func makeIterator() -> Iterator { Iterator(all: self) }

    /// Columns by the numbers of `TabletReportRow.forEachMember`; the few rows with transactions have them beside.
    private struct Slice {
        let words: [UInt64]
        let transactions: [Int: [TransactionID]]

        init(_ rows: [TabletReportRow]) {
            let count = rows.count
            words = withUnsafeTemporaryAllocation(
                of: Int64.self, capacity: count * TabletReportRow.memberCount
            ) { scratch in
                for (place, row) in rows.enumerated() {
                    row.forEachMember { scratch[$0 * count + place] = $1 }
                }
                return ColumnPacker.words(lead: (UInt64(count), 0), columns: TabletReportRow.memberCount) { column in
                    .values(UnsafeBufferPointer(rebasing: scratch[column * count..<(column + 1) * count]))
                }
            }
            var transactions: [Int: [TransactionID]] = [:]
            for (place, row) in rows.enumerated() { transactions[place] = row.transactionIDs }
            self.transactions = transactions
        }

        var rows: [TabletReportRow] {
            words.withUnsafeBufferPointer { words in
                let words = words.baseAddress!
                let columns = (0..<TabletReportRow.memberCount).map { PackedColumn($0, in: words) }
                return (0..<Int(words[0])).map { place in
                    var row = TabletReportRow { columns[$0].value(place, in: words) }
                    row.transactionIDs = transactions[place]
                    return row
                }
            }
        }
    }
}

extension TabletReportRow {
    fileprivate static let memberCount = 17

    fileprivate func forEachMember(_ body: (Int, Int64) -> Void) {
        body(0, tabletID.rawValue)
        body(1, Int64(schemaHash.rawValue))
        body(2, version.rawValue)
        body(3, rowCount)
        body(4, dataSizeBytes)
        body(5, Int64(medium.rawValue))
        body(6, versionCount)
        body(7, visibleVersionCount)
        body(8, pathHash)
        body(9, partitionID.rawValue)
        body(10, replicaID.rawValue)
        body(11, remoteDataSizeBytes)
        body(12, cooldownReplicaID?.rawValue ?? 0)
        body(13, cooldownTerm)
        body(14, cooldownMetaID?.high ?? 0)
        body(15, cooldownMetaID?.low ?? 0)
        body(16, flags)
    }

    private var flags: Int64 {
        func bit(_ place: Int64, _ isSet: Bool) -> Int64 { isSet ? 1 << place : 0 }
        return bit(0, versionMiss) | bit(1, isUsed) | bit(2, isInMemory) | bit(3, isCooldown) | bit(4, isRunning)
            | bit(5, cooldownReplicaID != nil) | bit(6, cooldownMetaID != nil)
    }

    /// - Parameter member: the value of the member with the number.
    fileprivate init(_ member: (Int) -> Int64) {
        self.init(
            tabletID: TabletID(member(0)), schemaHash: SchemaHash(Int32(truncatingIfNeeded: member(1))),
            version: Version(member(2)))
        let flags = member(16)
        func isSet(_ bit: Int64) -> Bool { flags >> bit & 1 != 0 }
        (rowCount, dataSizeBytes) = (member(3), member(4))
        medium = StorageMedium(rawValue: Int32(truncatingIfNeeded: member(5)))
        (versionCount, visibleVersionCount, pathHash) = (member(6), member(7), member(8))
        (partitionID, replicaID) = (PartitionID(member(9)), ReplicaID(member(10)))
        (remoteDataSizeBytes, cooldownTerm) = (member(11), member(13))
        (versionMiss, isUsed, isInMemory) = (isSet(0), isSet(1), isSet(2))
        (isCooldown, isRunning) = (isSet(3), isSet(4))
        cooldownReplicaID = isSet(5) ? ReplicaID(member(12)) : nil
        cooldownMetaID = isSet(6) ? UniqueID(high: member(14), low: member(15)) : nil
    }
}
