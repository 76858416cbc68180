/// What is done with the text of statements besides parsing them.
public enum SQLText {
    /// The statement as it may be shown to others and written to logs: secrets are `***`, comments and line breaks are gone, and
    /// it has about `limit` bytes at most. Works for any bytes.
    public static func masked(_ bytes: [UInt8], limit: Int = 4096) -> String {
        guard bytes.count <= SQLLimits.bytes, let text = SQLLexer.cut(bytes) else {
            return "(a statement of \(bytes.count) bytes)"
        }
        return text.maskedText(from: 0, limit: limit)
    }
}

/// By which words secrets are known. A text that is wrong in some way must not show one either, so they are found without parsing.
private enum SecretWords {
    static let inValues: [StaticString] = ["secret", "token", "password", "identified"]
    /// Words of statements with passwords that can't be one where they stand.
    static let shown: [StaticString] = [
        "CREATE", "ALTER", "DROP", "SET", "USER", "IF", "NOT", "EXISTS", "FOR", "PASSWORD", "IDENTIFIED", "BY", "WITH",
    ]
    /// Behind these stands a name.
    static let beforeNames: [StaticString] = ["USER", "FOR", "EXISTS"]
}

extension LexedText {
    /// Text from a token on, masked as if seen from its beginning.
    func maskedText(from first: Int, limit: Int) -> String {
        let hidden = hiddenTokens()
        var shown = ""
        var end = Int(tokens[first].start)
        for index in first..<tokens.count where tokens[index].kind != .end {
            let token = tokens[index]
            if Int(token.start) > end && !shown.isEmpty { shown += " " }
            if shown.utf8.count >= limit { return shown + "…" }
            if hidden[index] {
                if !shown.hasSuffix("***") { shown += "***" }
            } else {
                let range = token.range.prefix(limit)
                shown += String(
                    String.UnicodeScalarView(
                        string(range.lowerBound..<range.upperBound).unicodeScalars.map { $0.value < 32 ? " " : $0 }))
                if range.count < token.range.count { return shown + "…" }
            }
            end = Int(token.end)
        }
        return shown
    }

    /// Which tokens are, or may be, a part of a secret.
    private func hiddenTokens() -> [Bool] {
        hasPassword ? tokensNotOfNames() : tokensBehindSecretKeys()
    }

    private var hasPassword: Bool {
        // Near the beginning: a word before it may be torn in two.
        if !isWord(tokens[0], "SELECT"), tokens.prefix(4).contains(where: { isWord($0, "USER") }) { return true }
        return tokens.contains { isWord($0, "IDENTIFIED") || isWord($0, "PASSWORD") }
    }

    /// Of a statement with a password: all but marks, keywords and the name of the user.
    private func tokensNotOfNames() -> [Bool] {
        var hidden = [Bool](repeating: false, count: tokens.count)
        var isBehindPassword = false
        for (index, token) in tokens.enumerated() where token.kind != .mark && token.kind != .end {
            let isName = index > 0 && token.kind != .unterminated && !isBehindPassword && isBehindName(index)
            if isName && !holdsSecretWord(token) { continue }
            let isKeyword = !isBehindPassword && SecretWords.shown.contains { isWord(token, $0) }
            hidden[index] = !isKeyword
            if isWord(token, "BY") || hidden[index] { isBehindPassword = true }
        }
        return hidden
    }

    private func isBehindName(_ index: Int) -> Bool {
        isMark(tokens[index - 1], "@") || SecretWords.beforeNames.contains { isWord(tokens[index - 1], $0) }
    }

    /// Of other statements: texts with a word of secrets in them, and values of properties that have one in their key.
    private func tokensBehindSecretKeys() -> [Bool] {
        var hidden = [Bool](repeating: false, count: tokens.count)
        guard holdsSecretWord(in: 0..<bytes.count) else { return hidden }
        let hasLooseQuote = tokens.contains { $0.kind == .unterminated }
        var hidesRest = false
        /// The last token that belongs to the key before the value to hide; hidden up to a comma or parenthesis.
        var key: Int?
        for (index, token) in tokens.enumerated() where token.kind != .end {
            if token.kind == .mark {
                if let begun = key, index > begun + 2, isMark(token, ",") || isMark(token, ")") { key = nil }
                continue
            }
            hidden[index] = hidesRest || key != nil
            guard holdsSecretWord(token) else { continue }
            if isMark(tokens[index + 1], "="), !hasLooseQuote {
                key = key ?? index
            } else {
                // The key shows itself only as one.
                hidden[index] = hidden[index] || !isMark(tokens[index + 1], "=")
                hidesRest = true
            }
        }
        return hidden
    }

    private func holdsSecretWord(_ token: SQLToken) -> Bool { holdsSecretWord(in: token.range) }

    private func holdsSecretWord(in range: Range<Int>) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            var place = range.lowerBound
            while place < range.upperBound {
                // s, t, p or i, in any case.
                let first = bytes[place] | 0x20
                if first == 0x73 || first == 0x74 || first == 0x70 || first == 0x69 {
                    for word in SecretWords.inValues where place + word.utf8CodeUnitCount <= range.upperBound {
                        var offset = 0
                        while offset < word.utf8CodeUnitCount, bytes[place + offset] | 0x20 == word.utf8Start[offset] {
                            offset += 1
                        }
                        if offset == word.utf8CodeUnitCount { return true }
                    }
                }
                place += 1
            }
            return false
        }
    }
}
