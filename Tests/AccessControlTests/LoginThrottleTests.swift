import Platform
import Synchronization
import TabletModel
import Testing

@testable import AccessControl

@Suite struct LoginThrottleTests {
    private final class Clock: TimeSource {
        private let now = Mutex(Duration.zero)
        var monotonicNow: MonotonicTime { MonotonicTime(nanoseconds: 0) + now.withLock { $0 } }
        var wallNow: UnixTime { UnixTime(seconds: 0) }
        func pass(_ time: Duration) { now.withLock { $0 += time } }
    }

    private let clock = Clock()
    private func throttle(_ change: (inout LoginThrottleSettings) -> Void = { _ in }) -> LoginThrottle {
        var settings = LoginThrottleSettings()
        change(&settings)
        return LoginThrottle(settings, time: clock)
    }

    /// Tries and fails once it may; returns what it had to wait.
    private func fail(_ throttle: LoginThrottle, _ user: String, _ address: String) -> Duration? {
        switch throttle.admit(user: user, address: address) {
        case .now:
            throttle.failed(user: user, address: address)
            return .zero
        case .after(let wait):
            clock.pass(wait)
            throttle.failed(user: user, address: address)
            return wait
        case .refused: return nil
        }
    }

    @Test func whoDoesNotFailNeverWaits() {
        let throttle = throttle()
        for _ in 0..<1000 {
            #expect(throttle.admit(user: "root", address: "10.0.0.1") == .now)
            throttle.succeeded(user: "root", address: "10.0.0.1")
        }
        #expect(throttle.counts == LoginThrottleCounts())
    }

    @Test func anAddressWaitsLongerWithEveryFailureAndIsRefusedInTheEnd() {
        let throttle = throttle()
        var waits: [Duration?] = []
        for i in 0..<11 { waits.append(fail(throttle, "user\(i)", "10.0.0.1")) }
        #expect(
            waits == [.zero, .zero, .zero, .zero]
                + [200, 400, 800, 1600, 3200, 6400].map { Duration.milliseconds($0) } + [nil])
        #expect(throttle.counts == LoginThrottleCounts(failed: 10, delayed: 6, refused: 1))
        #expect(throttle.admit(user: "root", address: "10.0.0.2") == .now, "others go on")
    }

    @Test func aRefusedTryCostsNothing() {
        let throttle = throttle { $0.longestWait = .milliseconds(100) }
        for _ in 0..<4 { throttle.failed(user: "root", address: "10.0.0.1") }
        for _ in 0..<50 {
            #expect(
                throttle.admit(user: "root", address: "10.0.0.1") == .refused(retryAfter: .milliseconds(200)))
        }
        clock.pass(.milliseconds(200))
        #expect(throttle.admit(user: "root", address: "10.0.0.1") == .now)
    }

    @Test func triesAtOnceStandInLine() {
        let throttle = throttle()
        for _ in 0..<4 { throttle.failed(user: "root", address: "10.0.0.1") }
        let waits = (0..<5).map { _ in throttle.admit(user: "root", address: "10.0.0.1") }
        #expect(waits == (1...5).map { .after(.milliseconds(200 * $0)) })
    }

    @Test func aUserIsSlowedFromEverywhereButWhereItLoggedIn() {
        let throttle = throttle()
        throttle.succeeded(user: "root", address: "10.0.0.1")
        for i in 0..<200 {
            throttle.failed(user: "root", address: "10.1.\(i).1")
        }
        #expect(throttle.admit(user: "root", address: "10.0.0.1") == .now)
        #expect(throttle.admit(user: "root", address: "10.2.0.1") == .after(.seconds(2)), "no more than that")
        #expect(throttle.admit(user: "other", address: "10.2.0.2") == .now)
    }

    @Test func somebodyWhoMistypedStartsAfresh() {
        let throttle = throttle()
        for _ in 0..<4 { _ = fail(throttle, "ann", "10.0.0.1") }
        clock.pass(.seconds(1))
        throttle.succeeded(user: "ann", address: "10.0.0.1")
        #expect(throttle.admit(user: "ann", address: "10.0.0.1") == .now)
        #expect(throttle.admit(user: "ann", address: "10.0.0.1") == .now)
    }

    @Test func aLoginOfOnesOwnDoesNotPayForTriesOfOthers() {
        let throttle = throttle()
        for i in 0..<6 {
            throttle.failed(user: "root", address: "10.0.0.1")
            throttle.failed(user: "mallory", address: "10.0.0.1")
            throttle.succeeded(user: "mallory", address: "10.0.0.1")
            if i > 1 { #expect(throttle.admit(user: "root", address: "10.0.0.1") != .now, "round \(i)") }
        }
    }

    @Test func failuresAreForgotten() {
        let throttle = throttle()
        for _ in 0..<6 { throttle.failed(user: "root", address: "10.0.0.1") }
        clock.pass(.seconds(900))
        #expect(throttle.admit(user: "root", address: "10.0.0.1") == .now)
        #expect(fail(throttle, "root", "10.0.0.1") == .zero)
        #expect(fail(throttle, "root", "10.0.0.1") == .zero)
    }

    @Test func aNetworkOfIPv6IsOneAddress() {
        let throttle = throttle()
        for i in 0..<4 { throttle.failed(user: "u\(i)", address: "2001:db8:0:7::\(i)") }
        #expect(throttle.admit(user: "root", address: "2001:db8:0:7:ffff::1") == .after(.milliseconds(200)))
        #expect(throttle.admit(user: "root", address: "2001:db8:0:8::1") == .now)
        #expect(throttle.admit(user: "root", address: "::ffff:10.0.0.1") == .now)
    }

    @Test func namesThatAreMadeUpTakeBoundedMemoryAndPushNobodyOut() {
        let throttle = throttle { $0.entries = 100 }
        for _ in 0..<8 { throttle.failed(user: "root", address: "10.0.0.1") }
        for i in 0..<10_000 {
            throttle.failed(user: "user\(i)", address: "10.1.\(i / 256).\(i % 256)")
            throttle.succeeded(user: "user\(i)", address: "10.1.\(i / 256).\(i % 256)")
        }
        #expect(throttle.remembered <= 300)
        #expect(throttle.admit(user: "new", address: "10.0.0.1") != .now)
        #expect(throttle.admit(user: "root", address: "10.9.0.1") != .now)
    }
}
