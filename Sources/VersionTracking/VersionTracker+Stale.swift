public import TabletModel

/// Stale paths: they expire by time (`contract/behaviour.md` §5).
///
/// What must stay readable: the visible chain [0-max], and every *pinned* version that can be captured now. A stale path
/// goes only if both hold without it; while the chain itself misses a version or crosses, none goes.
extension VersionTracker {
    /// By id, which is the order in which they became stale.
    public var stalePaths: [StalePath] { stale.paths }

    /// Ids of the paths that went stale at or before `limit`. Says nothing about whether they may go.
    public func expiredPaths(by limit: UnixTime) -> [Int64] {
        stale.paths.lazy.filter { $0.staleAt <= limit }.map(\.id)
    }

    /// Puts back a path that `expireStale` gave up, with its id and time: its rowsets could not be forgotten after all.
    /// - Precondition: no path has this id now.
    public mutating func recover(_ path: StalePath) {
        stale.insert(path)
        refreshNesting()
    }

    /// Gives up every path that went stale at or before `limit`, by id: its rowsets are garbage unless another path or the
    /// visible ones still name the same range. Those that have to stay are left out. Of two paths that could each serve a
    /// pinned version, the later stays.
    /// - Parameter pinned: versions that readers still ask for; those that can't be captured anyway don't count.
    public mutating func expireStale(by limit: UnixTime, pinned: [Version] = []) -> [StalePath] {
        guard isComplete else { return [] }
        if pinned.isEmpty {
            let expired = stale.remove(staleBy: limit)
            if !expired.isEmpty { refreshNesting() }
            return expired
        }
        var expired: [StalePath] = []
        for id in expiredPaths(by: limit) {
            guard let index = stale.index(of: id), versionNeeding(pathAt: index, among: pinned) == nil else { continue }
            expired.append(removePath(at: index))
        }
        return expired
    }

    private mutating func removePath(at index: Int) -> StalePath {
        let path = stale.remove(at: index)
        refreshNesting()
        return path
    }

    /// The first of these versions that can be captured now, and not without the path.
    private func versionNeeding(pathAt index: Int, among versions: [Version]) -> Version? {
        if versions.isEmpty { return nil }
        var without = self
        _ = without.removePath(at: index)
        return versions.first { capture(upTo: $0) != nil && without.capture(upTo: $0) == nil }
    }
}
