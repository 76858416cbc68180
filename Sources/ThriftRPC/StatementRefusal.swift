internal import CThrift

/// What an FE of another make is told that wants statements run here (`forward`, `initExternalCtlMeta`): that there is no SQL,
/// in the form in which it hands the answer on to its client.
enum StatementRefusal {
    static let message = "tabletd-fe runs no SQL: use tabletctl against its HTTP port"
    /// ER_NOT_SUPPORTED_YET of MySQL.
    private static let code: UInt16 = 1235

    static func write(to result: inout wire.TMasterOpResult, for request: borrowing wire.TMasterOpRequest) {
        result.maxJournalId = 0
        result.packet = errorPacket.withUnsafeBytes { text($0) }
        result.__set_status(text("ERR"))
        // Members that only newer frontends know.
        let isSet = request.__isset
        guard isSet.clientNodeHost || isSet.clientNodePort || isSet.syncJournalOnly else { return }
        result.__set_statusCode(Int32(code))
        result.__set_errMessage(text(message))
    }

    static func write(to result: inout wire.TInitExternalCtlMetaResult) {
        result.__set_maxJournalId(0)
        result.__set_status(text(message))
    }

    /// The MySQL protocol's ERR packet, without its header: 0xFF, the code (little-endian), `#` and the SQL state, the text.
    private static var errorPacket: [UInt8] {
        [0xFF, UInt8(code & 0xFF), UInt8(code >> 8)] + Array("#42000".utf8) + Array(message.utf8)
    }
}
