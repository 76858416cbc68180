public import Checksums
public import TabletModel

extension StorageEngine {
    /// CHECK_CONSISTENCY: the checksum of the rows that are visible at exactly this version. The same for every replica
    /// that holds the same rows, however they lie in rowsets, local or cold. Reads all of them.
    ///
    /// - Throws: `.unknownTablet`, `.schemaHashMismatch`, `.loading`, `.versionNotReadable`, `.brokenTablet`; what a scan
    ///   throws.
    public func checksum(_ request: CheckConsistencyRequest) throws -> RowChecksum {
        _ = try tablet(request.tabletID, request.schemaHash)
        let scan = try openScan(request.tabletID, version: request.version)
        var checksum = RowChecksum()
        while let block = try scan.next() { block.forEachRow { checksum.add(row: $0) } }
        return checksum
    }
}

extension RowChecksum {
    /// As the wire carries it (`tablet_checksum`, an i64 that is never negative): all bits of the sum and of the number of
    /// rows have their part in it. A field of its own would be better and is not in the contract.
    public var folded: Int64 {
        let mixed = sum ^ (UInt64(bitPattern: rowCount) &* 0x9E37_79B9_7F4A_7C15)
        return Int64(mixed & (1 << 63 - 1) ^ mixed >> 63)
    }
}
