public import TabletModel

/// Which versions one tablet has: its visible rowsets in version order, and the stale paths that readers of older
/// versions may still take (`contract/behaviour.md` §5).
///
/// Rowsets are ranges here; who owns files maps ranges to them. Visible ranges never overlap once they are here:
/// `add` refuses what would. Only a tablet loaded from a damaged store may hold crossing ranges (`hasCrossing`).
///
/// One flat sorted array: 16 bytes a rowset, nothing else on the heap while there are no stale paths. Not thread-safe.
public struct VersionTracker: Sendable {
    /// Sorted by start; no two start at the same version.
    private var visible: ContiguousArray<VersionRange>
    /// How many of `visible`, from the first, follow each other from version 0 on without a gap.
    private var continuousCount: Int
    /// Visible ranges that overlap an earlier one. Only `init` and removals change it.
    private var crossingCount = 0
    var stale = StalePaths()

    public init() {
        visible = []
        continuousCount = 0
    }

    /// The tracker of a loaded tablet. Takes whatever the store holds: doubles count once; of ranges with one start the
    /// widest is kept; crossing ones are kept and make `hasCrossing` true.
    public init(visible ranges: [VersionRange]) {
        var sorted = ContiguousArray(ranges)
        sorted.sort { ($0.start, $1.end) < ($1.start, $0.end) }
        visible = []
        visible.reserveCapacity(sorted.count)
        var crossed = false
        for range in sorted {
            if range.start == visible.last?.start {
                crossed = crossed || range != visible[visible.count - 1]
            } else {
                visible.append(range)
            }
        }
        continuousCount = 0
        countCrossings()
        if crossed { crossingCount += 1 }
        extendContinuous()
    }

    // MARK: What there is

    /// Visible ranges in version order.
    public var ranges: [VersionRange] { Array(visible) }
    /// Number of visible rowsets.
    public var count: Int { visible.count }
    /// End of the newest visible rowset; `.none` when there is none.
    public var maxVersion: Version {
        guard crossingCount == 0 else { return visible.lazy.map(\.end).max() ?? .none }
        return visible.last?.end ?? .none
    }
    /// End of the gap-free prefix that starts at version 0; `.none` when version 0 is missing.
    public var maxContinuousVersion: Version { continuousCount == 0 ? .none : visible[continuousCount - 1].end }
    /// Visible rowsets overlap: the replica is bad.
    public var hasCrossing: Bool { crossingCount > 0 }
    /// `check_version_integrity([0, max])` as a field: some version is there, and none up to the newest is missing or
    /// there twice. O(1).
    public var isComplete: Bool { !visible.isEmpty && continuousCount == visible.count && crossingCount == 0 }

    /// The visible rowset that holds the version. O(log n).
    public func visibleRange(containing version: Version) -> VersionRange? {
        let index = firstIndex(startingAfter: version) - 1
        guard index >= 0, visible[index].contains(version) else { return nil }
        return visible[index]
    }

    /// `check_version_exist`: one visible rowset holds the whole range.
    public func contains(_ range: VersionRange) -> Bool {
        visibleRange(containing: range.start)?.contains(range) ?? false
    }

    /// Versions in 0...`version` that no visible rowset holds, as the longest ranges. Empty when `version` is below 0.
    public func missedVersions(upTo version: Version) -> [VersionRange] {
        var missed: [VersionRange] = []
        var next = Version(0)
        for range in visible {
            if next > version { break }
            if range.start > next { missed.append(VersionRange(next, min(version, range.start.previous))) }
            next = max(next, range.end.next)
        }
        if next <= version { missed.append(VersionRange(next, version)) }
        return missed
    }

    /// The ranges to read for exactly the versions 0...`version`, in order: of all paths over visible and stale rowsets
    /// one with the fewest; among those, visible rowsets are preferred. nil when no path ends there.
    public func capture(upTo version: Version) -> [VersionRange]? {
        guard version >= 0 else { return nil }
        if stale.isEmpty && crossingCount == 0 { return captureVisible(upTo: version) }
        return shortestPath(visible: visible, stale: stale.edges, upTo: version)
    }

    private func captureVisible(upTo version: Version) -> [VersionRange]? {
        guard version <= maxContinuousVersion else { return nil }
        let index = firstIndex(startingAfter: version) - 1
        guard visible[index].end == version else { return nil }
        return Array(visible[0...index])
    }

    // MARK: Changes

    /// A new rowset becomes visible. On error nothing has changed.
    public mutating func add(_ range: VersionRange) throws(VersionError) {
        if let existing = overlapping(range) {
            if existing.contains(range) { throw .alreadyExists(range, existing: existing) }
            throw .crosses(range, existing: existing)
        }
        insert(range)
    }

    /// The rowset is gone, without a stale path. False when it was not visible.
    @discardableResult
    public mutating func remove(_ range: VersionRange) -> Bool {
        guard let index = index(of: range) else { return false }
        visible.remove(at: index)
        continuousCount = min(continuousCount, index)
        if crossingCount > 0 { countCrossings() }
        extendContinuous()
        return true
    }

    /// Swaps visible rowsets for others in one step: a compaction's result, or the remote prefix that a follower takes.
    ///
    /// With `staleAt` the inputs stay readable as one stale path stamped with that time, until `expireStale`; with nil
    /// they are gone. Inputs and outputs with the same ranges change nothing.
    /// - Precondition: every input is visible, and no output overlaps another or what stays visible. The caller has
    ///   checked both: they hold by construction for a compaction, and by the alignment check for a follower.
    public mutating func replace(_ inputs: [VersionRange], by outputs: [VersionRange], staleAt: UnixTime?) {
        let sortedInputs = inputs.sorted { $0.start < $1.start }
        if sortedInputs == outputs.sorted(by: { $0.start < $1.start }) { return }
        for input in sortedInputs {
            precondition(remove(input), "replace: rowset \(input) is not visible")
        }
        for output in outputs {
            precondition(overlapping(output) == nil, "replace: rowset \(output) overlaps a visible one")
            insert(output)
        }
        if let staleAt, !inputs.isEmpty { stale.append(StalePath(ranges: sortedInputs, staleAt: staleAt)) }
    }

    // MARK: Order

    /// Index of the first visible range whose start is above `version`.
    private func firstIndex(startingAfter version: Version) -> Int {
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

    private func index(of range: VersionRange) -> Int? {
        let index = firstIndex(startingAfter: range.start) - 1
        return index >= 0 && visible[index] == range ? index : nil
    }

    private func overlapping(_ range: VersionRange) -> VersionRange? {
        if crossingCount > 0 { return visible.first { $0.overlaps(range) } }
        // Without crossings only two can be the first to overlap: the one that starts nearest at or below the start, and
        // the one after it. The former goes first, so that "already there" wins.
        let before = firstIndex(startingAfter: range.start) - 1
        if before >= 0, visible[before].overlaps(range) { return visible[before] }
        if before + 1 < visible.count, visible[before + 1].overlaps(range) { return visible[before + 1] }
        return nil
    }

    private mutating func insert(_ range: VersionRange) {
        let index = firstIndex(startingAfter: range.start)
        visible.insert(range, at: index)
        continuousCount = min(continuousCount, index)
        extendContinuous()
    }

    private mutating func extendContinuous() {
        while continuousCount < visible.count, visible[continuousCount].start == maxContinuousVersion.next {
            continuousCount += 1
        }
    }

    private mutating func countCrossings() {
        crossingCount = 0
        var end = Version.none
        for range in visible {
            if range.start <= end { crossingCount += 1 }
            end = max(end, range.end)
        }
    }
}
