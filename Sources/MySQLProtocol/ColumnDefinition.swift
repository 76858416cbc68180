internal import SQLSessions

/// How a column is told to a client.
struct ColumnDefinition {
    let type: UInt8
    let characterSet: UInt16
    /// Longest value, in bytes.
    let length: UInt32
    let flags: UInt16
    let decimals: UInt8

    private static let numeric: UInt16 = 0x8000
    private static let binary: UInt16 = 0x80

    init(_ kind: SQLColumn.Kind) {
        switch kind {
        case .text: (type, characterSet, length, flags, decimals) = (0xfd, ServerText.characterSet, 65_535 * 4, 0, 0)
        case .integer: (type, characterSet, length, flags, decimals) = (0x08, ServerText.binary, 20, Self.numeric, 0)
        case .double: (type, characterSet, length, flags, decimals) = (0x05, ServerText.binary, 24, Self.numeric, 31)
        case .decimal: (type, characterSet, length, flags, decimals) = (0xf6, ServerText.binary, 67, Self.numeric, 0)
        case .date: (type, characterSet, length, flags, decimals) = (0x0a, ServerText.binary, 10, Self.binary, 0)
        case .dateTime: (type, characterSet, length, flags, decimals) = (0x0c, ServerText.binary, 19, Self.binary, 0)
        }
    }

    static func write(_ column: SQLColumn, to writer: inout PacketWriter) {
        let own = ColumnDefinition(column.kind)
        writer.message { writer in
            writer.lengthAndText("def")
            writer.lengthAndText(column.database)
            writer.lengthAndText(column.table)
            writer.lengthAndText(column.table)
            writer.lengthAndText(column.name)
            writer.lengthAndText(column.name)
            writer.byte(0x0c)
            writer.integer(own.characterSet, 2)
            writer.integer(own.length, 4)
            writer.byte(own.type)
            writer.integer(own.flags, 2)
            writer.byte(own.decimals)
            writer.zeros(2)
        }
    }
}
