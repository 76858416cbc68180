import ClusterSimulation
import ClusterTestKit
import Testing

/// One seed is one run.
@Suite struct DeterminismTests {
    @Test(arguments: Seeds.chosen(default: 1...4)) func theSameSeedGivesTheSameEventLogByteForByte(seed: UInt64) throws
    {
        let log = try Seeds.expectSameLog(seed) { try DemoTests.play(seed: seed).log }
        #expect(log.lines.count > 200)
    }

    @Test func differentSeedsDifferInWhatHappensWhen() throws {
        let logs = try (1...4).map { try DemoTests.play(seed: $0).log.text }
        #expect(Set(logs).count == logs.count)
    }
}
