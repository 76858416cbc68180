import DaemonRuntime
import Foundation
import Testing

@Suite struct ProcessFactsTests {
    @Test func theSystemTellsOfThisProcess() throws {
        let before = ProcessFacts()
        #expect(before.residentBytes > 1 << 20 && before.virtualBytes >= before.residentBytes)
        #expect(before.threads >= 1 && before.maxOpenFiles > 0 && before.hardMaxOpenFiles >= before.maxOpenFiles)
        let now = Date.now.timeIntervalSince1970
        #expect(before.startSeconds > now - 86_400 && before.startSeconds < now + 60)
        #expect(before.machineTicks.map(\.mode).prefix(4) == ["user", "nice", "system", "idle"])
        #expect(before.machineTicks.reduce(0) { $0 + $1.ticks } > 0)
        #expect(before.loadAverages.count == 3)
    }

    @Test func whatThisProcessUsesIsSeenToGrow() throws {
        let before = ProcessFacts()
        let files = try (0..<50).map { _ in try #require(FileHandle(forReadingAtPath: "/proc/self/stat")) }
        var sum = 0.0
        while ProcessFacts().cpuSeconds < before.cpuSeconds + 0.02 {
            sum += (0..<100_000).reduce(0.0) { $0 + Double($1).squareRoot() }
        }
        #expect(sum > 0)
        // Others of this process open and close files meanwhile.
        #expect(ProcessFacts().openFiles > before.openFiles)
        #expect(files.count == 50)
    }

    @Test func everyMetricHasItsOwnName() {
        let names = ProcessFacts.metrics.map(\.name)
        #expect(Set(names).count == names.count && names.allSatisfy { $0.hasPrefix("process_") })
    }
}
