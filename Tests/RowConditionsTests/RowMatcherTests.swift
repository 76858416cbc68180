import ClusterTestKit
import TabletModel
import Testing

@testable import RowConditions

/// Random deletes over columns of all kinds, asked of random rows, against each condition asked plainly.
@Suite struct RowMatcherTests {
    private static let types: [PrimitiveType] = [
        .tinyInt, .varchar, .bigInt, .decimalV2, .dateTime, .double, .largeInt, .boolean, .date, .string,
    ]
    private static let schema = TabletSchema(
        schemaHash: 7,
        columns: types.enumerated().map { place, type in
            .init(name: "c\(place)", type: type, isKey: place == 0, isNullable: true, uniqueID: Int32(place))
        }, delimiter: UInt8(ascii: "|"))

    /// Values of each type, of which some are near each other, some at its ends, and some are written in several ways.
    private static let values: [[String]] = [
        ["-128", "127", "0", "-0", "7", "007", "8"],
        ["a", "b", "ab", "abc", "a quite long text of thirty-three", "a quite long text of thirty-four.", "漢字", "B"],
        ["-9223372036854775808", "9223372036854775807", "9223372036854775806", "0", "1", "+1"],
        ["1", "1.00", "1.5", "-1.5", "0.00000000000000000000000000000000000001", "2"],
        [
            "2013-01-31 08:05:59", "2013-01-31T08:05:59", "2013-01-31 08:06", "2012-02-29", "20130131080558",
            "0001-01-01",
        ],
        ["1e3", "1000", "-0.5", "0", "-0", "1.7976931348623157e308"],
        ["170141183460469231731687303715884105727", "-170141183460469231731687303715884105728", "5", "6"],
        ["true", "0", "1", "FALSE"],
        ["2013-01-31", "20130131", "2012-02-29", "2013-02-01"],
        ["x", "xx", "xxxxxxxx", "xxxxxxxxx", "xxxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxxxx", "y"],
    ]
    /// What no type but text can read, and null.
    private static let others = [
        "", "\\N", "NA", " ", "2013-02-30 08:05:59", "2013-01-31 0x:05:59", "1e", "999999999999",
    ]

    /// Whether one condition holds, without anything that `RowMatcher` is made of but the kinds' keys.
    private static func holds(_ condition: DeleteCondition, _ field: String?, _ type: PrimitiveType) -> Bool {
        let isNull = field == nil || field == "" || field == "\\N"
        if condition.operation == "IS", condition.values == ["NULL"] { return isNull }
        guard !isNull, let field, let kind = FieldKind(type) else { return false }
        func order(_ value: String) -> Int? {
            if kind == .text {
                let (one, other) = (Array(field.utf8), Array(value.utf8))
                return one == other ? 0 : one.lexicographicallyPrecedes(other) ? -1 : 1
            }
            guard let one = Array(field.utf8).withUnsafeBytes({ kind.key(of: $0) }),
                let other = Array(value.utf8).withUnsafeBytes({ kind.key(of: $0) })
            else { return nil }
            return one == other ? 0 : one < other ? -1 : 1
        }
        if condition.operation == "IS" { return order(field) != nil }
        let orders = condition.values.compactMap { order($0) }
        guard orders.count == condition.values.count else { return false }
        return switch condition.operation {
        case "=", "*=": orders.contains(0)
        case "!=", "!*=": !orders.contains(0)
        case "<": orders[0] < 0
        case "<=": orders[0] <= 0
        case ">": orders[0] > 0
        default: orders[0] >= 0
        }
    }

    @Test(arguments: 0..<60 as Range<UInt64>) func holdsForTheSameRowsAsTheConditions(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
        func pick(_ list: [String]) -> String { list[pick(list.count)] }
        // Few columns, so that several deletes and several conditions meet on one.
        let columns = (0..<(1 + pick(4))).map { _ in pick(Self.types.count) }
        func condition() -> DeleteCondition {
            let column = columns[pick(columns.count)]
            let operation = pick(["=", "=", "!=", "<", "<=", ">", ">=", "*=", "!*=", "IS"])
            let values: [String] =
                switch operation {
                case "IS": [pick(["NULL", "NOT NULL"])]
                case "*=", "!*=": (0...pick(5)).map { _ in pick(Self.values[column]) }
                default: [pick(Self.values[column])]
                }
            return DeleteCondition(column: "c\(column)", operation: operation, values: values)
        }
        let deletes = (0..<(1 + pick(10))).map { _ in (0...max(0, pick(5) - 2)).map { _ in condition() } }
        let matcher = RowMatcher(
            try deletes.map { try RowTest($0, schema: Self.schema) }, delimiter: UInt8(ascii: "|"))
        for _ in 0..<400 {
            let fields = (0..<pick(12)).map { column in
                pick(8) == 0 || column >= Self.types.count ? pick(Self.others) : pick(Self.values[column])
            }
            // A row of no fields at all has one that is empty.
            let row = fields.isEmpty ? [""] : fields
            let wanted = deletes.contains { conditions in
                conditions.allSatisfy { condition in
                    let column = Int(condition.column.dropFirst()) ?? 0
                    return Self.holds(condition, column < row.count ? row[column] : nil, Self.types[column])
                }
            }
            let found = matcher.holds(for: row.joined(separator: "|"))
            #expect(found == wanted, "\(row) of \(deletes)")
        }
    }

    @Test func manyTextsNearEachOther() throws {
        var random = SplitMix64(seed: 5)
        let column = "c1"
        let texts = (0..<2000).map { _ in
            String(
                decoding: (0..<(1 + random.next() % 40)).map { _ in UInt8(ascii: "a") + UInt8(random.next() % 2) },
                as: UTF8.self)
        }
        let (inside, outside) = (Set(texts[..<1000]), texts[1000...].filter { !texts[..<1000].contains($0) })
        let isIn = try RowTest(
            [DeleteCondition(column: column, operation: "*=", values: Array(inside))], schema: Self.schema)
        let notIn = try RowTest(
            [DeleteCondition(column: column, operation: "!*=", values: Array(inside))], schema: Self.schema)
        let (found, missed) = (RowMatcher([isIn], delimiter: 0x7C), RowMatcher([notIn], delimiter: 0x7C))
        func holds(_ matcher: RowMatcher, _ text: String) -> Bool {
            matcher.holds(for: "1|\(text)")
        }
        for text in inside { #expect(holds(found, text) && !holds(missed, text), "\(text)") }
        for text in outside { #expect(!holds(found, text) && holds(missed, text), "\(text)") }
        // Both together hold for all but null.
        let both = RowMatcher([isIn, notIn], delimiter: 0x7C)
        #expect(holds(both, "z") && holds(both, texts[0]) && !holds(both, ""))
    }
}

extension RowMatcher {
    /// Of a block of one row.
    func holds(for row: String) -> Bool {
        Array(row.utf8).withUnsafeBytes { bytes in
            begin(bytes)
            return anyHolds(for: 0..<bytes.count)
        }
    }
}
