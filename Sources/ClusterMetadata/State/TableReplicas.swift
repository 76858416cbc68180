public import TabletModel

/// The replicas of one table as they were at a moment. It holds the packed chunks that they are in, and no others.
public struct TableReplicas: Sendable {
    private let table: TableID
    private let chunks: [PackedTablets]

    /// - Complexity: the table's chunks, and two searches.
    public init(of table: Table, in index: TabletIndex) {
        self.table = table.id
        let lists = table.partitions.flatMap { $0.indexes.map(\.tabletIDs) }
        guard let first = lists.compactMap({ $0.min() }).min(), let last = lists.compactMap({ $0.max() }).max(),
            let end = index.chunkIndex(for: last)
        else {
            chunks = []
            return
        }
        chunks = Array(index.chunks[(index.chunkIndex(for: first) ?? 0)...end])
    }

    /// How many chunks there are to hand out.
    public var chunkCount: Int { chunks.count }

    /// Hands out the replicas of one chunk, at most some hundreds.
    public func forEach(inChunk chunk: Int, _ body: (TabletID, Replica) -> Void) {
        chunks[chunk].withReader { reader in
            for row in 0..<reader.tabletCount {
                let tablet = reader.tablet(row)
                guard tablet.tableID == table else { continue }
                for position in reader.replicaRange(row) { body(tablet.id, reader.replica(at: position)) }
            }
        }
    }
}
