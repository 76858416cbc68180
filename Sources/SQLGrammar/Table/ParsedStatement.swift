/// A statement with its row.
public struct ParsedStatement: Sendable {
    public var statement: SQLStatement
    public var row: StatementRow

    /// - Throws: what is wrong with the text, and where. Takes time and memory in proportion to the text.
    public init(_ bytes: [UInt8]) throws(SQLSyntaxError) {
        guard bytes.count <= SQLLimits.bytes else {
            throw Self.tooLarge("a statement has \(SQLLimits.bytes) bytes at most, this one has \(bytes.count)")
        }
        guard let text = SQLLexer.cut(bytes) else {
            throw Self.tooLarge("a statement has \(SQLLimits.tokens) words, values and marks at most")
        }
        if let place = bytes.firstInvalidUTF8 { throw text.invalidUTF8(at: place) }
        var parser = SQLParser(text)
        while parser.take(mark: ";") {}
        guard !parser.isAtEnd else {
            throw SQLSyntaxError(kind: .empty, line: 1, column: 1, near: "", reason: "the statement is empty")
        }
        let index = try StatementTable.chosenRow(&parser)
        row = StatementTable.rows[index]
        statement = try row.parse(&parser)
        let isFollowed = parser.take(mark: ";")
        while parser.take(mark: ";") {}
        guard parser.isAtEnd else {
            throw isFollowed
                ? parser.error("one statement at a time, please: another one begins here") : parser.unexpected()
        }
    }

    private static func tooLarge(_ reason: String) -> SQLSyntaxError {
        SQLSyntaxError(kind: .tooLarge, line: 1, column: 1, near: "", reason: reason)
    }
}

extension [UInt8] {
    /// Place of the first byte that is not UTF-8.
    fileprivate var firstInvalidUTF8: Int? {
        if String(validating: self, as: UTF8.self) != nil { return nil }
        var place = 0
        while place < count {
            let length: Int
            switch self[place] {
            case ..<0x80: length = 1
            case 0xc2..<0xe0: length = 2
            case 0xe0..<0xf0: length = 3
            case 0xf0..<0xf5: length = 4
            default: return place
            }
            guard place + length <= count, String(validating: self[place..<(place + length)], as: UTF8.self) != nil
            else { return place }
            place += length
        }
        return nil
    }
}

extension LexedText {
    fileprivate func invalidUTF8(at place: Int) -> SQLSyntaxError {
        let index = tokens.firstIndex { $0.end > place } ?? tokens.count - 1
        var found = error(.syntax, at: index, "byte \(bytes[place]) at offset \(place) is not UTF-8")
        found.near = ""
        return SQLSyntaxError(
            kind: .syntax, line: found.line, column: found.column, near: "", reason: found.reason)
    }
}
