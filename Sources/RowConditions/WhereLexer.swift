/// Cuts a condition into words, values and marks.
struct WhereLexer {
    struct Token {
        enum Kind: Hashable {
            case word(String)
            /// Between backticks.
            case name(String)
            case text(String)
            case number(String)
            case operation(String)
            case open, close, comma
        }

        var kind: Kind
        var start: Int
    }

    private let characters: [Unicode.Scalar]
    private(set) var tokens: [Token] = []

    init(_ text: String) throws(WhereError) {
        characters = Array(text.unicodeScalars)
        guard text.utf8.count <= 2 * ConditionLimits.bytes else {
            throw WhereError(
                offset: 0, found: "", reason: "the condition has \(text.utf8.count) bytes, which is too long")
        }
        var place = 0
        while place < characters.count {
            if characters[place].properties.isWhitespace {
                place += 1
            } else {
                let (kind, end) = try token(at: place)
                tokens.append(Token(kind: kind, start: place))
                place = end
            }
        }
    }

    func error(at start: Int?, _ reason: String) -> WhereError {
        let start = start ?? characters.count
        let rest = characters[start...].prefix(20).map { $0.value < 32 ? " " : Character($0) }
        let isCut = characters.count - start > 20
        return WhereError(offset: start, found: String(rest) + (isCut ? "…" : ""), reason: reason)
    }

    private func token(at start: Int) throws(WhereError) -> (Token.Kind, end: Int) {
        let first = characters[start]
        switch first {
        case "(": return (.open, start + 1)
        case ")": return (.close, start + 1)
        case ",": return (.comma, start + 1)
        case "'", "\"":
            let (text, end) = try quoted(at: start, first, "the text that begins here has no closing \(first)")
            return (.text(text), end)
        case "`":
            let (name, end) = try quoted(at: start, first, "the name that begins here has no closing \(first)")
            return (.name(name), end)
        case "=", "<", ">", "!":
            let end = end(from: start) { "=<>!".unicodeScalars.contains($0) }
            let mark = text(start..<end)
            guard ["=", "==", "!=", "<>", "<", "<=", ">", ">="].contains(mark) else {
                throw error(at: start, "\(mark) is no comparison")
            }
            return (.operation(mark == "==" ? "=" : mark == "<>" ? "!=" : mark), end)
        case "0"..."9", "+", "-", ".":
            let end = numberEnd(from: start)
            let number = text(start..<end)
            guard number.unicodeScalars.contains(where: { "0"..."9" ~= $0 }) else {
                throw error(at: start, "a number has digits")
            }
            guard end == characters.count || !isWordPart(characters[end]) else {
                throw error(at: start, "a value of letters and digits stands between quotes")
            }
            return (.number(number), end)
        default:
            guard isWordPart(first) else { throw error(at: start, "\(first) has no meaning here") }
            let end = end(from: start, while: isWordPart)
            return (.word(text(start..<end)), end)
        }
    }

    /// Digits, a point, an exponent with a sign of its own.
    private func numberEnd(from start: Int) -> Int {
        var place = start + 1
        while place < characters.count {
            let scalar = characters[place]
            let isExponentSign = (scalar == "+" || scalar == "-") && "eE".unicodeScalars.contains(characters[place - 1])
            let isExponent = (scalar == "e" || scalar == "E") && ("0"..."9" ~= characters[place - 1])
            guard "0"..."9" ~= scalar || scalar == "." || isExponent || isExponentSign else { break }
            place += 1
        }
        return place
    }

    private func quoted(
        at start: Int, _ quote: Unicode.Scalar, _ reason: String
    ) throws(WhereError) -> (String, end: Int) {
        var text = String.UnicodeScalarView()
        var place = start + 1
        while place < characters.count {
            if characters[place] == quote {
                guard place + 1 < characters.count, characters[place + 1] == quote else {
                    return (String(text), place + 1)
                }
                place += 1
            }
            text.append(characters[place])
            place += 1
        }
        throw error(at: start, reason)
    }

    private func end(from start: Int, while belongs: (Unicode.Scalar) -> Bool) -> Int {
        characters[start...].firstIndex { !belongs($0) } ?? characters.count
    }

    private func text(_ range: Range<Int>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: characters[range])
        return String(text)
    }

    private func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar == "$" || "0"..."9" ~= scalar || scalar.properties.isAlphabetic
    }
}
