public import HTTPAPI
public import SQLSessions

// A reply on its way from the master to the FE that was asked (`ForwardedSQLAnswer`), both ways.

extension SQLColumn.Kind {
    private static let names: [(Self, String)] = [
        (.text, "text"), (.integer, "integer"), (.double, "double"), (.decimal, "decimal"), (.date, "date"),
        (.dateTime, "dateTime"),
    ]

    fileprivate var name: String { Self.names.first { $0.0 == self }?.1 ?? "text" }

    /// What is not known is text: everything goes over the wire as text.
    fileprivate init(name: String) { self = Self.names.first { $0.1 == name }?.0 ?? .text }
}

extension ForwardedSQLAnswer {
    public init(columns: [SQLColumn]) {
        self.init()
        self.columns = columns.map {
            Column(name: $0.name, kind: $0.kind.name, table: $0.table, database: $0.database)
        }
    }

    public init(refusal error: SQLError) {
        self.init()
        refusal = Refusal(number: error.number, state: error.state, message: error.message)
    }

    public var error: SQLError? { refusal.map { SQLError($0.number, $0.state, $0.message) } }

    public var sqlColumns: [SQLColumn]? {
        columns?.map { SQLColumn($0.name, SQLColumn.Kind(name: $0.kind), table: $0.table, database: $0.database) }
    }
}

/// Rows as they go from FE to FE.
public enum ForwardedRows {
    /// Before an error.
    public static let errorMark = UInt32.max

    /// Adds the writer's rows to the bytes.
    public static func append(_ writer: SQLRowWriter, to bytes: inout [UInt8]) {
        var start = 0
        for end in writer.ends {
            append(UInt32(end - start), to: &bytes)
            bytes.append(contentsOf: writer.bytes[start..<end])
            start = end
        }
    }

    public static func append(_ length: UInt32, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
    }

    /// Takes whole rows off the front of what has come.
    /// - Returns: the bytes of the error, once its mark has come; they may not be whole.
    public static func take(_ pending: inout [UInt8], into writer: inout SQLRowWriter) -> [UInt8]? {
        var at = 0
        defer { pending.removeFirst(min(at, pending.count)) }
        while pending.count - at >= 4 {
            let length = (0..<4).reduce(UInt32(0)) { $0 | UInt32(pending[at + $1]) << (8 * $1) }
            if length == errorMark { return Array(pending[(at + 4)...]) }
            guard pending.count - at - 4 >= Int(length) else { return nil }
            pending[(at + 4)..<(at + 4 + Int(length))].withUnsafeBytes { writer.encodedRow($0) }
            at += 4 + Int(length)
        }
        return nil
    }
}
