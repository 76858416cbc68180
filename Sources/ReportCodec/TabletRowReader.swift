public import TabletModel

extension EncodedTablets {
    /// Hands out every `TTabletInfo` in the order of the message; a `TTablet` may hold none or several. Works in
    /// constant memory, straight from the bytes.
    ///
    /// Throws what `body` throws, or `ReportDecodingError` when the bytes are not what `ReportDecoder` has checked.
    public func forEachRow(_ body: (TabletReportRow) throws -> Void) throws {
        try withRows { rows in
            while try rows.next() { try body(rows.row) }
        }
    }

    /// The same for loops that ask for a row when they want one. `TabletRows` is valid during the call only.
    public func withRows<R>(_ body: (inout TabletRows) throws -> R) throws -> R {
        try bytes.withUnsafeBytes { buffer in
            guard range.lowerBound >= 0, range.upperBound <= buffer.count else {
                throw ReportDecodingError.truncated(offset: buffer.count)
            }
            var rows = TabletRows(BinaryReader(buffer, range), entries: count, shape: shape)
            return try body(&rows)
        }
    }
}

/// The rows of a report, one after the other. One row is filled again and again: copy what is kept.
public struct TabletRows: ~Copyable {
    /// The row that the last `next` went to.
    public private(set) var row = TabletReportRow(tabletID: 0, schemaHash: 0, version: .none)
    private var reader: BinaryReader
    private var entriesLeft: Int
    private let shape: EncodedTablets.Shape
    private var templates: RowTemplates
    /// Of the row before this one: what its template did not fill in is as a reset left it.
    private var filledBy: UnsafePointer<RowTemplate>?
    /// Rows of the entry before the reader's place that are still to come: entries with several rows are rare.
    private var further: [TabletReportRow] = []

    init(_ reader: BinaryReader, entries: Int, shape: EncodedTablets.Shape) {
        self.reader = reader
        entriesLeft = entries
        self.shape = shape
        templates = RowTemplates(hasKey: shape == .map)
    }

    /// Goes to the next row; false at the end.
    public mutating func next() throws -> Bool {
        if entriesLeft > 0, further.isEmpty,
            let template = templates.match(reader.current, available: reader.remaining)
        {
            entriesLeft -= 1
            if filledBy != template { row.reset() }
            filledBy = template
            template.pointee.read(reader.current, into: &row)
            reader.skipBytes(template.pointee.count)
            return true
        }
        return try nextByFields()
    }

    @inline(never)
    private mutating func nextByFields() throws -> Bool {
        filledBy = nil
        while further.isEmpty {
            guard entriesLeft > 0 else { return false }
            entriesLeft -= 1
            let entry = reader.offset
            let key = shape == .map ? try reader.i64() : nil
            if try reader.readTablet(key: key, into: &row, further: &further) {
                templates.learn(reader.bytes(since: entry))
                further.reverse()
                return true
            }
        }
        row = further.removeLast()
        return true
    }
}

extension BinaryReader {
    /// One `TTablet`: its first row into `row`, others behind `further`. False when it has none.
    fileprivate mutating func readTablet(
        key: Int64?, into row: inout TabletReportRow, further: inout [TabletReportRow]
    ) throws(ReportDecodingError) -> Bool {
        var hasRow = false
        while true {
            let field = try fieldKey()
            switch field {
            case 0: return hasRow
            case TTablet.infos:
                for _ in 0..<(try tabletInfoCount()) {
                    var next = TabletReportRow(tabletID: 0, schemaHash: 0, version: .none)
                    try readTabletInfo(into: &next)
                    if let key, key != next.tabletID.rawValue {
                        throw .keyMismatch(key: key, tabletID: next.tabletID.rawValue, offset: offset)
                    }
                    if hasRow { further.append(next) } else { row = next }
                    hasRow = true
                }
            default: try skip(WireType(rawValue: UInt8(truncatingIfNeeded: field >> 16)), depth: 3)
            }
        }
    }

    /// Walks over one `TTablet` and checks what `readTablet` relies on, without keeping anything.
    mutating func checkTablet(key: Int64?) throws(ReportDecodingError) {
        var hasInfos = false
        while true {
            let field = try fieldKey()
            switch field {
            case 0:
                guard hasInfos else {
                    throw .missingField(structure: "TTablet", field: "tablet_infos", offset: offset)
                }
                return
            case TTablet.infos:
                hasInfos = true
                for _ in 0..<(try tabletInfoCount()) { try checkTabletInfo(key: key) }
            default: try skip(WireType(rawValue: UInt8(truncatingIfNeeded: field >> 16)), depth: 3)
            }
        }
    }

    private mutating func tabletInfoCount() throws(ReportDecodingError) -> Int {
        let at = offset
        let (element, count) = try listHeader()
        guard count == 0 || element == .structure else { throw .badType(element.rawValue, offset: at) }
        return count
    }

    private mutating func checkTabletInfo(key: Int64?) throws(ReportDecodingError) {
        var seen: UInt32 = 0
        while true {
            let field = try fieldKey()
            switch field {
            case 0: return try checkRequired(seen)
            case TTabletInfo.tabletID:
                let tabletID = try i64()
                seen |= 1 << 1
                if let key, key != tabletID { throw .keyMismatch(key: key, tabletID: tabletID, offset: offset) }
            case TTabletInfo.transactionIDs: try checkTransactionIDs()
            case TTabletInfo.cooldownMetaID: _ = try uniqueID()
            default:
                // Required fields of an unexpected type count as absent, as for a C++ reader.
                if TTabletInfo.isRequired(field) { seen |= 1 << (field & 31) }
                let type = WireType(rawValue: UInt8(truncatingIfNeeded: field >> 16))
                switch type {
                case .i64: _ = try i64()
                case .i32: _ = try i32()
                case .bool: _ = try byte()
                default: try skip(type, depth: 5)
                }
            }
        }
    }

    private mutating func checkTransactionIDs() throws(ReportDecodingError) {
        let at = offset
        let (element, count) = try listHeader()
        guard count == 0 || element == .i64 else { throw .badType(element.rawValue, offset: at) }
        for _ in 0..<count { _ = try i64() }
    }

    private func checkRequired(_ seen: UInt32) throws(ReportDecodingError) {
        let missing = ~seen & TTabletInfo.requiredMask
        guard missing == 0 else {
            let names = ["tablet_id", "schema_hash", "version", "version_hash", "row_count", "data_size"]
            let field = names[missing.trailingZeroBitCount - 1]
            throw .missingField(structure: "TTabletInfo", field: field, offset: offset)
        }
    }

    mutating func readTabletInfo(into row: inout TabletReportRow) throws(ReportDecodingError) {
        row.reset()
        var seen: UInt32 = 0
        while true {
            let field = try fieldKey()
            switch field {
            case TTabletInfo.tabletID:
                row.tabletID = TabletID(try i64())
                seen |= 1 << 1
            case TTabletInfo.schemaHash:
                row.schemaHash = SchemaHash(try i32())
                seen |= 1 << 2
            case TTabletInfo.version:
                row.version = Version(try i64())
                seen |= 1 << 3
            case TTabletInfo.versionHash:
                _ = try i64()
                seen |= 1 << 4
            case TTabletInfo.rowCount:
                row.rowCount = try i64()
                seen |= 1 << 5
            case TTabletInfo.dataSize:
                row.dataSizeBytes = try i64()
                seen |= 1 << 6
            case 0: return try checkRequired(seen)
            default: try readOptional(field, into: &row)
            }
        }
    }

    @inline(__always)
    private mutating func readOptional(_ field: UInt32, into row: inout TabletReportRow) throws(ReportDecodingError) {
        switch field {
        case TTabletInfo.medium: row.medium = StorageMedium(rawValue: try i32())
        case TTabletInfo.transactionIDs: row.transactionIDs = try readTransactionIDs()
        case TTabletInfo.versionCount: row.versionCount = try i64()
        case TTabletInfo.pathHash: row.pathHash = try i64()
        case TTabletInfo.versionMiss: row.versionMiss = try bool()
        case TTabletInfo.used: row.isUsed = try bool()
        case TTabletInfo.partitionID: row.partitionID = PartitionID(try i64())
        case TTabletInfo.inMemory: row.isInMemory = try bool()
        case TTabletInfo.replicaID: row.replicaID = ReplicaID(try i64())
        case TTabletInfo.remoteDataSize: row.remoteDataSizeBytes = try i64()
        case TTabletInfo.cooldownReplicaID: row.cooldownReplicaID = ReplicaID(try i64())
        case TTabletInfo.isCooldown: row.isCooldown = try bool()
        case TTabletInfo.cooldownTerm: row.cooldownTerm = try i64()
        case TTabletInfo.cooldownMetaID: row.cooldownMetaID = try uniqueID()
        default: try skip(WireType(rawValue: UInt8(truncatingIfNeeded: field >> 16)), depth: 5)
        }
    }

    @inline(never)
    private mutating func readTransactionIDs() throws(ReportDecodingError) -> [TransactionID] {
        let at = offset
        let (element, count) = try listHeader()
        guard count == 0 || element == .i64 else { throw .badType(element.rawValue, offset: at) }
        var ids: [TransactionID] = []
        ids.reserveCapacity(count)
        for _ in 0..<count { ids.append(TransactionID(try i64())) }
        return ids
    }

    /// A `TUniqueId`.
    @inline(never)
    private mutating func uniqueID() throws(ReportDecodingError) -> UniqueID {
        var high: Int64?
        var low: Int64?
        while true {
            let field = try fieldKey()
            switch field {
            case 0:
                guard let high else { throw .missingField(structure: "TUniqueId", field: "hi", offset: offset) }
                guard let low else { throw .missingField(structure: "TUniqueId", field: "lo", offset: offset) }
                return UniqueID(high: high, low: low)
            case ReportCodec.fieldKey(.i64, 1): high = try i64()
            case ReportCodec.fieldKey(.i64, 2): low = try i64()
            default: try skip(WireType(rawValue: UInt8(truncatingIfNeeded: field >> 16)), depth: 6)
            }
        }
    }
}

extension TabletReportRow {
    /// Every member as if the message had none of them.
    @inline(__always)
    fileprivate mutating func reset() {
        tabletID = 0
        schemaHash = 0
        version = .none
        rowCount = 0
        dataSizeBytes = 0
        medium = .hdd
        versionCount = 0
        pathHash = 0
        versionMiss = false
        isUsed = true
        partitionID = 0
        isInMemory = false
        replicaID = 0
        remoteDataSizeBytes = 0
        cooldownReplicaID = nil
        isCooldown = false
        cooldownTerm = -1
        cooldownMetaID = nil
        if transactionIDs != nil { transactionIDs = nil }
    }
}

/// Field keys of `TTablet`.
private enum TTablet {
    static var infos: UInt32 { fieldKey(.list, 1) }
}

/// Field keys of `TTabletInfo` (`contract/wire.md` §7, and 20 of the newer form).
private enum TTabletInfo {
    @inline(__always) static var tabletID: UInt32 { fieldKey(.i64, 1) }
    @inline(__always) static var schemaHash: UInt32 { fieldKey(.i32, 2) }
    @inline(__always) static var version: UInt32 { fieldKey(.i64, 3) }
    @inline(__always) static var versionHash: UInt32 { fieldKey(.i64, 4) }
    @inline(__always) static var rowCount: UInt32 { fieldKey(.i64, 5) }
    @inline(__always) static var dataSize: UInt32 { fieldKey(.i64, 6) }
    @inline(__always) static var medium: UInt32 { fieldKey(.i32, 7) }
    @inline(__always) static var transactionIDs: UInt32 { fieldKey(.list, 8) }
    @inline(__always) static var versionCount: UInt32 { fieldKey(.i64, 9) }
    @inline(__always) static var pathHash: UInt32 { fieldKey(.i64, 10) }
    @inline(__always) static var versionMiss: UInt32 { fieldKey(.bool, 11) }
    @inline(__always) static var used: UInt32 { fieldKey(.bool, 12) }
    @inline(__always) static var partitionID: UInt32 { fieldKey(.i64, 13) }
    @inline(__always) static var inMemory: UInt32 { fieldKey(.bool, 14) }
    @inline(__always) static var replicaID: UInt32 { fieldKey(.i64, 15) }
    @inline(__always) static var remoteDataSize: UInt32 { fieldKey(.i64, 16) }
    @inline(__always) static var cooldownReplicaID: UInt32 { fieldKey(.i64, 17) }
    @inline(__always) static var isCooldown: UInt32 { fieldKey(.bool, 18) }
    @inline(__always) static var cooldownTerm: UInt32 { fieldKey(.i64, 19) }
    @inline(__always) static var cooldownMetaID: UInt32 { fieldKey(.structure, 20) }

    /// Bit n stands for field n.
    static var requiredMask: UInt32 { 0b111_1110 }

    /// Fields 2 to 6, in their types; 1 is looked at by itself.
    @inline(__always)
    static func isRequired(_ field: UInt32) -> Bool {
        field == schemaHash || (field >= version && field <= dataSize)
    }
}
