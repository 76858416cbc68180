/// Rows of text as MySQL's protocol has them: values that begin with their length (`lenenc`), rows back to back, and where each
/// row ends. The server puts packet headers around them.
public struct SQLRowWriter: Sendable {
    public private(set) var bytes: [UInt8] = []
    /// End of each row in `bytes`.
    public private(set) var ends: [Int] = []

    public init() {}

    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }

    public mutating func null() { bytes.append(0xfb) }

    public mutating func value(_ text: String) {
        var text = text
        text.withUTF8 { value(UnsafeRawBufferPointer($0)) }
    }

    public mutating func value(_ text: String?) {
        if let text { value(text) } else { null() }
    }

    public mutating func value(_ content: UnsafeRawBufferPointer) {
        length(content.count)
        bytes.append(contentsOf: content)
    }

    public mutating func endRow() { ends.append(bytes.count) }

    /// A row as it is encoded already.
    public mutating func encodedRow(_ row: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: row)
        endRow()
    }

    /// The rows of another one, from one of them on.
    public mutating func append(_ other: SQLRowWriter, from first: Int) {
        guard first < other.ends.count else { return }
        let start = first == 0 ? 0 : other.ends[first - 1]
        let shift = bytes.count - start
        bytes.append(contentsOf: other.bytes[start...])
        ends.append(contentsOf: other.ends[first...].lazy.map { $0 + shift })
    }

    public mutating func row(_ values: [String?]) {
        for text in values { value(text) }
        endRow()
    }

    private mutating func length(_ count: Int) {
        switch count {
        case ..<251: bytes.append(UInt8(count))
        case ..<(1 << 16):
            bytes.append(0xfc)
            little(count, 2)
        case ..<(1 << 24):
            bytes.append(0xfd)
            little(count, 3)
        default:
            bytes.append(0xfe)
            little(count, 8)
        }
    }

    private mutating func little(_ value: Int, _ count: Int) {
        for i in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * i))) }
    }
}

/// Rows that are all there.
public final class SQLTableRows: SQLRows {
    private let rows: [[String?]]
    nonisolated(unsafe) private var at = 0

    public init(_ rows: [[String?]]) { self.rows = rows }

    public func next(into writer: inout SQLRowWriter) throws -> Bool {
        guard at < rows.count else { return false }
        while at < rows.count, writer.bytes.count < 64 << 10 {
            writer.row(rows[at])
            at += 1
        }
        return true
    }
}
