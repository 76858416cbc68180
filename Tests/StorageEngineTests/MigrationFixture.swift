import ClusterTestKit
import Platform
import StoredFormats
import TabletModel
import Testing

@testable import StorageEngine

/// A backend with several data dirs, and tablet 1 in one of them: merged, stale, single and pending rowsets.
struct MigrationFixture {
    static let pendingTransaction: TransactionID = 900
    static let pendingRows = sampleRows(4, "pending")

    let fixture: EngineFixture
    var engine: StorageEngine
    var loaded: LoadedTablet

    init(_ specs: [DataDirSpec] = Self.twoDirs, options: EngineOptions = .small) throws {
        fixture = try EngineFixture(dirs: specs, options: options)
        engine = try fixture.start()
        loaded = try LoadedTablet(fixture, engine)
        try loaded.load(12, 9, 3, in: engine)
        _ = try engine.compactNow()
        try loaded.load(5, in: engine)
        _ = fixture.serve("http://fe/pending", Self.pendingRows)
        _ = try engine.push(.sample(1, transaction: Self.pendingTransaction, url: "http://fe/pending"))
    }

    static let twoDirs = [
        DataDirSpec(path: "/be/d1", medium: .hdd), DataDirSpec(path: "/be/d2", medium: .ssd),
    ]

    var dir: DataDir { get throws { try engine.tablet1().dataDir } }
    /// The first dir that the tablet is not in.
    var other: DataDir {
        get throws {
            let here = try dir
            return try #require(engine.dataDirs.first { $0 !== here })
        }
    }

    @discardableResult
    func migrate(to path: String? = nil) throws -> TabletReportRow {
        try MigrationService(engine: engine).migrate(
            MigrateRequest(tabletID: 1, schemaHash: 7, dataDir: try path ?? other.path))
    }

    /// The process is killed, with its machine, and another starts.
    mutating func restart() throws {
        engine.close()
        fixture.machine.crash()
        engine = try fixture.start()
    }

    /// Nothing is left anywhere of what is not the tablet's.
    func checkClean(_ place: Comment? = nil) throws {
        try engine.sweepTrash(all: true)
        #expect(engine.strayFiles(fixture) == [], place)
        #expect(engine.leaving.all.isEmpty && engine.arrivals.all.isEmpty, place)
        for dir in engine.dataDirs {
            let files = fixture.machine.fileSystem.allFiles().map(\.path)
            #expect(!files.contains { $0.hasPrefix(dir.layout.migration) }, place)
            let isHere = try dir === self.dir
            #expect(try (dir.readMeta(MetaKeys.header(1)) != nil) == isHere, place)
            let rowsets = engine.allTablets.filter { $0.dataDir === dir }.flatMap(\.rowsets)
            let pending = engine.pending.entries(of: 1).filter { $0.dataDir === dir }
            let bytes =
                rowsets.reduce(0) { $0 + $1.meta.sizeBytes } + pending.reduce(0) { $0 + $1.pending.rowset.sizeBytes }
            #expect(dir.report.dataUsedBytes == bytes, place)
        }
    }
}
