import ClusterSimulation
import ClusterTestKit
import Testing

/// One seed is one run.
@Suite struct DeterminismTests {
    @Test(arguments: Seeds.chosen(default: 1...4)) func theSameSeedGivesTheSameEventLogByteForByte(seed: UInt64) throws
    {
        let first = try DemoTests.play(seed: seed).log
        let second = try DemoTests.play(seed: seed).log
        let place = zip(first.lines, second.lines).enumerated().first { $0.element.0 != $0.element.1 }
        #expect(
            first.text == second.text,
            "TABLETD_SEED=\(seed): line \(place?.offset ?? -1): \(place.map { "\($0.element)" } ?? "one is longer")")
        #expect(first.lines.count > 200)
    }

    @Test func differentSeedsDifferInWhatHappensWhen() throws {
        let logs = try (1...4).map { try DemoTests.play(seed: $0).log.text }
        #expect(Set(logs).count == logs.count)
    }
}
