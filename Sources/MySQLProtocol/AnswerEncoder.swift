public import SQLSessions

/// Writes the answer to one command, in the form that the client understands.
public struct AnswerEncoder: Sendable {
    private let capabilities: Capabilities
    private var writer: PacketWriter

    init(capabilities: Capabilities, sequence: UInt8) {
        self.capabilities = capabilities
        writer = PacketWriter(sequence: sequence)
    }

    /// What was written and not removed yet.
    public var bytes: [UInt8] { writer.bytes }
    public var count: Int { writer.bytes.count }
    public mutating func removeAll() { writer.removeAll() }
    /// The number of the next packet.
    var sequence: UInt8 { writer.sequence }

    public mutating func done(affectedRows: UInt64 = 0, warnings: UInt16 = 0, note: String = "") {
        writer.message { writer in
            writer.byte(0x00)
            writer.length(affectedRows)
            writer.length(0)
            writer.integer(ServerStatus.autocommit, 2)
            writer.integer(warnings, 2)
            // Documented as text up to the end of the packet; servers and clients give it a length all the same.
            if !note.isEmpty { writer.lengthAndText(note) }
        }
    }

    public mutating func error(_ error: SQLError) {
        Self.error(error, hasState: capabilities.contains(.protocol41), to: &writer)
    }

    /// Whoever has not said that it knows protocol 4.1 is told no SQLSTATE.
    static func error(_ error: SQLError, hasState: Bool, to writer: inout PacketWriter) {
        writer.message { writer in
            writer.byte(0xff)
            writer.integer(error.number, 2)
            if hasState {
                writer.byte(UInt8(ascii: "#"))
                writer.raw((Array(error.state.utf8) + Array("HY000".utf8).dropFirst(error.state.utf8.count)).prefix(5))
            }
            writer.raw(error.message.utf8)
        }
    }

    public mutating func columns(_ columns: [SQLColumn]) {
        writer.message { $0.length(UInt64(columns.count)) }
        for column in columns { ColumnDefinition.write(column, to: &writer) }
        if !capabilities.contains(.deprecateEOF) { endOfRows() }
    }

    public mutating func rows(_ rows: SQLRowWriter) { writer.rows(rows) }

    public mutating func endOfRows(warnings: UInt16 = 0) {
        let isOK = capabilities.contains(.deprecateEOF)
        writer.message { writer in
            writer.byte(0xfe)
            if isOK {
                writer.length(0)
                writer.length(0)
                writer.integer(ServerStatus.autocommit, 2)
                writer.integer(warnings, 2)
            } else {
                writer.integer(warnings, 2)
                writer.integer(ServerStatus.autocommit, 2)
            }
        }
    }

    /// COM_STATISTICS: text and nothing else.
    public mutating func text(_ text: String) { writer.message { $0.raw(text.utf8) } }

    mutating func payload(_ bytes: [UInt8]) { writer.message { $0.raw(bytes) } }
}
