import ClusterTestKit
import Glibc
import Logging
import MetadataTestKit
import Platform
import Synchronization
import TabletModel
import Testing

@testable import ClusterMetadata

/// Two FEs over one edit log: one leads, the other takes over what it wrote.
@Suite struct FollowingTests {
    private let machine = MemoryMachine()
    private let journal: SteeredJournal
    private let master: MetadataStore

    init() throws {
        journal = SteeredJournal(KeyValueJournal(try ReopeningStore(machine.keyValueStores, path: "/meta/journal")))
        master = try Self.open("/meta/image", machine, journal, .leads)
        _ = try master.beginEpoch()
        try makeDatabase("a", on: master)
    }

    private static func open(
        _ folder: String, _ machine: MemoryMachine, _ journal: any Journal, _ standing: MetadataStanding
    ) throws -> MetadataStore {
        try MetadataStore.open(
            folder: folder, files: machine.fileSystem, journal: journal, nodeName: "fe1_9010_1",
            random: SeededRandom(seed: 1), time: ManualScheduler(), gates: DispatchGates(), standing: standing,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func join() throws {
        try machine.fileSystem.createDirectory("/follower")
        try ClusterIdentity.join(
            clusterID: master.identity.clusterID, token: master.identity.token, role: "FOLLOWER",
            nodeName: "fe2_9010_2",
            folder: "/follower", files: machine.fileSystem)
    }

    private func follower() throws -> MetadataStore {
        try join()
        return try Self.open("/follower", machine, journal, .follows)
    }

    private func makeDatabase(_ name: String, on store: MetadataStore) throws {
        try store.commit { _, ids in
            ([.createDatabase(Database(id: DatabaseID(ids.take()), name: name))], ())
        }
    }

    /// What the log holds behind what the store knows.
    private func catchUp(_ store: MetadataStore) throws {
        let first = store.lastLogID + 1
        var entries: [JournalEntry] = []
        try journal.read(from: first) { entries.append($1) }
        try store.replay(entries, from: first)
    }

    private func names(_ store: MetadataStore) -> [String] { store.read { $0.databases.map(\.name).sorted() } }

    @Test func aFollowerKnowsWhatTheMasterWroteAndChangesNothing() throws {
        let follower = try follower()
        #expect(follower.identity.nodeName == "fe2_9010_2" && names(follower) == ["a"])
        try makeDatabase("b", on: master)
        try catchUp(follower)
        #expect(names(follower) == ["a", "b"] && follower.lastLogID == master.lastLogID)
        #expect(throws: MetadataError.notMaster) { try makeDatabase("c", on: follower) }
        #expect(try journal.lastLogID == master.lastLogID)
    }

    @Test func whatIsKnownIsPassedOverAndAGapIsRefused() throws {
        let follower = try follower()
        let first = follower.lastLogID + 1
        for name in ["b", "c"] { try makeDatabase(name, on: master) }
        var entries: [JournalEntry] = []
        try journal.read(from: first) { entries.append($1) }
        #expect(throws: JournalError.gap(expected: first, found: first + 1)) {
            try follower.replay(Array(entries.dropFirst()), from: first + 1)
        }
        #expect(names(follower) == ["a"])
        try follower.replay(Array(entries.dropLast()), from: first)
        try follower.replay(entries, from: first)
        try follower.replay(entries, from: first)
        #expect(names(follower) == ["a", "b", "c"] && follower.lastLogID == master.lastLogID)
    }

    @Test func whoIsBehindDoesNotLead() throws {
        let follower = try follower()
        try makeDatabase("b", on: master)
        master.follow()
        #expect(throws: MetadataError.behind(replayed: master.lastLogID - 1, end: master.lastLogID)) {
            try follower.lead()
        }
        #expect(follower.standing == .follows)
        try catchUp(follower)
        try follower.lead()
        try makeDatabase("c", on: follower)
        try catchUp(master)
        #expect(names(master) == ["a", "b", "c"])
        // No id is given twice, whoever gives it.
        #expect(master.read { Set($0.databases.map(\.id)).count } == 3)
    }

    /// Of what was being written nobody knows; what waited behind it is not made.
    @Test(arguments: [true, false]) func whoStopsLeadingDropsWhatWasNotAcknowledged(isDurable: Bool) throws {
        journal.isSteered.store(true, ordering: .relaxed)
        let flying = Writer { [self] in try makeDatabase("b", on: master) }
        journal.awaitAppend()
        let behind = Writer { [self] in try makeDatabase("c", on: master) }
        while master.writer.withLock({ $0.waitingCount }) < 1 { sched_yield() }
        let stop = Writer { [master] in master.follow() }
        while master.standing == .leads { sched_yield() }
        #expect(throws: MetadataError.notMaster) { try makeDatabase("d", on: master) }
        journal.end(isDurable ? .unknownButDurable : .lost)
        try stop.get()
        let error = #expect(throws: MetadataError.self) { try flying.get() }
        if case .outcomeUnknown? = error {} else { Issue.record("\(String(describing: error))") }
        #expect(throws: MetadataError.self) { try behind.get() }
        #expect(master.trouble == nil && names(master) == ["a"])

        try catchUp(master)
        #expect(names(master) == (isDurable ? ["a", "b"] : ["a"]))
        journal.isSteered.store(false, ordering: .relaxed)
        try master.lead()
        try makeDatabase("e", on: master)
        #expect(try names(master).last == "e" && master.lastLogID == journal.lastLogID)
    }

    /// What was acknowledged is not dropped, though its master is none any more when it hears so.
    @Test func whatLandsWhileLeadingEndsIsAcknowledged() throws {
        journal.isSteered.store(true, ordering: .relaxed)
        let flying = Writer { [self] in try makeDatabase("b", on: master) }
        journal.awaitAppend()
        let stop = Writer { [master] in master.follow() }
        while master.standing == .leads { sched_yield() }
        journal.end(.durable)
        try flying.get()
        try stop.get()
        #expect(try names(master) == ["a", "b"] && master.lastLogID == journal.lastLogID)
    }

    @Test func imagesOfAFollowerLeaveTheLogAlone() throws {
        let follower = try follower()
        for round in 0..<3 {
            try makeDatabase("b\(round)", on: master)
            try catchUp(follower)
            _ = try follower.checkpoint()
        }
        #expect(try journal.truncatedLogID == 0)
        #expect(follower.imageLogID == follower.lastLogID)
        for round in 3..<6 {
            try makeDatabase("b\(round)", on: master)
            _ = try master.checkpoint()
        }
        #expect(try journal.truncatedLogID > 0)
    }

    @Test func anImageStandsForWhatTheLogHasLost() throws {
        let follower = try follower()
        for round in 0..<3 {
            try makeDatabase("b\(round)", on: master)
            _ = try master.checkpoint()
        }
        #expect(throws: JournalError.self) { try catchUp(follower) }
        #expect(try !follower.replayImage())
        let image = "image.\(master.imageLogID)"
        let bytes = try machine.fileSystem.readAll("/meta/image/" + image, limit: 1 << 20)
        try machine.fileSystem.replaceFile("/follower/" + image, with: bytes)
        #expect(try follower.replayImage())
        #expect(names(follower) == names(master) && follower.lastLogID == master.lastLogID)
        #expect(try !follower.replayImage())
        try makeDatabase("c", on: master)
        try catchUp(follower)
        #expect(names(follower) == names(master))
    }

    @Test func theFilesOfAnotherClusterAreRefused() throws {
        try join()
        try join()
        let error = #expect(throws: MetadataError.self) {
            try ClusterIdentity.join(
                clusterID: master.identity.clusterID + 1, token: "t", role: "FOLLOWER", nodeName: "fe2_9010_2",
                folder: "/follower", files: machine.fileSystem)
        }
        #expect("\(String(describing: error))".contains("it is of cluster \(master.identity.clusterID)"))
        let role = #expect(throws: MetadataError.self) {
            try ClusterIdentity.join(
                clusterID: master.identity.clusterID, token: master.identity.token, role: "OBSERVER",
                nodeName: "fe2_9010_2", folder: "/follower", files: machine.fileSystem)
        }
        #expect("\(String(describing: role))".contains("/follower/ROLE: it says FOLLOWER fe2_9010_2"))
    }
}
