/// What of a statement is taken at most.
public enum SQLLimits {
    /// Bytes of a statement's text. A delete may name ten thousand values; nothing else comes near.
    public static let bytes = 4 << 20
    /// Words, values and marks.
    public static let tokens = 200_000
    /// Parentheses in parentheses.
    public static let nesting = 32
    /// Bytes of a name.
    public static let nameBytes = 256
    /// Bytes of a LIKE pattern.
    public static let patternBytes = 1024
}
