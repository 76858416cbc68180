import TabletModel
import Testing
import VersionTracking

@Suite("VersionPath")
struct VersionPathTests {
    private func chain(_ count: Int64) -> VersionTracker {
        VersionTracker(visible: (0..<count).map { range($0, $0) })
    }

    @Test("is a prefix of the visible rowsets when these are enough")
    func prefix() throws {
        let tracker = chain(20)
        let path = try #require(tracker.capture(upTo: 12))
        #expect(path.count == 13)
        #expect(path.prefixCount == 13)
        #expect(Array(path) == Array(tracker.ranges[0...12]))
        #expect(path.last == range(12, 12))
    }

    @Test("leaves the prefix only where a stale rowset is needed")
    func staleEnd() throws {
        var tracker = chain(20)
        tracker.replace(ranges((10, 10), (11, 11), (12, 12)), by: ranges((10, 12)), staleAt: UnixTime(seconds: 1))
        let path = try #require(tracker.capture(upTo: 11))
        #expect(path.prefixCount == 10)
        #expect(Array(path.suffix(2)) == ranges((10, 10), (11, 11)))
        #expect(path == tracker.capture(upTo: 11))
        #expect(path != tracker.capture(upTo: 10))
        #expect(Set([path, path]).count == 1)
    }

    @Test("stays as it was when the tracker changes")
    func isAValue() throws {
        var tracker = chain(5)
        let path = try #require(tracker.capture(upTo: 4))
        tracker.replace(tracker.ranges, by: ranges((0, 4)), staleAt: nil)
        #expect(Array(path) == (0..<5).map { range($0, $0) })
    }

    @Test("has the fewest rowsets, a wider stale one included")
    func fewest() {
        var tracker = VersionTracker(visible: ranges((0, 1), (2, 5), (6, 6)))
        // A follower takes a finer remote prefix while the merged rowset is stale.
        tracker.replace(ranges((2, 5)), by: ranges((2, 3), (4, 5)), staleAt: UnixTime(seconds: 1))
        #expect(captured(tracker, 6) == ranges((0, 1), (2, 5), (6, 6)))
        #expect(captured(tracker, 3) == ranges((0, 1), (2, 3)))
    }

    @Test("finds the way where a greedy walk runs into a dead end")
    func deadEnd() {
        let tracker = VersionTracker(
            visible: ranges((0, 1), (2, 3), (4, 7)),
            stale: [StaleRowset(range: range(2, 5), staleAt: UnixTime(seconds: 1))])
        #expect(captured(tracker, 7) == ranges((0, 1), (2, 3), (4, 7)))
        #expect(captured(tracker, 5) == ranges((0, 1), (2, 5)))
    }
}

@Suite("VersionSet")
struct VersionSetTests {
    @Test("joins what overlaps or touches")
    func joins() {
        #expect(VersionSet(ranges((5, 6), (0, 2), (3, 3), (1, 2), (8, 8))).ranges == ranges((0, 3), (5, 6), (8, 8)))
        let union = VersionSet(ranges((0, 2), (6, 6))).union(VersionSet(ranges((3, 5))))
        #expect(union.ranges == ranges((0, 6)))
    }

    @Test("tells what it holds and what it lacks")
    func contents() {
        let set = VersionSet(ranges((1, 4), (6, 6), (8, 9)))
        #expect((0...10).filter { set.contains(Version(Int64($0))) } == [1, 2, 3, 4, 6, 8, 9])
        #expect(set.contains(range(2, 4)))
        #expect(!set.contains(range(4, 6)))
        #expect(set.missing(upTo: 11).ranges == ranges((0, 0), (5, 5), (7, 7), (10, 11)))
        #expect(set.missing(upTo: 7).ranges == ranges((0, 0), (5, 5), (7, 7)))
        #expect(set.missing(upTo: -1).isEmpty)
        #expect(set.first == 1)
        #expect(set.last == 9)
    }

    @Test("reads well")
    func text() {
        #expect("\(VersionSet(ranges((0, 12), (14, 14), (16, 20))))" == "0-12, 14, 16-20")
        #expect("\(VersionSet())" == "none")
    }
}
