internal import Checksums
internal import Platform
internal import TabletModel

/// One segment on its way from a source into the staging folder: written, summed and counted piece by piece, and verified,
/// synced and renamed with its last byte, on the download's own thread.
///
/// `@unchecked Sendable`: its state is touched by `receive` only, which an `HTTPDownload` calls on one thread at a time,
/// and by its owner while no download runs.
final class SegmentDownload: @unchecked Sendable {
    let rowset: RowsetMeta
    let index: Int
    let staging: CloneStaging
    private let run: CloneRun
    private let source: String
    private let fileSystem: any FileSystem
    private var file: (any WritableFile)?
    private var checksum = CRC32C()
    private(set) var received: Int64 = 0
    private(set) var isDone = false

    init(_ rowset: RowsetMeta, _ index: Int, _ staging: CloneStaging, source: String, run: CloneRun) {
        self.rowset = rowset
        self.index = index
        self.staging = staging
        self.source = source
        self.run = run
        fileSystem = run.service.engine.environment.fileSystem
    }

    var name: String { DataDirLayout.segmentName(rowset.id, index) }
    private var expected: SegmentMeta { rowset.segments[index] }
    private var part: String { staging.path(rowset, index) + CloneStaging.partSuffix }

    /// What is still to come.
    var rest: Range<Int64> { received..<expected.sizeBytes }

    func receive(_ bytes: UnsafeRawBufferPointer) throws {
        try run.check(source: source, file: name, offset: received)
        guard !isDone, received + Int64(bytes.count) <= expected.sizeBytes else {
            throw CloneError.tooLong(source: source, file: name, expected: expected.sizeBytes)
        }
        let file = try self.file ?? begin()
        try file.append(bytes)
        checksum.update(bytes)
        received += Int64(bytes.count)
        run.count(bytes: bytes.count)
        if received == expected.sizeBytes { try finish() }
    }

    /// The download ended without an error: was it all?
    func checkComplete() throws(CloneError) {
        guard isDone else {
            throw .truncated(source: source, file: name, expected: expected.sizeBytes, got: received)
        }
    }

    /// No more will come: the file is closed, and what was not verified goes.
    func abandon() throws {
        guard !isDone else { return }
        let file = self.file
        self.file = nil
        try file?.close()
        if file != nil { try fileSystem.remove(part) }
    }

    private func begin() throws -> any WritableFile {
        let created = try fileSystem.create(part)
        file = created
        return created
    }

    private func finish() throws {
        guard let file else { return }
        guard checksum.value == expected.crc32c else {
            throw CloneError.checksum(source: source, file: name, expected: expected.crc32c, got: checksum.value)
        }
        try file.sync()
        try file.close()
        self.file = nil
        try fileSystem.rename(part, to: staging.path(rowset, index))
        isDone = true
        run.countFile()
    }
}
