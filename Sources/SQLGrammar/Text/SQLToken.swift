/// A piece of a statement's text.
struct SQLToken: Hashable, Sendable {
    enum Kind: UInt8, Hashable, Sendable {
        /// A keyword or a plain name.
        case word
        /// Between backticks.
        case name
        /// Between `'` or `"`.
        case text
        case number
        /// Punctuation and operators.
        case mark
        /// A quote, a name or a comment that the text ends in.
        case unterminated
        /// A byte that means nothing here.
        case odd
        case end
    }

    var kind: Kind
    var start: Int32
    /// Behind its last byte.
    var end: Int32

    var range: Range<Int> { Int(start)..<Int(end) }
}

/// A text with its pieces. The last one is `end`.
struct LexedText: Sendable {
    var bytes: [UInt8]
    var tokens: [SQLToken]

    func isWord(_ token: SQLToken, _ word: StaticString) -> Bool {
        token.kind == .word && isEqual(token, word)
    }

    /// `word` is in capitals.
    func isWord(_ token: SQLToken, spelled word: String) -> Bool {
        guard token.kind == .word, Int(token.end - token.start) == word.utf8.count else { return false }
        var place = Int(token.start)
        for byte in word.utf8 {
            if bytes[place].capital != byte { return false }
            place += 1
        }
        return true
    }

    func isMark(_ token: SQLToken, _ mark: StaticString) -> Bool {
        token.kind == .mark && isEqual(token, mark)
    }

    /// Of equal bytes, whatever the case of letters; `text` is in capitals.
    private func isEqual(_ token: SQLToken, _ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard Int(token.end - token.start) == count else { return false }
        let start = Int(token.start)
        var offset = 0
        while offset < count {
            if bytes[start + offset].capital != text.utf8Start[offset] { return false }
            offset += 1
        }
        return true
    }

    func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    func string(_ token: SQLToken) -> String { string(token.range) }
}

extension UInt8 {
    var capital: UInt8 { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) ? self - 32 : self }
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    /// May stand in a name without quotes.
    var isNamePart: Bool {
        isDigit || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(capital) || self == UInt8(ascii: "_")
            || self == UInt8(ascii: "$") || self >= 0x80
    }
    var isBlank: Bool { self == 0x20 || (0x09...0x0d).contains(self) }
}
