import AccessControl
import Testing

@testable import SQLGrammar

/// Each row of the table, by its example.
@Suite struct StatementTableTests {
    static let rows = StatementTable.rows

    @Test func namesAndExamplesAreUnique() {
        #expect(Set(Self.rows.map(\.name)).count == Self.rows.count)
        #expect(Set(Self.rows.map(\.example)).count == Self.rows.count)
        #expect(Self.rows.allSatisfy { $0.summary.hasSuffix(".") && !$0.syntax.isEmpty })
    }

    @Test(arguments: rows.map(\.name)) func itsExampleIsAStatementOfTheRow(_ name: String) throws {
        let row = try #require(Self.rows.first { $0.name == name })
        for text in [row.example, row.example + ";", " /* c */ \(row.example)\n;; -- end", "/*! \(row.example) */"] {
            let parsed = try ParsedStatement(Array(text.utf8))
            #expect(parsed.row.name == name, "\(text)")
        }
    }

    /// Words in small letters are the same statement.
    @Test(arguments: rows.map(\.name)) func itsKeywordsAreInAnyCase(_ name: String) throws {
        let row = try #require(Self.rows.first { $0.name == name })
        let lead = row.leads[0].words[0]
        let text = lead.lowercased() + row.example.dropFirst(lead.count)
        #expect(try ParsedStatement(Array(text.utf8)).row.name == name)
    }

    /// Cut anywhere, or with a token left out, doubled or replaced, it is refused or is another statement; it ends either way.
    @Test(arguments: rows.map(\.name)) func brokenVariantsAreAnswered(_ name: String) throws {
        let row = try #require(Self.rows.first { $0.name == name })
        let bytes = Array(row.example.utf8)
        for end in 0..<bytes.count { _ = try? ParsedStatement(Array(bytes[..<end])) }
        let text = try #require(SQLLexer.cut(bytes))
        for token in text.tokens where token.kind != .end {
            let (before, itself, after) = (
                bytes[..<token.range.lowerBound], bytes[token.range], bytes[token.range.upperBound...]
            )
            _ = try? ParsedStatement(Array(before + after))
            _ = try? ParsedStatement(Array(before + itself + " ".utf8 + itself + after))
            for other in [",", "'", "(", ")", "NULL", "1e9", "\0", "`", "FROM"] {
                _ = try? ParsedStatement(Array(before + other.utf8 + after))
            }
        }
    }

    /// More behind it is told, and where.
    @Test(arguments: rows.map(\.name)) func whatFollowsIsRefused(_ name: String) throws {
        let row = try #require(Self.rows.first { $0.name == name })
        // These take any words.
        guard name != "HELP" else { return }
        let error = #expect(throws: SQLSyntaxError.self) { try ParsedStatement(Array((row.example + " ) x").utf8)) }
        #expect(error?.near.hasPrefix(")") == true, "\(error.debugDescription)")
        let second = #expect(throws: SQLSyntaxError.self) {
            try ParsedStatement(Array((row.example + "; SELECT 1").utf8))
        }
        #expect(second?.reason.contains("one statement at a time") == true)
    }

    /// What changes something is never anybody's.
    @Test func rightsFollowTheVerbs() {
        for row in Self.rows {
            let verb = row.leads[0].words[0]
            guard ["CREATE", "DROP", "TRUNCATE", "GRANT", "REVOKE", "BACKUP", "RESTORE", "ADMIN"].contains(verb) else {
                continue
            }
            #expect(row.right == .cluster(.admin) || row.right == .databases(.admin), "\(row.name)")
        }
    }

    /// A statement that asks for a right on databases names some.
    @Test(arguments: rows.map(\.name)) func databaseRightsHaveDatabases(_ name: String) throws {
        let row = try #require(Self.rows.first { $0.name == name })
        let parsed = try ParsedStatement(Array(row.example.utf8))
        guard case .databases = row.right else { return }
        #expect(!parsed.statement.databases.isEmpty)
    }
}
