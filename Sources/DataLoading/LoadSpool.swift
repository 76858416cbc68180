internal import Checksums
internal import Platform
internal import Synchronization
internal import TabletModel

/// The rows of one load on their way to the backends: split by bucket into one file per tablet, counted and summed up.
///
/// Memory is bounded by a buffer per tablet. Files are not synced: until the load commits the file can be sent again,
/// and afterwards the backends hold the rows. One caller at a time; a second one at the same time is refused, not made
/// to wait.
final class LoadSpool: Sendable {
    struct Totals: Hashable, Sendable {
        var rowCount: Int64 = 0
        var bytes: Int64 = 0
        var checksum = RowChecksum()
        /// Size of each tablet's file, in bucket order.
        var fileBytes: [Int64]
    }

    enum Failure: Error, Hashable {
        /// Another call writes now.
        case busy
        /// `finish` or `remove` was called, or an earlier write failed.
        case closed
    }

    private struct Writer {
        var splitter: RowSplitter
        var files: [any WritableFile]
        var buffers: [[UInt8]]
        var totals: Totals
    }

    private enum Phase {
        case open(Writer)
        case busy
        case finished(Totals)
        case closed
    }

    private let fileSystem: any FileSystem
    private let directory: String
    private let tablets: [TabletID]
    private let bufferBytes: Int
    private let phase: Mutex<Phase>
    private let received = Atomic<Int64>(0)

    /// Creates the folder and its files. - Parameter tablets: in bucket order.
    init(
        fileSystem: any FileSystem, directory: String, tablets: [TabletID], splitter: RowSplitter,
        memoryBytes: Int = 8 << 20
    ) throws {
        self.fileSystem = fileSystem
        self.directory = directory
        self.tablets = tablets
        bufferBytes = min(256 << 10, max(4 << 10, memoryBytes / max(tablets.count, 1)))
        try fileSystem.removeTree(directory)
        try fileSystem.createDirectory(directory)
        let files = try tablets.map { try fileSystem.create(Self.path(directory, $0)) }
        phase = Mutex(
            .open(
                Writer(
                    splitter: splitter, files: files, buffers: tablets.map { _ in [] },
                    totals: Totals(fileBytes: tablets.map { _ in 0 }))))
    }

    /// Adds bytes of the input; rows may be cut anywhere between two calls. After an error the spool is closed.
    func append(_ bytes: UnsafeRawBufferPointer) throws {
        try withWriter { writer in
            // The splitter is taken out, so that the closure may change the rest of the writer.
            var splitter = writer.splitter
            try splitter.append(bytes) { bucket, line in try add(line, to: bucket, of: &writer) }
            writer.splitter = splitter
        }
        received.add(Int64(bytes.count), ordering: .relaxed)
    }

    /// Bytes of the input so far.
    var receivedBytes: Int64 { received.load(ordering: .relaxed) }

    /// The input is complete: writes what is buffered and closes the files, which can be read from now on.
    func finish() throws -> Totals {
        var totals: Totals?
        try withWriter { writer in
            var splitter = writer.splitter
            try splitter.finish { bucket, line in try add(line, to: bucket, of: &writer) }
            for bucket in writer.files.indices {
                try flush(bucket, of: &writer)
                try writer.files[bucket].close()
            }
            totals = writer.totals
        }
        guard let totals else { throw Failure.closed }
        phase.withLock { $0 = .finished(totals) }
        return totals
    }

    /// So far, or in all once finished; nil while a call writes.
    var totals: Totals? {
        phase.withLock { phase in
            switch phase {
            case .open(let writer): writer.totals
            case .finished(let totals): totals
            case .busy, .closed: nil
            }
        }
    }

    func openFile(of tablet: TabletID) throws -> any ReadableFile {
        try fileSystem.open(Self.path(directory, tablet))
    }

    /// Deletes the files; readers that have one open keep it.
    func remove() throws {
        phase.withLock { $0 = .closed }
        try fileSystem.removeTree(directory)
    }

    private static func path(_ directory: String, _ tablet: TabletID) -> String { "\(directory)/\(tablet).rows" }

    private func withWriter(_ body: (inout Writer) throws -> Void) throws {
        var writer = try phase.withLock { phase throws -> Writer in
            switch phase {
            case .open(let writer):
                phase = .busy
                return writer
            case .busy: throw Failure.busy
            case .finished, .closed: throw Failure.closed
            }
        }
        do {
            try body(&writer)
        } catch {
            phase.withLock { if case .busy = $0 { $0 = .closed } }
            throw error
        }
        phase.withLock { if case .busy = $0 { $0 = .open(writer) } }
    }

    private func add(_ line: UnsafeRawBufferPointer, to bucket: Int, of writer: inout Writer) throws {
        writer.buffers[bucket].append(contentsOf: line)
        writer.buffers[bucket].append(UInt8(ascii: "\n"))
        writer.totals.rowCount += 1
        writer.totals.bytes += Int64(line.count) + 1
        writer.totals.checksum.add(row: line)
        if writer.buffers[bucket].count >= bufferBytes { try flush(bucket, of: &writer) }
    }

    private func flush(_ bucket: Int, of writer: inout Writer) throws {
        guard !writer.buffers[bucket].isEmpty else { return }
        try writer.buffers[bucket].withUnsafeBytes { try writer.files[bucket].append($0) }
        writer.totals.fileBytes[bucket] += Int64(writer.buffers[bucket].count)
        writer.buffers[bucket].removeAll(keepingCapacity: true)
    }
}
