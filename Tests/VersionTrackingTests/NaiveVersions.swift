import TabletModel
import VersionTracking

/// What a tracker should say, worked out the long way: every question is answered by trying everything.
struct NaiveVersions {
    /// In no order, none twice.
    var visible: [VersionRange] = []
    /// By id.
    private(set) var stale: [StalePath] = []
    private var lastID: Int64 = 0

    // MARK: Versions

    var sorted: [VersionRange] { visible.sorted { ($0.start, $1.end) < ($1.start, $0.end) } }
    var maxVersion: Version { visible.map(\.end).max() ?? .none }
    func holds(_ version: Version) -> Bool { visible.contains { $0.contains(version) } }

    var maxContinuous: Version {
        var version = Version(0)
        while holds(version) { version = version.next }
        return version.previous
    }

    var crosses: Bool {
        visible.indices.contains { first in visible.indices.contains { first < $0 && overlap(first, $0) } }
    }

    private func overlap(_ first: Int, _ second: Int) -> Bool { visible[first].overlaps(visible[second]) }

    var isComplete: Bool { !visible.isEmpty && maxContinuous == maxVersion && !crosses }

    /// The versions of 0...`limit` that are held, or that are not, as the longest ranges.
    func runs(upTo limit: Int64, held: Bool) -> [VersionRange] {
        var runs: [VersionRange] = []
        var version: Int64 = 0
        while version <= limit {
            let start = version
            while version <= limit, holds(Version(version)) == held { version += 1 }
            if version > start { runs.append(VersionRange(Version(start), Version(version - 1))) }
            if version == start { version += 1 }
        }
        return runs
    }

    // MARK: Paths

    /// Rowsets of a path, and how many of them are stale.
    typealias Cost = (rowsets: Int, stale: Int)

    /// The cheapest of all paths from 0 to each version up to `limit`.
    func costs(upTo limit: Int) -> [Cost?] {
        var edges = visible.map { ($0, 0) }
        for range in stale.flatMap(\.ranges) where !edges.contains(where: { $0.0 == range }) {
            edges.append((range, 1))
        }
        var best: [Cost?] = Array(repeating: nil, count: limit + 1)
        func explore(_ next: Version, _ cost: Cost) {
            for (range, stale) in edges where range.start == next && range.end.rawValue <= limit {
                let reached = (cost.rowsets + 1, cost.stale + stale)
                let end = Int(range.end.rawValue)
                if best[end].map({ reached < $0 }) ?? true { best[end] = reached }
                explore(range.end.next, reached)
            }
        }
        explore(0, (0, 0))
        return best
    }

    func canRead(_ version: Version) -> Bool {
        version >= 0 && costs(upTo: Int(version.rawValue))[Int(version.rawValue)] != nil
    }

    // MARK: Stale paths

    mutating func addStale(_ ranges: [VersionRange], _ staleAt: UnixTime) {
        lastID += 1
        stale.append(StalePath(id: lastID, ranges: ranges, staleAt: staleAt))
    }

    mutating func recover(_ path: StalePath) { stale = (stale + [path]).sorted { $0.id < $1.id } }

    /// nil: it has to stay.
    mutating func giveUp(_ id: Int64, pinned: [Version]) -> StalePath? {
        guard isComplete, let index = stale.firstIndex(where: { $0.id == id }) else { return nil }
        var without = self
        let path = without.stale.remove(at: index)
        guard !pinned.contains(where: { canRead($0) && !without.canRead($0) }) else { return nil }
        self = without
        return path
    }

    // MARK: Loading

    /// What a process that loads the tablet again makes of it.
    func reloaded(with extra: [VersionRange]) -> NaiveVersions {
        var loaded = NaiveVersions()
        for range in visible + extra where !loaded.visible.contains(range) { loaded.visible.append(range) }
        var pool: [StaleRowset] = []
        func takeCover(of range: VersionRange) {
            guard let cover = Self.cover(from: range.start, to: range.end, pool) else { return }
            pool.removeAll { cover.contains($0) }
            loaded.addStale(cover.map(\.range), cover.map(\.staleAt).max() ?? UnixTime(seconds: 0))
        }
        for rowset in staleRowsets.sorted(by: Self.byWidth) {
            takeCover(of: rowset.range)
            pool.append(rowset)
        }
        for range in loaded.sorted { takeCover(of: range) }
        for left in pool.sorted(by: { ($0.range.start, $0.range.end) < ($1.range.start, $1.range.end) }) {
            loaded.addStale([left.range], left.staleAt)
        }
        return loaded
    }

    var staleRowsets: [StaleRowset] {
        stale.flatMap { path in path.ranges.map { StaleRowset(range: $0, staleAt: path.staleAt) } }
    }

    private static func byWidth(_ left: StaleRowset, _ right: StaleRowset) -> Bool {
        (left.range.count, left.staleAt, left.range.start) < (right.range.count, right.staleAt, right.range.start)
    }

    private static func cover(from start: Version, to end: Version, _ pool: [StaleRowset]) -> [StaleRowset]? {
        if start == end.next { return [] }
        let candidates = pool.filter { $0.range.start == start && $0.range.end <= end }
        for candidate in candidates.sorted(by: { $0.range.end < $1.range.end }) {
            if let rest = cover(from: candidate.range.end.next, to: end, pool) { return [candidate] + rest }
        }
        return nil
    }
}
