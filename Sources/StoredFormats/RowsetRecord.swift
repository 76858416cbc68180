internal import SwiftProtobuf
public import TabletModel

/// `RowsetMeta` ⇄ bytes: one record a rowset in the meta store. Format version 1, or 2 for a rowset that a delete has a part
/// in: a build that does not know deletes refuses it, where it would show rows that are gone.
public enum RowsetRecord {
    public static let formatVersion: UInt32 = 2
    static let versionWithoutDeletes: UInt32 = 1

    public static func encode(_ meta: RowsetMeta) throws(StoredFormatError) -> [UInt8] {
        try RecordEnvelope.seal(PBRowset(meta, state: .visible), record: name(of: meta.id))
    }

    public static func decode(_ bytes: UnsafeRawBufferPointer) throws(StoredFormatError) -> RowsetMeta {
        let message = try RecordEnvelope.open(bytes, as: PBRowset.self, record: "rowset record")
        return try message.rowsetMeta(record: "rowset record \(message.rowsetIDV2)")
    }

    static func name(of id: RowsetID) -> String { "rowset record \(id)" }
}

extension PBRowset {
    init(_ meta: RowsetMeta, state: PBRowsetState) {
        self.init()
        rowsetID = 0
        partitionID = meta.partitionID.rawValue
        tabletID = meta.tabletID.rawValue
        txnID = meta.transactionID.rawValue
        tabletSchemaHash = meta.schemaHash.rawValue
        rowsetState = state
        startVersion = meta.versions.start.rawValue
        endVersion = meta.versions.end.rawValue
        numRows = meta.rowCount
        totalDiskSize = meta.sizeBytes
        dataDiskSize = meta.sizeBytes
        empty = meta.rowCount == 0
        numSegments = Int64(meta.segments.count)
        rowsetIDV2 = meta.id.description
        if case .remote(let resource) = meta.location { resourceID = resource }
        creationTime = meta.createdAt.seconds
        oldestWriteTimestamp = meta.oldestWrite.seconds
        newestWriteTimestamp = meta.newestWrite.seconds
        formatVersion = meta.knowsDeletes ? RowsetRecord.formatVersion : RowsetRecord.versionWithoutDeletes
        segments = meta.segments.map(PBSegment.init)
        creationTimeMs = meta.createdAt.milliseconds
        oldestWriteMs = meta.oldestWrite.milliseconds
        newestWriteMs = meta.newestWrite.milliseconds
        mergedTxnIds = meta.mergedTransactions.map(\.rawValue)
        if let predicate = meta.deletePredicate { deletePredicate = PBDeletePredicate(predicate) }
        if meta.droppedRows > 0 { droppedRows = meta.droppedRows }
        if meta.lastDelete != .none { lastDeleteVersion = meta.lastDelete.rawValue }
    }

    func rowsetMeta(record: @autoclosure () -> String) throws(StoredFormatError) -> RowsetMeta {
        try RecordEnvelope.check(
            version: formatVersion, supported: RowsetRecord.formatVersion, record: record())
        guard let id = RowsetID(text: rowsetIDV2) else {
            throw StoredFormatError(record(), .invalidField("rowset_id_v2", value: rowsetIDV2))
        }
        guard hasTabletID else { throw StoredFormatError(record(), .missingField("tablet_id")) }
        guard endVersion <= Version.greatest.rawValue,
            let versions = VersionRange(checking: Version(startVersion), Version(endVersion))
        else {
            throw StoredFormatError(record(), .invalidField("versions", value: "[\(startVersion)-\(endVersion)]"))
        }
        guard Int64(segments.count) == numSegments else {
            throw StoredFormatError(record(), .invalidField("num_segments", value: "\(numSegments)"))
        }
        try checkNumbers(record: record())
        var meta = RowsetMeta(
            id: id, tabletID: TabletID(tabletID), schemaHash: SchemaHash(tabletSchemaHash),
            partitionID: PartitionID(partitionID), transactionID: TransactionID(txnID), versions: versions,
            rowCount: numRows, sizeBytes: totalDiskSize, segments: segments.map(\.segmentMeta),
            createdAt: UnixTime(milliseconds: creationTimeMs), oldestWrite: UnixTime(milliseconds: oldestWriteMs),
            newestWrite: UnixTime(milliseconds: newestWriteMs),
            location: hasResourceID ? .remote(resource: resourceID) : .local)
        // More than a newer build may remember is no reason to refuse the rowset.
        meta.mergedTransactions = mergedTxnIds.suffix(RowsetMeta.rememberedTransactions).map { TransactionID($0) }
        try addDeletes(to: &meta, record: record())
        return meta
    }

    /// A record may come from a peer, and its checksum proves nothing then. Within these bounds the numbers of a whole header
    /// can be added up.
    private func checkNumbers(record: @autoclosure () -> String) throws(StoredFormatError) {
        let sizes: ClosedRange<Int64> = 0...(1 << 42)
        let times = UnixTime.plausible.lowerBound.milliseconds...UnixTime.plausible.upperBound.milliseconds
        var (bytesLeft, rowsLeft) = (sizes.upperBound, sizes.upperBound)
        for segment in segments {
            guard (0...bytesLeft).contains(segment.sizeBytes), (0...rowsLeft).contains(segment.rowCount) else {
                throw StoredFormatError(
                    record(),
                    .invalidField("segments", value: "\(segment.sizeBytes) bytes, \(segment.rowCount) rows"))
            }
            bytesLeft -= segment.sizeBytes
            rowsLeft -= segment.rowCount
        }
        for (name, number, bounds) in [
            ("num_rows", numRows, sizes), ("dropped_rows", droppedRows, sizes),
            ("total_disk_size", totalDiskSize, sizes),
            ("creation_time_ms", creationTimeMs, times), ("oldest_write_ms", oldestWriteMs, times),
            ("newest_write_ms", newestWriteMs, times),
        ] where !bounds.contains(number) {
            throw StoredFormatError(record(), .invalidField(name, value: "\(number)"))
        }
    }
}

extension PBSegment {
    init(_ meta: SegmentMeta) {
        self.init()
        sizeBytes = meta.sizeBytes
        rowCount = meta.rowCount
        crc32C = meta.crc32c
    }

    var segmentMeta: SegmentMeta { SegmentMeta(sizeBytes: sizeBytes, rowCount: rowCount, crc32c: crc32C) }
}
