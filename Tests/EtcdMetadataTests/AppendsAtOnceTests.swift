import ClusterMetadata
import ClusterTestKit
import EtcdClient
import Foundation
import MetadataTestKit
import Platform
import ServerFixtures
import Synchronization
import TabletModel
import Testing

@testable import EtcdMetadata

/// The next append is on its way before the one before it is answered.
@Suite(.timeLimit(.minutes(10))) struct AppendsAtOnceTests {
    private let fixture: LogFixture
    private let proxy: EtcdProxy
    private let journal: EtcdJournal

    init() throws {
        fixture = try LogFixture()
        proxy = try EtcdProxy(fixture.etcd.endpoints[0])
        journal = try fixture.master(try fixture.client([proxy.endpoint], deadline: .milliseconds(600)))
        // What is left behind a tail is cut in front of the first append: not what these tests are about.
        _ = try journal.append([JournalEntry.setEpoch(1)])
    }

    /// One that a thread of its own makes. The next may be begun once this exists.
    private final class Append: Sendable {
        private let result = Mutex<Result<Int64, any Error>?>(nil)
        private let ended = DispatchSemaphore(value: 0)

        init(_ journal: EtcdJournal, _ entries: [JournalEntry], behind logID: Int64) {
            let onItsWay = DispatchSemaphore(value: 0)
            Thread.detachNewThread { [self] in
                let made = Result {
                    let encoded = try entries.map { try EncodedEntry($0) }
                    return try journal.append(encoded, behind: logID) { onItsWay.signal() }
                }
                result.withLock { $0 = made }
                onItsWay.signal()
                ended.signal()
            }
            onItsWay.wait()
        }

        var isEnded: Bool { result.withLock { $0 != nil } }

        func get() throws -> Int64 {
            ended.wait()
            defer { ended.signal() }
            return try result.withLock { try $0!.get() }
        }

        /// nil: durable.
        var failure: JournalAppendError? {
            do {
                _ = try get()
                return nil
            } catch {
                return error as? JournalAppendError
            }
        }
    }

    private func isUnknown(_ error: JournalAppendError?) -> Bool {
        if case .outcomeUnknown? = error { true } else { false }
    }

    private func isRefused(_ error: JournalAppendError?) -> Bool {
        if case .refused? = error { true } else { false }
    }

    /// Number of a write among all from now on, from 1.
    private func decideWrites(_ fate: @escaping @Sendable (Int) -> EtcdProxy.Fate) {
        let count = Mutex(0)
        proxy.decide { request in
            guard request.isWrite else { return .pass }
            let number = count.withLock { count in
                count += 1
                return count
            }
            return fate(number)
        }
    }

    @Test func theyLieInTheOrderInWhichTheyBegan() throws {
        var expected: [JournalEntry] = [.setEpoch(1)]
        var appends: [Append] = []
        for round in 2...60 {
            let entries = (0..<round % 4 + 1).map { JournalEntry.setEpoch(Int64(round * 10 + $0)) }
            if appends.count >= 2 { _ = try appends[appends.count - 2].get() }
            appends.append(Append(journal, entries, behind: Int64(expected.count)))
            expected += entries
        }
        for append in appends { _ = try append.get() }
        #expect(try fixture.entries() == expected)
        #expect(try journal.lastLogID == Int64(expected.count))
    }

    @Test func theSecondIsSentBeforeTheFirstIsAnswered() throws {
        let secondIsHere = DispatchSemaphore(value: 0)
        decideWrites { number in
            if number == 1 { secondIsHere.wait() } else { secondIsHere.signal() }
            return .pass
        }
        let first = Append(journal, [.setEpoch(2)], behind: 1)
        // Gets to etcd first, and finds the tail before; it is sent again.
        let second = Append(journal, [.setEpoch(3)], behind: 2)
        #expect(try first.get() == 2)
        #expect(try second.get() == 3)
        #expect(try fixture.entries() == [.setEpoch(1), .setEpoch(2), .setEpoch(3)])
    }

    @Test func behindOneThatIsRefusedNothingIsThere() throws {
        let full = #"{"error":"etcdserver: mvcc: database space exceeded","code":8}"#
        let secondIsHere = DispatchSemaphore(value: 0)
        decideWrites { number in
            if number == 1 {
                secondIsHere.wait()
                return .answer(429, full)
            }
            secondIsHere.signal()
            return .pass
        }
        let first = Append(journal, [.setEpoch(2)], behind: 1)
        let second = Append(journal, [.setEpoch(3)], behind: 2)
        #expect(isRefused(first.failure) && isRefused(second.failure))
        #expect(journal.failure == nil && journal.deposition == nil)
        // One that was validated behind them, and is sent only now.
        #expect(isRefused(Append(journal, [.setEpoch(4)], behind: 3).failure))
        // One that was validated when they had failed.
        #expect(try Append(journal, [.setEpoch(5)], behind: 1).get() == 2)
        #expect(try fixture.entries() == [.setEpoch(1), .setEpoch(5)])
    }

    @Test(arguments: [true, false]) func behindOneInDoubtAllAreInDoubt(wasMade: Bool) throws {
        decideWrites { _ in wasMade ? .loseAnswer : .loseRequest }
        let first = Append(journal, [.setEpoch(2)], behind: 1)
        let second = Append(journal, [.setEpoch(3), .setEpoch(4)], behind: 2)
        #expect(isUnknown(first.failure) && isUnknown(second.failure))
        let third = Append(journal, [.setEpoch(5)], behind: 4).failure
        #expect(isRefused(third) && "\(String(describing: third))".contains("not settled"))
        proxy.decide { _ in .pass }
        try journal.reopen()
        #expect(journal.failure == nil)
        #expect(try journal.append([JournalEntry.setEpoch(5)]) == 5)
        #expect(try fixture.entries() == (1...5).map { .setEpoch($0) })
    }

    /// The first is made and nobody hears of it; the second's answer tells more than its own fate.
    @Test func theFirstIsInDoubtAndTheSecondIsThere() throws {
        let firstIsMade = DispatchSemaphore(value: 0)
        decideWrites { number in
            if number == 2 { firstIsMade.wait() }
            if number == 1 { firstIsMade.signal() }
            return number == 2 ? .pass : .loseAnswer
        }
        let sent = proxy.transactions
        let first = Append(journal, [.setEpoch(2)], behind: 1)
        while proxy.transactions == sent { sched_yield() }
        let second = Append(journal, [.setEpoch(3)], behind: 2)
        #expect(isUnknown(first.failure))
        // Durable, or in doubt as well where it came first: never refused.
        #expect(!isRefused(second.failure))
        proxy.decide { _ in .pass }
        try journal.reopen()
        #expect(try fixture.entries() == (1...3).map { .setEpoch($0) })
        #expect(try journal.append([JournalEntry.setEpoch(4)]) == 4)
    }

    /// Its first try may still be under way when etcd refuses a later one.
    @Test func oneThatIsSentAgainAndRefusedThenIsInDoubt() throws {
        let full = #"{"error":"etcdserver: too many requests","code":8}"#
        let before = proxy.answered
        decideWrites { [proxy] number in
            switch number {
            // The first, until the second has found the tail before it.
            case 1:
                while proxy.answered == before { sched_yield() }
                return .pass
            case 2: return .loseRequest
            case 4: return .answer(429, full)
            default: return .pass
            }
        }
        let sent = proxy.transactions
        let first = Append(journal, [.setEpoch(2)], behind: 1)
        while proxy.transactions == sent { sched_yield() }
        let second = Append(journal, [.setEpoch(3)], behind: 2)
        #expect(try first.get() == 2)
        #expect(isUnknown(second.failure))
        proxy.decide { _ in .pass }
        try journal.reopen()
        #expect(try journal.append([JournalEntry.setEpoch(4)]) == 4)
        #expect(try fixture.entries() == (1...4).map { .setEpoch($0) })
    }

    @Test func aDeposedMastersAppendsAreBothRefused() throws {
        decideWrites { [fixture] number in
            if number == 1 { _ = try? fixture.elect("fe2") }
            return .pass
        }
        let first = Append(journal, [.setEpoch(2)], behind: 1)
        let second = Append(journal, [.setEpoch(3)], behind: 2)
        #expect(isRefused(first.failure) && isRefused(second.failure))
        #expect(journal.deposition != nil)
        #expect(try fixture.entries() == [.setEpoch(1)])
    }

    /// Anything may be lost, and two are on their way: what was acknowledged is there, once and in order; what was refused is not.
    @Test(arguments: [1, 2, 3, 4]) func whateverIsLost(seed: UInt64) throws {
        let random = Mutex(SeededRandom(seed: seed))
        var expected: [JournalEntry] = [.setEpoch(1)]
        for round in 1...20 {
            proxy.decide { request in
                switch random.withLock({ $0.next(below: 7) }) {
                case 0: .loseAnswer
                case 1: .loseRequest
                case 2 where request.isWrite:
                    .answer(429, #"{"error":"etcdserver: mvcc: database space exceeded","code":8}"#)
                default: .pass
                }
            }
            let entries = [1, 2].map { number in (0..<number).map { JournalEntry.setEpoch(Int64(round * 10 + $0)) } }
            let begin = Int64(expected.count)
            let first = Append(journal, entries[0], behind: begin)
            let second = Append(journal, entries[1], behind: begin + 1)
            let failures = (first.failure, second.failure)
            proxy.decide { _ in .pass }
            if journal.failure != nil { try journal.reopen() }
            let found = try fixture.entries()
            let (one, both) = (expected + entries[0], expected + entries[0] + entries[1])
            switch failures {
            case (nil, nil): #expect(found == both)
            case (nil, .refused?): #expect(found == one)
            case (nil, .outcomeUnknown?): #expect(found == both, "settling makes it durable")
            case (.refused?, .refused?): #expect(found == expected)
            case (.outcomeUnknown?, .refused?): #expect(found == one)
            case (.outcomeUnknown?, _): #expect(found == both)
            default: Issue.record("round \(round): \(String(describing: failures))")
            }
            expected = found
        }
    }
}
