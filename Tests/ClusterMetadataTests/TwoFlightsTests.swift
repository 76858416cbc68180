import ClusterTestKit
import Dispatch
import Foundation
import Logging
import MetadataTestKit
import Platform
import Synchronization
import TabletModel
import Testing

@testable import ClusterMetadata

/// A second group is on its way to the edit log before the first is durable.
@Suite struct TwoFlightsTests {
    private let journal = TwoAtOnceJournal()
    private let store: MetadataStore

    init() throws {
        let machine = MemoryMachine()
        store = try MetadataStore.open(
            folder: "/meta/image", files: machine.fileSystem, journal: journal, nodeName: "fe1_9010_1",
            random: SeededRandom(seed: 1), time: ManualScheduler(), gates: DispatchGates(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        // Ids up to here need no entry of their own.
        _ = try store.allocateIDs(1)
        journal.isSteered.store(true, ordering: .relaxed)
    }

    private func makeDatabase(_ name: String) -> Writer {
        Writer { [store] in
            try store.commit { state, ids in
                ([.createDatabase(Database(id: DatabaseID(ids.take()), name: name))], ())
            }
        }
    }

    private var databases: [String] { store.read { $0.databases.map(\.name).sorted() } }

    private func failure(_ writer: Writer) -> MetadataError? {
        #expect(throws: MetadataError.self) { try writer.get() }
    }

    /// Two that fly, each with one change, and one more that waits.
    private func flying() -> (Writer, Writer, Writer) {
        let first = makeDatabase("a")
        journal.awaitBegun(1)
        let second = makeDatabase("b")
        journal.awaitBegun(2)
        let third = makeDatabase("c")
        while store.writer.withLock({ $0.waitingCount }) < 1 { sched_yield() }
        return (first, second, third)
    }

    @Test func theyBecomeVisibleInTheirOrder() throws {
        let (first, second, third) = flying()
        // The log has the second, and must have had the first before it: that nobody has heard so yet changes nothing.
        journal.end(2, .durable)
        #expect(databases.isEmpty && !second.isDone)
        journal.end(1, .durable)
        try first.get()
        try second.get()
        #expect(databases == ["a", "b"])
        journal.awaitBegun(3)
        journal.end(3, .durable)
        try third.get()
        #expect(databases == ["a", "b", "c"])
        // Each was told what it lies behind.
        let begin = journal.behind.withLock { $0 }[0]
        #expect(journal.behind.withLock { $0 } == [begin, begin + 1, begin + 2])
    }

    /// A third would be smaller than it could be.
    @Test func noMoreThanTwoFly() throws {
        let (first, second, third) = flying()
        let fourth = makeDatabase("d")
        while store.writer.withLock({ $0.waitingCount }) < 2 { sched_yield() }
        journal.end(1, .durable)
        try first.get()
        journal.awaitBegun(3)
        journal.end(2, .durable)
        journal.end(3, .durable)
        for writer in [second, third, fourth] { try writer.get() }
        #expect(journal.groups.withLock { $0.map(\.count) } == [1, 1, 2])
    }

    @Test func bothAreRefusedAndWhatWaitedBehindThem() throws {
        let (first, second, third) = flying()
        journal.end(2, .refused)
        journal.end(1, .refused)
        for writer in [first, second, third] {
            let error = failure(writer)
            guard case .notWritten? = error else { Issue.record("\(String(describing: error))"); continue }
        }
        #expect(databases.isEmpty && store.trouble == nil)
        let next = makeDatabase("d")
        journal.awaitBegun(3)
        #expect(journal.behind.withLock { $0[2] == $0[0] })
        journal.end(3, .durable)
        try next.get()
        #expect(databases == ["d"])
    }

    @Test func theSecondAloneIsRefused() throws {
        let (first, second, third) = flying()
        // It may take off before the second has failed.
        journal.end(3, .durable)
        journal.end(2, .refused)
        journal.end(1, .durable)
        try first.get()
        for writer in [second, third] {
            let error = failure(writer)
            guard case .notWritten? = error else { Issue.record("\(String(describing: error))"); continue }
        }
        #expect(databases == ["a"] && store.trouble == nil)
    }

    @Test(arguments: [0, 1, 2]) func bothAreUnknownAndSettledAsTheLogSays(durable: Int) throws {
        let (first, second, third) = flying()
        journal.end(1, durable > 0 ? .unknownButDurable : .lost)
        journal.end(2, durable > 1 ? .unknownButDurable : .lost)
        for writer in [first, second] {
            let error = failure(writer)
            guard case .outcomeUnknown? = error else { Issue.record("\(String(describing: error))"); continue }
        }
        guard case .notWritten? = failure(third) else { Issue.record("it was tried"); return }
        #expect(databases.isEmpty && store.trouble?.hasUnknownChange == true)
        let settlement = try #require(try store.settle())
        #expect(settlement.isDurable == (durable > 0))
        #expect(settlement.entries.count == (durable == 1 ? 1 : 2))
        if durable == 1 {
            // One is known, the other next.
            #expect(store.trouble?.hasUnknownChange == true)
            let next = try #require(try store.settle())
            #expect(!next.isDurable && next.entries.count == 1)
        }
        #expect(store.trouble == nil)
        #expect(databases == Array(["a", "b"].prefix(durable)))
        #expect(try store.settle() == nil)
    }

    /// The log took the second, and what it says of the first is lost.
    @Test func theFirstIsUnknownAndTheSecondDurable() throws {
        let (first, second, third) = flying()
        journal.end(1, .unknownButDurable)
        journal.end(2, .durable)
        guard case .outcomeUnknown? = failure(first) else { Issue.record("the first is known"); return }
        // Nothing may be visible before the first is.
        guard case .outcomeUnknown? = failure(second) else { Issue.record("the second is known"); return }
        _ = failure(third)
        #expect(databases.isEmpty)
        let settlement = try #require(try store.settle())
        #expect(settlement.isDurable && settlement.entries.count == 2)
        #expect(databases == ["a", "b"] && store.trouble == nil)
    }

    @Test func whoStopsLeadingWaitsForBoth() throws {
        let (first, second, third) = flying()
        let follower = Writer { [store] in store.follow() }
        while store.standing == .leads { sched_yield() }
        #expect(!follower.isDone)
        // It waits for its turn, as the end of the lead does.
        journal.end(3, .durable)
        journal.end(2, .durable)
        journal.end(1, .durable)
        try first.get()
        try second.get()
        let isMade = (try? third.get()) != nil
        #expect(databases.contains("c") == isMade)
        try follower.get()
        #expect(databases.starts(with: ["a", "b"]))
    }
}
