import ClusterMetadata
import ClusterTestKit
import EtcdClient
import EtcdMetadata
import LocalFileSystem
import Logging
import MetadataTestKit
import Platform
import RocksDBStore
import ServerFixtures
import TabletModel
import Testing

/// A cluster's edit log on its way from meta_dir to etcd and back.
@Suite struct JournalMoveTests {
    private let fixture: LogFixture
    private let folder: TemporaryFolder
    private let files = LocalFileSystem()
    private var metaDir: String { folder.path + "/meta" }

    init() throws {
        fixture = try LogFixture()
        folder = try TemporaryFolder()
        try files.createDirectory(metaDir)
        try embedded { store in
            _ = try store.beginEpoch()
            try makeDatabase("a", on: store)
            _ = try store.checkpoint()
            try makeDatabase("b", on: store)
        }
    }

    private func open(_ journal: any Journal) throws -> MetadataStore {
        try MetadataStore.open(
            folder: metaDir + "/image", files: files, journal: journal, nodeName: "fe1_9010_1", clusterID: 7,
            random: SeededRandom(seed: 1), time: ManualScheduler(), gates: DispatchGates(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func embedded<Result>(_ body: (MetadataStore) throws -> Result) throws -> Result {
        let store = try ReopeningStore(RocksDBStoreOpener(), path: metaDir + "/journal")
        defer { store.close() }
        return try body(try open(KeyValueJournal(store)))
    }

    private func makeDatabase(_ name: String, on store: MetadataStore) throws {
        try store.commit { _, ids in
            ([.createDatabase(Database(id: DatabaseID(ids.take()), name: name))], ())
        }
    }

    private func names(_ store: MetadataStore) -> [String] { store.read { $0.databases.map(\.name).sorted() } }

    private func move() throws -> JournalMove {
        try JournalMove(
            metaDir, files: files, stores: RocksDBStoreOpener(), client: try fixture.client(),
            prefix: LogFixture.prefix, time: ManualScheduler(), gates: DispatchGates(),
            random: SeededRandom(seed: 3), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func refusal(_ body: () throws -> Void) throws -> String {
        "\(try #require(#expect(throws: JournalMove.Refusal.self) { try body() }))"
    }

    @Test func thereAndBackNothingIsLostAndTheNumberingGoesOn() throws {
        let there = try move().toEtcd()
        #expect(there.clusterID == 7 && there.logID > 0)
        // An FE that is started as before says that its log is gone.
        #expect(throws: JournalError.self) { try embedded { _ in } }
        try files.removeTree(metaDir + "/journal")
        let overEtcd = try open(try fixture.master())
        #expect(names(overEtcd) == ["a", "b"] && overEtcd.lastLogID == there.logID)
        try makeDatabase("c", on: overEtcd)
        #expect(overEtcd.read { Set($0.databases.map(\.id)).count } == 3)

        // Its lease is not over.
        #expect(try refusal { _ = try move().toEmbedded() }.contains("fe1 is the master"))
        try fixture.client().delete(.key(LogFixture.prefix + "/leader"))
        let back = try move().toEmbedded()
        #expect(back.logID > there.logID)
        try embedded { again in
            #expect(names(again) == ["a", "b", "c"] && again.lastLogID == back.logID)
            try makeDatabase("d", on: again)
        }
        #expect(try embedded { names($0) } == ["a", "b", "c", "d"])
        // Others that are started over etcd find no cluster there.
        #expect(try EtcdClusterMark(fixture.client(), prefix: LogFixture.prefix).read(within: .seconds(5)) == nil)
    }

    @Test func aMoveThatWasBrokenOffIsBegunAgain() throws {
        let there = try move().toEtcd()
        // As if it had ended before the old journal got out of the way.
        try files.rename(metaDir + "/journal.before-etcd", to: metaDir + "/journal")
        #expect(try move().toEtcd() == there)
    }

    @Test func whatLiesInEtcdAlreadyIsLeftAlone() throws {
        let mark = EtcdClusterMark(try fixture.client(), prefix: LogFixture.prefix)
        _ = try mark.claim(EtcdClusterMark.Mark(clusterID: 8, founder: "fe9:9020"), within: .seconds(5))
        #expect(try refusal { _ = try move().toEtcd() }.contains("lies cluster 8 already"))
        #expect(try refusal { _ = try move().toEmbedded() }.contains("cluster 8, and the meta_dir is of cluster 7"))
        try mark.remove(within: .seconds(5))
        let other = try MetadataMachine().open(journal: try fixture.master())
        try makeDatabase("x", on: other)
        try fixture.client().delete(.key(LogFixture.prefix + "/leader"))
        #expect(try refusal { _ = try move().toEtcd() }.contains("edit log of a cluster that was there"))
        #expect(try embedded { names($0) } == ["a", "b"])
    }

    @Test func twoFirstFrontendsMakeOneCluster() throws {
        let mark = EtcdClusterMark(try fixture.client(), prefix: "/tabletd/other")
        #expect(try mark.read(within: .seconds(5)) == nil)
        let first = EtcdClusterMark.Mark(clusterID: 5, founder: "fe1:9020")
        #expect(try mark.claim(first, within: .seconds(5)) == first)
        let second = EtcdClusterMark.Mark(clusterID: 6, founder: "fe2:9020")
        #expect(try mark.claim(second, within: .seconds(5)) == first)
        #expect(try mark.read(within: .seconds(5)) == first)
    }
}
