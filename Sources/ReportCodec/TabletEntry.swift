internal import TabletModel

extension BinaryWriter {
    /// More than an entry without transaction ids can take: key 8, list header 8, 20 fields of at most 11 bytes,
    /// the cooldown meta id 26, two stop bytes.
    private static let entryBytes = 320

    /// One entry of `map<i64, TTablet>`, with one `TTabletInfo`.
    mutating func tabletEntry(_ row: UnsafePointer<TabletReportRow>) throws {
        var at = try reserve(Self.entryBytes)
        at = at.put(row.pointee.tabletID.rawValue)
        at = at.put(.list, 1).put(WireType.structure.rawValue).put(Int32(1))
        at = try tabletInfo(row, at).put(UInt8(0))
        advance(to: at)
    }

    /// A `TTabletInfo` by itself.
    mutating func tabletInfo(_ row: UnsafePointer<TabletReportRow>) throws {
        advance(to: try tabletInfo(row, reserve(Self.entryBytes)))
    }

    /// Fields in id order, which C++ readers' branch predictors like and our own decoder too. Left out as a C++ BE does:
    /// `version_miss` (11) when false in a full report, `used` (12) when true, `transaction_ids` (8) when there are none,
    /// `cooldown_replica_id` (17) without a storage policy, and `cooldown_term` (19) where nothing cools. 17, 18, 20 and 21 are not
    /// in every dialect.
    /// - Parameter start: where it goes, in a reserve of `entryBytes`.
    /// - Returns: behind its stop byte, with room for the entry's.
    @inline(__always)
    private mutating func tabletInfo(
        _ row: UnsafePointer<TabletReportRow>, _ start: UnsafeMutableRawPointer
    ) throws -> UnsafeMutableRawPointer {
        var at = start.put(1, row.pointee.tabletID.rawValue)
        at = at.put(2, row.pointee.schemaHash.rawValue)
        at = at.put(3, row.pointee.version.rawValue)
        at = at.put(4, Int64(0))
        at = at.put(5, row.pointee.rowCount)
        at = at.put(6, row.pointee.dataSizeBytes)
        at = at.put(7, row.pointee.medium.rawValue)
        if row.pointee.transactionIDs != nil {
            advance(to: at)
            try transactionIDs(row)
            at = try reserve(Self.entryBytes)
        }
        at = at.put(9, row.pointee.versionCount)
        at = at.put(10, row.pointee.pathHash)
        if row.pointee.versionMiss { at = at.put(11, true) }
        if !row.pointee.isUsed { at = at.put(12, false) }
        at = at.put(13, row.pointee.partitionID.rawValue)
        at = at.put(14, row.pointee.isInMemory)
        at = at.put(15, row.pointee.replicaID.rawValue)
        at = at.put(16, row.pointee.remoteDataSizeBytes)
        if rowMembers.cooldownReplica {
            if let replica = row.pointee.cooldownReplicaID { at = at.put(17, replica.rawValue) }
            at = at.put(18, row.pointee.isCooldown)
        }
        if rowMembers.hasTerm(row) { at = at.put(19, row.pointee.cooldownTerm) }
        if rowMembers.cooldownMetaID, let id = row.pointee.cooldownMetaID {
            at = at.put(.structure, 20).put(1, id.high).put(2, id.low).put(UInt8(0))
        }
        if rowMembers.visibleVersionCount, row.pointee.visibleVersionCount > 0 {
            at = at.put(21, row.pointee.visibleVersionCount)
        }
        return at.put(UInt8(0))
    }

    /// Rare: apart, so that the array's reference count is touched for rows that have one only.
    @inline(never)
    private mutating func transactionIDs(_ row: UnsafePointer<TabletReportRow>) throws {
        guard let ids = row.pointee.transactionIDs else { return }
        try field(.list, 8)
        try listHeader(.i64, count: ids.count)
        for id in ids { try i64(id.rawValue) }
    }
}
