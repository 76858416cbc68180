import ClusterTestKit
import Platform
import StoredFormats
import TabletModel
import Testing

@testable import StorageEngine

/// How a pending rowset remembers what it was made of (found B12).
@Suite struct PushSourceTests {
    private static let url = "http://user:hush@fe/load?token=hush&file=a"

    /// The value of the only pending record.
    private func record(_ fixture: EngineFixture) throws -> [UInt8] {
        let entries = fixture.machine.keyValueStores.entries("/be/d1/meta")
        return try #require(entries.first { $0.key.starts(with: MetaKeys.pendingRowsets) }).value
    }

    private func pushed() throws -> EngineFixture {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        _ = fixture.serve(Self.url, ["a"])
        _ = try engine.push(.sample(1, transaction: 5, url: Self.url))
        engine.close()
        fixture.machine.crash()
        return fixture
    }

    @Test func theRecordHoldsTheAddressAndNoSecret() throws {
        let bytes = try record(try pushed())
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains("http://fe/load#"))
        #expect(!text.contains("hush") && !text.contains("token"))
        #expect(recordedSource("http://fe/1") == "http://fe/1")
    }

    @Test func theSamePushAfterARestartFetchesNothingAndAnotherFileIsFetched() throws {
        let fixture = try pushed()
        let engine = try fixture.start()
        defer { engine.close() }
        _ = try engine.push(.sample(1, transaction: 5, url: Self.url))
        #expect(fixture.fetcher.fetchCounts[Self.url] == 1)
        let other = "http://user:hush@fe/load?token=hush&file=b"
        _ = fixture.serve(other, ["b"])
        _ = try engine.push(.sample(1, transaction: 5, url: other))
        #expect(fixture.fetcher.fetchCounts[other] == 1)
        #expect(try engine.publish(.sample(5, 2)).failures.isEmpty)
        #expect(try readRows(engine, 1) == ["b"])
    }

    @Test func aRecordOfAnOlderBuildWithTheWholeURLIsTheSamePush() throws {
        let fixture = try pushed()
        var pending = try record(fixture).withUnsafeBytes { try PendingRowsetRecord.decode($0) }
        pending.source = Self.url
        let store = try fixture.machine.keyValueStores.open("/be/d1/meta")
        var batch = WriteBatch()
        batch.put(MetaKeys.pendingRowset(5, 20, 1), try PendingRowsetRecord.encode(pending))
        try store.write(batch, sync: true)
        store.close()
        let engine = try fixture.start()
        defer { engine.close() }
        _ = try engine.push(.sample(1, transaction: 5, url: Self.url))
        #expect(fixture.fetcher.fetchCounts[Self.url] == 1)
        #expect(try engine.publish(.sample(5, 2)).failures.isEmpty)
        #expect(try readRows(engine, 1) == ["a"])
    }
}
