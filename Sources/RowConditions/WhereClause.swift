public import TabletModel

/// The condition of a delete as a person writes it: comparisons of columns, joined by AND.
///
///     name = 'text'   name != 5   name <> 5   name < 5   name <= 5   name > -1.5e3   name >= '2013-01-31'
///     name IN ('a', 'b')   name NOT IN (1, 2)   name IS NULL   name IS NOT NULL
///
/// Words are in any case. A value is text between `'` or `"` (which is written twice inside), a number, TRUE or FALSE. A name
/// that is no plain word stands between backticks. A backslash is a character like others. Whether columns and values fit
/// each other is `RowTest`'s to say.
public struct WhereClause: Hashable, Sendable {
    public let conditions: [DeleteCondition]

    /// - Throws: `WhereError`: what is not understood, and where.
    public init(_ text: String) throws(WhereError) {
        var parser = try WhereParser(text)
        conditions = try parser.conditions()
    }
}

/// What of a condition is not understood.
public struct WhereError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Characters before the place.
    public let offset: Int
    /// What stands there; empty at the end.
    public let found: String
    public let reason: String

    public var description: String {
        let place = found.isEmpty ? "at its end" : "at character \(offset + 1), \"\(found)\""
        return "\(place): \(reason)"
    }
}

private struct WhereParser {
    private let lexer: WhereLexer
    private var place = 0

    init(_ text: String) throws(WhereError) { lexer = try WhereLexer(text) }

    mutating func conditions() throws(WhereError) -> [DeleteCondition] {
        var conditions: [DeleteCondition] = []
        var values = 0
        repeat {
            let condition = try condition(valuesLeft: ConditionLimits.values - values)
            values += condition.values.count
            conditions.append(condition)
            if values > ConditionLimits.values { throw error(Self.tooManyValues) }
            if conditions.count > ConditionLimits.conditions {
                throw error("there are more than \(ConditionLimits.conditions) conditions")
            }
        } while takeWord("AND")
        if next != nil {
            if isWord("OR") {
                throw error("conditions are joined by AND alone: use IN for several values, or several deletes")
            }
            throw error("AND or the end is expected")
        }
        return conditions
    }

    private static let tooManyValues =
        "there are more than \(ConditionLimits.values) values: delete in several steps"

    private mutating func condition(valuesLeft: Int) throws(WhereError) -> DeleteCondition {
        let column = try name()
        if case .operation(let operation)? = next?.kind {
            place += 1
            return DeleteCondition(column: column, operation: operation, values: [try value(after: operation)])
        }
        if takeWord("IS") {
            let isNegated = takeWord("NOT")
            guard takeWord("NULL") else { throw error("IS is followed by NULL or NOT NULL") }
            return DeleteCondition(column: column, operation: "IS", values: [isNegated ? "NOT NULL" : "NULL"])
        }
        let isNegated = takeWord("NOT")
        guard takeWord("IN") else {
            throw error(
                isNegated
                    ? "NOT is followed by IN here"
                    : "a comparison is expected: =, !=, <, <=, >, >=, IN, NOT IN, IS NULL or IS NOT NULL")
        }
        guard take(.open) else { throw error("IN is followed by values in parentheses") }
        var values: [String] = []
        repeat {
            guard values.count < valuesLeft else { throw error(Self.tooManyValues) }
            values.append(try value(after: "IN"))
        } while take(.comma)
        guard take(.close) else { throw error("a comma or ) is expected") }
        return DeleteCondition(column: column, operation: isNegated ? "!*=" : "*=", values: values)
    }

    private mutating func name() throws(WhereError) -> String {
        switch next?.kind {
        case .name(let name)?:
            place += 1
            return name
        case .word(let word)?:
            if ["AND", "OR", "NOT", "IN", "IS", "NULL", "BETWEEN", "LIKE"].contains(word.uppercased()) { break }
            place += 1
            return word
        case .open?: throw error("conditions stand without parentheses around them")
        default: break
        }
        throw error("the name of a column is expected")
    }

    private mutating func value(after operation: String) throws(WhereError) -> String {
        switch next?.kind {
        case .text(let text)?, .number(let text)?:
            place += 1
            return text
        case .word(let word)?:
            switch word.uppercased() {
            case "TRUE", "FALSE":
                place += 1
                return word.lowercased()
            case "NULL": throw error("nothing equals null: ask IS NULL or IS NOT NULL")
            default: throw error("a value is expected: text stands between quotes, as '\(word)'")
            }
        default: throw error("a value is expected after \(operation)")
        }
    }

    // MARK: Tokens

    private var next: WhereLexer.Token? { place < lexer.tokens.count ? lexer.tokens[place] : nil }

    private func isWord(_ word: String) -> Bool {
        if case .word(let found)? = next?.kind { found.uppercased() == word } else { false }
    }

    private mutating func takeWord(_ word: String) -> Bool {
        guard isWord(word) else { return false }
        place += 1
        return true
    }

    private mutating func take(_ kind: WhereLexer.Token.Kind) -> Bool {
        guard next?.kind == kind else { return false }
        place += 1
        return true
    }

    private func error(_ reason: String) -> WhereError { lexer.error(at: next?.start, reason) }
}
