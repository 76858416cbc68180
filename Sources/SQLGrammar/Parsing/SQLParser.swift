/// Goes through a statement's tokens. What could have stood at the place reached is remembered, so that an error can say it.
struct SQLParser {
    let text: LexedText
    private(set) var place = 0
    private var expected: [String] = []
    private var expectedAt = 0
    /// Names that stood among the words which chose the statement's row, in order.
    var leadNames: [SQLTableName] = []

    init(_ text: LexedText) { self.text = text }

    var token: SQLToken { text.tokens[place] }
    var isAtEnd: Bool { token.kind == .end }

    func ahead(_ count: Int) -> SQLToken { text.tokens[min(place + count, text.tokens.count - 1)] }

    mutating func advance() { if !isAtEnd { place += 1 } }

    mutating func go(to place: Int) { self.place = place }

    /// `what` could stand here.
    mutating func expecting(_ what: String) {
        if expectedAt != place {
            expected.removeAll(keepingCapacity: true)
            expectedAt = place
        }
        if expected.count < 32 && !expected.contains(what) { expected.append(what) }
    }

    // MARK: Words and marks

    /// The keyword, if it stands here.
    mutating func take(_ word: StaticString) -> Bool {
        guard text.isWord(token, word) else {
            expecting("\(word)")
            return false
        }
        advance()
        return true
    }

    /// All of the keywords, or nothing.
    mutating func take(_ first: StaticString, _ rest: StaticString...) -> Bool {
        for (offset, word) in ([first] + rest).enumerated() where !text.isWord(ahead(offset), word) {
            if offset == 0 { expecting("\(first)") }
            return false
        }
        place += 1 + rest.count
        return true
    }

    func isAt(_ word: StaticString) -> Bool { text.isWord(token, word) }
    func isAt(mark: StaticString) -> Bool { text.isMark(token, mark) }

    mutating func take(mark: StaticString) -> Bool {
        guard text.isMark(token, mark) else {
            expecting("\(mark)")
            return false
        }
        advance()
        return true
    }

    mutating func expect(_ words: StaticString...) throws(SQLSyntaxError) {
        for word in words { guard take(word) else { throw unexpected() } }
    }

    mutating func expect(mark: StaticString) throws(SQLSyntaxError) {
        guard take(mark: mark) else { throw unexpected() }
    }

    /// Elements between commas.
    mutating func list<Element>(
        _ element: (inout SQLParser) throws(SQLSyntaxError) -> Element
    ) throws(SQLSyntaxError) -> [Element] {
        var elements: [Element] = []
        repeat { elements.append(try element(&self)) } while take(mark: ",")
        return elements
    }

    /// Elements between commas, all between parentheses.
    mutating func parenthesized<Element>(
        _ element: (inout SQLParser) throws(SQLSyntaxError) -> Element
    ) throws(SQLSyntaxError) -> [Element] {
        try expect(mark: "(")
        let elements = try list(element)
        try expect(mark: ")")
        return elements
    }

    // MARK: Errors

    /// What stands here can't.
    func unexpected() -> SQLSyntaxError {
        switch token.kind {
        case .unterminated:
            return error("what begins here with \(text.string(Int(token.start)..<Int(token.start) + 1)) has no end")
        case .odd: return error("this character means nothing here")
        default: break
        }
        guard expectedAt == place, !expected.isEmpty else { return error("the statement does not go on like this") }
        let known =
            expected.count == 1 ? expected[0] : expected.dropLast().joined(separator: ", ") + " or " + expected.last!
        return error("\(known) is expected")
    }

    func error(_ reason: String, at place: Int? = nil) -> SQLSyntaxError {
        text.error(.syntax, at: place ?? self.place, reason)
    }

    func notSupported(_ reason: String, at place: Int? = nil) -> SQLSyntaxError {
        text.error(.notSupported, at: place ?? self.place, reason)
    }
}
