internal import Logging
internal import Platform
internal import StoredFormats
public import TabletModel

extension BackupService {
    /// What a download left in a snapshot folder becomes the tablet's rows, in place of all that it has: verified whole,
    /// linked under new rowset ids, and recorded in one synced batch. Until that is durable the tablet is as it was, also after
    /// a crash; afterwards it is moved. A tablet that holds these rows already is fine, so a MOVE may be repeated.
    ///
    /// - Returns: the tablet's row.
    /// - Throws: `BackupError`: a path of another tablet, files that are missing or wrong, a backup of other columns, versions
    ///   that do not follow each other; `EngineError`, of which `.busy` passes; `FileSystemError`.
    public func move(_ request: MoveRequest) throws -> TabletReportRow {
        guard request.overwrite else {
            throw BackupError.notImplemented(
                "a MOVE that adds to tablet \(request.tabletID)'s rows is not implemented: it replaces them (overwrite)"
            )
        }
        let folder = try BackupFolder(request.source, in: engine)
        guard folder.tabletID == request.tabletID, folder.schemaHash == request.schemaHash else {
            throw BackupError.invalid(
                "\(folder.path) is the folder of tablet \(folder.tabletID) with schema hash \(folder.schemaHash), the MOVE "
                    + "is of tablet \(request.tabletID) with \(request.schemaHash)")
        }
        guard engine.isLoaded else { throw EngineError.loading }
        guard engine.tablets.reserve(request.tabletID) else {
            throw EngineError.busy(request.tabletID, what: "a creation, a drop or a clone")
        }
        defer { engine.tablets.release(request.tabletID) }
        let tablet = try engine.tablet(request.tabletID, request.schemaHash)
        try tablet.dataDir.checkChangeable()
        guard tablet.dataDir === folder.dataDir else {
            throw BackupError.invalid(
                "tablet \(tablet.id) is in data dir \(tablet.dataDir.path) by now, the snapshot is in \(folder.dataDir.path): "
                    + "make a new snapshot and download again")
        }
        guard tablet.tryBegin(.restore) else {
            throw EngineError.busy(tablet.id, what: "a \(tablet.currentWork?.rawValue ?? "change")")
        }
        defer { tablet.end(.restore) }
        return try alone(in: [folder]) { try move(folder, into: tablet) }
    }

    private func move(_ folder: BackupFolder, into tablet: Tablet) throws -> TabletReportRow {
        let header = try folder.header()
        if tablet.holds(header.rowsets) {
            logger.info("tablet was moved already", metadata: ["tablet": "\(tablet.id)"])
            return engine.row(of: tablet)
        }
        try check(header, fits: tablet, folder)
        try verify(header, in: folder)
        if header.rowsets.contains(where: { !$0.segments.isEmpty }) { try tablet.makeFolder() }
        let links = try CloneLinks(
            header.rowsets.map(\.asLocal), of: tablet.header, folder: tablet.segmentFolder, in: tablet.dataDir
        ) { folder.path(DataDirLayout.segmentName($0.id, $1)) }
        let moved = try links.commit { rowsets in
            try engine.replace(tablet, in: tablet.dataDir) {
                Tablet.Records(header: movedHeader(of: tablet, from: header.tablet), rowsets: rowsets)
            }
        }
        let row = engine.row(of: moved)
        logger.notice(
            "tablet's rows replaced by a backup's",
            metadata: [
                "tablet": "\(tablet.id)", "from_tablet": "\(header.tablet.tabletID)", "version": "\(row.version)",
                "rowsets": "\(header.rowsets.count)", "rows": "\(row.rowCount)",
            ])
        return row
    }

    /// The tablet stays who it is; where its rows are merged follows from the rows.
    private func movedHeader(of tablet: Tablet, from source: TabletHeader) -> TabletHeader {
        var header = tablet.header
        header.uid = engine.environment.random.uniqueID()
        header.cumulativePoint = source.cumulativePoint
        // What it waited for is here.
        header.inRestoreMode = false
        return header
    }

    private func check(_ header: SnapshotHeader, fits tablet: Tablet, _ folder: BackupFolder) throws {
        func bad(_ reason: String) -> BackupError { .badFolder(folder.path, reason: reason) }
        if tablet.rowsets.contains(where: \.meta.isRemote) {
            throw BackupError.invalid(
                "tablet \(tablet.id) has cold rows, which are not given up for a backup's: drop its table, or restore under "
                    + "another name")
        }
        var next: Version = 0
        for rowset in header.rowsets.sorted(by: { $0.versions.start < $1.versions.start }) {
            guard rowset.versions.start == next else {
                throw bad("versions \(rowset.versions) come where \(next) should begin: the snapshot is not whole")
            }
            next = rowset.versions.end.next
        }
        guard next > 0 else { throw bad("it holds no version") }
        let (own, theirs) = (tablet.header.schema, header.tablet.schema)
        guard own.columns.map(\.type) == theirs.columns.map(\.type) else {
            throw bad(
                "it has \(theirs.columns.count) columns of other types than the \(own.columns.count) of tablet \(tablet.id)"
            )
        }
        if let delimiter = own.delimiter, let other = theirs.delimiter, delimiter != other {
            throw bad("its rows have the delimiter \(other), those of tablet \(tablet.id) \(delimiter)")
        }
    }

    /// Every segment is there, with the bytes that its rowset says.
    private func verify(_ header: SnapshotHeader, in folder: BackupFolder) throws {
        let present = Set(try folder.files())
        for (name, segment) in header.segments.sorted(by: { $0.key < $1.key }) {
            guard present.contains(name) else {
                throw BackupError.badFolder(folder.path, reason: "its header names \(name), which is not there")
            }
            let sums = try FileSums(of: try folder.fileSystem.open(folder.path(name)), md5: nil) {}
            if let reason = sums.mismatch(with: segment) {
                throw BackupError.badFolder(folder.path(name), reason: reason)
            }
        }
    }
}

extension RowsetMeta {
    /// As it lies in a backup: beside the header, whatever it was where it comes from. Whose transactions its rows came with
    /// means nothing in another table.
    fileprivate var asLocal: RowsetMeta {
        var local = self
        local.location = .local
        local.transactionID = 0
        local.mergedTransactions = []
        return local
    }
}

extension Tablet {
    /// Its visible rowsets are these, by versions and bytes.
    fileprivate func holds(_ wanted: [RowsetMeta]) -> Bool {
        let own = rowsets.map(\.meta)
        guard own.count == wanted.count, !own.contains(where: \.isRemote) else { return false }
        // An empty tablet's first rowset may be that of any other, and moving it costs nothing.
        guard wanted.contains(where: { !$0.segments.isEmpty }) else { return false }
        return zip(own, wanted.sorted { $0.versions.start < $1.versions.start }).allSatisfy {
            $0.versions == $1.versions && $0.segments == $1.segments
        }
    }
}
