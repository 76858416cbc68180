import ClusterTestKit
import TabletModel

@testable import StorageEngine

/// Tablet 1 with loads of a few rows, one version each from 2 on, and what reading it should give.
struct LoadedTablet {
    let fixture: EngineFixture
    var rows: [String] = []
    private(set) var newest: Version = 1

    /// A tablet that holds [0-1], empty.
    init(_ fixture: EngineFixture, _ engine: StorageEngine) throws {
        self.fixture = fixture
        _ = try engine.createTablet(.sample(1))
    }

    /// One more version for each of these numbers of rows.
    mutating func load(_ counts: Int..., in engine: StorageEngine) throws {
        for count in counts {
            let version = newest.next
            try Self.push(fixture, version, count, in: engine)
            _ = try engine.publish(.sample(TransactionID(version.rawValue + 100), version))
            rows += Self.rows(of: version, count)
            newest = version
        }
    }

    /// One more version, which takes the rows with such an `n` (`sampleRows`).
    mutating func delete(_ operation: String, _ values: Int..., in engine: StorageEngine) throws {
        let version = newest.next
        let condition = DeleteCondition(column: "n", operation: operation, values: values.map { "\($0)" })
        let transaction = TransactionID(version.rawValue + 100)
        _ = try engine.push(.delete(1, transaction: transaction, condition))
        _ = try engine.publish(.sample(transaction, version))
        rows.removeAll { row in
            let n = Int(row.split(separator: ",")[1]) ?? 0
            return switch operation {
            case "<": n < values[0]
            case "!*=": !values.contains(n)
            default: values.contains(n)
            }
        }
        newest = version
    }

    static func rows(of version: Version, _ count: Int) -> [String] { sampleRows(count, "v\(version)") }

    static func push(_ fixture: EngineFixture, _ version: Version, _ count: Int, in engine: StorageEngine) throws {
        let url = "http://fe/v\(version)"
        _ = fixture.serve(url, rows(of: version, count))
        _ = try engine.push(.sample(1, transaction: TransactionID(version.rawValue + 100), url: url))
    }
}

extension StorageEngine {
    /// A cumulative compaction that somebody asked for.
    @discardableResult
    func compactNow(_ id: TabletID = 1, _ kind: CompactionKind = .cumulative) throws -> CompactionOutcome {
        try compact(CompactionRequest(tabletID: id, kind: kind), isAsked: true)
    }

    func tablet1() throws -> Tablet { try tablet(1) }

    /// Versions of the visible rowsets, as text.
    func visible(_ id: TabletID = 1) throws -> String {
        try tablet(id).rowsets.map(\.meta.versions.description).joined()
    }

    /// Segment files that no visible, stale or pending rowset can have.
    func strayFiles(_ fixture: EngineFixture) -> [String] {
        let named = Set(
            allTablets.flatMap { tablet in
                (tablet.rowsets + tablet.staleRowsets).flatMap { rowset in
                    rowset.meta.segments.indices.map { tablet.segmentPath(rowset.meta.id, $0) }
                }
            })
        let waiting = pending.count
        let others = fixture.segmentFiles.filter { !named.contains($0) }
        return Set(others.map { $0.split(separator: "/").last!.prefix(48) }).count <= waiting ? [] : others
    }
}
