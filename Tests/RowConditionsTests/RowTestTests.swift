import ClusterTestKit
import TabletModel
import Testing

@testable import RowConditions

@Suite struct RowTestTests {
    static let schema = TabletSchema(
        schemaHash: 7,
        columns: [
            .init(name: "k", type: .int, isKey: true, isNullable: false, uniqueID: 4),
            .init(name: "名前", type: .varchar, isKey: false, isNullable: true, uniqueID: 9),
            .init(name: "price", type: .decimalV2, isKey: false, isNullable: true, uniqueID: 2),
            .init(name: "sketch", type: PrimitiveType(rawValue: 16), isKey: false, isNullable: true, uniqueID: 3),
        ], delimiter: UInt8(ascii: ","))

    static func holds(_ conditions: [DeleteCondition], _ fields: [String]) throws -> Bool {
        holds(try RowTest(conditions, schema: schema), fields)
    }

    static func holds(_ row: RowTest, _ fields: [String]) -> Bool {
        holds(RowMatcher([row], delimiter: UInt8(ascii: ",")), fields)
    }

    static func holds(_ matcher: RowMatcher, _ fields: [String]) -> Bool {
        matcher.holds(for: fields.joined(separator: ","))
    }

    private func condition(_ column: String, _ operation: String, _ values: String...) -> DeleteCondition {
        DeleteCondition(column: column, operation: operation, values: values)
    }

    /// The first two columns of a row, and whether the condition holds.
    @Test(
        arguments: [
            ("k", "=", ["7"], "007", true), ("k", "=", ["7"], "8", false), ("k", "!=", ["7"], "8", true),
            ("k", "<", ["7"], "-9", true), ("k", "<=", ["7"], "7", true), ("k", ">", ["7"], "7", false),
            ("k", ">=", ["7"], "10", true), ("k", "*=", ["1", "2", "2"], "2", true),
            ("k", "IN", ["1", "2"], "3", false),
            ("k", "!*=", ["1", "2"], "3", true), ("k", "not in", ["1", "2"], "1", false),
            // Null: only IS NULL holds.
            ("k", "=", ["7"], "", false), ("k", "!=", ["7"], "", false), ("k", "!*=", ["7"], "\\N", false),
            ("k", "IS", ["NULL"], "", true), ("k", "is", ["null"], "\\N", true), ("k", "IS", ["NULL"], "7", false),
            ("k", "IS", ["not null"], "7", true), ("k", "IS", ["NOT NULL"], "", false),
            // What can't be read: nothing holds.
            ("k", "=", ["7"], "x7", false), ("k", "!=", ["7"], "x7", false), ("k", "!*=", ["7"], "x7", false),
            ("k", "<", ["7"], "NA", false), ("k", "IS", ["NULL"], "NA", false), ("k", "IS", ["NOT NULL"], "NA", false),
        ] as [(String, String, [String], String, Bool)])
    func numbersCompareByValue(
        _ column: String, _ operation: String, _ values: [String], _ field: String, _ wanted: Bool
    )
        throws
    {
        let condition = DeleteCondition(column: column, operation: operation, values: values)
        #expect(try Self.holds([condition], [field]) == wanted)
    }

    @Test func textsCompareBytewise() throws {
        let (name, price) = ("名前", "price")
        func holds(_ operation: String, _ values: [String], _ field: String) throws -> Bool {
            try Self.holds([DeleteCondition(column: name, operation: operation, values: values)], ["1", field])
        }
        #expect(try holds("=", ["Ünï 漢字"], "Ünï 漢字"))
        // Composed and decomposed are different bytes.
        #expect(try !holds("=", ["\u{E9}"], "e\u{301}"))
        #expect(try holds("=", [" a "], " a ") && !holds("=", ["a"], " a"))
        #expect(try holds("<", ["b"], "a\u{10FFFF}") && holds("<", ["ab"], "a") && !holds("<", ["a"], "ab"))
        #expect(try holds(">", ["Z"], "a") && holds("!=", ["a"], "A") && !holds("!=", ["a"], ""))
        #expect(try holds("*=", ["", "a"].filter { !$0.isEmpty }, "a") && !holds("!*=", ["a"], "a"))
        #expect(try Self.holds([condition(price, "=", "1.50")], ["", "", "1.5"]))
        // A row of too few fields has nulls for the rest.
        #expect(try Self.holds([condition(price, "IS", "NULL")], ["1"]))
    }

    @Test func allConditionsMustHold() throws {
        let both = [condition("k", ">", "1"), condition("k", "<", "5"), condition("k", ">", "1")]
        #expect(try Self.holds(both, ["3"]) && !Self.holds(both, ["5"]))
        #expect(try RowTest(both, schema: Self.schema).tests.count == 1)
        #expect(try Self.holds(both + [condition("名前", "=", "a")], ["3", "a"]))
        #expect(try !Self.holds(both + [condition("名前", "=", "a")], ["3", "b"]))
        let contradiction = [condition("k", "=", "1"), condition("k", "=", "2")]
        #expect(try !Self.holds(contradiction, ["1"]) && !Self.holds(contradiction, ["2"]))
    }

    @Test func aColumnIsFoundByItsIDAndElseByItsName() throws {
        var renamed = condition("old name", "=", "5")
        renamed.columnUniqueID = 4
        #expect(try Self.holds([renamed], ["5"]))
        renamed.columnUniqueID = -1
        #expect(throws: ConditionError.unknownColumn("old name", known: ["k", "名前", "price", "sketch"])) {
            try RowTest([renamed], schema: Self.schema)
        }
    }

    @Test func whatCanNotBeAskedIsRefused() {
        func refused(_ conditions: [DeleteCondition], _ wanted: ConditionError) {
            #expect(throws: wanted) { try RowTest(conditions, schema: Self.schema) }
        }
        refused([], .noConditions)
        refused([condition("K", "=", "1")], .unknownColumn("K", known: ["k", "名前", "price", "sketch"]))
        refused([condition("sketch", "IS", "NULL")], .notComparable("sketch", PrimitiveType(rawValue: 16)))
        refused([condition("k", "~", "1")], .unknownOperation("k", "~"))
        refused([condition("k", "", "1")], .unknownOperation("k", ""))
        refused([condition("k", "=")], .valueCount("k", "=", 0))
        refused([condition("k", "=", "1", "2")], .valueCount("k", "=", 2))
        refused([condition("k", "*=")], .valueCount("k", "*=", 0))
        refused([condition("k", "IS", "true")], .neitherNull("k", "true"))
        refused([condition("k", "=", "1"), condition("k", "<", "1.5")], .noSuchValue("k", "1.5", .int))
        refused([condition("k", "*=", "1", "２")], .noSuchValue("k", "２", .int))
        refused([condition("k", "=", "")], .noSuchValue("k", "", .int))
        refused([condition("名前", "=", "")], .nullAsValue("名前", ""))
        refused([condition("名前", "*=", "a", "\\N")], .nullAsValue("名前", "\\N"))
        refused(Array(repeating: condition("k", "=", "1"), count: 65), .tooManyConditions(65))
        let many = DeleteCondition(column: "k", operation: "*=", values: (0...10_000).map(String.init))
        refused([many], .tooManyValues(10_001))
        let long = String(repeating: "x", count: 1 << 20)
        refused([condition("名前", "=", long)], .tooManyBytes((1 << 20) + 7))
        var opaque = Self.schema
        opaque.delimiter = nil
        #expect(throws: ConditionError.opaqueRows) { try RowTest([condition("k", "=", "1")], schema: opaque) }
    }

    @Test func tenThousandValues() throws {
        let numbers = DeleteCondition(column: "k", operation: "*=", values: (0..<10_000).map { "\($0 * 3)" })
        let words = DeleteCondition(column: "名前", operation: "!*=", values: (0..<10_000).map { "wort-\($0)" })
        let (ins, outs) = (
            RowMatcher([try RowTest([numbers], schema: Self.schema)], delimiter: UInt8(ascii: ",")),
            RowMatcher([try RowTest([words], schema: Self.schema)], delimiter: UInt8(ascii: ","))
        )
        for value in stride(from: 0, to: 31_000, by: 7) {
            #expect(Self.holds(ins, ["\(value)"]) == (value < 30_000 && value % 3 == 0))
            #expect(Self.holds(outs, ["", "wort-\(value)"]) == (value >= 10_000))
        }
    }
}
