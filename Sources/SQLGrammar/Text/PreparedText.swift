/// A statement with `?` where values come.
public struct PreparedText: Sendable {
    /// Text between the marks.
    private var pieces: [[UInt8]] = []

    public var parameterCount: Int { pieces.count - 1 }

    /// nil: the text is too large.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count <= SQLLimits.bytes, let text = SQLLexer.cut(bytes) else { return nil }
        var start = 0
        for token in text.tokens where text.isMark(token, "?") {
            pieces.append(Array(bytes[start..<Int(token.start)]))
            start = Int(token.end)
        }
        pieces.append(Array(bytes[start...]))
    }

    /// The statement with values in the place of the marks. - Precondition: as many as there are marks.
    public func text(with values: [SQLValue]) -> [UInt8] {
        precondition(values.count == parameterCount)
        var text = pieces[0]
        for (value, piece) in zip(values, pieces.dropFirst()) {
            text += Array(value.quoted.utf8)
            text += piece
        }
        return text
    }
}
