internal import ClusterMetadata
internal import TabletModel

/// A new table as the journal gets it: the table with its first tablets, then more of them. No record grows with the table,
/// and no change keeps others waiting for long. The table is `creating` until all of it is there and every replica exists: a
/// creation that breaks off in between is dropped like any other.
struct TablePieces {
    let table: Table
    let placements: [TabletPlacement]
    /// At least 1.
    let tabletsPerPiece: Int

    var first: JournalEntry {
        guard placements.count > tabletsPerPiece else { return .createTable(table, placements) }
        var begun = table
        begun.partitions[0].indexes[0].tabletIDs = placements[..<tabletsPerPiece].map(\.tabletID)
        return .createTable(begun, Array(placements[..<tabletsPerPiece]))
    }

    /// Each is made when it is asked for.
    var others: some Sequence<JournalEntry> {
        stride(from: tabletsPerPiece, to: placements.count, by: tabletsPerPiece).lazy.map { start in
            .addTablets(
                AddedTablets(
                    tableID: table.id, partitionID: table.partitions[0].id,
                    indexID: table.partitions[0].indexes[0].id,
                    placements: Array(placements[start..<min(start + tabletsPerPiece, placements.count)])))
        }
    }
}

extension Table {
    /// Every tablet that it was planned with is journaled.
    var hasAllTablets: Bool {
        partitions.allSatisfy { $0.baseIndex?.tabletIDs.count == Int(bucketCount) }
    }
}
