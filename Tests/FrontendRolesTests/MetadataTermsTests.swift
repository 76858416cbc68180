import ClusterMetadata
import ClusterTestKit
import FrontendElection
import FrontendRoles
import Logging
import MetadataTestKit
import Platform
import Synchronization
import TabletModel
import Testing

/// One log of several FEs, each with a `FencedJournal` of its own.
private final class SharedLog: Sendable {
    let journal: KeyValueJournal
    let fence = Mutex(Fence(0))
    init(_ journal: KeyValueJournal) { self.journal = journal }
}

private final class FencedJournal: TermLog {
    private let log: SharedLog
    private let own = Mutex<Fence?>(nil)

    init(_ log: SharedLog) { self.log = log }

    func begin(_ fence: Fence) throws -> Int64 {
        own.withLock { $0 = fence }
        log.fence.withLock { $0 = max($0, fence) }
        return try log.journal.lastLogID
    }
    func endTerm() { own.withLock { $0 = nil } }

    func append(_ entries: [EncodedEntry]) throws -> Int64 {
        guard let fence = own.withLock({ $0 }), fence == log.fence.withLock({ $0 }) else {
            throw JournalAppendError.refused(reason: "deposed")
        }
        return try log.journal.append(entries)
    }
    var failure: String? { nil }
    func reopen() throws {}
    func read(from start: Int64, _ body: (Int64, JournalEntry) throws -> Void) throws {
        try log.journal.read(from: start, body)
    }
    func truncate(upTo end: Int64) throws { try log.journal.truncate(upTo: end) }
    var lastLogID: Int64 { get throws { try log.journal.lastLogID } }
    var truncatedLogID: Int64 { get throws { try log.journal.truncatedLogID } }
    func records(from start: Int64, _ body: (JournalRow) throws -> Bool) throws {
        try log.journal.records(from: start, body)
    }
    var volumeBytes: Int64 { 0 }
}

private final class AtomicFlag: Sendable {
    let isSet = Atomic(false)
}

private final class NotedMaster: TermMaster {
    let steps = Mutex<[String]>([])
    func start() { steps.withLock { $0.append("start") } }
    func stop() { steps.withLock { $0.append("stop") } }
}

@Suite struct MetadataTermsTests {
    private let machine = MemoryMachine()
    private let log: SharedLog
    private let foreign = AtomicFlag()
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private struct Frontend {
        let store: MetadataStore
        let terms: MetadataTerms
        let masters: Masters
    }

    private final class Masters: Sendable {
        let made = Mutex<[(epoch: Int64, master: NotedMaster)]>([])
    }

    init() throws {
        log = SharedLog(KeyValueJournal(try ReopeningStore(machine.keyValueStores, path: "/meta/journal")))
    }

    private func frontend(_ number: Int) throws -> Frontend {
        let folder = "/fe\(number)"
        if try log.journal.lastLogID > 0 {
            try machine.fileSystem.createDirectory(folder)
            try ClusterIdentity.join(
                clusterID: 7, token: "t", role: "FOLLOWER", nodeName: "fe\(number)", folder: folder,
                files: machine.fileSystem)
        }
        let journal = FencedJournal(log)
        let store = try MetadataStore.open(
            folder: folder, files: machine.fileSystem, journal: journal, nodeName: "fe\(number)", clusterID: 7,
            random: SeededRandom(seed: UInt64(number)), time: ManualScheduler(), gates: DispatchGates(),
            standing: .follows, logger: quiet)
        let masters = Masters()
        let terms = MetadataTerms(
            store: store, log: journal, logger: quiet,
            checkLog: { [foreign] in
                if foreign.isSet.load(ordering: .relaxed) { throw JournalError.otherCluster(found: 8, own: 7) }
            }
        ) { epoch in
            let master = NotedMaster()
            masters.made.withLock { $0.append((epoch, master)) }
            return master
        }
        return Frontend(store: store, terms: terms, masters: masters)
    }

    private func makeDatabase(_ name: String, on store: MetadataStore) throws {
        try store.commit { _, ids in
            ([.createDatabase(Database(id: DatabaseID(ids.take()), name: name))], ())
        }
    }

    private func lead(_ frontend: Frontend, _ fence: Fence) throws {
        let (replayed, end) = try frontend.terms.replay(fence)
        #expect(replayed == end)
        try frontend.terms.promote(fence)
        frontend.terms.act(fence)
    }

    @Test func overTheLogOfAnotherClusterNoTermBegins() throws {
        let first = try frontend(1)
        try lead(first, Fence(10))
        try makeDatabase("a", on: first.store)
        first.terms.stop(Fence(10))
        foreign.isSet.store(true, ordering: .relaxed)
        let before = try log.journal.lastLogID
        #expect(throws: JournalError.otherCluster(found: 8, own: 7)) { try first.terms.replay(Fence(20)) }
        #expect(try log.journal.lastLogID == before && first.store.standing == .follows)
        // It has not so much as said that it would write there.
        #expect(log.fence.withLock { $0 } == Fence(10))
    }

    @Test func eachTermGoesOnWhereTheLastEndedAndHasAnEpochOfItsOwn() throws {
        let first = try frontend(1)
        try lead(first, Fence(10))
        try makeDatabase("a", on: first.store)
        let second = try frontend(2)
        try lead(second, Fence(20))
        // Deposed, and does not know it yet: it appends nothing.
        #expect(throws: MetadataError.self) { try makeDatabase("b", on: first.store) }
        first.terms.stop(Fence(10))
        #expect(first.masters.made.withLock { $0.map { $0.master.steps.withLock { $0 } } } == [["start", "stop"]])
        #expect(throws: MetadataError.notMaster) { try makeDatabase("b", on: first.store) }
        try makeDatabase("c", on: second.store)

        second.terms.stop(Fence(20))
        try lead(first, Fence(30))
        #expect(first.store.read { $0.databases.map(\.name).sorted() } == ["a", "c"])
        #expect(first.masters.made.withLock { $0.map(\.epoch) } == [1, 3])
        #expect(second.masters.made.withLock { $0.map(\.epoch) } == [2])
    }

    @Test func aTermThatEndsBeforeItActsStartsNothing() throws {
        let first = try frontend(1)
        _ = try first.terms.replay(Fence(10))
        try first.terms.promote(Fence(10))
        first.terms.stop(Fence(10))
        #expect(first.masters.made.withLock { $0.map { $0.master.steps.withLock { $0 } } } == [["stop"]])
        #expect(first.store.standing == .follows)
        // Nor does one that has not even replayed.
        first.terms.stop(Fence(11))
        #expect(first.masters.made.withLock { $0.count } == 1)
    }
}
