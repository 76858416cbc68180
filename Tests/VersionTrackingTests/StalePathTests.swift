import TabletModel
import Testing
import VersionTracking

@Suite("Stale paths")
struct StalePathTests {
    /// 0-1, 2-3 (was 2, 3 until second 10), 4-6 (was 4, 5-6 until second 20), 7.
    private func compacted() -> VersionTracker {
        var tracker = VersionTracker(visible: ranges((0, 1), (2, 2), (3, 3), (4, 4), (5, 6), (7, 7)))
        tracker.replace(ranges((3, 3), (2, 2)), by: ranges((2, 3)), staleAt: UnixTime(seconds: 10))
        tracker.replace(ranges((4, 4), (5, 6)), by: ranges((4, 6)), staleAt: UnixTime(seconds: 20))
        return tracker
    }

    @Test("have ids from 1 upward that are not given out again")
    func ids() {
        var tracker = compacted()
        #expect(tracker.stalePaths.map(\.id) == [1, 2])
        #expect(tracker.stalePaths[0].ranges == ranges((2, 2), (3, 3)))
        #expect(tracker.expireStale(by: UnixTime(seconds: 20), pinned: [2]).map(\.id) == [2])
        let next = tracker.replace(ranges((0, 1), (2, 3)), by: ranges((0, 3)), staleAt: UnixTime(seconds: 30))
        #expect(next == 3)
        #expect(tracker.stalePaths.map(\.id) == [1, 3])
        let nothing = tracker.replace(ranges((7, 7)), by: ranges((7, 7)), staleAt: UnixTime(seconds: 30))
        #expect(nothing == nil)
    }

    @Test("expire by time, and one that is given up comes back as it was")
    func expiryAndRecovery() throws {
        var tracker = compacted()
        #expect(tracker.expiredPaths(by: UnixTime(seconds: 9)) == [])
        #expect(tracker.expiredPaths(by: UnixTime(seconds: 10)) == [1])
        #expect(tracker.expiredPaths(by: UnixTime(seconds: 20)) == [1, 2])
        let before = tracker.stalePaths
        let path = try #require(tracker.expireStale(by: UnixTime(seconds: 10)).first)
        #expect(path == before[0])
        #expect(tracker.capture(upTo: 2) == nil)
        #expect(tracker.expireStale(by: UnixTime(seconds: 10)) == [])
        tracker.recover(path)
        #expect(tracker.stalePaths == before)
        #expect(captured(tracker, 2) == ranges((0, 1), (2, 2)))
    }

    @Test("one that comes from another tracker keeps its id, and later ones go on from there")
    func foreignID() {
        var tracker = VersionTracker(visible: ranges((0, 1), (2, 2)))
        tracker.recover(StalePath(id: 7, ranges: ranges((2, 2)), staleAt: UnixTime(seconds: 1)))
        let next = tracker.replace(ranges((0, 1), (2, 2)), by: ranges((0, 2)), staleAt: UnixTime(seconds: 2))
        #expect(next == 8)
    }

    @Test("none goes while the visible chain misses a version or crosses")
    func brokenChain() {
        var tracker = compacted()
        tracker.remove(range(4, 6))
        #expect(tracker.expireStale(by: UnixTime(seconds: 99)) == [])
        #expect(captured(tracker, 7) == ranges((0, 1), (2, 3), (4, 4), (5, 6), (7, 7)))
        var crossing = VersionTracker(
            visible: ranges((0, 4), (3, 7)),
            stale: [StaleRowset(range: range(0, 2), staleAt: UnixTime(seconds: 1))])
        #expect(crossing.expireStale(by: UnixTime(seconds: 99)) == [])
        #expect(crossing.stalePaths.count == 1)
    }

    @Test("one that alone serves a pinned version stays, and goes when another serves it")
    func pinned() {
        var tracker = compacted()
        #expect(tracker.expireStale(by: UnixTime(seconds: 10), pinned: [7, 2, 4]) == [])
        #expect(captured(tracker, 2) == ranges((0, 1), (2, 2)))
        // Neither the newest version, nor one that can't be read anyway, needs a stale path.
        let expired = tracker.expireStale(by: UnixTime(seconds: 99), pinned: [7, 5, 2])
        #expect(expired.map(\.id) == [2])

        var twice = VersionTracker(visible: ranges((0, 0), (1, 1), (2, 2)))
        twice.replace(ranges((0, 0), (1, 1)), by: ranges((0, 1)), staleAt: UnixTime(seconds: 1))
        twice.replace(ranges((0, 1)), by: ranges((0, 0), (1, 1)), staleAt: nil)
        twice.replace(ranges((0, 0), (1, 1)), by: ranges((0, 1)), staleAt: UnixTime(seconds: 2))
        let first = twice.expireStale(by: UnixTime(seconds: 2), pinned: [0])
        #expect(first.map(\.id) == [1])
        #expect(captured(twice, 0) == ranges((0, 0)))
    }

    @Test("a version that was merged away has no path, and nothing is missing")
    func merged() {
        var tracker = compacted()
        #expect(tracker.expireStale(by: UnixTime(seconds: 10)).map(\.id) == [1])
        #expect(tracker.capture(upTo: 2) == nil)
        #expect(tracker.missedVersions(upTo: 2) == [])
    }
}

@Suite("Stale paths of a loaded tablet")
struct LoadedStalePathTests {
    private func stale(_ start: Int64, _ end: Int64, _ seconds: Int64) -> StaleRowset {
        StaleRowset(range: range(start, end), staleAt: UnixTime(seconds: seconds))
    }

    private func paths(_ visible: [VersionRange], _ stale: [StaleRowset]) -> [[VersionRange]] {
        let tracker = VersionTracker(visible: visible, stale: stale)
        #expect(tracker.stalePaths.map(\.id) == Array(1...Int64(max(1, tracker.stalePaths.count))))
        return tracker.stalePaths.map(\.ranges)
    }

    @Test("narrower rowsets that cover a visible one are one path, as new as the newest of them")
    func coversVisible() {
        let tracker = VersionTracker(visible: ranges((0, 1), (2, 4)), stale: [stale(3, 4, 9), stale(2, 2, 8)])
        #expect(tracker.stalePaths == [StalePath(id: 1, ranges: ranges((2, 2), (3, 4)), staleAt: UnixTime(seconds: 9))])
        #expect(captured(tracker, 2) == ranges((0, 1), (2, 2)))
    }

    @Test("narrower rowsets belong to a wider stale one before they belong to a visible one")
    func coversStale() {
        let nested = paths(
            ranges((0, 1), (2, 5)), [stale(2, 3, 2), stale(4, 5, 2), stale(2, 2, 1), stale(3, 3, 1)])
        #expect(nested == [ranges((2, 2), (3, 3)), ranges((2, 3), (4, 5))])
    }

    @Test("a rowset that covers nothing with others is a path of its own")
    func leftovers() {
        let left = paths(ranges((0, 1), (2, 5)), [stale(2, 3, 1), stale(5, 5, 1), stale(9, 9, 1)])
        #expect(left == [ranges((2, 3)), ranges((5, 5)), ranges((9, 9))])
    }

    @Test("a cover is found where the narrowest first step leads nowhere")
    func backtracking() {
        let covers = paths(ranges((0, 7)), [stale(0, 1, 1), stale(0, 3, 2), stale(2, 4, 1), stale(4, 7, 1)])
        #expect(covers == [ranges((0, 3), (4, 7)), ranges((0, 1)), ranges((2, 4))])
    }

    @Test("a range that went stale twice is in two paths")
    func twice() {
        let double = paths(ranges((0, 1), (2, 3)), [stale(2, 2, 1), stale(3, 3, 1), stale(2, 2, 5), stale(3, 3, 5)])
        #expect(double == [ranges((2, 2)), ranges((3, 3)), ranges((2, 2), (3, 3))])
    }

    @Test("what a tracker held is readable after it was stored and loaded in any order")
    func roundTrip() {
        var tracker = VersionTracker(visible: ranges((0, 1), (2, 2), (3, 3), (4, 4), (5, 5)))
        tracker.replace(ranges((2, 2), (3, 3)), by: ranges((2, 3)), staleAt: UnixTime(seconds: 1))
        tracker.replace(ranges((2, 3), (4, 4)), by: ranges((2, 4)), staleAt: UnixTime(seconds: 2))
        let stored = tracker.stalePaths.flatMap { path in
            path.ranges.map { StaleRowset(range: $0, staleAt: path.staleAt) }
        }
        let loaded = VersionTracker(visible: tracker.ranges.reversed(), stale: stored.reversed())
        #expect(loaded.stalePaths == tracker.stalePaths)
        for version in 0...6 as ClosedRange<Int64> {
            #expect(captured(loaded, Version(version)) == captured(tracker, Version(version)))
        }
    }
}
