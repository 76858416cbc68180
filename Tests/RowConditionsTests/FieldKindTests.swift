import TabletModel
import Testing

@testable import RowConditions

@Suite struct FieldKindTests {
    private func key(_ text: String, _ type: PrimitiveType) -> FieldKey? {
        let kind = FieldKind(type)!
        return Array(text.utf8).withUnsafeBytes { kind.key(of: $0) }
    }

    /// Each list ascends, and all of one string are one value.
    @Test(arguments: [
        (PrimitiveType.boolean, ["false FALSE 0", "true True 1"]),
        (.tinyInt, ["-128", "-1 -01", "0 -0 +0 00", "1 +1 0001", "127"]),
        (.smallInt, ["-32768", "32767"]), (.int, ["-2147483648", "7", "2147483647"]),
        (.bigInt, ["-9223372036854775808", "-9223372036854775807", "0", "9223372036854775807"]),
        (
            .largeInt,
            [
                "-170141183460469231731687303715884105728", "-170141183460469231731687303715884105727", "-1", "0",
                "1000000000000000000", "170141183460469231731687303715884105727",
            ]
        ),
        (
            .double,
            [
                "-1e308", "-1.5 -1.50 -15e-1 -0.15E+1", "-5e-324", "0 -0 0.0 -0.0 .0 0e5", "5e-324", "0.1 1e-1 .1",
                "0.30000000000000004", "1 1. 1.0 01", "9007199254740993 9007199254740992", "1e22", "1e23",
                "1.7976931348623157e308",
            ]
        ),
        (.float, ["-3.4e38", "0.1 0.10000000149011612", "16777216 16777217", "3.4028235e38"]),
        (
            .decimalV2,
            [
                "-99999999999999999999999999999999999999", "-2", "-1.75", "-1.5 -1.50 -01.5", "-1", "-0.5", "-0.25",
                "-0.00000000000000000000000000000000000001", "0 -0 0.0 -0.00 .0 0.",
                "0.00000000000000000000000000000000000001", "0.1", "0.10000000000000000001", "1 1.0 001.000", "1.5",
                "99999999999999999999999999999999999999",
            ]
        ),
        (
            .date,
            [
                "0000-01-01 00000101", "2012-02-29 2012/2/29 20120229", "2013-01-01 2013-1-1 2013-01-01T00:00:00",
                "9999-12-31",
            ]
        ),
        (
            .dateTime,
            [
                "2013-01-01 20130101 2013-01-01T00:00", "2013-01-01T00:00:00.000001", "2013-01-01T08:05 2013-1-1T8:5:0",
                "2013-01-01T08:05:00.5 2013-01-01T08:05:00.500000", "2013-01-01T08:05:01 20130101080501",
                "2013-02-01",
            ]
        ),
    ])
    func valuesAscendHoweverTheyAreWritten(_ type: PrimitiveType, _ ascending: [String]) throws {
        var last: FieldKey?
        for spellings in ascending {
            let keys = spellings.split(separator: " ").map { (String($0), key(String($0), type)) }
            let first = try #require(keys[0].1, "\(keys[0].0)")
            for (text, key) in keys { #expect(key == first, "\(text) as \(type)") }
            for (text, _) in keys { #expect(key(" \t\(text)\r", type) == first, "\(text) between blanks") }
            if let last { #expect(last < first, "\(spellings) after the one before, as \(type)") }
            last = first
        }
    }

    @Test(arguments: [
        (PrimitiveType.boolean, ["", "2", "yes", "tru", "truee", "-1"]),
        (.tinyInt, ["128", "-129", "1.0", "1e1", "--1", "+", "-", "0x1", "1 1", "１"]),
        (.int, ["2147483648", "NA", ""]), (.bigInt, ["9223372036854775808", "-9223372036854775809"]),
        (.largeInt, ["170141183460469231731687303715884105728", "-170141183460469231731687303715884105729", "1a"]),
        (
            .double,
            ["nan", "inf", "-Infinity", "0x1p3", "1e", "1e+", "e5", ".", "-", "1e309", "1e99999", "1..2", "1,5"]
        ),
        (.float, ["3.5e38", "nan"]),
        (
            .decimal128,
            ["1e5", ".", "-", "100000000000000000000000000000000000000", "0.000000000000000000000000000000000000001"]
        ),
        (
            .date,
            [
                "2013-02-29", "1900-02-29", "2013-13-01", "2013-00-01", "2013-01-00", "2013-04-31", "13-01-01",
                "2013-01/01", "201301011", "2013-01-01 08:00:00", "2013-001-01", "NA",
            ]
        ),
        (
            .dateTime,
            [
                "2013-01-01 24:00:00", "2013-01-01 08:60", "2013-01-01 08:05:60", "2013-01-01 08",
                "2013-01-01 08:05:00.",
                "2013-01-01 08:05:00.1234567", "2013-01-01T08:05:00Z", "20130101 08:05 ", "2013-01-01x",
            ]
        ),
    ])
    func whatIsNoValueOfTheTypeHasNoKey(_ type: PrimitiveType, _ texts: [String]) {
        for text in texts where text != "20130101 08:05 " { #expect(key(text, type) == nil, "\(text) as \(type)") }
    }

    @Test func typesThatAreNotCompared() {
        for type in [11, 16, 18, 19, 20, 21, 22, 25, 28, 32, 99] {
            #expect(FieldKind(PrimitiveType(rawValue: Int32(type))) == nil, "\(type)")
        }
    }
}
