import TabletModel
import Testing
import VersionTracking

func ranges(_ pairs: (Int64, Int64)...) -> [VersionRange] { pairs.map { VersionRange(Version($0.0), Version($0.1)) } }
func range(_ start: Int64, _ end: Int64) -> VersionRange { VersionRange(Version(start), Version(end)) }
func captured(_ tracker: VersionTracker, _ version: Version) -> [VersionRange]? {
    tracker.capture(upTo: version).map { Array($0) }
}

@Suite("VersionTracker")
struct VersionTrackerTests {
    @Test("an empty tracker has no version and is not complete")
    func empty() {
        let tracker = VersionTracker()
        #expect(tracker.count == 0)
        #expect(tracker.maxVersion == .none)
        #expect(tracker.maxContinuousVersion == .none)
        #expect(!tracker.isComplete)
        #expect(tracker.capture(upTo: 0) == nil)
        #expect(tracker.missedVersions(upTo: 3) == ranges((0, 3)))
        #expect(tracker.missedVersions(upTo: -1) == [])
    }

    @Test("publishes one after the other keep it complete")
    func publishes() throws {
        var tracker = VersionTracker()
        try tracker.add(range(0, 1))
        for version in 2...50 {
            try tracker.add(range(Int64(version), Int64(version)))
            #expect(tracker.isComplete)
        }
        #expect(tracker.maxVersion == 50)
        #expect(captured(tracker, 3) == ranges((0, 1), (2, 2), (3, 3)))
        #expect(tracker.capture(upTo: 0) == nil)
        #expect(tracker.capture(upTo: 51) == nil)
    }

    @Test("a publish that comes early leaves a gap until the missing one comes")
    func gap() throws {
        var tracker = VersionTracker(visible: ranges((0, 4), (5, 5), (8, 8)))
        #expect(tracker.maxVersion == 8)
        #expect(tracker.maxContinuousVersion == 5)
        #expect(!tracker.isComplete)
        #expect(tracker.missedVersions(upTo: 6) == ranges((6, 6)))
        #expect(tracker.missedVersions(upTo: 10) == ranges((6, 7), (9, 10)))
        try tracker.add(range(6, 7))
        #expect(tracker.isComplete)
        #expect(tracker.maxContinuousVersion == 8)
    }

    @Test("a range that is there already is told apart from one that crosses")
    func refusals() {
        let tracker = VersionTracker(visible: ranges((0, 1), (2, 5), (8, 9)))
        func add(_ range: VersionRange) throws {
            var copy = tracker
            defer { #expect(copy.ranges == tracker.ranges) }
            try copy.add(range)
        }
        for contained in ranges((0, 1), (2, 5), (3, 4), (5, 5), (9, 9)) {
            #expect { try add(contained) } throws: {
                if case VersionError.alreadyExists(contained, existing: _) = $0 { true } else { false }
            }
        }
        for crossing in ranges((1, 2), (4, 6), (7, 8), (6, 10), (0, 5), (0, 20)) {
            #expect { try add(crossing) } throws: {
                if case VersionError.crosses(crossing, existing: _) = $0 { true } else { false }
            }
        }
    }

    @Test("a replaced path stays readable until it expires")
    func stalePath() {
        var tracker = VersionTracker(visible: ranges((0, 1), (2, 2), (3, 3), (4, 4)))
        tracker.replace(ranges((2, 2), (3, 3)), by: ranges((2, 3)), staleAt: UnixTime(seconds: 10))
        #expect(tracker.ranges == ranges((0, 1), (2, 3), (4, 4)))
        #expect(tracker.isComplete)
        #expect(captured(tracker, 2) == ranges((0, 1), (2, 2)))
        #expect(captured(tracker, 4) == ranges((0, 1), (2, 3), (4, 4)))
        let early = tracker.expireStale(by: UnixTime(seconds: 9))
        #expect(early == [])
        let expired = tracker.expireStale(by: UnixTime(seconds: 10))
        #expect(expired.map(\.ranges) == [ranges((2, 2), (3, 3))])
        #expect(tracker.capture(upTo: 2) == nil)
        #expect(tracker.stalePaths.isEmpty)
    }

    @Test("a replacement without a time leaves no stale path, and the same ranges change nothing")
    func replaceWithoutStale() {
        var tracker = VersionTracker(visible: ranges((0, 1), (2, 2), (3, 3)))
        tracker.replace(ranges((0, 1), (2, 2)), by: ranges((0, 2)), staleAt: nil)
        #expect(tracker.ranges == ranges((0, 2), (3, 3)))
        #expect(tracker.stalePaths.isEmpty)
        tracker.replace(ranges((3, 3)), by: ranges((3, 3)), staleAt: UnixTime(seconds: 1))
        #expect(tracker.stalePaths.isEmpty)
    }

    @Test("stale paths are kept while the visible chain misses a version")
    func expiryNeedsCompleteChain() {
        var tracker = VersionTracker(visible: ranges((0, 1), (2, 2), (3, 3), (4, 4)))
        tracker.replace(ranges((2, 2), (3, 3)), by: ranges((2, 3)), staleAt: UnixTime(seconds: 1))
        tracker.remove(range(2, 3))
        let expired = tracker.expireStale(by: UnixTime(seconds: 100))
        #expect(expired == [])
        #expect(captured(tracker, 3) == ranges((0, 1), (2, 2), (3, 3)))
    }

    @Test("finds the path on which a greedy search gets stuck")
    func backtracking() {
        var tracker = VersionTracker(visible: ranges((0, 1), (2, 3), (4, 7)))
        tracker.replace(ranges((2, 3), (4, 7)), by: ranges((2, 7)), staleAt: UnixTime(seconds: 1))
        tracker.replace(ranges((2, 7)), by: ranges((2, 5), (6, 7)), staleAt: UnixTime(seconds: 2))
        tracker.remove(range(6, 7))
        #expect(captured(tracker, 7) == ranges((0, 1), (2, 7)))
    }

    @Test("a damaged tablet's crossing ranges are told")
    func crossing() {
        var tracker = VersionTracker(visible: ranges((0, 1), (2, 5), (4, 6), (7, 7)))
        #expect(tracker.hasCrossing)
        #expect(!tracker.isComplete)
        #expect(tracker.maxVersion == 7)
        let removed = tracker.remove(range(4, 6))
        #expect(removed)
        #expect(!tracker.hasCrossing)
        #expect(tracker.missedVersions(upTo: 7) == ranges((6, 6)))
    }

    @Test("versions at the end of what a number holds do no harm")
    func extremes() throws {
        let last = Int64.max
        let rowset = StaleRowset(range: range(0, last), staleAt: UnixTime(seconds: 1))
        var tracker = VersionTracker(
            visible: ranges((0, last), (last, last)),
            stale: [rowset, StaleRowset(range: range(last, last), staleAt: UnixTime(seconds: 1)), rowset])
        #expect(tracker.hasCrossing)
        #expect(tracker.missedVersions(upTo: Version(last)) == [])
        #expect(tracker.heldVersions.ranges == ranges((0, last)))
        #expect(captured(tracker, Version(last)) == ranges((0, last)))
        tracker.remove(range(0, last))
        #expect(tracker.missedVersions(upTo: Version(last)) == ranges((0, last - 1)))
        #expect(throws: VersionError.self) { try tracker.add(range(5, last)) }
        try tracker.add(range(0, last - 1))
        #expect(tracker.isComplete)
        #expect(VersionTracker(visible: ranges((Int64.min, -1), (0, 3))).hasCrossing)
    }

    @Test("ranges with one start cross until one is gone, and doubles count once")
    func sameStart() {
        var tracker = VersionTracker(visible: ranges((0, 1), (0, 3), (2, 3)))
        #expect(tracker.hasCrossing)
        #expect(tracker.maxContinuousVersion == 3)
        #expect(tracker.visibleRange(containing: 1) == range(0, 3))
        let removed = tracker.remove(range(0, 3))
        #expect(removed)
        #expect(tracker.isComplete)
        #expect(tracker.ranges == ranges((0, 1), (2, 3)))
        #expect(VersionTracker(visible: ranges((0, 1), (0, 1))).isComplete)
    }
}
