import Testing

@testable import SQLGrammar

/// What is told of texts that are no statements.
@Suite struct SyntaxErrorTests {
    private func error(_ text: String) throws -> SQLSyntaxError {
        try #require(throws: SQLSyntaxError.self) { try ParsedStatement(Array(text.utf8)) }
    }

    @Test func placeAndWhatIsExpected() throws {
        let first = try error("DROP TABLE\n  IF EXIST é.t")
        #expect(first.description == "line 2, column 6, near 'EXIST é.t': EXISTS is expected")
        let second = try error("SHOW TABLES FROM 'é' x")
        #expect(second.line == 1 && second.column == 18 && second.near == "'é' x")
        let third = try error("DELETE FROM t WHERE a")
        #expect(third.near == "" && third.reason.contains("= , !=".prefix(1)) && third.reason.contains("IN"))
        #expect(try error("CREATE TABLE t (a INT,)").reason == "a column is expected")
        #expect(try error("SELECT a FROM table").reason.contains("backticks"))
    }

    @Test func whatIsNotSupportedNamesWhatIs() throws {
        let insert = try error("INSERT INTO t VALUES (1, {'a': ~})")
        #expect(insert.kind == .notSupported && insert.reason.contains("CREATE") && insert.reason.contains("HELP"))
        let show = try error("SHOW BACKEND")
        #expect(show.kind == .notSupported && show.reason.contains("SHOW BACKENDS"))
        #expect(show.near == "BACKEND")
        #expect(try error("SELEC 1").reason.contains("SELECT"))
        #expect(try error("CREATE VIEW v AS SELECT 1").reason.contains("CREATE USER"))
        #expect(try error("ALTER TABLE t FROB x").reason.contains("ALTER TABLE ADD COLUMN"))
        #expect(try error("CREATE TABLE t (a INT) UNIQUE KEY(a)").kind == .notSupported)
    }

    @Test(arguments: ["", " \n\t", ";", "-- x", "/* x */", "#", ";;"]) func nothing(_ text: String) throws {
        #expect(try error(text).kind == .empty)
    }

    @Test func whatHasNoEnd() throws {
        for text in [
            "SELECT 'a", "SELECT \"a\\\"", "SELECT `a", "SELECT 1 /* x", "USE `", "SELECT '", "SHOW TABLES LIKE '\\",
        ] {
            let error = try error(text)
            #expect(error.reason.contains("has no end"), "\(text): \(error)")
        }
    }

    @Test func nulsAndBytesThatAreNoUTF8() throws {
        #expect(throws: SQLSyntaxError.self) { try parsed("SELECT \0 1") }
        #expect(throws: SQLSyntaxError.self) { try parsed("USE `a\0b`") }
        #expect(try parsed("SHOW TABLES LIKE 'a\0b'") == parsed("SHOW TABLES LIKE 'a\\0b'"))
        let error = #expect(throws: SQLSyntaxError.self) {
            try ParsedStatement(Array("SELECT\n 'a".utf8) + [0xc3, 0x28, 0x27])
        }
        #expect(error?.line == 2 && error?.reason.contains("UTF-8") == true)
        for bad: [UInt8] in [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]] {
            #expect(throws: SQLSyntaxError.self) { try ParsedStatement(Array("USE `".utf8) + bad + [0x60]) }
        }
    }

    @Test func nesting() throws {
        let many = String(repeating: "(", count: 10_000)
        for text in [
            "SELECT \(many)1", "DELETE FROM t WHERE \(many)a = 1", "SELECT \(String(repeating: "f(", count: 10_000))1",
            "CREATE TABLE t \(many)", "SHOW TABLES WHERE \(many)name = 'a'", many, "SET x = \(many)1",
            "SELECT \(String(repeating: "/*", count: 10_000))", "SELECT a FROM t WHERE \(many)",
        ] {
            #expect(throws: SQLSyntaxError.self) { try parsed(text) }
        }
        let few = String(repeating: "(", count: 20) + "1" + String(repeating: ")", count: 20)
        #expect(throws: Never.self) { try parsed("SELECT \(few)") }
    }

    /// Sixteen times the text takes about sixteen times as long, whatever it is made of: were a parse quadratic it would be 256.
    @Test func largeTextsTakeTimeByTheirSize() throws {
        #expect(try error(String(repeating: "x", count: 16 << 20)).kind == .tooLarge)
        for piece in [
            "x", "x ", "''", "`", "(", "/*", "\\", "0", "\"a\",", "\0", "é", "1 OR ", "secret=", "-- \n", "@@a,",
        ] {
            for lead in ["", "SELECT ", "DELETE FROM t WHERE a IN (", "CREATE USER ", "SELECT * FROM t WHERE "] {
                func seconds(_ size: Int) -> Double {
                    let text =
                        Array(lead.utf8) + Array(repeating: Array(piece.utf8), count: size / piece.utf8.count).joined()
                    let start = ContinuousClock.now
                    _ = try? ParsedStatement(text)
                    _ = SQLText.masked(text, limit: 100)
                    return (ContinuousClock.now - start) / .seconds(1)
                }
                let small = max(seconds(2 << 10), 0.002)
                #expect(seconds(32 << 10) < small * 100, "\(lead)\(piece)")
            }
        }
    }

    @Test func theLargestText() throws {
        let text = "DELETE FROM t WHERE a = '" + String(repeating: "é", count: (SQLLimits.bytes - 40) / 2) + "'"
        #expect(throws: Never.self) { try parsed(text) }
        let many = "DELETE FROM t WHERE a IN (" + String(repeating: "1,", count: SQLLimits.tokens / 2 - 10) + "1)"
        #expect(throws: Never.self) { try parsed(many) }
        #expect(try error("SELECT " + String(repeating: "1,", count: SQLLimits.tokens)).kind == .tooLarge)
    }
}
