public import TabletModel

/// A sealed `TabletChunk`: the same tablets and replicas, a column a member, in one array of words. A copy shares the array; a
/// change that finds it shared copies it once.
///
/// Layout: tablets (32 bits) and replicas (32 bits); how many replicas the first tablet has; a head for each column
/// (`PackedColumn`); the columns; a word to spare. What all rows of a column have in common takes no more than its head, and
/// at rest that is most of it: versions, health, cooldown. A replica's last success is kept as its distance from the version,
/// and the place of a tablet's replicas as the distance from where it would be if all had as many as the first.
public struct PackedTablets: Sendable {
    static var columnCount: Int { TabletMember.count + ReplicaMember.count }

    private var words: [UInt64]

    /// Members of a tablet, and where they are among the columns.
    enum TabletMember: Int {
        case tabletID, tableID, partitionID, indexID, uploaderID, uploaderTerm, replicaCount, firstReplica

        static var count: Int { 8 }
        @inline(__always) var column: Int { rawValue }
    }

    enum ReplicaMember: Int {
        case replicaID, backendID
        /// Of `ReplicaHealth`.
        case version, lastFailed, lastSuccess, flags
        case dataSize, remoteSize, rowCount, pathHash, versionCount
        case cooldownReplicaID, cooldownTerm, cooldownMetaHigh, cooldownMetaLow

        static var count: Int { 15 }
        @inline(__always) var column: Int { TabletMember.count + rawValue }
    }

    // MARK: Packing

    /// - Precondition: the chunk has a tablet.
    init(_ chunk: TabletChunk) {
        let (tablets, replicas) = (chunk.tablets, chunk.replicas)
        let stride = tablets[0].replicaCount
        words = withUnsafeTemporaryAllocation(
            of: Int64.self, capacity: tablets.count * 8 + replicas.count * 16
        ) { scratch -> [UInt64] in
            let rows = PackedRows(scratch, tablets: tablets.count, replicas: replicas.count)
            for (row, tablet) in tablets.enumerated() {
                rows.put(tablet.members(row: row, stride: stride), tablet: row)
            }
            for (row, replica) in replicas.enumerated() { rows.put(replica.members, replica: row) }
            return rows.packed(stride: stride)
        }
    }

    /// Puts the rows of the chunk behind those that `chunk` has.
    func unpack(into chunk: inout TabletChunk) {
        withReader { reader in
            for row in 0..<reader.tabletCount { chunk.appendTablet(reader.tablet(row)) }
            for position in 0..<reader.replicaCount { chunk.appendReplica(reader.replica(at: position)) }
        }
    }

    var unpacked: TabletChunk {
        var chunk = TabletChunk()
        chunk.reserve(tablets: tabletCount, replicas: replicaCount)
        unpack(into: &chunk)
        return chunk
    }

    // MARK: Reading

    /// The rows as they lie in memory; valid during the call only.
    @inline(__always)
    public func withReader<R>(_ body: (PackedReader) throws -> R) rethrows -> R {
        try words.withUnsafeBufferPointer { try body(PackedReader(words: $0.baseAddress!)) }
    }

    var tabletCount: Int { Int(words[0] & 0xFFFF_FFFF) }
    var replicaCount: Int { Int(words[0] >> 32) }
    var firstID: TabletID { withReader { $0.tabletID(0) } }
    public var lastID: TabletID { withReader { $0.tabletID($0.tabletCount - 1) } }
    var isFull: Bool { tabletCount >= TabletChunk.tabletLimit || replicaCount >= TabletChunk.replicaLimit }

    func row(of id: TabletID) -> Int? { withReader { $0.row(of: id) } }

    // MARK: Changing

    /// Puts the value where its column can hold it as wide as it is; false where it can't, and nothing is copied or changed.
    mutating func set(_ value: Int64, column: Int, row: Int) -> Bool {
        let code = words.withUnsafeBufferPointer { words in
            PackedColumn(column, in: words.baseAddress!).code(of: value, in: words.baseAddress!)
        }
        guard let code else { return false }
        words.withUnsafeMutableBufferPointer { words in
            PackedColumn(column, in: words.baseAddress!).put(code, row: row, in: words.baseAddress!)
        }
        return true
    }

    /// Packs the open columns anew; the others stay as they are.
    mutating func take(_ open: OpenColumns) {
        words = withReader { reader in
            open.withValues { values in
                ColumnPacker.words(
                    lead: (reader.words[0], reader.words[1]), columns: Self.columnCount,
                    unlisted: ReplicaMember.version.column
                ) { column in
                    values(column).map { .values($0) }
                        ?? .packed(
                            PackedColumn(column, in: reader.words), rows: reader.rows(of: column), in: reader.words)
                }
            }
        }
    }

    // MARK: Memory

    /// Bytes of heap, the allocator's included: of the replicas' columns, and of the rest.
    var memoryBytes: (tablets: Int, replicas: Int) {
        let whole = allocatedBytes(arrayOf: words.capacity * 8)
        let replicas = withReader { reader in
            (TabletMember.count..<Self.columnCount).reduce(0) {
                $0 + PackedColumn($1, in: reader.words).wordCount(rows: reader.replicaCount)
            }
        }
        return (whole - replicas * 8, replicas * 8)
    }
}

/// Columns side by side before they are packed.
private struct PackedRows {
    private let scratch: UnsafeMutableBufferPointer<Int64>
    private let tablets: Int
    private let replicas: Int

    init(_ scratch: UnsafeMutableBufferPointer<Int64>, tablets: Int, replicas: Int) {
        self.scratch = scratch
        self.tablets = tablets
        self.replicas = replicas
    }

    func put(_ members: SIMD8<Int64>, tablet row: Int) {
        for member in 0..<PackedTablets.TabletMember.count {
            scratch[member * tablets + row] = members[member]
        }
    }

    func put(_ members: SIMD16<Int64>, replica row: Int) {
        let start = tablets * 8 + row
        for member in 0..<PackedTablets.ReplicaMember.count {
            scratch[start + member * replicas] = members[member]
        }
    }

    private func values(_ column: Int) -> UnsafeBufferPointer<Int64> {
        let member = column - PackedTablets.TabletMember.count
        let range =
            member < 0
            ? column * tablets..<(column + 1) * tablets
            : tablets * 8 + member * replicas..<tablets * 8 + (member + 1) * replicas
        return UnsafeBufferPointer(rebasing: scratch[range])
    }

    func packed(stride: Int) -> [UInt64] {
        ColumnPacker.words(
            lead: (UInt64(tablets) | UInt64(replicas) << 32, UInt64(stride)), columns: PackedTablets.columnCount,
            unlisted: PackedTablets.ReplicaMember.version.column
        ) { .values(values($0)) }
    }
}
