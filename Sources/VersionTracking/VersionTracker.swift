public import TabletModel

/// Which versions one tablet has: its visible rowsets in version order, and the stale paths that readers of older
/// versions may still take (`contract/behaviour.md` §5).
///
/// Rowsets are ranges here; who owns files maps ranges to them. Visible ranges never overlap once they are here:
/// `add` refuses what would. Only a tablet loaded from a damaged store may hold crossing ranges (`hasCrossing`).
///
/// One flat sorted array: 16 bytes a rowset, nothing else on the heap while there are no stale paths. What a report asks
/// of every tablet (complete? newest version?) is in the struct itself, so the answer costs no second cache miss. A copy
/// shares the array; the first change of either copies it, 16 bytes a rowset. Not thread-safe.
public struct VersionTracker: Sendable {
    /// Sorted by start, then the wider first; none twice.
    var visible: ContiguousArray<VersionRange>
    /// The greatest end in `visible`; `.none` when that is empty.
    @usableFromInline var newest = Version.none
    /// End of the gap-free prefix of what `visible` holds.
    @usableFromInline var continuousEnd = Version.none
    /// How many of `visible` overlap an earlier one. Only `init` makes it positive.
    @usableFromInline var crossingCount: Int32 = 0
    /// Every stale range lies within one visible range: then no path is shorter than the visible one, and only its last
    /// step may need stale ranges. Means nothing while ranges cross.
    var staleIsNested = true
    var stale = StalePaths()

    public init() { visible = [] }

    /// The tracker of a loaded tablet without stale rowsets.
    public init(visible ranges: [VersionRange]) { self.init(visible: ranges, stale: []) }

    /// The tracker of a loaded tablet. Takes whatever the store holds, in any order; linear, and without a copy of the
    /// array, when `visible` is sorted.
    ///
    /// Of visible ranges, doubles count once, and crossing ones are kept and make `hasCrossing` true. The stale paths are
    /// built anew: narrower stale rowsets that exactly cover a wider stale, or then a visible one are one path, and each
    /// that is left is a path of its own.
    public init(visible ranges: [VersionRange], stale rowsets: [StaleRowset]) {
        visible = ContiguousArray(ranges)
        if !countInOrder() {
            sortVisible()
            recount()
        }
        guard !rowsets.isEmpty else { return }
        stale.append(stalePathGroups(of: rowsets, visible: visible))
        refreshNesting()
    }

    // MARK: What there is

    /// Visible ranges in version order.
    public var ranges: [VersionRange] { Array(visible) }
    /// Number of visible rowsets.
    public var count: Int { visible.count }
    /// End of the newest visible rowset; `.none` when there is none.
    @inlinable public var maxVersion: Version { newest }
    /// End of the gap-free prefix that starts at version 0; `.none` when version 0 is missing.
    @inlinable public var maxContinuousVersion: Version { continuousEnd }
    /// Visible rowsets overlap: the replica is bad.
    @inlinable public var hasCrossing: Bool { crossingCount > 0 }
    /// `check_version_integrity([0, max])` as a field: some version is there, and none up to the newest is missing or
    /// there twice. O(1).
    @inlinable public var isComplete: Bool { newest >= 0 && continuousEnd == newest && crossingCount == 0 }

    /// All versions that visible rowsets hold.
    public var heldVersions: VersionSet { VersionSet(visible) }

    /// A visible rowset that holds the version. O(log n).
    public func visibleRange(containing version: Version) -> VersionRange? {
        if crossingCount > 0 { return visible.first { $0.contains(version) } }
        let index = firstIndex(startingAfter: version) - 1
        guard index >= 0, visible[index].contains(version) else { return nil }
        return visible[index]
    }

    /// `check_version_exist`: one visible rowset holds the whole range.
    public func contains(_ range: VersionRange) -> Bool {
        if crossingCount > 0 { return visible.contains { $0.contains(range) } }
        return visibleRange(containing: range.start)?.contains(range) ?? false
    }

    /// Versions in 0...`version` that no visible rowset holds, as the longest ranges. Empty when `version` is below 0.
    public func missedVersions(upTo version: Version) -> [VersionRange] {
        var end = continuousEnd
        if version <= end { return [] }
        var missed: [VersionRange] = []
        for range in visible[firstIndex(startingAfter: continuousEnd)...] {
            if end >= version { break }
            if range.start > end.next { missed.append(VersionRange(end.next, min(version, range.start.previous))) }
            end = max(end, range.end)
        }
        if end < version { missed.append(VersionRange(end.next, version)) }
        return missed
    }

    // MARK: Order

    /// Index of the first visible range whose start is above `version`.
    func firstIndex(startingAfter version: Version) -> Int {
        // A publish asks for the end: try there first.
        guard let last = visible.last, last.start > version else { return visible.count }
        var low = 0
        var high = visible.count
        while low < high {
            let middle = (low + high) / 2
            if visible[middle].start > version { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
