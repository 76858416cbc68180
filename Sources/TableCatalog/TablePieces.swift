internal import ClusterMetadata
internal import TabletModel

/// A new table as the journal gets it: the table with its first tablets, then more of them. No record grows with the table,
/// and no change keeps others waiting for long. The table is `creating` until all of it is there and every replica exists: a
/// creation that breaks off in between is dropped like any other.
struct TablePieces {
    let first: JournalEntry
    let others: [JournalEntry]

    init(_ table: Table, _ placements: [TabletPlacement], tabletsPerPiece: Int) {
        guard placements.count > tabletsPerPiece, let partition = table.partitions.first,
            let index = partition.baseIndex
        else {
            first = .createTable(table, placements)
            others = []
            return
        }
        var begun = table
        begun.partitions[0].indexes[0].tabletIDs = placements[..<tabletsPerPiece].map(\.tabletID)
        first = .createTable(begun, Array(placements[..<tabletsPerPiece]))
        others = stride(from: tabletsPerPiece, to: placements.count, by: tabletsPerPiece).map { start in
            .addTablets(
                AddedTablets(
                    tableID: table.id, partitionID: partition.id, indexID: index.id,
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
