public import TabletModel

/// The tablets that have a replica on a backend, ascending. Not kept anywhere: going through them looks at every tablet, some
/// nanoseconds each; how many they are is known. Holds the snapshot of the index that it came from.
public struct BackendTablets: Sequence, Sendable {
    let chunks: ChunkList
    let backend: BackendID
    public let count: Int

    public var isEmpty: Bool { count == 0 }
    public var underestimatedCount: Int { count }

    public struct Iterator: IteratorProtocol, Sendable {
        fileprivate let tablets: BackendTablets
        fileprivate var chunk = 0
        fileprivate var left: Int
        /// Of one chunk, descending.
        fileprivate var found: [TabletID] = []

        public mutating func next() -> TabletID? {
            while found.isEmpty, left > 0, chunk < tablets.chunks.count {
                tablets.chunks[chunk].withReader { reader in
                    for row in (0..<reader.tabletCount).reversed()
                    where reader.position(row: row, backend: tablets.backend) != nil {
                        found.append(reader.tabletID(row))
                    }
                }
                left -= found.count
                chunk += 1
            }
            return found.popLast()
        }
    }

    public func makeIterator() -> Iterator { Iterator(tablets: self, left: count) }
}
