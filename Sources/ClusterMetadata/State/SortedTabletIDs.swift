public import TabletModel

/// A set of tablet ids in order, in arrays of at most `chunkLimit`: eight bytes an id, and a change after a copy of the set
/// copies one array. Made for ids that mostly arrive in ascending order.
public struct SortedTabletIDs: Sendable, Sequence {
    static let chunkLimit = 1024
    private var chunks: [[TabletID]] = []
    public private(set) var count = 0

    public init() {}
    public var isEmpty: Bool { count == 0 }

    public func contains(_ id: TabletID) -> Bool {
        guard let chunk = chunkIndex(for: id) else { return false }
        let row = chunks[chunk].lowerBound(of: id)
        return row < chunks[chunk].count && chunks[chunk][row] == id
    }

    /// False when it was there already.
    @discardableResult
    mutating func insert(_ id: TabletID) -> Bool {
        guard let last = chunks.last?.last else {
            chunks.append([id])
            count = 1
            return true
        }
        if id > last {
            append(id)
            return true
        }
        let chunk = chunkIndex(for: id) ?? 0
        let row = chunks[chunk].lowerBound(of: id)
        if row < chunks[chunk].count, chunks[chunk][row] == id { return false }
        chunks[chunk].insert(id, at: row)
        count += 1
        if chunks[chunk].count > Self.chunkLimit { split(chunk) }
        return true
    }

    @discardableResult
    mutating func remove(_ id: TabletID) -> Bool {
        guard let chunk = chunkIndex(for: id) else { return false }
        let row = chunks[chunk].lowerBound(of: id)
        guard row < chunks[chunk].count, chunks[chunk][row] == id else { return false }
        chunks[chunk].remove(at: row)
        count -= 1
        if chunks[chunk].isEmpty { chunks.remove(at: chunk) }
        return true
    }

    /// Removes many at once, in one pass. `ids` ascend.
    mutating func remove(ascending ids: [TabletID]) {
        guard let first = ids.first, let last = ids.last else { return }
        var next = 0
        var kept: [[TabletID]] = []
        kept.reserveCapacity(chunks.count)
        count = 0
        for chunk in chunks {
            if let low = chunk.first, let high = chunk.last, high < first || low > last {
                kept.append(chunk)
                count += chunk.count
                continue
            }
            let rest = chunk.filter { id in
                while next < ids.count, ids[next] < id { next += 1 }
                return next == ids.count || ids[next] != id
            }
            if !rest.isEmpty { kept.append(rest) }
            count += rest.count
        }
        chunks = kept
    }

    private mutating func append(_ id: TabletID) {
        count += 1
        let last = chunks.count - 1
        if chunks[last].count < Self.chunkLimit {
            chunks[last].append(id)
        } else {
            chunks.append([id])
        }
    }

    private mutating func split(_ chunk: Int) {
        let middle = chunks[chunk].count / 2
        let right = Array(chunks[chunk][middle...])
        chunks[chunk] = Array(chunks[chunk][..<middle])
        chunks.insert(right, at: chunk + 1)
    }

    /// The chunk in whose reach the id is; nil below the first.
    private func chunkIndex(for id: TabletID) -> Int? {
        let after = chunks.partitionPoint { $0[0] <= id }
        return after == 0 ? nil : after - 1
    }

    /// Ascending.
    public struct Iterator: IteratorProtocol, Sendable {
        fileprivate let chunks: [[TabletID]]
        fileprivate var chunk = 0
        fileprivate var row = 0

        public mutating func next() -> TabletID? {
            guard chunk < chunks.count else { return nil }
            let id = chunks[chunk][row]
            row += 1
            if row == chunks[chunk].count {
                chunk += 1
                row = 0
            }
            return id
        }
    }

    public func makeIterator() -> Iterator { Iterator(chunks: chunks) }
    public var underestimatedCount: Int { count }
}
