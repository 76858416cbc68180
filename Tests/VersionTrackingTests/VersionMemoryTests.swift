import TabletModel
import Testing
import VersionTracking

@Suite("What a tracker takes of the heap")
struct VersionMemoryTests {
    @Test("is 16 bytes a rowset, and nothing without rowsets")
    func heap() throws {
        #expect(VersionTracker().heapBytes == 0)
        var tracker = VersionTracker()
        for version in 0..<100 as Range<Int64> { try tracker.add(range(version, version)) }
        #expect(Double(MemoryLayout<VersionTracker>.stride + tracker.heapBytes) / 100 <= 24)
        #expect(MemoryLayout<VersionTracker>.stride <= 64)
    }

    @Test("shrinks with a compaction, and is given back when stale paths go")
    func shrinks() {
        var tracker = VersionTracker(visible: (0..<1000 as Range<Int64>).map { range($0, $0) })
        tracker.replace(tracker.ranges, by: [range(0, 999)], staleAt: UnixTime(seconds: 1))
        #expect(tracker.heapBytes > 16_000)
        #expect(tracker.expireStale(by: UnixTime(seconds: 1)).count == 1)
        #expect(tracker.heapBytes < 500)
    }
}
