import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

/// Random loads, deletes, compactions, sweeps and restarts of one tablet on two engines, which compact each in its own way,
/// against a model that keeps every row with its version.
@Suite("Deletes among loads and compactions") struct DeleteHistoryTests {
    private struct Model {
        var loads: [(version: Int64, rows: [String])] = []
        var deletes: [(version: Int64, isGone: (String) -> Bool)] = []

        func rows(at version: Int64) -> [String] {
            loads.filter { $0.version <= version }.flatMap { load in
                load.rows.filter { row in
                    !deletes.contains { $0.version > load.version && $0.version <= version && $0.isGone(row) }
                }
            }
        }
    }

    @Test("read as the model says, at every version that can be read", arguments: SeedRange.chosen(default: 1...20))
    func anyHistory(seed: UInt64) throws {
        let random = SeededRandom(seed: seed)
        let fixtures = [try EngineFixture(), try EngineFixture()]
        var engines = try fixtures.map { try $0.start() }
        for engine in engines { _ = try engine.createTablet(.sample(1)) }
        var model = Model()
        var last: Int64 = 1
        for _ in 0..<50 {
            let side = Int(random.next(below: 2))
            switch random.next(below: 10) {
            case 0...3:
                last += 1
                let rows = (0..<random.next(below: 12)).map { _ in Self.row(random) }
                model.loads.append((last, rows))
                for (fixture, engine) in zip(fixtures, engines) {
                    _ = fixture.serve("http://fe/\(last)", rows)
                    _ = try engine.push(.sample(1, transaction: TransactionID(last), url: "http://fe/\(last)"))
                    #expect(try engine.publish(.sample(TransactionID(last), Version(last))).failures.isEmpty)
                }
            case 4...6:
                last += 1
                let (conditions, isGone) = Self.conditions(random)
                model.deletes.append((last, isGone))
                for engine in engines {
                    var request = PushRequest.delete(1, transaction: TransactionID(last))
                    request.deleteConditions = conditions
                    _ = try engine.push(request)
                    #expect(try engine.publish(.sample(TransactionID(last), Version(last))).failures.isEmpty)
                }
            case 7: try engines[side].compactNow(1, .cumulative)
            case 8: try engines[side].compactNow(1, .base)
            default:
                if random.oneIn(2) {
                    try fixtures[side].time.advance(by: .seconds(301))
                    try engines[side].sweepTrash()
                } else {
                    fixtures[side].machine.crash()
                    engines[side] = try fixtures[side].start()
                }
            }
            try check(engines, model, last, "seed \(seed)")
        }
    }

    private func check(_ engines: [StorageEngine], _ model: Model, _ last: Int64, _ comment: Comment) throws {
        for engine in engines {
            let visible = try engine.visible()
            for version in max(1, last - 6)...last {
                do {
                    let read = try readRows(engine, 1, version: Version(version))
                    #expect(read == model.rows(at: version), "\(comment), version \(version) of \(visible)")
                } catch EngineError.versionNotReadable where version < last {
                    continue
                }
            }
            for rowset in try engine.tablet1().rowsets.map(\.meta) where rowset.versions.start > 0 {
                #expect(rowset.deletePredicate == nil || rowset.versions.count == 1, comment)
                #expect(rowset.lastDelete == .none, comment)
            }
        }
        let request = CheckConsistencyRequest(tabletID: 1, schemaHash: 7, version: Version(last))
        #expect(try engines[0].checksum(request) == engines[1].checksum(request), comment)
    }

    private static func row(_ random: SeededRandom) -> String {
        let key = ["a", "b", "c", "", "\\N"][Int(random.next(below: 5))]
        let number = ["0", "1", "2", "+2", "30", "-4", "", "x", " 1"][Int(random.next(below: 9))]
        let row = "\(key),\(number)"
        return random.oneIn(3) ? row : row + ",text \(random.next(below: 4))"
    }

    /// One or two conditions, and what they mean for a row, written down a second time.
    private static func conditions(_ random: SeededRandom) -> ([DeleteCondition], (String) -> Bool) {
        var conditions: [DeleteCondition] = []
        var tests: [(String) -> Bool] = []
        for _ in 0...random.next(below: 2) {
            switch random.next(below: 7) {
            case 0:
                let value = ["a", "b"][Int(random.next(below: 2))]
                conditions.append(.init("k1", "=", value))
                tests.append { field($0, 0) == value }
            case 1:
                conditions.append(.init("k1", "!=", "a"))
                tests.append { field($0, 0).map { $0 != "a" } ?? false }
            case 2:
                let value = Int(random.next(below: 4))
                conditions.append(.init("n", "<", "\(value)"))
                tests.append { number($0).map { $0 < value } ?? false }
            case 3:
                conditions.append(.init("n", "*=", "2", "30"))
                tests.append { number($0).map { [2, 30].contains($0) } ?? false }
            case 4:
                conditions.append(.init("n", "!*=", "0", "2", "-4"))
                tests.append { number($0).map { ![0, 2, -4].contains($0) } ?? false }
            case 5:
                conditions.append(.init("text", "IS", "NULL"))
                tests.append { field($0, 2) == nil }
            default:
                conditions.append(.init("text", ">=", "text 2"))
                tests.append { field($0, 2).map { $0 == "text 2" || $0 == "text 3" } ?? false }
            }
        }
        return (conditions, { row in tests.allSatisfy { $0(row) } })
    }

    private static func field(_ row: String, _ place: Int) -> String? {
        let fields = row.split(separator: ",", omittingEmptySubsequences: false)
        guard place < fields.count, fields[place] != "", fields[place] != "\\N" else { return nil }
        return String(fields[place])
    }

    private static func number(_ row: String) -> Int? {
        field(row, 1).flatMap { Int($0.split(separator: " ").joined()) }
    }
}
