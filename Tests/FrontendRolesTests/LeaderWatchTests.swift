import ClusterTestKit
import ElectionTestKit
import FrontendElection
import FrontendRoles
import Logging
import Platform
import Synchronization
import TabletModel
import Testing

/// Tells what it was given, in order; what is no observation fails.
private final class GivenFeed: LeaderFeed {
    struct Silent: Error {}
    let given: Mutex<[LeaderObservation?]>
    let asked = Mutex(0)

    init(_ given: [LeaderObservation?]) { self.given = Mutex(given) }

    func next(within limit: Duration) throws -> LeaderObservation? {
        asked.withLock { $0 += 1 }
        guard let next = given.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { throw Silent() }
        return next
    }
}

@Suite struct LeaderWatchTests {
    private let scheduler = ManualScheduler(seed: 3)

    private func watch(_ feed: GivenFeed, _ saw: @escaping @Sendable (LeaderObservation) -> Void) -> LeaderWatch {
        LeaderWatch(
            feed, scheduler: scheduler, random: SeededRandom(seed: 1),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, saw: saw)
    }

    @Test func itTellsWhatItSeesAndGoesOnBehindAFailure() throws {
        let all = [1, 2, 3].map { LeaderObservation(revision: $0, holder: nil) }
        let feed = GivenFeed([all[0], all[1], nil, all[2]])
        let seen = Mutex<[LeaderObservation]>([])
        let watch = watch(feed) { observation in seen.withLock { $0.append(observation) } }
        watch.start()
        try scheduler.advance(by: .seconds(1))
        #expect(seen.withLock { $0 } == all)
        watch.stop()
        try scheduler.advance(by: .seconds(10))
        let asked = feed.asked.withLock { $0 }
        try scheduler.advance(by: .seconds(10))
        #expect(feed.asked.withLock { $0 } == asked)
    }

    /// With nobody to ask it asks more and more seldom.
    @Test func itDoesNotSpin() throws {
        let feed = GivenFeed([])
        let watch = watch(feed) { _ in }
        watch.start()
        try scheduler.advance(by: .seconds(60))
        #expect((10...200).contains(feed.asked.withLock { $0 }))
        watch.stop()
    }
}
