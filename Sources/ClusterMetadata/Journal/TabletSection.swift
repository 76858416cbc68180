internal import TabletModel

/// The payload of an image's section of tablets (`ImageTablets` in proto/edit_log.proto), made column by column out of packed
/// chunks: the same bytes that protobuf's own encoder gives for the message, at several times its speed (measured), since a
/// column whose rows are all equal, as most are at rest, is one number written again and again.
struct TabletSection {
    /// By field number, from 1 on.
    private var columns: [VarintColumn] = Array(repeating: VarintColumn(), count: 13)
    private(set) var tablets = 0

    /// Adds tablets of the chunk with their replicas.
    mutating func append(_ rows: Range<Int>, of chunk: PackedTablets) {
        guard !rows.isEmpty else { return }
        tablets += rows.count
        chunk.withReader { reader in
            let words = reader.words
            func tabletColumn(_ field: Int, _ member: PackedTablets.TabletMember) {
                columns[field - 1].append(PackedColumn(member.column, in: words), rows, in: words)
            }
            tabletColumn(1, .tabletID)
            tabletColumn(2, .tableID)
            tabletColumn(3, .partitionID)
            tabletColumn(4, .indexID)
            tabletColumn(5, .uploaderID)
            tabletColumn(6, .uploaderTerm)
            tabletColumn(7, .replicaCount)

            let replicas =
                reader.replicaRange(rows.lowerBound).lowerBound..<reader.replicaRange(rows.upperBound - 1).upperBound
            func replicaColumn(_ field: Int, _ member: PackedTablets.ReplicaMember) {
                columns[field - 1].append(PackedColumn(member.column, in: words), replicas, in: words)
            }
            replicaColumn(8, .replicaID)
            replicaColumn(9, .backendID)
            replicaColumn(10, .version)
            replicaColumn(11, .lastFailed)
            let version = PackedColumn(PackedTablets.ReplicaMember.version.column, in: words)
            let distance = PackedColumn(PackedTablets.ReplicaMember.lastSuccess.column, in: words)
            columns[11].append(count: replicas.count) {
                version.value(replicas.lowerBound + $0, in: words)
                    &+ distance.value(replicas.lowerBound + $0, in: words)
            }
            let flags = PackedColumn(PackedTablets.ReplicaMember.flags.column, in: words)
            let journaled = Int64(~ReplicaHealth.Flags.fromReports.rawValue)
            columns[12].append(count: replicas.count) { flags.value(replicas.lowerBound + $0, in: words) & journaled }
        }
    }

    /// The section's bytes; it is empty afterwards.
    mutating func take() -> [UInt8] {
        var payload: [UInt8] = []
        payload.reserveCapacity(columns.reduce(0) { $0 + $1.count + 12 })
        for field in columns.indices where columns[field].count > 0 {
            payload.appendVarint(UInt64(field + 1) << 3 | 2)
            payload.appendVarint(UInt64(columns[field].count))
            columns[field].move(to: &payload)
        }
        tablets = 0
        return payload
    }
}

/// Numbers as varints, one behind the other. Keeps its memory from section to section.
private struct VarintColumn {
    private static let longest = 10
    private var bytes: [UInt8] = []
    private(set) var count = 0

    mutating func append(_ column: PackedColumn, _ rows: Range<Int>, in words: UnsafePointer<UInt64>) {
        guard column.width == 0 else {
            return append(count: rows.count) { column.value(rows.lowerBound + $0, in: words) }
        }
        let value = column.value(rows.lowerBound, in: words)
        append(count: rows.count) { _ in value }
    }

    @inline(__always)
    mutating func append(count rows: Int, _ value: (Int) -> Int64) {
        let needed = count + rows * Self.longest
        if bytes.count < needed {
            bytes.append(contentsOf: repeatElement(0, count: max(needed, 2 * bytes.count) - bytes.count))
        }
        count = bytes.withUnsafeMutableBufferPointer { buffer in
            let base = buffer.baseAddress.unsafelyUnwrapped
            var place = count
            for row in 0..<rows {
                var rest = UInt64(bitPattern: value(row))
                while rest >= 0x80 {
                    base[place] = UInt8(truncatingIfNeeded: rest) | 0x80
                    place += 1
                    rest >>= 7
                }
                base[place] = UInt8(truncatingIfNeeded: rest)
                place += 1
            }
            return place
        }
    }

    mutating func move(to payload: inout [UInt8]) {
        payload += bytes[..<count]
        count = 0
    }
}

extension [UInt8] {
    mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }
}
