/// A statement that one FE passes on to the master: `POST /api/_sql`, with the cluster's token. It has its secrets, and is for no
/// log.
public struct ForwardedSQLRequest: Hashable, Sendable, Codable, CustomStringConvertible {
    public var user: String
    public var database: String?
    public var text: String

    public init(user: String, database: String?, text: String) {
        self.user = user
        self.database = database
        self.text = text
    }

    public var description: String { "a statement of \(user)" }
}

/// The first line of the master's answer; of one with rows, rows follow: of each four bytes with its length (little-endian) and
/// its fields as MySQL's protocol has them. A length of 2^32 - 1 comes before an error that ends the rows, as JSON.
public struct ForwardedSQLAnswer: Hashable, Sendable, Codable {
    public struct Column: Hashable, Sendable, Codable {
        public var name: String
        public var kind: String
        public var table: String
        public var database: String

        public init(name: String, kind: String, table: String, database: String) {
            self.name = name
            self.kind = kind
            self.table = table
            self.database = database
        }
    }

    public struct Refusal: Hashable, Sendable, Codable {
        public var number: UInt16
        public var state: String
        public var message: String

        public init(number: UInt16, state: String, message: String) {
            self.number = number
            self.state = state
            self.message = message
        }
    }

    public var affectedRows: UInt64 = 0
    public var warnings: UInt16 = 0
    public var note = ""
    /// nil: the answer has no rows.
    public var columns: [Column]?
    public var refusal: Refusal?
    /// Of the last change that the master knew: whoever asked sees it once the own FE has replayed it.
    public var logID: Int64 = 0

    public init() {}
}
