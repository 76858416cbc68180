internal import TabletModel

/// One entry of the edit log in words.
public struct JournalLine: Sendable {
    public var logID: Int64
    /// `nil`: nothing that this build knows.
    public var operation: OperationCode?
    public var bytes: Int
    /// What it changes, or why it can't be read.
    public var text: String
    public var isReadable: Bool
}

extension MetadataFolder {
    /// Hands out the entries from `first` to `last` (nil: to the end) in words, whole or not, and stops at none.
    /// - Returns: how many could not be read, or were missing.
    public func forEachLine(
        from first: Int64?, to last: Int64?, _ body: (JournalLine) throws -> Void
    ) throws -> Int64 {
        var unreadable: Int64 = 0
        var expected = try max(first ?? 0, journal.truncatedLogID + 1)
        try journal.records(from: first ?? 0) { row in
            if let last, row.logID > last { return false }
            if row.logID > expected {
                unreadable += row.logID - expected
                let end = row.logID == expected + 1 ? "" : " up to \(row.logID - 1)"
                try body(
                    JournalLine(
                        logID: expected, operation: nil, bytes: 0, text: "MISSING\(end)", isReadable: false))
            }
            expected = row.logID + 1
            do {
                let entry = try row.decode()
                try body(
                    JournalLine(
                        logID: row.logID, operation: entry.operation, bytes: row.bytes, text: entry.words,
                        isReadable: true))
            } catch let error as JournalError {
                unreadable += 1
                try body(
                    JournalLine(
                        logID: row.logID, operation: row.operation, bytes: row.bytes, text: "CAN'T BE READ: \(error)",
                        isReadable: false))
            }
            return true
        }
        return unreadable
    }
}
