internal import TabletModel

/// A path of the fewest rowsets from `origin` to exactly `version` over both kinds; among those, the most visible ones.
///
/// Rowsets are edges from `start` to `end + 1`. All edges into a version start below it, so one pass in start order
/// settles each edge once: O(n log n) for n rowsets.
/// - Parameters: each sorted by start.
func shortestPath(
    visible: ArraySlice<VersionRange>, stale: ArraySlice<VersionRange>, from origin: Version, upTo version: Version
) -> [VersionRange]? {
    var search = PathSearch(origin: origin, target: version)
    var nextVisible = visible.startIndex
    var nextStale = stale.startIndex
    while nextVisible < visible.endIndex || nextStale < stale.endIndex {
        let takeVisible =
            nextStale >= stale.endIndex
            || (nextVisible < visible.endIndex && visible[nextVisible].start <= stale[nextStale].start)
        if takeVisible {
            search.visit(visible[nextVisible], staleCount: 0)
            nextVisible += 1
        } else {
            search.visit(stale[nextStale], staleCount: 1)
            nextStale += 1
        }
    }
    return search.path()
}

/// Edges reached from the origin, each with the edge before it on its best path.
private struct PathSearch {
    private struct Reached {
        var range: VersionRange
        var before: Int
        var rowsets: Int
        var staleCount: Int
    }

    private let origin: Version
    private let target: Version
    private var reached: [Reached] = []
    /// Index into `reached` of the best path that ends at each version, sorted by that version.
    private var bestByEnd: [(end: Version, index: Int)] = []

    init(origin: Version, target: Version) {
        self.origin = origin
        self.target = target
    }

    mutating func visit(_ range: VersionRange, staleCount: Int) {
        guard range.start >= origin, range.end <= target else { return }
        var edge = Reached(range: range, before: -1, rowsets: 1, staleCount: staleCount)
        if range.start != origin {
            let slot = slot(for: range.start.previous)
            guard slot < bestByEnd.count, bestByEnd[slot].end == range.start.previous else { return }
            edge.before = bestByEnd[slot].index
            edge.rowsets += reached[edge.before].rowsets
            edge.staleCount += reached[edge.before].staleCount
        }
        let slot = slot(for: range.end)
        if slot < bestByEnd.count, bestByEnd[slot].end == range.end {
            let known = reached[bestByEnd[slot].index]
            guard (edge.rowsets, edge.staleCount) < (known.rowsets, known.staleCount) else { return }
            reached.append(edge)
            bestByEnd[slot].index = reached.count - 1
        } else {
            reached.append(edge)
            bestByEnd.insert((range.end, reached.count - 1), at: slot)
        }
    }

    func path() -> [VersionRange]? {
        let slot = slot(for: target)
        guard slot < bestByEnd.count, bestByEnd[slot].end == target else { return nil }
        var path: [VersionRange] = []
        var index = bestByEnd[slot].index
        while index >= 0 {
            path.append(reached[index].range)
            index = reached[index].before
        }
        path.reverse()
        return path
    }

    /// First slot whose end is not below `end`.
    private func slot(for end: Version) -> Int {
        bestByEnd.partitionPoint { $0.end < end }
    }
}
