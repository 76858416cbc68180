internal import Logging
internal import Platform
internal import TabletModel

/// Writes the segments of one new rowset of a tablet. Used by one thread at a time.
///
/// From `init` to `end` the rowset counts as being written, so that nobody takes its files for orphans. What is written is
/// durable once `finish` returned; without a record that names it, it is garbage.
final class RowsetWriter {
    let id: RowsetID
    private let tablet: Tablet
    private let folder: String
    private var current: SegmentWriter?
    private var segments: [SegmentMeta] = []
    private var begun = 0
    private(set) var oldestWrite: UnixTime
    private(set) var newestWrite: UnixTime

    init(_ tablet: Tablet, id: RowsetID, now: UnixTime) {
        self.id = id
        self.tablet = tablet
        self.folder = tablet.segmentFolder
        self.oldestWrite = now
        self.newestWrite = now
        tablet.dataDir.beginWriting(id)
    }

    func append(row: UnsafeRawBufferPointer, writtenAt: UnixTime) throws {
        try append(row: row, written: writtenAt...writtenAt)
    }

    /// - Parameter written: the write times of the segment that the row comes from.
    func append(row: UnsafeRawBufferPointer, written: ClosedRange<UnixTime>) throws {
        let writer = try current ?? beginSegment()
        try writer.append(row: row, written: written)
        try note(written, writer)
    }

    /// A whole block as another segment of the same compressor stores it.
    func append(copy block: StoredBlock, written: ClosedRange<UnixTime>) throws {
        let writer = try current ?? beginSegment()
        try writer.append(copy: block, written: written)
        try note(written, writer)
    }

    private func note(_ written: ClosedRange<UnixTime>, _ writer: SegmentWriter) throws {
        oldestWrite = min(oldestWrite, written.lowerBound)
        newestWrite = max(newestWrite, written.upperBound)
        if writer.fileBytes >= tablet.dataDir.options.maxSegmentBytes { try endSegment() }
    }

    /// Segments and folder are durable on return.
    func finish() throws -> [SegmentMeta] {
        try endSegment()
        if !segments.isEmpty { try tablet.dataDir.fileSystem.syncDirectory(folder) }
        return segments
    }

    /// Removes what was written: the rowset will not be. Files that can't be removed are orphans for the next start.
    func abandon() {
        current = nil
        let dir = tablet.dataDir
        for index in 0..<begun {
            let path = folder + "/" + DataDirLayout.segmentName(id, index)
            do {
                try dir.fileSystem.remove(path)
            } catch let error as FileSystemError where error.code == .notFound {
                continue
            } catch {
                dir.logger.warning(
                    "unfinished segment not removed, the next start does it",
                    metadata: ["tablet": "\(tablet.id)", "file": "\(path)", "error": "\(error)"])
            }
        }
    }

    /// The rowset is recorded, or abandoned.
    func end() { tablet.dataDir.endWriting(id) }

    private func beginSegment() throws -> SegmentWriter {
        let dir = tablet.dataDir
        try tablet.makeFolder()
        let path = folder + "/" + DataDirLayout.segmentName(id, begun)
        let file = try dir.fileSystem.create(path)
        begun += 1
        let writer = SegmentWriter(
            file: file, path: path, compressor: dir.environment.compressor,
            targetBlockBytes: dir.options.targetBlockBytes, maxRowBytes: dir.options.maxRowBytes)
        current = writer
        return writer
    }

    private func endSegment() throws {
        guard let writer = current else { return }
        segments.append(try writer.finish())
        current = nil
    }
}

extension DataDir {
    /// Makes the folder, whose name and parents' names survive a crash on return.
    func makeSegmentFolder(_ folder: String) throws {
        try fileSystem.createDirectory(folder)
        var parent = folder
        repeat {
            parent = parentDirectory(of: parent)
            try fileSystem.syncDirectory(parent)
        } while parent != layout.data
    }
}

extension Tablet {
    /// The folder of the tablet's segments is there, and its name and its parents' survive a crash. Tablets without a
    /// segment have none.
    func makeFolder() throws {
        if withState({ $0.folderIsDurable }) { return }
        try dataDir.makeSegmentFolder(segmentFolder)
        withState { $0.folderIsDurable = true }
    }
}
