internal import TabletModel
internal import VersionTracking

/// Rowsets that are visible no more and may still be read, each with the tracker's stale path that it belongs to. The
/// tracker knows ranges; here are the rowsets behind them.
struct StaleRowsets: Sendable {
    struct Entry: Sendable {
        var rowset: Rowset
        /// When it went stale.
        var staleAt: UnixTime
        var path: Int64
    }

    /// By path, then in version order.
    private(set) var entries: [Entry] = []

    init() {}

    /// Sorts stored rowsets under the paths that the tracker made of them.
    init(_ stored: [(rowset: Rowset, staleAt: UnixTime)], paths: [StalePath]) {
        // Of several with one range the oldest first: the tracker builds paths in that order too.
        var left = stored.sorted {
            ($0.staleAt, $0.rowset.meta.versions.start) < ($1.staleAt, $1.rowset.meta.versions.start)
        }
        for path in paths {
            for range in path.ranges {
                guard let index = left.firstIndex(where: { $0.rowset.meta.versions == range }) else { continue }
                let (rowset, staleAt) = left.remove(at: index)
                entries.append(Entry(rowset: rowset, staleAt: staleAt, path: path.id))
            }
        }
        precondition(left.isEmpty, "a stale rowset is on no stale path")
    }

    var isEmpty: Bool { entries.isEmpty }

    /// In version order.
    func rowsets(ofPath id: Int64) -> [Rowset] { entries.filter { $0.path == id }.map(\.rowset) }

    /// Of several with one range the first: they hold the same rows.
    var byRange: [VersionRange: Rowset] {
        Dictionary(entries.lazy.map { ($0.rowset.meta.versions, $0.rowset) }) { first, _ in first }
    }

    func entry(_ id: RowsetID) -> Entry? { entries.first { $0.rowset.meta.id == id } }

    mutating func append(_ rowset: Rowset, staleAt: UnixTime, path: Int64) {
        entries.append(Entry(rowset: rowset, staleAt: staleAt, path: path))
    }

    /// - Returns: the rowset that was taken out; nil when it is none of these.
    mutating func remove(_ id: RowsetID) -> Entry? {
        entries.firstIndex { $0.rowset.meta.id == id }.map { entries.remove(at: $0) }
    }

    /// Takes out all rowsets of these paths.
    mutating func removePaths(_ ids: [Int64]) -> [Rowset] {
        let gone = entries.filter { ids.contains($0.path) }.map(\.rowset)
        entries.removeAll { ids.contains($0.path) }
        return gone
    }
}

/// A tracker, and the stale rowsets under its paths, made anew: at the start, and after a loss.
func versions(
    visible: [Rowset], stale: [(rowset: Rowset, staleAt: UnixTime)]
) -> (tracker: VersionTracker, stale: StaleRowsets) {
    let tracker = VersionTracker(
        visible: visible.map(\.meta.versions),
        stale: stale.map { StaleRowset(range: $0.rowset.meta.versions, staleAt: $0.staleAt) })
    return (tracker, StaleRowsets(stale, paths: tracker.stalePaths))
}
