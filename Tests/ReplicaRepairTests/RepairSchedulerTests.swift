import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import MasterServices
@testable import ReplicaRepair

@Suite struct RepairSchedulerTests {
    private static func time(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }
    private let wall = UnixTime(seconds: 1_700_000_000)

    private static func health(
        _ status: TabletHealth.Status = .replicaMissing, _ priority: TabletHealth.Priority = .normal
    ) -> TabletHealth {
        var health = TabletHealth.healthy
        health.status = status
        health.priority = priority
        health.reason = "test"
        return health
    }

    private static func clone(
        _ tablet: TabletID, from source: Int64, to destination: Int64, path: Int64 = 7, lease: Duration = .seconds(100)
    ) -> CloneOperation {
        CloneOperation(
            tabletID: tablet, target: .new, destination: DiskPlace(backendID: BackendID(destination), pathHash: path),
            sources: [BackendID(source)], source: DiskPlace(backendID: BackendID(source), pathHash: path), version: 5,
            lease: lease)
    }

    private func start(_ scheduler: inout TabletScheduler, _ operation: CloneOperation, _ now: MonotonicTime) -> Bool {
        scheduler.start(operation, attempt: 1, replica: 9, now: now, wall: wall)
    }

    /// After any history the slots in use are those of the running clones, and none has more than its share.
    @Test(arguments: 0..<200) func slotsNeverLeak(_ seed: Int) {
        let random = SeededRandom(seed: UInt64(seed))
        var configuration = RepairConfiguration()
        configuration.slotsPerPath = 2
        configuration.maxScheduling = 30
        var scheduler = TabletScheduler(configuration)
        var clock: Int64 = 0
        var attempts: Int64 = 0
        func draw(_ bound: UInt64) -> Int64 { Int64(random.next(below: bound)) }
        for _ in 0..<400 {
            clock += draw(20)
            let now = Self.time(clock)
            let tablet = TabletID(1 + draw(40))
            switch draw(8) {
            case 0, 1:
                let statuses = TabletHealth.Status.allCases
                let health = Self.health(
                    statuses[Int(draw(UInt64(statuses.count)))],
                    TabletHealth.Priority.allCases[Int(draw(UInt64(TabletHealth.Priority.allCases.count)))])
                scheduler.offer(tablet, health, forced: draw(10) == 0, now: now, wall: wall)
            case 2, 3:
                for item in scheduler.due(now: now, limit: 5) {
                    let operation = Self.clone(item.tabletID, from: 1 + draw(4), to: 1 + draw(4), path: draw(2))
                    attempts += 1
                    _ = scheduler.start(
                        operation, attempt: attempts, replica: ReplicaID(draw(1000)), now: now, wall: wall)
                }
            case 4:
                guard let clone = scheduler.running[tablet] else { break }
                _ = scheduler.succeeded(clone, copiedBytes: 1, wall: wall, message: "")
            case 5:
                guard let clone = scheduler.running[tablet] else { break }
                _ = scheduler.failed(clone, "failed", now: now, wall: wall)
            case 6:
                for lost in scheduler.expired(now: now) {
                    _ = scheduler.failed(lost, "late", now: now, wall: wall)
                }
            default:
                for lost in scheduler.clones(to: BackendID(1 + draw(4))) {
                    _ = scheduler.failed(lost, "died", now: now, wall: wall)
                }
            }
            let uses = scheduler.running.values.reduce(0) { $0 + $1.operation.places.count }
            #expect(scheduler.slots.values.reduce(0, +) == uses)
            #expect(scheduler.slots.values.allSatisfy { $0 > 0 && $0 <= configuration.slotsPerPath })
            #expect(scheduler.pending.count + scheduler.running.count <= configuration.maxScheduling)
            #expect(Set(scheduler.pending.keys).isDisjoint(with: scheduler.running.keys))
        }
        for clone in scheduler.clones() {
            _ = scheduler.failed(clone, "over", now: Self.time(clock), wall: wall)
        }
        #expect(scheduler.slots.isEmpty)
    }

    // found D5
    @Test func theEndOfAnEarlierAttemptDoesNotTouchTheNewerOne() throws {
        var scheduler = TabletScheduler(RepairConfiguration())
        scheduler.offer(1, Self.health(), now: Self.time(0), wall: wall)
        let operation = Self.clone(1, from: 1, to: 2)
        _ = scheduler.start(operation, attempt: 1, replica: 9, now: Self.time(0), wall: wall)
        let old = try #require(scheduler.running[1])
        let isFirstEnd = scheduler.failed(old, "its lease ran out", now: Self.time(100), wall: wall)
        let isStarted = scheduler.start(operation, attempt: 2, replica: 9, now: Self.time(200), wall: wall)
        let isSecondEnd = scheduler.failed(old, "late", now: Self.time(201), wall: wall)
        let isLateSuccess = scheduler.succeeded(old, copiedBytes: 1, wall: wall, message: "")
        #expect(isFirstEnd && isStarted && !isSecondEnd && !isLateSuccess)
        #expect(scheduler.running[1]?.attempt == 2)
        #expect(scheduler.totals.failures == 1 && scheduler.totals.clones == 0)
    }

    @Test func fullDiskOfClonesTakesNoMore() throws {
        var configuration = RepairConfiguration()
        configuration.slotsPerPath = 1
        var scheduler = TabletScheduler(configuration)
        for tablet in 1...3 {
            scheduler.offer(TabletID(Int64(tablet)), Self.health(), now: Self.time(0), wall: wall)
        }
        #expect(start(&scheduler, Self.clone(1, from: 1, to: 2), Self.time(0)))
        #expect(!start(&scheduler, Self.clone(2, from: 1, to: 3), Self.time(0)))
        #expect(!start(&scheduler, Self.clone(2, from: 3, to: 2), Self.time(0)))
        #expect(start(&scheduler, Self.clone(2, from: 3, to: 4), Self.time(0)))
        _ = scheduler.succeeded(try #require(scheduler.running[1]), copiedBytes: 10, wall: wall, message: "")
        #expect(start(&scheduler, Self.clone(3, from: 1, to: 2), Self.time(0)))
        #expect(scheduler.totals.copiedBytes == 10)
    }

    @Test func mostUrgentAndThenOldestComeFirst() {
        var scheduler = TabletScheduler(RepairConfiguration())
        scheduler.offer(1, Self.health(.replicaMissing, .normal), now: Self.time(0), wall: wall)
        scheduler.offer(2, Self.health(.replicaBad, .high), now: Self.time(1), wall: wall)
        scheduler.offer(3, Self.health(.replicaMissing, .normal), now: Self.time(1), wall: wall)
        scheduler.offer(4, Self.health(.forceRedundant, .low), forced: true, now: Self.time(2), wall: wall)
        #expect(scheduler.due(now: Self.time(3), limit: 9).map(\.tabletID) == [4, 2, 1, 3])
        // What has waited for long moves up.
        scheduler.offer(5, Self.health(.replicaBad, .high), now: Self.time(700), wall: wall)
        #expect(scheduler.due(now: Self.time(700), limit: 9).map(\.tabletID) == [4, 1, 2, 3, 5])
    }

    @Test func failuresBackOffAndKeepTheirCount() throws {
        var scheduler = TabletScheduler(RepairConfiguration())
        scheduler.offer(1, Self.health(), now: Self.time(0), wall: wall)
        var now: Int64 = 0
        for wait in [5, 10, 20, 40, 80, 160, 300, 300] {
            #expect(start(&scheduler, Self.clone(1, from: 1, to: 2), Self.time(now)))
            _ = scheduler.failed(try #require(scheduler.running[1]), "disk full", now: Self.time(now), wall: wall)
            #expect(scheduler.due(now: Self.time(now + Int64(wait) - 1), limit: 1).isEmpty)
            #expect(scheduler.due(now: Self.time(now + Int64(wait)), limit: 1).count == 1)
            now += Int64(wait)
        }
        #expect(scheduler.pending[1]?.attempts == 8)
        #expect(scheduler.pending[1]?.message.contains("attempt 8 failed: disk full") == true)
        #expect(scheduler.pending[1]?.avoided == [2])
        #expect(scheduler.history.count == 8)
        // A round of the checker does not shorten the wait.
        scheduler.offer(1, Self.health(), now: Self.time(now - 100), wall: wall)
        #expect(scheduler.due(now: Self.time(now - 1), limit: 1).isEmpty)
    }

    @Test func laggingAndSurplusReplicasGetTheirTime() {
        var scheduler = TabletScheduler(RepairConfiguration())
        scheduler.offer(1, Self.health(.versionIncomplete, .high), now: Self.time(0), wall: wall)
        scheduler.offer(2, Self.health(.redundant, .low), now: Self.time(0), wall: wall)
        #expect(scheduler.due(now: Self.time(4), limit: 9).isEmpty)
        #expect(scheduler.due(now: Self.time(5), limit: 9).map(\.tabletID) == [1])
        scheduler.wake(now: Self.time(6))
        #expect(scheduler.due(now: Self.time(59), limit: 9).map(\.tabletID) == [1])
        // Well again by itself.
        scheduler.offer(1, .healthy, now: Self.time(6), wall: wall)
        #expect(scheduler.pending[1] == nil)
        // The delay begins anew when the need is another one.
        scheduler.offer(2, Self.health(.replicaMissing, .normal), now: Self.time(30), wall: wall)
        scheduler.offer(2, Self.health(.redundant, .low), now: Self.time(40), wall: wall)
        #expect(scheduler.due(now: Self.time(99), limit: 9).isEmpty)
        #expect(scheduler.due(now: Self.time(100), limit: 9).map(\.tabletID) == [2])
    }

    @Test func moreUrgentTabletsTakeThePlaceOfOthers() {
        var configuration = RepairConfiguration()
        configuration.maxScheduling = 3
        var scheduler = TabletScheduler(configuration)
        for id in 1...3 {
            scheduler.offer(TabletID(Int64(id)), Self.health(.replicaMissing, .normal), now: Self.time(0), wall: wall)
        }
        let lessUrgent = scheduler.offer(4, Self.health(.replicaMissing, .normal), now: Self.time(0), wall: wall)
        let moreUrgent = scheduler.offer(5, Self.health(.replicaMissing, .veryHigh), now: Self.time(0), wall: wall)
        #expect(!lessUrgent && moreUrgent)
        #expect(scheduler.pending.keys.sorted() == [1, 2, 5])
    }

    @Test func leaseEndsWithTheTime() {
        var scheduler = TabletScheduler(RepairConfiguration())
        scheduler.offer(1, Self.health(), now: Self.time(0), wall: wall)
        #expect(start(&scheduler, Self.clone(1, from: 1, to: 2), Self.time(0)))
        #expect(scheduler.expired(now: Self.time(99)).isEmpty)
        #expect(scheduler.expired(now: Self.time(100)).map(\.operation.tabletID) == [1])
        #expect(scheduler.clone(of: 1, replica: 9, on: 2) != nil)
        #expect(scheduler.clone(of: 1, replica: 8, on: 2) == nil)
        #expect(scheduler.clone(of: 1, replica: 9, on: 3) == nil)
    }
}
