public import TabletModel

/// Rowsets that one replacement took out of view together; readers of versions between them may still hold them.
public struct StalePath: Hashable, Sendable {
    /// In version order.
    public let ranges: [VersionRange]
    public let staleAt: UnixTime

    public init(ranges: [VersionRange], staleAt: UnixTime) {
        self.ranges = ranges
        self.staleAt = staleAt
    }
}

/// The stale paths of one tablet, and their ranges as edges for the search. No heap while there are none.
struct StalePaths: Sendable {
    private(set) var paths: [StalePath] = []
    /// Every range of every path once, sorted by (start, end).
    private(set) var edges: ContiguousArray<VersionRange> = []

    var isEmpty: Bool { paths.isEmpty }

    mutating func append(_ path: StalePath) {
        paths.append(path)
        collectEdges()
    }

    /// Takes out the paths that went stale at or before `limit`, oldest first.
    mutating func remove(staleBy limit: UnixTime) -> [StalePath] {
        let expired = paths.filter { $0.staleAt <= limit }
        if expired.isEmpty { return [] }
        paths.removeAll { $0.staleAt <= limit }
        collectEdges()
        return expired
    }

    private mutating func collectEdges() {
        var all = ContiguousArray(paths.lazy.flatMap(\.ranges))
        all.sort { ($0.start, $0.end) < ($1.start, $1.end) }
        edges.removeAll(keepingCapacity: true)
        for edge in all where edge != edges.last { edges.append(edge) }
    }
}

extension VersionTracker {
    /// In the order in which they became stale.
    public var stalePaths: [StalePath] { stale.paths }

    /// Gives up stale paths that went stale at or before `limit` and returns them: their rowsets are garbage unless
    /// another path or the visible ones still name the same range. Keeps everything while the visible chain misses a
    /// version, since a stale path may be all that is left of it.
    public mutating func expireStale(by limit: UnixTime) -> [StalePath] {
        guard isComplete else { return [] }
        return stale.remove(staleBy: limit)
    }
}
