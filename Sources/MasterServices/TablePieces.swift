public import ClusterMetadata
internal import TabletModel

/// A new table as the journal gets it: the table with its first tablets, then more of them (`TabletPieces`).
public struct TablePieces: Sendable {
    public let table: Table
    public let placements: [TabletPlacement]
    private let tabletsPerPiece: Int

    /// - Parameters:
    ///   - table: with one partition and one index.
    ///   - tabletsPerPiece: at least 1.
    public init(table: Table, placements: [TabletPlacement], tabletsPerPiece: Int) {
        self.table = table
        self.placements = placements
        self.tabletsPerPiece = tabletsPerPiece
    }

    public var first: JournalEntry {
        guard placements.count > tabletsPerPiece else { return .createTable(table, placements) }
        var begun = table
        begun.partitions[0].indexes[0].tabletIDs = placements[..<tabletsPerPiece].map(\.tabletID)
        return .createTable(begun, Array(placements[..<tabletsPerPiece]))
    }

    public var others: some Sequence<JournalEntry> {
        let partition = table.partitions[0]
        return TabletPieces(
            of: partition.indexes[0].id, partition.id, table.id, placements, tabletsPerPiece: tabletsPerPiece
        ).entries(from: tabletsPerPiece)
    }
}

extension Table {
    /// Every tablet that it was planned with is journaled.
    public var hasAllTablets: Bool {
        partitions.allSatisfy { $0.baseIndex?.tabletIDs.count == Int(bucketCount) }
    }
}
