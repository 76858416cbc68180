import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct ReshapeTests {
    private static func columns(_ ids: [Int32]) -> [TabletSchema.Column] {
        ids.map { AlterFixture.column("c\($0)", $0) }
    }

    private func reshape(_ rows: [String], from: [TabletSchema.Column], to: [TabletSchema.Column]) throws -> [String] {
        let reshaper = RowReshaper(
            try ReshapePlan(tablet: 1, from: from, to: AlterFixture.schema(1, to)))
        return rows.map { row in
            var made = ""
            Array(row.utf8).withUnsafeBytes { bytes in
                reshaper.reshape(bytes) { made = String(decoding: $0, as: UTF8.self) }
            }
            return made
        }
    }

    /// What a row should become, by splitting and joining.
    private func model(_ row: String, from: [TabletSchema.Column], to: [TabletSchema.Column]) -> String {
        let fields = row.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        var made = to.map { column -> String in
            guard let place = from.firstIndex(where: { $0.uniqueID == column.uniqueID }) else {
                return column.defaultValue ?? ""
            }
            return place < fields.count ? fields[place] : ""
        }
        made += fields.dropFirst(from.count)
        return made.joined(separator: ",")
    }

    @Test(arguments: 0..<300) func isWhatSplittingAndJoiningGives(seed: Int) throws {
        let random = SeededRandom(seed: UInt64(seed))
        func below(_ bound: Int) -> Int { Int(random.next(below: UInt64(bound))) }
        let from = Self.columns((0..<Int32(1 + below(6))).map { $0 })
        var pool = from.map(\.uniqueID) + [100, 101, 102]
        var to: [TabletSchema.Column] = []
        for _ in 0...below(pool.count) {
            let id = pool.remove(at: below(pool.count))
            to.append(AlterFixture.column("n\(id)", id, defaultValue: id == 101 ? "dé" : nil))
        }
        let rows = (0..<20).map { _ in
            (0...below(8)).map { _ in String(repeating: "xé字", count: below(3)) }.joined(separator: ",")
        }
        #expect(try reshape(rows, from: from, to: to) == rows.map { model($0, from: from, to: to) })
    }

    @Test func neighboursAreOnePiece() throws {
        let from = Self.columns([0, 1, 2, 3])
        let plan = try ReshapePlan(tablet: 1, from: from, to: AlterFixture.schema(1, Self.columns([0, 1, 7, 2, 3])))
        #expect(plan.pieces == [.fields(0..<2), .text([]), .fields(2..<4)])
        #expect(try ReshapePlan(tablet: 1, from: from, to: AlterFixture.schema(1, from)).isIdentity)
    }

    @Test func aRenamedColumnIsKnownByItsID() throws {
        let from = [AlterFixture.column("a", 0), AlterFixture.column("b", 1)]
        // `a` was renamed, and another `a` is new.
        let to = [
            AlterFixture.column("z", 0), AlterFixture.column("a", 5, defaultValue: "-"), AlterFixture.column("b", 1),
        ]
        #expect(try reshape(["1,2"], from: from, to: to) == ["1,-,2"])
    }

    @Test func withoutIDsNamesCount() throws {
        let from = [AlterFixture.column("a", -1), AlterFixture.column("b", -1)]
        let to = [AlterFixture.column("b", -1), AlterFixture.column("a", -1)]
        #expect(try reshape(["1,2"], from: from, to: to) == ["2,1"])
    }

    @Test(arguments: [
        (PrimitiveType.int, PrimitiveType.bigInt, true), (.int, .smallInt, false), (.int, .varchar, true),
        (.varchar, .int, false), (.date, .dateV2, true), (.double, .float, false), (.string, .varchar, true),
        (.varchar, .char, false),
    ]) func typesThatHoldTheTextAreTaken(old: PrimitiveType, new: PrimitiveType, isTaken: Bool) {
        let from = [AlterFixture.column("a", 0, type: old)]
        let to = AlterFixture.schema(1, [AlterFixture.column("a", 0, type: new)])
        let plan = try? ReshapePlan(tablet: 1, from: from, to: to)
        #expect((plan != nil) == isTaken)
    }

    @Test func whatBreaksRowsOrIsThereTwiceIsRefused() {
        let from = Self.columns([0])
        for bad in [
            [AlterFixture.column("x", 0), AlterFixture.column("x", 1)],
            [AlterFixture.column("x", 0), AlterFixture.column("y", 0)],
            [AlterFixture.column("x", 4, defaultValue: "a,b")], [AlterFixture.column("x", 4, defaultValue: "a\nb")], [],
        ] {
            #expect(throws: EngineError.self) {
                try ReshapePlan(tablet: 1, from: from, to: AlterFixture.schema(1, bad))
            }
        }
    }
}
