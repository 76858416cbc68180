/// Cuts a statement into pieces, as MySQL does. It refuses nothing but a text with too many of them: what means nothing is a piece
/// of its own, and whoever meets it says so.
struct SQLLexer {
    private let bytes: [UInt8]
    private var place = 0
    private var tokens: [SQLToken] = []
    /// Inside `/*! … */`, which MySQL runs.
    private var isInClientComment = false

    /// - Returns: nil when the text has more than `SQLLimits.tokens` pieces.
    static func cut(_ bytes: [UInt8]) -> LexedText? {
        var lexer = SQLLexer(bytes: bytes)
        while lexer.step() {
            if lexer.tokens.count > SQLLimits.tokens { return nil }
        }
        lexer.add(.end, from: bytes.count)
        return LexedText(bytes: bytes, tokens: lexer.tokens)
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func byte(_ ahead: Int = 0) -> UInt8? {
        place + ahead < bytes.count ? bytes[place + ahead] : nil
    }

    private func isAt(_ mark: StaticString) -> Bool {
        guard bytes.count - place >= mark.utf8CodeUnitCount else { return false }
        for offset in 0..<mark.utf8CodeUnitCount where bytes[place + offset] != mark.utf8Start[offset] { return false }
        return true
    }

    /// The piece that begins at `start` and ends here.
    private mutating func add(_ kind: SQLToken.Kind, from start: Int) {
        tokens.append(SQLToken(kind: kind, start: Int32(start), end: Int32(place)))
    }

    private mutating func step() -> Bool {
        guard let first = byte() else { return false }
        let start = place
        switch first {
        case _ where first.isBlank: place += 1
        case UInt8(ascii: "'"), UInt8(ascii: "\""): quoted(first, .text, hasEscapes: true)
        case UInt8(ascii: "`"): quoted(first, .name, hasEscapes: false)
        case UInt8(ascii: "#"): skipLine()
        case UInt8(ascii: "-") where isAt("--") && (byte(2).map { $0 <= 0x20 } ?? true): skipLine()
        case UInt8(ascii: "/") where isAt("/*"): comment()
        case UInt8(ascii: "*") where isInClientComment && isAt("*/"):
            isInClientComment = false
            place += 2
        case _ where first.isDigit || (first == UInt8(ascii: ".") && isNumberAfterDot): number()
        case _ where first.isNamePart:
            skip(while: \.isNamePart)
            add(.word, from: start)
        default: mark(first)
        }
        return true
    }

    /// `.5` is a number, but not in `t.5`.
    private var isNumberAfterDot: Bool {
        guard byte(1)?.isDigit == true else { return false }
        guard let last = tokens.last, Int(last.end) == place else { return true }
        return last.kind != .word && last.kind != .name
    }

    private mutating func skip(while holds: (UInt8) -> Bool) {
        while let next = byte(), holds(next) { place += 1 }
    }

    private mutating func skipLine() { skip { $0 != 0x0a } }

    private mutating func comment() {
        let start = place
        place += 2
        if byte() == UInt8(ascii: "!") {
            place += 1
            skip(while: \.isDigit)
            isInClientComment = true
            return
        }
        while place < bytes.count {
            if isAt("*/") {
                place += 2
                return
            }
            place += 1
        }
        add(.unterminated, from: start)
    }

    private mutating func quoted(_ quote: UInt8, _ kind: SQLToken.Kind, hasEscapes: Bool) {
        let start = place
        place += 1
        while let next = byte() {
            if next == quote {
                guard byte(1) == quote else {
                    place += 1
                    return add(kind, from: start)
                }
                place += 2
            } else if hasEscapes && next == UInt8(ascii: "\\") {
                place = min(place + 2, bytes.count)
            } else {
                place += 1
            }
        }
        add(.unterminated, from: start)
    }

    /// Digits, a fraction, an exponent; with other letters it is a name that begins with digits.
    private mutating func number() {
        let start = place
        skip(while: \.isDigit)
        var kind = SQLToken.Kind.number
        if byte() == UInt8(ascii: "."), byte(1)?.isNamePart != true || byte(1)?.isDigit == true {
            place += 1
            skip(while: \.isDigit)
        }
        if byte()?.capital == UInt8(ascii: "E") {
            let hasSign = byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-")
            if byte(hasSign ? 2 : 1)?.isDigit == true {
                place += hasSign ? 2 : 1
                skip(while: \.isDigit)
            }
        }
        if byte()?.isNamePart == true {
            skip(while: \.isNamePart)
            kind = .word
        }
        add(kind, from: start)
    }

    private mutating func mark(_ first: UInt8) {
        let start = place
        for mark in ["<=>", "<=", ">=", "<>", "!=", ":=", "@@", "&&", "||"] as [StaticString] where isAt(mark) {
            place += mark.utf8CodeUnitCount
            return add(.mark, from: start)
        }
        place += 1
        add("(),.;=<>@?*-+/%!:{}[]|&^~".utf8.contains(first) ? .mark : .odd, from: start)
    }
}
