public import TabletModel

extension VersionTracker {
    /// The rowsets to read for exactly the versions 0...`version`: of all paths over visible and stale rowsets one with
    /// the fewest; among those, one with the most visible rowsets. nil when no path ends there; then `missedVersions`
    /// tells what is missing, and when nothing is, the version has been merged into a wider rowset.
    ///
    /// O(log n) without a copy while stale ranges lie within visible ones, as compaction leaves them; O(n log n) else.
    public func capture(upTo version: Version) -> VersionPath? {
        guard version >= 0 else { return nil }
        if !stale.isEmpty && !staleIsNested || crossingCount > 0 {
            let edges = shortestPath(visible: visible[...], stale: stale.edges[...], from: 0, upTo: version)
            return edges.map { VersionPath(visible: [], prefixCount: 0, rest: $0) }
        }
        // No path is shorter than the visible one, and none enters a visible range but at its start.
        guard version <= continuousEnd else { return nil }
        let count = firstIndex(startingAfter: version)
        let last = visible[count - 1]
        if last.end == version { return VersionPath(visible: visible, prefixCount: count) }
        guard !stale.isEmpty else { return nil }
        let within = stale.edges(from: last.start, to: version)
        return shortestPath(visible: [], stale: within, from: last.start, upTo: version).map {
            VersionPath(visible: visible, prefixCount: count - 1, rest: $0)
        }
    }
}
