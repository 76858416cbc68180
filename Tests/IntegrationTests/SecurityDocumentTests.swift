import BackendHTTP
import Foundation
import MasterHTTP
import ServerFixtures
import StatusHTTP
import Testing

/// docs/security.md says what the routes ask. `TABLETD_WRITE_DOCUMENTS=1` writes its tables anew.
@Suite struct SecurityDocumentTests {
    /// One after the other: they write one file.
    @Test func itsTablesAreThoseThatHold() throws {
        for daemon in ["frontend", "backend"] { try check(daemon) }
    }

    private func check(_ daemon: String) throws {
        let path = ServerBinary.packageRoot + "/docs/security.md"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let begin = try #require(text.range(of: "<!-- \(daemon): made from RouteRights.\(daemon) -->\n"))
        let end = try #require(text.range(of: "<!-- end -->", range: begin.upperBound..<text.endIndex))
        let wanted = Self.table(daemon == "frontend" ? .frontend : .backend)
        if ProcessInfo.processInfo.environment["TABLETD_WRITE_DOCUMENTS"] != nil {
            var new = text
            new.replaceSubrange(begin.upperBound..<end.lowerBound, with: wanted)
            try new.write(toFile: path, atomically: true, encoding: .utf8)
            return
        }
        #expect(text[begin.upperBound..<end.lowerBound] == wanted, "write it anew: TABLETD_WRITE_DOCUMENTS=1")
    }

    private static func table(_ rights: RouteRights) -> String {
        let rows = rights.rows.map { row, right in
            let parts = row.split(separator: " ")
            return (path: String(parts[1]), line: "| `\(parts[0])` | `\(parts[1])` | \(right) |\n")
        }
        let lines = rows.sorted { ($0.path, $0.line) < ($1.path, $1.line) }.map(\.line)
        return "| method | path | who |\n|---|---|---|\n" + lines.joined()
    }
}
