import ClusterTestKit
import Testing

@testable import SQLGrammar

/// A hundred thousand texts near statements: each is a statement, or an error that says a place in it.
@Suite struct MutationTests {
    private static let pieces: [[UInt8]] =
        [
            "'", "\"", "`", "(", ")", ",", ";", "/*", "*/", "--", "\\", "\0", "@", "@@", ".", "=", "%", "é", " ", "\n",
            "NULL", "0",
            "99999999999999999999", "-", "1e", "SELECT", "FROM", "WHERE", "*", "PROPERTIES", "/*!", "#", "?",
            "LIKE '%'",
        ].map { Array($0.utf8) } + [[0xff], [0xc3], [0x80]]

    @Test(arguments: 0..<10 as Range<UInt64>) func mutated(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func below(_ count: Int) -> Int { Int(random.next() % UInt64(max(count, 1))) }
        let examples = StatementTable.rows.map { Array($0.example.utf8) }
        for _ in 0..<10_000 {
            var text = examples[below(examples.count)]
            for _ in 0...below(4) {
                let start = below(text.count + 1)
                switch below(5) {
                case 0: text.insert(contentsOf: Self.pieces[below(Self.pieces.count)], at: start)
                case 1: text.removeSubrange(start..<min(text.count, start + below(8)))
                case 2 where start < text.count: text[start] = UInt8(truncatingIfNeeded: random.next())
                case 3:
                    let other = examples[below(examples.count)]
                    let from = below(other.count)
                    text.insert(contentsOf: other[from..<min(other.count, from + below(20))], at: start)
                default: text.removeSubrange(start...)
                }
            }
            do {
                _ = try ParsedStatement(text)
            } catch {
                let lines = text.count { $0 == 0x0a } + 1
                #expect((1...lines).contains(error.line) && (1...text.count + 1).contains(error.column), "\(text)")
                #expect(!error.reason.isEmpty && error.description.utf8.count < 4096)
            }
            _ = SQLText.masked(text)
            _ = PreparedText(text)
        }
    }
}
