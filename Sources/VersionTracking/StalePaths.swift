internal import TabletModel

/// The stale paths of one tablet, and their ranges as edges for the search. No heap while there are none.
struct StalePaths: Sendable {
    /// By id.
    private(set) var paths: [StalePath] = []
    /// Every range of every path once, sorted by (start, end).
    private(set) var edges: [VersionRange] = []
    private var lastID: Int64 = 0

    var isEmpty: Bool { paths.isEmpty }

    /// The edges that start in `start`...`end`.
    func edges(from start: Version, to end: Version) -> ArraySlice<VersionRange> {
        edges[lowerBound(of: start)..<lowerBound(of: end.next)]
    }

    /// Index of the first edge that does not start below `version`.
    private func lowerBound(of version: Version) -> Int {
        edges.partitionPoint { $0.start < version }
    }

    func index(of id: Int64) -> Int? { paths.firstIndex { $0.id == id } }

    /// - Parameter ranges: in version order, not empty.
    mutating func append(_ ranges: [VersionRange], staleAt: UnixTime) -> Int64 {
        lastID += 1
        paths.append(StalePath(id: lastID, ranges: ranges, staleAt: staleAt))
        collectEdges()
        return lastID
    }

    /// Several paths at once, in this order.
    mutating func append(_ groups: [[StaleRowset]]) {
        for group in groups {
            lastID += 1
            let newest = group.reduce(group[0].staleAt) { max($0, $1.staleAt) }
            paths.append(StalePath(id: lastID, ranges: group.map(\.range), staleAt: newest))
        }
        collectEdges()
    }

    mutating func insert(_ path: StalePath) {
        precondition(index(of: path.id) == nil, "stale path \(path.id) is there already")
        paths.insert(path, at: paths.firstIndex { $0.id > path.id } ?? paths.count)
        lastID = max(lastID, path.id)
        collectEdges()
    }

    mutating func remove(at index: Int) -> StalePath {
        let path = paths.remove(at: index)
        collectEdges()
        return path
    }

    /// Takes out all paths that went stale at or before `limit`, oldest id first.
    mutating func remove(staleBy limit: UnixTime) -> [StalePath] {
        let expired = paths.filter { $0.staleAt <= limit }
        if expired.isEmpty { return [] }
        paths.removeAll { $0.staleAt <= limit }
        collectEdges()
        return expired
    }

    private mutating func collectEdges() {
        guard !paths.isEmpty else {
            edges = []
            return
        }
        var all = paths.flatMap(\.ranges)
        all.sort { ($0.start, $0.end) < ($1.start, $1.end) }
        edges.removeAll(keepingCapacity: true)
        for edge in all where edge != edges.last { edges.append(edge) }
    }
}
