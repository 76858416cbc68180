internal import Platform
public import TabletModel
internal import VersionTracking

extension StorageEngine {
    /// Begins to read a tablet at a version, or at the end of its gap-free prefix. What the scan reads stays there until it
    /// goes away, whatever is published, cooled, compacted or dropped meanwhile.
    ///
    /// - Throws: `.unknownTablet`, `.loading`, `.versionNotReadable` with what is missing, `.brokenTablet`.
    public func openScan(_ id: TabletID, version: Version? = nil) throws -> TabletScan {
        while true {
            let tablet = try tablet(id)
            let scan = TabletScan(self, tablet, try tablet.beginScan(version))
            // Still served: its folder stays while the scan is open. Else it moved or went in between, and its folder may go.
            guard try tablets[id] === tablet else { continue }
            try scan.findDeletes()
            return scan
        }
    }
}

/// The rows of a tablet at one version, block by block: bounded memory, any order of rows between segments is the order of
/// versions. Rows that a delete up to this version took away are left out. Used by one thread at a time.
///
/// A local segment that is not there or corrupt ends the scan with an error, and its rowset leaves the tablet (`loseRowset`).
public final class TabletScan {
    public let tabletID: TabletID
    public let version: Version
    public let rowsets: [Rowset]
    private let engine: StorageEngine
    private let tablet: Tablet
    private var nextRowset = 0
    private var nextSegment = 0
    private var reader: SegmentReader?
    /// nil: nothing is left out.
    private var deletes: DeleteFilter?

    fileprivate init(
        _ engine: StorageEngine, _ tablet: Tablet, _ captured: (version: Version, rowsets: [Rowset])
    ) {
        self.engine = engine
        self.tablet = tablet
        self.tabletID = tablet.id
        self.version = captured.version
        self.rowsets = captured.rowsets
    }

    deinit { tablet.withState { $0.openScans -= 1 } }

    fileprivate func findDeletes() throws(EngineError) {
        guard rowsets.contains(where: { $0.meta.deletePredicate != nil }) else { return }
        deletes = try DeleteFilter(rowsets, schema: tablet.header.schema, tablet: tabletID, cache: engine.goneRows)
    }

    /// Rows that the scan will go through, those that it leaves out among them.
    public var rowCount: Int64 { rowsets.reduce(0) { $0 + $1.meta.rowCount } }

    /// The next block of rows; nil at the end. No block is empty.
    /// - Throws: `SegmentError` (which file, which block, why), `FileSystemError`, or what the remote source throws.
    public func next() throws -> RowBlock? {
        while true {
            if let reader, let block = try losing(rowsets[nextRowset], { try reader.next() }) {
                let visible =
                    deletes?.visible(
                        block, of: rowsets[nextRowset], segment: nextSegment - 1, block: reader.lastBlock) ?? block
                if visible.rowCount > 0 { return visible }
                continue
            }
            reader = nil
            guard let (rowset, index) = advance() else { return nil }
            reader = try losing(rowset) { try engine.openSegment(index, of: rowset, in: tablet) }
        }
    }

    private func losing<Result>(_ rowset: Rowset, _ body: () throws -> Result) throws -> Result {
        try engine.losing(rowset, of: tablet, body)
    }

    private func advance() -> (rowset: Rowset, segment: Int)? {
        while nextRowset < rowsets.count {
            let rowset = rowsets[nextRowset]
            if nextSegment < rowset.meta.segments.count {
                nextSegment += 1
                return (rowset, nextSegment - 1)
            }
            nextRowset += 1
            nextSegment = 0
        }
        return nil
    }
}

extension StorageEngine {
    /// A reader of one segment, local or remote, that has verified the footer against the rowset's meta.
    func openSegment(_ index: Int, of rowset: Rowset, in tablet: Tablet) throws -> SegmentReader {
        let source: any SegmentSource
        let name: String
        if rowset.meta.isRemote {
            guard let remoteSegments else {
                throw EngineError.notImplemented("reading remote rowset \(rowset.meta.id) of tablet \(tablet.id) here")
            }
            source = try remoteSegments.source(for: rowset.meta, segment: index)
            name = "remote \(DataDirLayout.segmentName(rowset.meta.id, index))"
        } else {
            name = tablet.segmentPath(rowset.meta.id, index)
            source = FileSegmentSource(try fileSystem.open(name))
        }
        return try SegmentReader(
            source: source, name: name, expected: rowset.meta.segments[index],
            compressor: environment.compressor(for:))
    }
}
