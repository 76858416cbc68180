public import TabletModel

/// A `TTabletInfo` by itself, for a message that carries a few of them beside other things: `finishTask`.
extension TabletReportRow {
    /// As it stands in a tablet report, its stop byte included.
    ///
    /// Throws `ReportEncodingError` when there are more transaction ids than the protocol can count.
    public func tabletInfoBytes(in dialect: WireDialect) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 16) { buffer in
            guard let base = buffer.baseAddress else { return }
            var writer = BinaryWriter(buffer: base, capacity: buffer.count, dialect: dialect) {
                bytes.append(contentsOf: $0)
            }
            try withUnsafePointer(to: self) { try writer.tabletInfo($0) }
            try writer.flush()
        }
        return bytes
    }

    /// Fields that are not there have the row's defaults; those of a newer peer are skipped.
    public init(tabletInfo bytes: UnsafeRawBufferPointer) throws(ReportDecodingError) {
        self.init(tabletID: 0, schemaHash: 0, version: .none)
        var reader = BinaryReader(bytes, 0..<bytes.count)
        try reader.readTabletInfo(into: &self)
    }
}
