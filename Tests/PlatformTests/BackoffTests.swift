import Platform
import Testing

private struct FixedRandom: RandomSource {
    let value: UInt64
    func next() -> UInt64 { value }
}

@Suite struct BackoffTests {
    let backoff = Backoff(base: .milliseconds(100), limit: .seconds(10))

    @Test(arguments: [(0, 100), (1, 200), (3, 800), (7, 10_000), (1_000, 10_000), (-1, 100)])
    func ceilingDoublesUpToTheLimit(retry: Int, milliseconds: Int) {
        #expect(backoff.ceiling(retry: retry) == .milliseconds(milliseconds))
    }

    @Test func delayIsBetweenZeroAndTheCeiling() {
        #expect(backoff.delay(retry: 2, random: FixedRandom(value: 0)) == .zero)
        #expect(backoff.delay(retry: 2, random: FixedRandom(value: .max)) == .milliseconds(400))
    }

    @Test func boundedRandomNumbersStayBelowTheBound() {
        #expect(FixedRandom(value: .max).next(below: 7) == 6)
        #expect(FixedRandom(value: 0).next(below: 7) == 0)
    }
}
