import Foundation
import TabletModel
import Testing
import VersionTracking

@Suite("The version graph as JSON")
struct VersionGraphTests {
    private struct Graph: Decodable, Equatable {
        struct Path: Decodable, Equatable {
            var id: Int64
            var staleAtMs: Int64
            var ranges: [[Int64]]
        }

        var maxVersion: Int64
        var maxContinuousVersion: Int64
        var complete: Bool
        var crossing: Bool
        var visible: [[Int64]]
        var missing: [[Int64]]
        var stalePaths: [Path]
    }

    private func graph(of tracker: VersionTracker) throws -> Graph {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Graph.self, from: Data(tracker.versionGraphJSON().utf8))
    }

    @Test("of an empty tracker")
    func empty() throws {
        #expect(
            try graph(of: VersionTracker())
                == Graph(
                    maxVersion: -1, maxContinuousVersion: -1, complete: false, crossing: false, visible: [],
                    missing: [],
                    stalePaths: []))
    }

    @Test("has the visible ranges, the gaps and the stale paths")
    func whole() throws {
        var tracker = VersionTracker(visible: ranges((0, 1), (2, 2), (3, 5), (8, 9)))
        tracker.replace(ranges((2, 2), (3, 5)), by: ranges((2, 5)), staleAt: UnixTime(milliseconds: 1234))
        #expect(
            try graph(of: tracker)
                == Graph(
                    maxVersion: 9, maxContinuousVersion: 5, complete: false, crossing: false,
                    visible: [[0, 1], [2, 5], [8, 9]], missing: [[6, 7]],
                    stalePaths: [.init(id: 1, staleAtMs: 1234, ranges: [[2, 2], [3, 5]])]))
    }
}

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
    func shrinks() throws {
        var tracker = VersionTracker(visible: (0..<1000 as Range<Int64>).map { range($0, $0) })
        tracker.replace(tracker.ranges, by: [range(0, 999)], staleAt: UnixTime(seconds: 1))
        #expect(tracker.heapBytes > 16_000)
        _ = try tracker.fetchAndDeletePath(1)
        #expect(tracker.heapBytes < 500)
    }
}
