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

@Suite("Changes that wait for one sync together") struct GroupCommitTests {
    private static let names = ["a", "b", "c", "d", "e"]

    private struct NameTaken: Error {}

    private let machine = MemoryMachine()
    private let journal: SteeredJournal
    private let store: MetadataStore

    init() throws {
        journal = SteeredJournal(
            KeyValueJournal(try ReopeningStore(machine.keyValueStores, path: "/meta/journal")))
        store = try Self.open(machine, journal)
        _ = try store.beginEpoch()
        try store.commit([.addBackend(Backend(id: 7, host: "be1", heartbeatPort: 9050))])
        journal.groups.withLock { $0 = [] }
        journal.isSteered.store(true, ordering: .relaxed)
    }

    private static func open(_ machine: MemoryMachine, _ journal: any Journal) throws -> MetadataStore {
        try MetadataStore.open(
            folder: "/meta/image", files: machine.fileSystem, journal: journal, nodeName: "fe1_9010_1",
            random: SeededRandom(seed: 1), time: ManualScheduler(), gates: DispatchGates(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// After a crash, which loses what was not synced.
    private func reopened() throws -> MetadataStore {
        machine.crash()
        return try Self.open(
            machine, KeyValueJournal(try ReopeningStore(machine.keyValueStores, path: "/meta/journal")))
    }

    private func makeDatabase(_ name: String) -> Writer {
        Writer { [store] in
            try store.commit { state, ids in
                guard state.database(named: name) == nil else { throw NameTaken() }
                return ([.createDatabase(Database(id: DatabaseID(ids.take()), name: name))], ())
            }
        }
    }

    /// Waits until so many, behind the one that is being written, were validated.
    private func awaitValidated(_ count: Int) {
        while store.writer.withLock({ $0.waitingCount }) < count { sched_yield() }
    }

    private var databases: [String] { store.read { $0.databases.map(\.name) } }

    /// One that is being written, and the others behind it.
    private func flying(_ names: some Sequence<String>) -> [Writer] {
        var writers: [Writer] = []
        for name in names {
            writers.append(makeDatabase(name))
            if writers.count == 1 { journal.awaitAppend() }
        }
        awaitValidated(writers.count - 1)
        return writers
    }

    @Test func thoseWhoComeDuringASyncShareTheNext() throws {
        let writers = flying(Self.names)
        // Nothing is visible, and nobody was answered.
        #expect(databases.isEmpty && writers.allSatisfy { !$0.isDone })
        journal.end(.durable)
        try writers[0].get()
        #expect(databases == ["a"])
        journal.awaitAppend()
        journal.end(.durable)
        for writer in writers { try writer.get() }
        #expect(Set(databases) == Set(Self.names))
        #expect(journal.groups.withLock { $0.map { $0.filter { $0.operation == .createDatabase }.count } } == [1, 4])
        // Ids of those that were not durable yet were not given twice.
        #expect(store.read { Set($0.databases.map(\.id)) }.count == 5)
        let again = try reopened()
        #expect(again.read { $0.databases } == store.read { $0.databases })
    }

    @Test func aChangeIsValidatedAgainstThoseThatAreNotDurableYet() throws {
        let first = flying(["a"])[0]
        let second = makeDatabase("a")
        // It is refused, but hears so only when what refused it is durable.
        awaitValidated(1)
        #expect(!second.isDone)
        journal.end(.durable)
        try first.get()
        #expect(throws: NameTaken.self) { try second.get() }
        #expect(databases == ["a"])
    }

    @Test func anAnswerWithoutAChangeWaitsForWhatItRestsOn() throws {
        let first = flying(["a"])[0]
        let answer = Writer { [store] in
            let isThere = try store.commit { state in ([], state.database(named: "a") != nil) }
            guard isThere else { throw NameTaken() }
        }
        awaitValidated(1)
        #expect(!answer.isDone)
        journal.end(.durable)
        try first.get()
        try answer.get()
    }

    @Test func whatWasValidatedBehindARefusedChangeIsRefusedWithIt() throws {
        let writers = flying(Self.names)
        journal.end(.refused)
        for writer in writers {
            let error = #expect(throws: MetadataError.self) { try writer.get() }
            guard case .notWritten? = error else { Issue.record("\(String(describing: error))"); continue }
        }
        #expect(databases.isEmpty && store.trouble == nil)
        // The next one is tried, and validated against what is there.
        journal.isSteered.store(false, ordering: .relaxed)
        try makeDatabase("a").get()
        #expect(databases == ["a"])
    }

    @Test(arguments: [true, false]) func onlyTheGroupThatFailedIsUnknown(isDurable: Bool) throws {
        let writers = flying(Self.names)
        journal.end(.durable)
        try writers[0].get()
        journal.awaitAppend()
        let behind = makeDatabase("f")
        awaitValidated(1)
        journal.end(isDurable ? .unknownButDurable : .lost)
        for writer in writers.dropFirst() {
            let error = #expect(throws: MetadataError.self) { try writer.get() }
            guard case .outcomeUnknown? = error else { Issue.record("\(String(describing: error))"); continue }
        }
        let error = #expect(throws: MetadataError.self) { try behind.get() }
        if case .notWritten? = error {} else { Issue.record("\(String(describing: error))") }
        #expect(databases == ["a"] && store.trouble?.hasUnknownChange == true)
        let refused = #expect(throws: MetadataError.self) { try store.commit([.setEpoch(9)]) }
        if case .unwritable? = refused {} else { Issue.record("\(String(describing: refused))") }

        let settlement = try #require(try store.settle())
        #expect(settlement.isDurable == isDurable && settlement.entries.count == 4)
        #expect(Set(databases) == (isDurable ? Set(Self.names) : ["a"]))
        journal.isSteered.store(false, ordering: .relaxed)
        try makeDatabase("g").get()
        #expect(databases.contains("g"))
    }

    /// A group lands as the state that was made for those behind it, unless that lacks what was observed since.
    @Test(arguments: [0, 1, 2]) func whatIsObservedMeanwhileStays(beforeLanding: Int) throws {
        var writers = flying(Self.names)
        for landing in 0..<3 {
            if landing == beforeLanding {
                store.observe { $0.updateStatus(of: 7) { $0.isAlive = true } }
            }
            journal.end(.durable)
            if landing < 2 { journal.awaitAppend() }
            if landing == 0 {
                writers += ["f", "g"].map { makeDatabase($0) }
                awaitValidated(2)
            }
            #expect(store.read { $0.isAlive(7) } == (landing >= beforeLanding))
        }
        for writer in writers { try writer.get() }
        #expect(Set(databases) == Set(Self.names + ["f", "g"]))
        #expect(store.read { $0.isAlive(7) })
        // Validation sees it from then on.
        journal.isSteered.store(false, ordering: .relaxed)
        #expect(try store.commit { state in ([], state.isAlive(7)) })
        let again = try reopened()
        #expect(again.read { $0.databases } == store.read { $0.databases })
    }

    @Test func manyWritersAtOnceLoseAndDoubleNothing() throws {
        journal.isSteered.store(false, ordering: .relaxed)
        let writers = (0..<16).map { writer in
            Writer { [store] in
                for number in 0..<50 {
                    try store.commit { state, ids in
                        ([.createDatabase(Database(id: DatabaseID(ids.take()), name: "\(writer).\(number)"))], ())
                    }
                    // What one was told is visible to it.
                    guard store.read({ $0.database(named: "\(writer).\(number)") != nil }) else { throw NameTaken() }
                    if writer % 4 == 0 { store.observe { $0.updateStatus(of: 7) { $0.failureCount += 1 } } }
                }
            }
        }
        for writer in writers { try writer.get() }
        #expect(store.read { $0.databases.count } == 800)
        #expect(store.read { $0.status(of: 7).failureCount } == 200)
        #expect(store.lastLogID == store.assignedLogID.load(ordering: .relaxed))
        let again = try reopened()
        #expect(again.read { $0.databases } == store.read { $0.databases })
    }
}
