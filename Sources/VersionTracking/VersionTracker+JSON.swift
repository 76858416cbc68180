internal import TabletModel

extension VersionTracker {
    /// The version graph as one line of JSON, for people and for `tabletctl` to draw:
    ///
    ///     {"max_version":9,"max_continuous_version":5,"complete":false,"crossing":false,"visible":[[0,5],[8,9]],
    ///      "missing":[[6,7]],"stale_paths":[{"id":1,"stale_at_ms":1000,"ranges":[[0,1],[2,5]]}]}
    ///
    /// Ranges are [start, end]; `missing` goes up to the newest visible version; a version is -1 when there is none.
    public func versionGraphJSON() -> String {
        let paths = stale.paths.map {
            "{\"id\":\($0.id),\"stale_at_ms\":\($0.staleAt.milliseconds),\"ranges\":\(json($0.ranges))}"
        }
        return "{\"max_version\":\(maxVersion),\"max_continuous_version\":\(maxContinuousVersion)"
            + ",\"complete\":\(isComplete),\"crossing\":\(hasCrossing),\"visible\":\(json(visible))"
            + ",\"missing\":\(json(missedVersions(upTo: maxVersion)))"
            + ",\"stale_paths\":[\(paths.joined(separator: ","))]}"
    }

    private func json(_ ranges: some Sequence<VersionRange>) -> String {
        "[" + ranges.map { "[\($0.start),\($0.end)]" }.joined(separator: ",") + "]"
    }
}
