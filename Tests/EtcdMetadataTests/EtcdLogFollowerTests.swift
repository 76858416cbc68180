import ClusterMetadata
import EtcdClient
import EtcdMetadata
import MetadataTestKit
import ServerFixtures
import TabletModel
import Testing

@Suite struct EtcdLogFollowerTests {
    /// What it hands out until it has so many.
    private func follow(_ follower: EtcdLogFollower, _ count: Int) throws -> [JournalEntry] {
        var entries: [JournalEntry] = []
        while entries.count < count {
            do {
                _ = try follower.advance(upTo: .seconds(10)) { logID, entry in
                    #expect(entry == .setEpoch(logID))
                    entries.append(entry)
                }
            } catch let error as EtcdError {
                guard error.code == .unavailable else { throw error }
            }
        }
        return entries
    }

    private func append(_ journal: EtcdJournal, _ ids: ClosedRange<Int64>) throws {
        #expect(try journal.append(ids.map { .setEpoch($0) }) == ids.upperBound)
    }

    @Test func entriesComeInOrderOnce() throws {
        let fixture = try LogFixture()
        let journal = try fixture.master()
        try append(journal, 1...3)
        let follower = try fixture.follower()
        let late = try fixture.follower(from: 3)
        #expect(try follow(follower, 3).count == 3)
        #expect(try follower.advance(upTo: .milliseconds(10)) { _, _ in } == 0)
        try append(journal, 4...4)
        try append(journal, 5...1500)
        #expect(try follow(follower, 1497).last == .setEpoch(1500))
        #expect(follower.next == 1501)
        #expect(try follow(late, 1498).first == .setEpoch(3))
    }

    @Test func whatTheReaderThrowsLosesNothing() throws {
        let fixture = try LogFixture()
        let journal = try fixture.master()
        let follower = try fixture.follower()
        #expect(try follower.advance(upTo: .milliseconds(10)) { _, _ in } == 0)
        try append(journal, 1...3)
        struct Enough: Error {}
        #expect(throws: Enough.self) {
            _ = try follower.advance(upTo: .seconds(10)) { logID, _ in if logID == 2 { throw Enough() } }
        }
        #expect(follower.next == 2)
        #expect(try follow(follower, 2) == [.setEpoch(2), .setEpoch(3)])
    }

    @Test func compactionBehindAStoppedFollower() throws {
        let fixture = try LogFixture()
        let journal = try fixture.master()
        try append(journal, 1...2)
        let slow = try fixture.follower()
        let slower = try fixture.follower()
        for follower in [slow, slower] { #expect(try follow(follower, 2).count == 2) }
        // All that its watch missed is compacted away, but still in the log.
        fixture.etcd.kill(0)
        try fixture.etcd.startAgain(0)
        for id in Int64(3)...6 { try append(journal, id...id) }
        let client = try fixture.client()
        try client.compact(upTo: try client.range(EtcdRangeQuery(.key("x"))).revision)
        #expect(try follow(slow, 4).last == .setEpoch(6))
        // And then no longer: it needs an image.
        try append(journal, 7...7)
        try journal.truncate(upTo: 6)
        #expect(try follow(slow, 1) == [.setEpoch(7)])
        try append(journal, 8...8)
        try journal.truncate(upTo: 7)
        #expect(throws: JournalError.truncated(expected: 3, truncated: 7)) {
            while true { _ = try slower.advance(upTo: .seconds(1)) { _, _ in } }
        }
        #expect(try follow(slow, 1) == [.setEpoch(8)])
    }

    /// Somebody else began a cluster below the prefix, and its log is longer.
    @Test func theLogOfAnotherClusterIsNotHandedOut() throws {
        let fixture = try LogFixture()
        let journal = try fixture.master()
        try append(journal, 1...3)
        let client = try fixture.client()
        let mark = EtcdClusterMark(client, prefix: LogFixture.prefix)
        let follower = EtcdLogFollower(
            client, prefix: LogFixture.prefix, cluster: 5, from: 1, time: RealTime(), doubtAfter: .milliseconds(100))
        // A cluster of an earlier build has no mark.
        #expect(try follow(follower, 3).count == 3)
        _ = try mark.claim(EtcdClusterMark.Mark(clusterID: 5, founder: "fe1:9020"), within: .seconds(5))
        try append(journal, 4...4)
        #expect(try follow(follower, 1) == [.setEpoch(4)])
        try mark.check(5, within: .seconds(5))

        try mark.remove(within: .seconds(5))
        _ = try mark.claim(EtcdClusterMark.Mark(clusterID: 6, founder: "fe9:9020"), within: .seconds(5))
        let other = JournalError.otherCluster(found: 6, own: 5)
        // Noticed though nothing is written, and by whoever begins to read.
        #expect(throws: other) { while true { _ = try follower.advance(upTo: .seconds(1)) { _, _ in } } }
        try append(journal, 5...5)
        #expect(throws: other) { _ = try follower.advance(upTo: .seconds(1)) { _, _ in Issue.record("taken over") } }
        #expect(throws: other) { try mark.check(5, within: .seconds(5)) }
        #expect(follower.next == 5)
    }

    /// Two images: etcd's history goes as far as the one before the last.
    @Test func truncationCompactsAsFarAsTheOneBefore() throws {
        let fixture = try LogFixture()
        let journal = try fixture.master()
        let client = try fixture.client()
        func revision() throws -> Int64 { try client.range(EtcdRangeQuery(.key("x"))).revision }
        func isCompacted(_ revision: Int64) throws -> Bool {
            let watch = try client.watch(.prefix(LogFixture.prefix), from: revision)
            do {
                _ = try watch.next(upTo: .seconds(10))
                return false
            } catch {
                return error.code == .compacted
            }
        }
        try append(journal, 1...1)
        let first = try revision()
        try append(journal, 2...2)
        try journal.truncate(upTo: 1)
        #expect(try !isCompacted(first))
        try append(journal, 3...3)
        let later = try revision()
        try journal.truncate(upTo: 2)
        #expect(try isCompacted(first))
        #expect(try !isCompacted(later))
    }

    @Test func aFollowerGoesOnWhenItsMemberIsKilledOrStopped() throws {
        let fixture = try LogFixture(members: 3)
        let journal = try fixture.master()
        try append(journal, 1...1)
        let follower = EtcdLogFollower(
            try fixture.client(), prefix: LogFixture.prefix, from: 1, time: RealTime(), doubtAfter: .milliseconds(300))
        #expect(try follow(follower, 1).count == 1)
        // Its first endpoint is the first member.
        fixture.etcd.kill(0)
        var last: Int64 = 1
        func appendOne() throws {
            do {
                last = try journal.append([.setEpoch(last + 1)])
            } catch JournalAppendError.outcomeUnknown {
                while journal.failure != nil { try? journal.reopen() }
                last = try journal.lastLogID
            }
        }
        while last < 3 { try appendOne() }
        #expect(try follow(follower, 2).last == .setEpoch(3))
        try fixture.etcd.startAgain(0)
        for member in 0..<3 {
            fixture.etcd.freeze(member)
            defer { fixture.etcd.thaw(member) }
            let before = last
            while last == before { try appendOne() }
            #expect(try follow(follower, 1).last == .setEpoch(last))
        }
    }
}
