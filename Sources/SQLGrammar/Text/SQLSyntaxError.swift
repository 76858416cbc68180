/// Why a text is no statement that is carried out here. It never holds a secret of the text.
public struct SQLSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        case syntax
        /// It may be SQL, but not what is done here.
        case notSupported
        case tooLarge
        /// Nothing but blanks and comments.
        case empty
    }

    public var kind: Kind
    /// Where it is: from 1; columns in characters.
    public var line: Int
    public var column: Int
    /// What stands there, cut and without secrets; empty at the end.
    public var near: String
    public var reason: String

    public var description: String {
        switch kind {
        case .tooLarge, .empty: reason
        case .syntax, .notSupported:
            "line \(line), column \(column), " + (near.isEmpty ? "at the end" : "near '\(near)'") + ": \(reason)"
        }
    }
}

extension LexedText {
    /// An error at a token.
    func error(_ kind: SQLSyntaxError.Kind, at index: Int, _ reason: String) -> SQLSyntaxError {
        let start = Int(tokens[index].start)
        let before = bytes[..<start]
        let lineStart = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
        return SQLSyntaxError(
            kind: kind, line: before.count { $0 == 0x0a } + 1,
            // Bytes that don't begin a character go with the one before.
            column: before[lineStart...].count { $0 & 0xc0 != 0x80 } + 1,
            near: maskedText(from: index, limit: 40), reason: reason)
    }
}
