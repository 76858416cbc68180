import ClusterMetadata
import ClusterTestKit
import FrontendRoles
import Logging
import MetadataTestKit
import Platform
import Synchronization
import TabletModel
import Testing

/// The log of another FE, read where it lies.
private final class ReadFeed: LogFeed {
    struct Cut: Error {}
    let journal: any Journal
    let scheduler: ManualScheduler
    let isCut = Atomic(false)
    /// It ends before what its reader knows.
    let isOther = Atomic(false)
    /// It is another cluster's.
    let isForeign = Atomic(false)

    init(_ journal: any Journal, _ scheduler: ManualScheduler) {
        self.journal = journal
        self.scheduler = scheduler
    }

    func next(after logID: Int64, within limit: Duration) throws -> [JournalEntry] {
        if isCut.load(ordering: .relaxed) { throw Cut() }
        if isOther.load(ordering: .relaxed) { throw JournalError.behindImage(last: 0, image: logID) }
        if isForeign.load(ordering: .relaxed) { throw JournalError.otherCluster(found: 8, own: 7) }
        var entries: [JournalEntry] = []
        try journal.read(from: logID + 1) { entries.append($1) }
        if entries.isEmpty { scheduler.wait(limit) }
        return entries
    }
}

@Suite struct LogReplayerTests {
    private let machine = MemoryMachine()
    private let scheduler = ManualScheduler()
    private let journal: KeyValueJournal
    private let master: MetadataStore
    private let follower: MetadataStore
    private let feed: ReadFeed
    private let replayer: LogReplayer
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        journal = KeyValueJournal(try ReopeningStore(machine.keyValueStores, path: "/meta/journal"))
        master = try Self.open("/meta/image", machine, journal, .leads)
        _ = try master.beginEpoch()
        let files = machine.fileSystem
        try files.createDirectory("/follower")
        try ClusterIdentity.join(
            clusterID: master.identity.clusterID, token: master.identity.token, role: "FOLLOWER",
            nodeName: "fe2_9010_2", folder: "/follower", files: files)
        follower = try Self.open("/follower", machine, journal, .follows)
        feed = ReadFeed(journal, scheduler)
        replayer = LogReplayer(
            store: follower, feed: feed,
            fetchImage: { [master] in
                let image = "image.\(master.imageLogID)"
                let bytes = try files.readAll("/meta/image/" + image, limit: 1 << 20)
                try files.replaceFile("/follower/" + image, with: bytes)
            },
            scheduler: scheduler, random: SeededRandom(seed: 1), logger: quiet)
    }

    private static func open(
        _ folder: String, _ machine: MemoryMachine, _ journal: any Journal, _ standing: MetadataStanding
    ) throws -> MetadataStore {
        try MetadataStore.open(
            folder: folder, files: machine.fileSystem, journal: journal, nodeName: "fe1_9010_1",
            random: SeededRandom(seed: 1), time: ManualScheduler(), gates: DispatchGates(), standing: standing,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func makeDatabase(_ name: String) throws {
        try master.commit { _, ids in
            ([.createDatabase(Database(id: DatabaseID(ids.take()), name: name))], ())
        }
    }

    private var names: [String] { follower.read { $0.databases.map(\.name).sorted() } }

    private func begin() throws {
        replayer.start()
        try makeDatabase("a")
        #expect(try scheduler.run(limit: .seconds(10)) { names == ["a"] })
    }

    @Test func whatTheMasterWritesComesOver() throws {
        try begin()
        try makeDatabase("b")
        #expect(try scheduler.run(limit: .seconds(10)) { names == ["a", "b"] })
        #expect(replayer.trouble == nil)
    }

    @Test func aLogThatCantBeReadIsATroubleWithAReasonThatEndsByItself() throws {
        try begin()
        feed.isCut.store(true, ordering: .relaxed)
        #expect(try scheduler.run(limit: .seconds(10)) { replayer.trouble != nil })
        #expect(replayer.trouble?.reason.contains("Cut") == true)
        try makeDatabase("b")
        try scheduler.advance(by: .seconds(60))
        #expect(names == ["a"])
        let since = try #require(replayer.trouble?.since)
        #expect(scheduler.monotonicNow - since >= .seconds(60))
        feed.isCut.store(false, ordering: .relaxed)
        #expect(try scheduler.run(limit: .seconds(10)) { names == ["a", "b"] && replayer.trouble == nil })
    }

    @Test func aLogThatEndsBeforeWhatIsKnownIsAnotherOneUntilItIsBack() throws {
        try begin()
        feed.isOther.store(true, ordering: .relaxed)
        #expect(try scheduler.run(limit: .seconds(10)) { replayer.trouble?.isOtherLog == true })
        #expect(names == ["a"])
        feed.isOther.store(false, ordering: .relaxed)
        feed.isCut.store(true, ordering: .relaxed)
        #expect(try scheduler.run(limit: .seconds(10)) { replayer.trouble?.isOtherLog == false })
    }

    @Test func theLogOfAnotherClusterIsNotTakenOver() throws {
        try begin()
        feed.isForeign.store(true, ordering: .relaxed)
        try makeDatabase("b")
        #expect(
            try scheduler.run(limit: .seconds(10)) {
                replayer.trouble?.isOtherCluster == true && replayer.trouble?.isOtherLog == true
            })
        #expect(names == ["a"])
        feed.isForeign.store(false, ordering: .relaxed)
        #expect(try scheduler.run(limit: .seconds(10)) { names == ["a", "b"] && replayer.trouble == nil })
    }

    @Test func anImageStandsForWhatIsNotInTheLogAnyMore() throws {
        try begin()
        feed.isCut.store(true, ordering: .relaxed)
        for name in ["b", "c", "d"] {
            try makeDatabase(name)
            _ = try master.checkpoint()
        }
        #expect(try journal.truncatedLogID > follower.lastLogID)
        feed.isCut.store(false, ordering: .relaxed)
        #expect(try scheduler.run(limit: .seconds(30)) { names == ["a", "b", "c", "d"] })
        #expect(follower.imageLogID == master.imageLogID)
        try makeDatabase("e")
        #expect(try scheduler.run(limit: .seconds(10)) { names.last == "e" })
    }

    @Test func itRestsWhileItsFrontendLeads() throws {
        try begin()
        master.follow()
        try follower.lead()
        try follower.commit([.createDatabase(Database(id: 77, name: "mine"))])
        try scheduler.advance(by: .seconds(2))
        #expect(replayer.trouble == nil)
        follower.follow()
        try master.replay([.createDatabase(Database(id: 77, name: "mine"))], from: master.lastLogID + 1)
        try master.lead()
        try makeDatabase("b")
        #expect(try scheduler.run(limit: .seconds(10)) { names == ["a", "b", "mine"] })
    }
}
