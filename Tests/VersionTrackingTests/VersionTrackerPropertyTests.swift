import ClusterTestKit
import TabletModel
import Testing
import VersionTracking

@Suite("VersionTracker against a naive model")
struct VersionTrackerPropertyTests {
    private static let parts = 8
    /// 120,000 histories.
    private static let seeds: ClosedRange<UInt64> = 1...120_000

    @Test("agrees through random histories", arguments: 0..<parts)
    func agrees(part: Int) {
        for seed in HistorySeeds.part(part, of: Self.parts, default: Self.seeds) {
            let history = History.random(seed: seed)
            guard History.problem(in: history) != nil else { continue }
            let needed = shrunk(history) { History.problem(in: $0) != nil }
            let problem = History.problem(in: needed) ?? "gone"
            let lines = needed.map { "  \($0)" }.joined(separator: "\n")
            Issue.record("TABLETD_SEED=\(seed): \(problem)\nshortest history that fails:\n\(lines)")
            return
        }
    }
}

@Suite("Shrinking a history")
struct ShrinkingTests {
    @Test("leaves exactly the items that the failure needs, in order", arguments: 0..<50 as Range<UInt64>)
    func leavesWhatIsNeeded(seed: UInt64) {
        var random = SplitMix64(history: seed)
        let items = Array(0..<(1 + random.below(40)))
        let needed = items.filter { _ in random.below(5) == 0 }
        let result = shrunk(items) { kept in needed.allSatisfy { kept.contains($0) } }
        #expect(result == needed)
    }

    @Test("finds items that can only go together")
    func pairs() {
        // Fails with 5, and with 7 and 8 both or neither.
        let result = shrunk(Array(0..<20)) { $0.contains(5) && $0.contains(7) == $0.contains(8) }
        #expect(result.contains(5))
        #expect(result.contains(7) == result.contains(8))
        #expect(result.count <= 3)
    }

    @Test("a planted fault comes down to the operations that show it")
    func plantedFault() throws {
        // The fault: version 2 is read through a stale rowset.
        func fails(_ history: [Operation]) -> Bool {
            var play = HistoryPlay()
            return history.contains { operation in
                _ = play.problem(in: operation)
                let visible = play.tracker.ranges
                return play.tracker.capture(upTo: 2)?.contains { !visible.contains($0) } ?? false
            }
        }
        let seed = try #require((1...10_000 as ClosedRange<UInt64>).first { fails(History.random(seed: $0)) })
        let result = shrunk(History.random(seed: seed), fails: fails)
        #expect(fails(result))
        for index in result.indices {
            var shorter = result
            shorter.remove(at: index)
            #expect(!fails(shorter))
        }
        #expect(result.contains { if case .replace = $0 { true } else { false } })
        #expect(!result.contains(.compare))
    }
}
