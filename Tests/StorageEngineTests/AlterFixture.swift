import ClusterTestKit
import Platform
import TabletModel

@testable import StorageEngine

/// Base tablet 1 with columns a, b, c, and what makes tablet 2 of it.
struct AlterFixture {
    static let comma = UInt8(ascii: ",")
    static let base = ["a", "b", "c"].enumerated().map { column($1, Int32($0)) }

    static func column(
        _ name: String, _ id: Int32, type: PrimitiveType = .varchar, defaultValue: String? = nil
    ) -> TabletSchema.Column {
        TabletSchema.Column(
            name: name, type: type, isKey: false, isNullable: true, defaultValue: defaultValue, uniqueID: id)
    }

    static func schema(_ hash: SchemaHash, _ columns: [TabletSchema.Column]) -> TabletSchema {
        TabletSchema(schemaHash: hash, columns: columns, delimiter: comma)
    }

    /// c, then a new one with a default, then a.
    static let changed = schema(8, [column("c", 2), column("d", 3, defaultValue: "new"), column("a", 0)])

    static func baseRequest(_ policy: String = "") -> CreateTabletRequest {
        var request = CreateTabletRequest.sample(1, policy: policy)
        request.schema = schema(7, base)
        return request
    }

    static func newRequest(_ schema: TabletSchema = changed, policy: String = "") -> CreateTabletRequest {
        var request = CreateTabletRequest.sample(2, replica: 501, policy: policy)
        request.schema = schema
        request.baseTabletID = 1
        request.baseSchemaHash = 7
        return request
    }

    static func alter(_ version: Version?, hash: SchemaHash = 8) -> AlterRequest {
        AlterRequest(
            baseTabletID: 1, newTabletID: 2, baseSchemaHash: 7, newSchemaHash: hash, alterVersion: version)
    }

    static func rows(_ version: Version, _ count: Int) -> [String] { (0..<count).map { "a\(version)_\($0),b,c\($0)" } }
    static func altered(_ rows: [String]) -> [String] {
        rows.map { row in
            let fields = row.split(separator: ",", omittingEmptySubsequences: false)
            return "\(fields[2]),new,\(fields[0])"
        }
    }

    /// Rows in the base's columns, to both tablets or to one, and their publish.
    static func load(
        _ fixture: EngineFixture, _ engine: StorageEngine, _ version: Version, _ count: Int, to tablets: [TabletID]
    ) throws {
        let transaction = TransactionID(version.rawValue + 100)
        let url = "http://fe/v\(version)"
        _ = fixture.serve(url, rows(version, count))
        for id in tablets { _ = try engine.push(push(id, transaction, url)) }
        let outcome = try engine.publish(.sample(transaction, version))
        if let failure = outcome.failures.first { throw failure.error }
    }

    static func push(_ id: TabletID, _ transaction: TransactionID, _ url: String) -> PushRequest {
        var request = PushRequest.sample(id, transaction: transaction, url: url)
        request.schemaHash = id == 1 ? 7 : 8
        request.rowColumns = base
        return request
    }

    /// Base with versions 2 and 3, tablet 2 not ready, and version 4 in both.
    static func prepare(_ fixture: EngineFixture, _ engine: StorageEngine) throws {
        _ = try engine.createTablet(baseRequest())
        try load(fixture, engine, 2, 12, to: [1])
        try load(fixture, engine, 3, 5, to: [1])
        _ = try engine.createTablet(newRequest())
        try load(fixture, engine, 4, 4, to: [1, 2])
    }

    static let allRows = altered(rows(2, 12) + rows(3, 5) + rows(4, 4))
}
