/// What statements are made of.

/// A table as a statement names it; without a database it is one of the session's.
public struct SQLTableName: Hashable, Sendable {
    public var database: String?
    public var table: String

    public init(database: String?, table: String) {
        self.database = database
        self.table = table
    }
}

public struct SQLUser: Hashable, Sendable {
    public var name: String
    /// From where, `%` from anywhere; nil: not said.
    public var host: String?

    public init(name: String, host: String? = nil) {
        self.name = name
        self.host = host
    }
}

public enum SQLValue: Hashable, Sendable {
    case text(String)
    /// As it is written.
    case number(String)
    case boolean(Bool)
    case null

    /// As text; nil: null.
    public var string: String? {
        switch self {
        case .text(let text), .number(let text): text
        case .boolean(let isTrue): isTrue ? "1" : "0"
        case .null: nil
        }
    }

    /// As it stands in a statement.
    public var quoted: String {
        switch self {
        case .text(let text): text.quotedAsSQLText()
        case .number(let text): text
        case .boolean(let isTrue): isTrue ? "TRUE" : "FALSE"
        case .null: "NULL"
        }
    }
}

/// `"key" = "value"`. Any value may be a key to a bucket, so none shows itself.
public struct SQLProperty: Hashable, Sendable {
    public var key: String
    public var value: SQLSecret

    public init(key: String, value: SQLSecret) {
        self.key = key
        self.value = value
    }
}

public struct SQLLimit: Hashable, Sendable {
    public var count: Int64
    public var offset: Int64

    public init(count: Int64, offset: Int64 = 0) {
        self.count = count
        self.offset = offset
    }
}

/// Which rows of a SHOW are wanted.
public enum SQLFilter: Hashable, Sendable {
    case like(String)
    /// One of these, in any case of letters.
    case names([String])

    public func holds(for name: String) -> Bool {
        switch self {
        case .like(let pattern): LikePattern(pattern).matches(name)
        case .names(let names): names.contains { $0.lowercased() == name.lowercased() }
        }
    }
}

/// Whose value a variable has.
public enum SQLScope: Hashable, Sendable {
    case session, global, user
}

public struct SQLAssignment: Hashable, Sendable {
    public var scope: SQLScope
    public var name: String
    public var value: SQLExpression

    public init(scope: SQLScope, name: String, value: SQLExpression) {
        self.scope = scope
        self.name = name
        self.value = value
    }
}

/// What is computed without a table.
public indirect enum SQLExpression: Hashable, Sendable {
    case literal(SQLValue)
    /// A word without quotes, as in `SET autocommit = ON`.
    case word(String)
    case variable(SQLScope, String)
    /// Its name in capitals.
    case function(String, [SQLExpression])
}

/// One column of an answer.
public struct SQLItem<Value: Hashable & Sendable>: Hashable, Sendable {
    public var value: Value
    /// What the answer calls it.
    public var title: String

    public init(value: Value, title: String) {
        self.value = value
        self.title = title
    }
}
