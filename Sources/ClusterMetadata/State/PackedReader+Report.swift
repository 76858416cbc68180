public import TabletModel

/// What is compared of a report's row. A row is copied when it is lent to another module; this is less, and plain numbers.
@frozen
public struct RowFacts: Sendable {
    @usableFromInline let tabletID: TabletID
    @usableFromInline let version: Int64
    @usableFromInline let versionMiss: Bool
    @usableFromInline let dataSizeBytes: Int64
    @usableFromInline let remoteSizeBytes: Int64
    @usableFromInline let rowCount: Int64
    @usableFromInline let pathHash: Int64
    @usableFromInline let versionCount: Int64
    @usableFromInline let cooldownReplicaID: Int64
    @usableFromInline let cooldownTerm: Int64
    @usableFromInline let cooldownMetaHigh: Int64
    @usableFromInline let cooldownMetaLow: Int64

    @inlinable @inline(__always)
    public init(_ row: borrowing TabletReportRow) {
        tabletID = row.tabletID
        version = row.version.rawValue
        versionMiss = row.versionMiss
        dataSizeBytes = row.dataSizeBytes
        remoteSizeBytes = row.remoteDataSizeBytes
        rowCount = row.rowCount
        pathHash = row.pathHash
        versionCount = row.versionCount
        cooldownReplicaID = row.cooldownReplicaID?.rawValue ?? -1
        cooldownTerm = row.cooldownTerm
        cooldownMetaHigh = row.cooldownMetaID?.high ?? 0
        cooldownMetaLow = row.cooldownMetaID?.low ?? 0
    }
}

extension PackedReader {
    /// What a report's row is to a tablet of the chunk.
    public enum Match: Sendable {
        /// The row is of another tablet.
        case otherTablet
        /// The backend has no replica of it here.
        case unknown
        /// It is whole at the version, has never failed since, and is as the row shows it: mostly there is nothing to do.
        case asReported
        /// Something differs in the replica at the position.
        case differs(Int)
    }

    /// Compares the row with the backend's replica of the tablet in `tablet`.
    public func match(_ row: RowFacts, tablet: Int, on backend: BackendID) -> Match {
        guard tabletID(tablet) == row.tabletID else { return .otherTablet }
        guard let position = position(row: tablet, backend: backend) else { return .unknown }
        return isAsReported(at: position, row) ? .asReported : .differs(position)
    }

    /// Who uploads the tablet, and since which term; the backend is that of the replica when it is there, neither bad nor
    /// behind, and nobody fills, changes or takes it away.
    public func uploader(tablet: Int) -> (replicaID: ReplicaID, term: Int64, fitOn: BackendID?) {
        let (id, term) = (value(.uploaderID, tablet), value(.uploaderTerm, tablet))
        var fitOn: BackendID?
        if id > 0, let position = replicaRange(tablet).first(where: { value(.replicaID, $0) == id }),
            value(.flags, position) & ~Int64(ReplicaHealth.Flags.fromReports.rawValue) == 0,
            value(.lastFailed, position) == Version.none.rawValue
        {
            fitOn = backendID(at: position)
        }
        return (ReplicaID(id), term, fitOn)
    }

    /// The index that all tablets of the chunk belong to; nil when they belong to several.
    public var onlyIndexID: IndexID? {
        let column = PackedColumn(PackedTablets.TabletMember.indexID.column, in: words)
        return column.width == 0 ? IndexID(column.base) : nil
    }

    @inline(__always)
    private func isAsReported(at position: Int, _ row: RowFacts) -> Bool {
        let flags = Int64(ReplicaHealth.Flags([.reported, .current]).rawValue)
        return value(.flags, position) == flags && !row.versionMiss && value(.version, position) == row.version
            && value(.dataSize, position) == row.dataSizeBytes && value(.rowCount, position) == row.rowCount
            && value(.pathHash, position) == row.pathHash
            && value(.versionCount, position) == Int64(Int32(clamping: row.versionCount))
            && value(.remoteSize, position) == row.remoteSizeBytes
            && value(.lastFailed, position) == Version.none.rawValue && value(.lastSuccess, position) == 0
            && value(.cooldownTerm, position) == row.cooldownTerm
            && value(.cooldownReplicaID, position) == row.cooldownReplicaID
            && value(.cooldownMetaHigh, position) == row.cooldownMetaHigh
            && value(.cooldownMetaLow, position) == row.cooldownMetaLow
    }
}
