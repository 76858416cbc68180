public import HTTPAPI

extension MetadataFolder {
    /// Hands out the entries from `first` to `last` (nil: to the end) in words, whole or not, and stops at none.
    /// - Returns: how many could not be read, or were missing.
    public func forEachLine(
        from first: Int64?, to last: Int64?, _ body: (JournalLineView) throws -> Void
    ) throws -> Int64 {
        var unreadable: Int64 = 0
        try journal.forEachLine(from: first ?? 0, to: last ?? .max) { line, missing in
            if !line.isReadable { unreadable += max(1, missing) }
            try body(line)
            return true
        }
        return unreadable
    }
}

extension MetadataStore {
    /// Entries of the journal in words; `limit` at most.
    public func lines(from first: Int64, to last: Int64, limit: Int) throws -> JournalLinesView {
        var view = JournalLinesView(lines: [], next: nil)
        try journal.forEachLine(from: first, to: last) { line, _ in
            guard view.lines.count < limit else {
                view.next = line.logID
                return false
            }
            view.lines.append(line)
            return true
        }
        return view
    }
}

extension Journal {
    /// - Parameter body: gets a line, and how many entries it says are missing; false ends it.
    fileprivate func forEachLine(
        from first: Int64, to last: Int64, _ body: (_ line: JournalLineView, _ missing: Int64) throws -> Bool
    ) throws {
        var expected = try max(first, truncatedLogID + 1)
        try records(from: first) { row in
            if row.logID > last { return false }
            if row.logID > expected {
                let end = row.logID == expected + 1 ? "" : " up to \(row.logID - 1)"
                let line = JournalLineView(logID: expected, text: "MISSING\(end)", isReadable: false)
                guard try body(line, row.logID - expected) else { return false }
            }
            expected = row.logID + 1
            return try body(JournalLineView(row), 0)
        }
    }
}

extension JournalLineView {
    fileprivate init(_ row: JournalRow) {
        let text: String
        var isReadable = true
        do {
            text = try row.decode().words
        } catch {
            text = "CAN'T BE READ: \(error)"
            isReadable = false
        }
        self.init(
            logID: row.logID, op: row.operation?.rawValue, name: row.operation?.name ?? "", bytes: Int64(row.bytes),
            text: text, isReadable: isReadable)
    }
}
