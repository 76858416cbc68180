extension StatementTable {
    /// The row whose lead takes most of the text. The parser stands behind it then.
    /// - Throws: not supported, with what is.
    static func chosenRow(_ parser: inout SQLParser) throws(SQLSyntaxError) -> Int {
        let first = parser.text.string(parser.token).uppercased()
        guard parser.token.kind == .word, let candidates = byFirstWord[first] else {
            throw parser.notSupported(
                "no statement begins so; there are "
                    + nearest(to: first, among: Array(byFirstWord.keys)).joined(separator: ", ") + " (see HELP)")
        }
        let start = parser.place
        var best: (row: Int, end: Int, names: [SQLTableName], isSought: Bool)?
        /// How far leads came, and what they want there.
        var reached = (end: start, rows: Set<Int>())
        for (lead, row) in candidates {
            parser.go(to: start)
            let (isWhole, names) = follow(lead, &parser)
            let end = parser.place
            if end > reached.end { reached = (end, []) }
            if end == reached.end && !isWhole { reached.rows.insert(row) }
            guard isWhole, lead.soughtWord.map({ parser.isAhead($0) }) ?? true else { continue }
            let isSought = lead.soughtWord != nil
            if let best, best.end > end || (best.end == end && best.isSought) { continue }
            best = (row, end, names, isSought)
        }
        guard let best else {
            parser.go(to: reached.end)
            throw other(&parser, first, Array(reached.rows), behind: reached.end - start)
        }
        parser.go(to: best.end)
        parser.leadNames = best.names
        return best.row
    }

    /// Goes on as far as the text follows the lead.
    private static func follow(_ lead: Lead, _ parser: inout SQLParser) -> (isWhole: Bool, names: [SQLTableName]) {
        var names: [SQLTableName] = []
        for part in lead.parts {
            switch part {
            case .word(let word):
                guard parser.text.isWord(parser.token, spelled: word) else {
                    return (false, names)
                }
                parser.advance()
            case .name:
                let start = parser.place
                guard parser.isName() || parser.token.kind == .text, let name = try? parser.leadName() else {
                    parser.go(to: start)
                    return (false, names)
                }
                names.append(name)
            }
        }
        return (true, names)
    }

    /// What there is instead, behind so many tokens that fit.
    private static func other(
        _ parser: inout SQLParser, _ first: String, _ rows: [Int], behind count: Int
    ) -> SQLSyntaxError {
        let word = parser.isAtEnd ? "" : String(parser.text.string(parser.token).prefix(64)).uppercased()
        var names: [String: Int] = [:]
        for row in rows.map({ self.rows[$0] }) {
            for lead in row.leads where lead.words[0] == first {
                let words = lead.words
                let distance = EditDistance.between(words[min(count, words.count - 1)], word)
                names[row.name] = min(names[row.name] ?? .max, distance)
            }
        }
        let shown = names.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.prefix(8).map(\.key)
        let more = names.count > shown.count ? ", … (see HELP \(first))" : ""
        return parser.notSupported("this is not supported; there is " + shown.joined(separator: ", ") + more)
    }

    /// Words by how much they differ from one; all of them when none is near.
    static func nearest(to word: String, among words: [String]) -> [String] {
        let word = word.prefix(64)
        let near = words.filter { abs($0.utf8.count - word.utf8.count) <= 2 }.map {
            ($0, EditDistance.between($0, String(word)))
        }.filter { $0.1 <= 2 }
        return near.isEmpty
            ? words.sorted() : near.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map(\.0)
    }
}

extension SQLParser {
    /// A name of a lead; the first of it may stand between quotes, as users do.
    fileprivate mutating func leadName() throws(SQLSyntaxError) -> SQLTableName {
        if token.kind == .text { return SQLTableName(database: nil, table: try nameOrText()) }
        return try tableName()
    }

    /// Whether the word stands somewhere in the rest.
    fileprivate func isAhead(_ word: String) -> Bool {
        text.tokens[place...].contains { text.isWord($0, spelled: word) }
    }
}

/// How many letters are to be changed, added or left out to make one word of another.
enum EditDistance {
    static func between(_ one: String, _ other: String) -> Int {
        let (one, other) = (Array(one.utf8), Array(other.utf8))
        var row = Array(0...other.count)
        var i = 0
        while i < one.count {
            var (diagonal, j) = (row[0], 0)
            row[0] = i + 1
            while j < other.count {
                let cost = min(row[j] + 1, row[j + 1] + 1, diagonal + (one[i] == other[j] ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = cost
                j += 1
            }
            i += 1
        }
        return row[other.count]
    }
}
