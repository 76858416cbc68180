import TabletModel
import Testing

@testable import RowConditions

@Suite struct WhereClauseTests {
    @Test(
        arguments: [
            ("tailnum = 'N14228'", [("tailnum", "=", ["N14228"])]),
            (" tailnum='N14228'AND dep_delay>=-5 ", [("tailnum", "=", ["N14228"]), ("dep_delay", ">=", ["-5"])]),
            ("a <> 1 and b!=2.5e-3 AND c<+.5", [("a", "!=", ["1"]), ("b", "!=", ["2.5e-3"]), ("c", "<", ["+.5"])]),
            ("a in (1, 'two',\"three\")", [("a", "*=", ["1", "two", "three"])]),
            ("a Not In ('x')", [("a", "!*=", ["x"])]),
            ("a is null and b is not null", [("a", "IS", ["NULL"]), ("b", "IS", ["NOT NULL"])]),
            ("`in` = 'it''s' AND `a``b` = \"say \"\"x\"\"\"", [("in", "=", ["it's"]), ("a`b", "=", ["say \"x\""])]),
            ("名前 = 'Ünï\\n漢'", [("名前", "=", ["Ünï\\n漢"])]), ("ok == TRUE", [("ok", "=", ["true"])]),
            ("android = 'x' AND island='y'", [("android", "=", ["x"]), ("island", "=", ["y"])]),
            ("a='1'AND\n\tb='2'", [("a", "=", ["1"]), ("b", "=", ["2"])]),
        ] as [(String, [(String, String, [String])])])
    func understands(_ text: String, _ wanted: [(String, String, [String])]) throws {
        let conditions = try WhereClause(text).conditions
        #expect(conditions == wanted.map { DeleteCondition(column: $0.0, operation: $0.1, values: $0.2) })
    }

    @Test(arguments: [
        ("", 0), ("   ", 3), ("tailnum", 7), ("tailnum =", 9), ("= 1", 0), ("a = b", 4), ("a = 1 OR b = 2", 6),
        ("a = 1 b = 2", 6), ("a = 1 AND", 9), ("(a = 1)", 0), ("a = 'x", 4), ("a = \"x'", 4), ("`a = 1", 0),
        ("a =< 1", 2), ("a ~ 1", 2), ("a = 1;", 5), ("a IN 1", 5), ("a IN ()", 6), ("a IN (1", 7), ("a IN (1 2)", 8),
        ("a NOT NULL", 6), ("a IS 5", 5), ("a = NULL", 4), ("a BETWEEN 1 AND 2", 2), ("a LIKE 'x%'", 2),
        ("a = 12ab", 4),
        ("a = -", 4), ("a = 1 -- x", 6), ("NOT a = 1", 0), ("a = 'ü' and 漢 = ü", 16), ("a = 1 = 2", 6),
    ])
    func whatIsNotUnderstoodIsPointedAt(_ text: String, _ offset: Int) throws {
        let error = try #require(throws: WhereError.self) { try WhereClause(text) }
        #expect(error.offset == offset, "\(error)")
        #expect(!error.reason.isEmpty)
        let rest = String(String.UnicodeScalarView(text.unicodeScalars.dropFirst(offset)))
        #expect(error.found.isEmpty == rest.isEmpty && rest.hasPrefix(error.found.replacing("…", with: "")))
    }

    @Test func boundsHold() throws {
        let values = (0..<10_000).map { "'v\($0)'" }.joined(separator: ", ")
        #expect(try WhereClause("a IN (\(values))").conditions[0].values.count == 10_000)
        #expect(throws: WhereError.self) { try WhereClause("a IN (\(values), 'one more')") }
        #expect(throws: WhereError.self) { try WhereClause("a IN (\(values)) AND b = 1") }
        let conditions = Array(repeating: "a = 1", count: 64).joined(separator: " AND ")
        #expect(try WhereClause(conditions).conditions.count == 64)
        #expect(throws: WhereError.self) { try WhereClause(conditions + " AND a = 1") }
        #expect(throws: WhereError.self) { try WhereClause(String(repeating: " ", count: 3 << 20)) }
    }

    /// What people are shown can be typed again.
    @Test(arguments: [
        "a = 'x'", "a != 'it''s' AND b IN ('1', '2')", "b NOT IN ('1') AND `in x` IS NULL AND c IS NOT NULL",
        "a >= '-1.5'",
    ])
    func isWrittenAsItIsRead(_ text: String) throws {
        #expect(DeleteCondition.words(try WhereClause(text).conditions, limit: 1000) == text)
    }

    @Test func aLongConditionIsShownCut() throws {
        let values = (0..<9_999).map { "'value \($0)'" }.joined(separator: ", ")
        let shown = DeletePredicate.shared(try WhereClause("a IN (\(values)) AND b = 1").conditions).description
        #expect(shown.utf8.count < 300 && shown.contains("more") && shown.hasPrefix("a IN ('value 0', "))
    }
}
