internal import TabletModel

/// Sorts persisted stale rowsets back into paths (`contract/behaviour.md` §5), each in version order.
///
/// The rowsets come by width, then by time. Narrower ones that exactly cover the next one were what it replaced: one path.
/// What is left then may exactly cover a visible rowset, in version order. Each that still is left is a path of its own.
/// - Parameter visible: in version order.
func stalePathGroups(of rowsets: [StaleRowset], visible: ContiguousArray<VersionRange>) -> [[StaleRowset]] {
    let sorted = rowsets.sorted {
        ($0.range.width, $0.staleAt, $0.range.start) < ($1.range.width, $1.staleAt, $1.range.start)
    }
    var groups: [[StaleRowset]] = []
    var pool = StalePool()
    for rowset in sorted {
        if let group = pool.takeCover(of: rowset.range) { groups.append(group) }
        pool.insert(rowset)
    }
    for range in visible {
        if pool.isEmpty { break }
        if let group = pool.takeCover(of: range) { groups.append(group) }
    }
    return groups + pool.rowsets.map { [$0] }
}

extension VersionRange {
    /// Like `count`, without overflow: 0 for a single version.
    fileprivate var width: UInt64 { UInt64(bitPattern: end.rawValue &- start.rawValue) }
}

/// Stale rowsets that no path has taken yet.
private struct StalePool {
    /// Sorted by (start, end). No range is there twice: the older one is a cover of the newer.
    private(set) var rowsets: [StaleRowset] = []

    var isEmpty: Bool { rowsets.isEmpty }

    mutating func insert(_ rowset: StaleRowset) {
        rowsets.insert(rowset, at: lowerBound(of: rowset.range))
    }

    /// Takes out rowsets that follow each other from the range's start to its end; nil when there are none. Of several
    /// such covers it is the one whose first rowset is the narrowest, then its second, and so on.
    mutating func takeCover(of range: VersionRange) -> [StaleRowset]? {
        let first = lowerBound(of: VersionRange(single: range.start))
        guard first < rowsets.count, rowsets[first].range.start == range.start else { return nil }
        // Backwards, since what follows a rowset starts after it: those that lead to the range's end, the first of each
        // start last. Ascending starts from the back.
        var leading: [Int] = []
        for index in (first..<firstIndex(startingAfter: range.end)).reversed() {
            let candidate = rowsets[index].range
            let leads = candidate.end < range.end && next(after: candidate, in: leading) != nil
            guard leads || candidate.end == range.end else { continue }
            if let last = leading.last, rowsets[last].range.start == candidate.start { leading.removeLast() }
            leading.append(index)
        }
        guard let start = leading.last, rowsets[start].range.start == range.start else { return nil }
        return take(from: start, to: range.end, in: leading)
    }

    private mutating func take(from start: Int, to end: Version, in leading: [Int]) -> [StaleRowset] {
        var taken = [start]
        while rowsets[taken[taken.count - 1]].range.end != end,
            let following = next(after: rowsets[taken[taken.count - 1]].range, in: leading)
        {
            taken.append(following)
        }
        let group = taken.map { rowsets[$0] }
        for index in taken.reversed() { rowsets.remove(at: index) }
        return group
    }

    /// The one of these indices, starts descending, whose range starts where this one ends.
    private func next(after range: VersionRange, in leading: [Int]) -> Int? {
        let place = leading.partitionPoint { rowsets[$0].range.start > range.end.next }
        guard place < leading.count, rowsets[leading[place]].range.start == range.end.next else { return nil }
        return leading[place]
    }

    private func firstIndex(startingAfter version: Version) -> Int {
        rowsets.partitionPoint { $0.range.start <= version }
    }

    private func lowerBound(of range: VersionRange) -> Int {
        rowsets.partitionPoint { ($0.range.start, $0.range.end) < (range.start, range.end) }
    }
}
