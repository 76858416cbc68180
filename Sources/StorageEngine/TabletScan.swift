internal import Platform
internal import Synchronization
public import TabletModel
internal import VersionTracking

extension StorageEngine {
    /// Begins to read a tablet at a version, or at the end of its gap-free prefix. What the scan reads stays there until it
    /// goes away, whatever is published, cooled, compacted or dropped meanwhile.
    ///
    /// - Throws: `.unknownTablet`, `.loading`, `.versionNotReadable` with what is missing, `.brokenTablet`.
    public func openScan(_ id: TabletID, version: Version? = nil) throws -> TabletScan {
        let tablet = try tablet(id)
        return TabletScan(tablet, try tablet.beginScan(version), remote: remoteSegments)
    }
}

/// The rows of a tablet at one version, block by block: bounded memory, any order of rows between segments is the order of
/// versions. Used by one thread at a time.
public final class TabletScan {
    public let tabletID: TabletID
    public let version: Version
    public let rowsets: [Rowset]
    private let tablet: Tablet
    private let remote: (any RemoteSegmentProvider)?
    private var nextRowset = 0
    private var nextSegment = 0
    private var reader: SegmentReader?

    fileprivate init(
        _ tablet: Tablet, _ captured: (version: Version, rowsets: [Rowset]), remote: (any RemoteSegmentProvider)?
    ) {
        self.tablet = tablet
        self.tabletID = tablet.id
        self.version = captured.version
        self.rowsets = captured.rowsets
        self.remote = remote
    }

    deinit { tablet.withState { $0.openScans -= 1 } }

    /// Rows that the scan will hand out.
    public var rowCount: Int64 { rowsets.reduce(0) { $0 + $1.meta.rowCount } }

    /// The next block of rows; nil at the end.
    /// - Throws: `SegmentError` (which file, which block, why), `FileSystemError`, or what the remote source throws.
    public func next() throws -> RowBlock? {
        while true {
            if let block = try reader?.next() { return block }
            reader = nil
            guard let (rowset, index) = advance() else { return nil }
            reader = try open(rowset, index)
        }
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

    private func open(_ rowset: Rowset, _ index: Int) throws -> SegmentReader {
        let environment = tablet.dataDir.environment
        let source: any SegmentSource
        let name: String
        if rowset.meta.isRemote {
            guard let remote else {
                throw EngineError.notImplemented("reading remote rowset \(rowset.meta.id) of tablet \(tabletID) here")
            }
            source = try remote.source(for: rowset.meta, segment: index)
            name = "remote \(DataDirLayout.segmentName(rowset.meta.id, index))"
        } else {
            name = tablet.segmentPath(rowset.meta.id, index)
            source = FileSegmentSource(try environment.fileSystem.open(name))
        }
        return try SegmentReader(
            source: source, name: name, expected: rowset.meta.segments[index],
            compressor: environment.compressor(for:))
    }
}

extension Tablet {
    /// The rowsets to read at the version, and a hold on the tablet's folder that the scan gives back.
    fileprivate func beginScan(_ version: Version?) throws -> (version: Version, rowsets: [Rowset]) {
        let id = id
        let captured: Result<(version: Version, rowsets: [Rowset]), EngineError> = withState { state in
            if let breakage = state.breakage { return .failure(.brokenTablet(id, reason: breakage)) }
            let wanted = version ?? state.tracker.maxContinuousVersion
            guard let path = state.tracker.capture(upTo: wanted) else {
                return .failure(
                    .versionNotReadable(id, wanted, missing: state.tracker.missedVersions(upTo: wanted)))
            }
            var rowsets: [Rowset] = []
            rowsets.reserveCapacity(path.count)
            for range in path {
                guard let rowset = state.rowsets.first(where: { $0.meta.versions == range }) else {
                    return .failure(.brokenTablet(id, reason: "versions \(range) have no rowset"))
                }
                rowsets.append(rowset)
            }
            state.openScans += 1
            return .success((wanted, rowsets))
        }
        return try captured.get()
    }
}
