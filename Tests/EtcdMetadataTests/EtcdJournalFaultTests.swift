import ClusterMetadata
import ClusterTestKit
import EtcdClient
import MetadataTestKit
import Platform
import ServerFixtures
import Synchronization
import TabletModel
import Testing

@testable import EtcdMetadata

/// Lost requests, lost answers, full and missing etcds: what was acknowledged is there once, what was refused is not there.
@Suite struct EtcdJournalFaultTests {
    /// So that an append of several transactions needs few bytes.
    private static let smallPieces = AppendPlan.Limits(valueBytes: 2000)

    /// A journal whose calls go through a proxy that loses things.
    private struct Lossy {
        let fixture: LogFixture
        let proxy: EtcdProxy
        let journal: EtcdJournal

        init() throws {
            fixture = try LogFixture()
            proxy = try EtcdProxy(fixture.etcd.endpoints[0])
            journal = try fixture.master(
                try fixture.client([proxy.endpoint], deadline: .milliseconds(600)),
                limits: EtcdJournalFaultTests.smallPieces)
            // What is left behind a tail is cut in front of the first append: not what these tests count.
            _ = try journal.append([.setEpoch(1)])
        }
    }

    private func failure(_ body: () throws -> Void) throws -> JournalAppendError {
        try #require(#expect(throws: JournalAppendError.self) { try body() })
    }

    private func isUnknown(_ error: JournalAppendError) -> Bool {
        if case .outcomeUnknown = error { true } else { false }
    }

    // MARK: Lost answers

    @Test func aLostAnswerIsSettledByTheSameTransaction() throws {
        let lossy = try Lossy()
        let lost = Mutex(0)
        lossy.proxy.decide { request in
            guard request.isWrite else { return .pass }
            return lost.withLock {
                $0 += 1
                return $0 <= 2 ? .loseAnswer : .pass
            }
        }
        #expect(try lossy.journal.append([.setEpoch(2), .setEpoch(3)]) == 3)
        #expect(lossy.journal.failure == nil)
        // And the numbering goes on from there.
        #expect(try lossy.journal.append([.setEpoch(4)]) == 4)
        #expect(try lossy.fixture.entries() == [.setEpoch(1), .setEpoch(2), .setEpoch(3), .setEpoch(4)])
    }

    @Test(arguments: [true, false]) func anAppendInDoubtIsSettledWhenEtcdIsBack(wasMade: Bool) throws {
        let lossy = try Lossy()
        lossy.proxy.decide { _ in wasMade ? .loseAnswer : .loseRequest }
        #expect(isUnknown(try failure { _ = try lossy.journal.append([.setEpoch(2)]) }))
        let failed = try #require(lossy.journal.failure)
        #expect(failed.contains(lossy.proxy.endpoint))
        let next = try failure { _ = try lossy.journal.append([.setEpoch(3)]) }
        #expect(!isUnknown(next) && "\(next)".contains("not settled"))
        #expect(throws: EtcdError.self) { try lossy.journal.reopen() }
        #expect(lossy.journal.failure != nil)
        lossy.proxy.decide { _ in .pass }
        try lossy.journal.reopen()
        #expect(lossy.journal.failure == nil)
        #expect(try lossy.journal.append([.setEpoch(3)]) == 3)
        #expect(try lossy.fixture.entries() == [.setEpoch(1), .setEpoch(2), .setEpoch(3)])
    }

    @Test(arguments: [true, false]) func anAppendInDoubtWhenAnotherMasterCame(wasMade: Bool) throws {
        let lossy = try Lossy()
        lossy.proxy.decide { _ in wasMade ? .loseAnswer : .loseRequest }
        #expect(isUnknown(try failure { _ = try lossy.journal.append([.setEpoch(2)]) }))
        let other = try lossy.fixture.master()
        #expect(try other.append([.setEpoch(99)]) == (wasMade ? 3 : 2))
        lossy.proxy.decide { _ in .pass }
        try lossy.journal.reopen()
        let made: [JournalEntry] = wasMade ? [.setEpoch(2)] : []
        #expect(try lossy.fixture.entries() == [.setEpoch(1)] + made + [.setEpoch(99)])
        #expect(!isUnknown(try failure { _ = try lossy.journal.append([.setEpoch(3)]) }))
        #expect(lossy.journal.deposition != nil)
        #expect(try lossy.journal.lastLogID == (wasMade ? 3 : 2))
    }

    // MARK: Fences

    @Test func aDeposedMasterWritesNothing() throws {
        let fixture = try LogFixture()
        let old = try fixture.master()
        #expect(try old.append([.setEpoch(1)]) == 1)
        let new = try fixture.master()
        let error = try failure { _ = try old.append([.setEpoch(2)]) }
        #expect(!isUnknown(error) && "\(error)".contains("not the master any more"))
        #expect(throws: EtcdLogError.self) { try old.truncate(upTo: 1) }
        #expect(try new.append([.setEpoch(3)]) == 2)
        #expect(try fixture.entries() == [.setEpoch(1), .setEpoch(3)])
        #expect(old.deposition != nil && new.deposition == nil)
    }

    @Test func whoIsNotMasterWritesNothing() throws {
        let fixture = try LogFixture()
        let journal = EtcdJournal(try fixture.client(), prefix: LogFixture.prefix)
        #expect(!isUnknown(try failure { _ = try journal.append([.setEpoch(1)]) }))
        #expect(throws: EtcdLogError.notMaster) { try journal.truncate(upTo: 1) }
        // Nor a master whose lease has ended.
        let master = try fixture.master()
        try fixture.client().delete(.key(LogFixture.prefix + "/leader"))
        #expect("\(try failure { _ = try master.append([.setEpoch(1)]) })".contains("lease"))
        master.endTerm()
        #expect("\(try failure { _ = try master.append([.setEpoch(1)]) })".contains("ask the master"))
        #expect(try fixture.entries().isEmpty)
    }

    // MARK: Truncation

    /// Some keys at a time, with answers lost in between: reading is right after each step.
    @Test func aTruncationGoesOnWhereItWasBrokenOff() throws {
        let fixture = try LogFixture()
        let proxy = try EtcdProxy(fixture.etcd.endpoints[0])
        let limits = AppendPlan.Limits(keysPerTruncation: 4)
        let journal = try fixture.master(
            try fixture.client([proxy.endpoint], deadline: .milliseconds(300)), limits: limits)
        for id in stride(from: Int64(1), to: 40, by: 2) { _ = try journal.append([.setEpoch(id), .setEpoch(id + 1)]) }
        let reader = EtcdJournal(try fixture.client(), prefix: LogFixture.prefix)
        let writes = Mutex(0)
        proxy.decide { request in
            guard request.isWrite else { return .pass }
            let number = writes.withLock {
                $0 += 1
                return $0
            }
            // The first answer is lost and heard when it is asked for again; from the sixth request on nobody answers.
            return number == 1 ? .loseAnswer : number < 6 ? .pass : .loseRequest
        }
        #expect(throws: EtcdError.self) { try journal.truncate(upTo: 29) }
        let reached = try reader.truncatedLogID
        #expect(reached > 0 && reached < 29)
        #expect(try fixture.entries(from: reached + 1) == (reached + 1...40).map { .setEpoch($0) })
        proxy.decide { _ in .pass }
        try journal.truncate(upTo: 29)
        #expect(try reader.truncatedLogID == 29)
        #expect(try fixture.entries(from: 30) == (30...40).map { .setEpoch($0) })
        // The batch of 29 and 30 stays, and those behind it.
        let keys = try fixture.client().range(EtcdRangeQuery(.prefix(LogFixture.prefix + "/log/0"), keysOnly: true))
        #expect(keys.values.count == 6)
        #expect(try journal.append([.setEpoch(41)]) == 41)
        try journal.truncate(upTo: 41)
        #expect(try journal.lastLogID == 41)
        #expect(try journal.append([.setEpoch(42)]) == 42)
    }

    // MARK: Appends of several transactions

    /// Entries of which each has a transaction for itself.
    private static func large(_ count: Int) -> [JournalEntry] {
        (0..<count).map { .dropPolicy("\($0)" + String(repeating: "x", count: Self.smallPieces.valueBytes / 2)) }
    }

    /// A large append breaks off in each of its transactions, be it refused or lost: nothing of it is there, and what is appended
    /// next is right, for readers and followers alike.
    @Test(arguments: [2, 3], [true, false])
    func aLargeAppendThatBreaksOffLeavesNothing(brokenAt: Int, isRefused: Bool) throws {
        let lossy = try Lossy()
        let follower = try lossy.fixture.follower(from: 2)
        #expect(try follower.advance(upTo: .milliseconds(10)) { _, _ in } == 0)
        let writes = Mutex(0)
        lossy.proxy.decide { request in
            guard request.isWrite else { return .pass }
            let number = writes.withLock {
                $0 += 1
                return $0
            }
            guard number >= brokenAt else { return .pass }
            return isRefused
                ? .answer(429, #"{"error":"etcdserver: mvcc: database space exceeded","code":8}"#) : .loseAnswer
        }
        #expect(!isUnknown(try failure { _ = try lossy.journal.append(Self.large(4)) }))
        #expect(lossy.journal.failure == nil)
        #expect(try lossy.journal.lastLogID == 1)
        lossy.proxy.decide { _ in .pass }
        #expect(try lossy.journal.append([.setEpoch(2)]) == 2)
        #expect(try lossy.journal.append(Self.large(3)) == 5)
        let expected = [JournalEntry.setEpoch(2)] + Self.large(3)
        #expect(try lossy.fixture.entries(from: 2) == expected)
        var followed: [JournalEntry] = []
        while followed.count < expected.count {
            _ = try follower.advance(upTo: .seconds(10)) { followed.append($1) }
        }
        #expect(followed == expected)
    }

    /// The master dies in a large append, and its last words arrive after the next one was elected.
    @Test func whatAMasterLeftInAnAppendIsNotPartOfTheLog() throws {
        let fixture = try LogFixture()
        let proxy = try EtcdProxy(fixture.etcd.endpoints[0])
        let first = try fixture.master(
            try fixture.client([proxy.endpoint], deadline: .milliseconds(300)),
            limits: EtcdJournalFaultTests.smallPieces)
        let writes = Mutex(0)
        proxy.decide { request in
            guard request.isWrite else { return .pass }
            return writes.withLock {
                $0 += 1
                return $0 <= 3 ? .pass : .loseRequest
            }
        }
        #expect(throws: JournalAppendError.self) { try first.append(Self.large(4)) }
        #expect(try fixture.entries().isEmpty)
        let second = try fixture.master()
        #expect(try second.append([.setEpoch(1)]) == 1)
        #expect(try second.append([.setEpoch(2), .setEpoch(3)]) == 3)
        #expect(try fixture.entries() == [.setEpoch(1), .setEpoch(2), .setEpoch(3)])
        let keys = try fixture.client().range(EtcdRangeQuery(.prefix(LogFixture.prefix + "/log/0"), keysOnly: true))
        #expect(keys.values.count == 2)
    }

    /// Requests and answers are lost at random, from a seed; after each append the log is compared with what was acknowledged.
    @Test(arguments: [1, 2, 3]) func whatWasAcknowledgedIsThereOnceWhateverIsLost(seed: UInt64) throws {
        let lossy = try Lossy()
        let random = SeededRandom(seed: seed)
        let follower = try lossy.fixture.follower(from: 2)
        var expected: [JournalEntry] = []
        var followed: [JournalEntry] = []
        for round in 1...25 {
            lossy.proxy.decide { request in
                switch random.next(below: 8) {
                case 0...1: .loseAnswer
                case 2...3: .loseRequest
                case 4 where request.isWrite:
                    .answer(429, #"{"error":"etcdserver: mvcc: database space exceeded","code":8}"#)
                default: .pass
                }
            }
            let entries =
                random.next(below: 3) == 0 ? Self.large(3) : [JournalEntry.setEpoch(Int64(round)), .saveNextID(end: 5)]
            do {
                let last = try lossy.journal.append(entries)
                expected += entries
                #expect(last == Int64(expected.count + 1))
            } catch JournalAppendError.refused {
                #expect(lossy.journal.failure == nil)
            } catch JournalAppendError.outcomeUnknown {
                while lossy.journal.failure != nil { try? lossy.journal.reopen() }
                // Settling makes it durable: nobody else is master.
                expected += entries
            }
            let found = try lossy.fixture.entries(from: 2)
            // Entries are long: no text of them in a failure.
            let isSame = found == expected
            #expect(isSame, "round \(round): \(found.count) entries, not \(expected.count)")
            guard isSame else { return }
        }
        while followed.count < expected.count {
            _ = try follower.advance(upTo: .seconds(10)) { followed.append($1) }
        }
        let isSame = followed == expected
        #expect(isSame)
    }

    // MARK: etcd itself

    @Test func anEntryLargerThanARequestIsRefusedByName() throws {
        let fixture = try LogFixture()
        let journal = try fixture.master()
        let error = try failure {
            _ = try journal.append([.setEpoch(1), .dropPolicy(String(repeating: "x", count: 1_600_000))])
        }
        #expect(!isUnknown(error) && "\(error)".contains("\(OperationCode.dropPolicy)"))
        // The largest that etcd takes.
        let large = JournalEntry.dropPolicy(String(repeating: "x", count: 1_499_000))
        #expect(try journal.append([.setEpoch(1), large, .setEpoch(2)]) == 3)
        #expect(try fixture.entries() == [.setEpoch(1), large, .setEpoch(2)])
    }

    @Test func withoutAQuorumAnAppendIsInDoubtAndSettledAfterwards() throws {
        let fixture = try LogFixture(members: 3)
        let journal = try fixture.master()
        #expect(try journal.append([.setEpoch(1)]) == 1)
        for member in 1...2 { fixture.etcd.freeze(member) }
        let clock = ContinuousClock()
        let start = clock.now
        let error = try failure { _ = try journal.append([.setEpoch(2)]) }
        #expect(isUnknown(error), "\(error)")
        #expect(clock.now - start < .seconds(3))
        #expect(throws: EtcdError.self) { try journal.reopen() }
        for member in 1...2 { fixture.etcd.thaw(member) }
        while true {
            do {
                try journal.reopen()
                break
            } catch is EtcdError {}
        }
        #expect(try journal.append([.setEpoch(3)]) == 3)
        #expect(try fixture.entries() == [.setEpoch(1), .setEpoch(2), .setEpoch(3)])
    }

    @Test func appendsGoOnWhenAMemberIsKilled() throws {
        let fixture = try LogFixture(members: 3)
        let journal = try fixture.master()
        #expect(try journal.append([.setEpoch(1)]) == 1)
        let client = try fixture.client()
        let leader = try client.status().leaderID
        let name = try #require(try client.members().first { $0.id == leader }?.name)
        fixture.etcd.kill(try #require(Int(name.dropFirst())))
        var last: Int64 = 1
        while last < 3 {
            do {
                last = try journal.append([.setEpoch(last + 1)])
            } catch JournalAppendError.outcomeUnknown {
                while journal.failure != nil { try? journal.reopen() }
                last = try journal.lastLogID
            }
        }
        #expect(try fixture.entries() == [.setEpoch(1), .setEpoch(2), .setEpoch(3)])
    }

    @Test func aFullEtcdRefusesAppendsAndReadsGoOn() throws {
        let fixture = try LogFixture(quotaBytes: 4 << 20)
        let journal = try fixture.master()
        var last: Int64 = 0
        var refusal: JournalAppendError?
        for _ in 0..<20 where refusal == nil {
            do {
                last = try journal.append([.dropPolicy(String(repeating: "x", count: 700_000))])
            } catch let error as JournalAppendError {
                refusal = error
            }
        }
        let error = try #require(refusal)
        #expect(!isUnknown(error) && "\(error)".contains("--quota-backend-bytes"))
        #expect(journal.failure == nil)
        #expect(try journal.lastLogID == last)
        #expect(try fixture.entries().count == Int(last))
        #expect(try fixture.client().alarms().map(\.kind) == ["NOSPACE"])
        let client = try fixture.client()
        try client.delete(.prefix(LogFixture.prefix + "/log/0"))
        try fixture.makeRoom()
        #expect(try journal.append([.setEpoch(7)]) == last + 1)
    }

    /// An append is in doubt, and then etcd takes no writes: reading tells what became of it.
    @Test func anAppendInDoubtIsSettledByReadingWhereEtcdIsFull() throws {
        let lossy = try Lossy()
        let full = #"{"error":"etcdserver: mvcc: database space exceeded","code":8}"#
        lossy.proxy.decide { $0.isWrite ? .loseAnswer : .pass }
        #expect(isUnknown(try failure { _ = try lossy.journal.append([.setEpoch(2)]) }))
        lossy.proxy.decide { $0.isWrite ? .answer(429, full) : .pass }
        try lossy.journal.reopen()
        #expect(lossy.journal.failure == nil)
        lossy.proxy.decide { $0.isWrite ? .loseRequest : .pass }
        #expect(isUnknown(try failure { _ = try lossy.journal.append([.setEpoch(3)]) }))
        lossy.proxy.decide { $0.isWrite ? .answer(429, full) : .pass }
        #expect(throws: EtcdError.self) { try lossy.journal.reopen() }
        lossy.proxy.decide { _ in .pass }
        try lossy.journal.reopen()
        #expect(try lossy.fixture.entries() == [.setEpoch(1), .setEpoch(2), .setEpoch(3)])
    }

    @Test func anEtcdThatLostItsDataIsNoNewCluster() throws {
        let fixture = try LogFixture()
        let journal = try fixture.master()
        _ = try journal.append([.setEpoch(1), .setEpoch(2)])
        let follower = try fixture.follower()
        #expect(try follower.advance(upTo: .seconds(10)) { _, _ in } == 2)
        try fixture.etcd.wipe()
        #expect(throws: JournalError.behindImage(last: 0, image: 2)) {
            while true {
                do {
                    _ = try follower.advance(upTo: .milliseconds(100)) { _, _ in }
                } catch is EtcdError {}
            }
        }
        #expect(throws: JournalAppendError.self) { try journal.append([.setEpoch(3)]) }
        #expect(try fixture.entries().isEmpty)
    }

    @Test func aLostBatchIsAGap() throws {
        let fixture = try LogFixture()
        let journal = try fixture.master()
        for epoch in 1...4 { _ = try journal.append([.setEpoch(Int64(epoch))]) }
        let client = try fixture.client()
        try client.delete(.key(LogFixture.prefix + "/log/0000000000000002"))
        #expect(throws: JournalError.gap(expected: 2, found: 3)) { try fixture.entries() }
        try client.delete(.key(LogFixture.prefix + "/log/0000000000000004"))
        #expect(throws: JournalError.gap(expected: 4, found: 5)) { try fixture.entries(from: 3) }
    }
}
