import ClusterMetadata
import ClusterTestKit
import FrontendRoles
import Logging
import MetadataTestKit
import Platform
import Synchronization
import TabletModel
import Testing

@Suite struct ImageSpreadTests {
    private let machine = MemoryMachine()
    private let store: MetadataStore
    private let journal: KeyValueJournal
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        journal = KeyValueJournal(try ReopeningStore(machine.keyValueStores, path: "/meta/journal"))
        store = try MetadataStore.open(
            folder: "/meta/image", files: machine.fileSystem, journal: journal, nodeName: "fe1",
            random: SeededRandom(seed: 1), time: ManualScheduler(), gates: DispatchGates(), logger: quiet)
        _ = try store.beginEpoch()
    }

    private func register(_ name: String, _ role: FrontendRole) throws {
        try store.commit([
            .addFrontend(
                Frontend(
                    nodeName: name, role: role, host: name, editLogPort: 9010, httpPort: 8030, rpcPort: 9020,
                    joinedAt: UnixTime(milliseconds: 0)))
        ])
    }

    private func checkpoints() throws -> Int64 {
        for number in 0..<3 {
            try store.commit([.createDatabase(Database(id: DatabaseID(Int64(100 + number)), name: "d\(number)"))])
            _ = try store.checkpoint()
        }
        return try journal.truncatedLogID
    }

    private struct Away: Error {}

    private final class Noted: Sendable {
        let names = Mutex<Set<String>>([])
    }

    @Test func theOnlyFrontendDropsWhatItsImagesCover() throws {
        try register("fe1", .follower)
        store.spreadImages(ImageSpread(store: store, logger: quiet) { _, _ in throw Away() }.spread)
        #expect(try checkpoints() > 0)
    }

    /// An observer's copy is none: it can't become master.
    @Test(arguments: [FrontendRole.follower, .observer])
    func theLogIsKeptUntilAFollowerHasTheImage(taker: FrontendRole) throws {
        try register("fe1", .follower)
        try register("fe2", .follower)
        try register("fe3", .observer)
        let offered = Noted()
        store.spreadImages(
            ImageSpread(store: store, logger: quiet) { _, frontend in
                offered.names.withLock { _ = $0.insert(frontend.nodeName) }
                guard frontend.role == taker else { throw Away() }
            }.spread)
        #expect(try (checkpoints() > 0) == (taker == .follower))
        #expect(offered.names.withLock { $0 } == ["fe2", "fe3"])
    }
}
