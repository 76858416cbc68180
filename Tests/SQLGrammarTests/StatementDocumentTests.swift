import Glibc
import Testing

@testable import SQLGrammar

/// docs/sql.md is what the table makes. `TABLETD_WRITE_DOCUMENTS=1` writes it instead of comparing.
@Suite struct StatementDocumentTests {
    @Test func theCommittedDocumentIsInStepWithTheTable() throws {
        let wanted = Self.introduction + StatementReference.text
        let path = root + "/docs/sql.md"
        if getenv("TABLETD_WRITE_DOCUMENTS") != nil {
            let file = try #require(fopen(path, "w"))
            let bytes = Array(wanted.utf8)
            #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
            #expect(fclose(file) == 0)
        }
        let isSame = try read(path) == wanted
        #expect(isSame, "docs/sql.md is not what the table makes: run the tests with TABLETD_WRITE_DOCUMENTS=1")
    }

    private var root: String { #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() }

    private func read(_ path: String) throws -> String {
        let file = try #require(fopen(path, "r"), "\(path) cannot be read")
        defer { fclose(file) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { return String(decoding: text, as: UTF8.self) }
            text += buffer[..<count]
        }
    }

    private static let introduction = """
        # SQL

        Any client of MySQL's protocol can connect to the `query_port` (9030) of any FE: `mariadb -h fe1 -P 9030 -u root -p`.
        Statements that only the master can answer are passed on to it. `HELP` shows this page in pieces: `HELP 'CREATE TABLE'`.
        The table of statements in `Sources/SQLGrammar` makes this file, the parser and `HELP`.

        Keywords are in any case. Names are plain words or stand between backticks; a name may be a keyword, but these words need
        backticks: \(StatementReference.reservedWords.joined(separator: ", ")). Texts stand between `'` or `"`, which are
        written twice or behind a backslash inside; `\\0`, `\\b`, `\\n`, `\\r`, `\\t`, `\\Z` and `\\\\` are what they are in MySQL.
        Comments are `-- …`, `# …` and `/* … */`; what stands in `/*! … */` is run. A text is UTF-8, of \(SQLLimits.bytes >> 20)
        MiB at most, one statement a time. Names of tables without a database are those of `USE`.

        In the syntax below `[ ]` may be left out, `{ | }` is a choice, and `…` more of the same.

        """
}
