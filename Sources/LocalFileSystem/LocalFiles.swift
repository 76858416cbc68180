internal import CLocalFiles
internal import Glibc
internal import Platform

/// Gathers small appends into writes of 64 KiB; larger ones go straight to the kernel.
///
/// `@unchecked Sendable`: the seam says that one thread at a time uses a writable file.
final class LocalWritableFile: WritableFile, @unchecked Sendable {
    private static let bufferBytes = 64 << 10
    /// A file that expects its sync is handed to the disk in pieces of this size. Large enough that a disk with heads writes
    /// runs, small enough that little is left for the sync.
    private static let writeBackBytes: Int64 = 4 << 20
    /// The kernel writes whole pages: one that is begun is left for later, or it would be written twice.
    private static let pageBytes: Int64 = 4 << 10

    private let path: String
    private var descriptor: FileDescriptor?
    private var buffer: [UInt8] = []
    /// The first failed write or sync. The kernel forgets dirty pages it could not write, so that a second sync may
    /// claim success: nothing after a failure can be trusted.
    private var failure: FileSystemError?
    private var expectsSync = false
    /// Bytes that the kernel has.
    private var written: Int64 = 0
    /// Of those, the ones that the disk was handed, from the start.
    private var handedOver: Int64 = 0

    init(descriptor: FileDescriptor, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        let descriptor = try usable("append")
        if buffer.count + bytes.count <= Self.bufferBytes {
            if buffer.capacity == 0 { buffer.reserveCapacity(Self.bufferBytes) }
            buffer.append(contentsOf: bytes)
            return
        }
        try flush(descriptor)
        if bytes.count >= Self.bufferBytes {
            try write(bytes, to: descriptor)
        } else {
            buffer.append(contentsOf: bytes)
        }
    }

    func expectSync() { expectsSync = true }

    func sync() throws {
        let descriptor = try usable("sync")
        try flush(descriptor)
        guard retryingInterrupts({ fdatasync(descriptor.number) }) == 0 else {
            throw remember(systemError("sync", path))
        }
    }

    func close() throws {
        guard let descriptor else { return }
        self.descriptor = nil
        if failure == nil { try flush(descriptor) }
    }

    private func usable(_ operation: String) throws -> FileDescriptor {
        if let failure { throw failure }
        guard let descriptor else {
            throw FileSystemError(.io, operation: operation, path: path, message: "the file is closed")
        }
        return descriptor
    }

    private func flush(_ descriptor: FileDescriptor) throws {
        guard !buffer.isEmpty else { return }
        try buffer.withUnsafeBytes { try write($0, to: descriptor) }
        buffer.removeAll(keepingCapacity: true)
    }

    private func write(_ bytes: UnsafeRawBufferPointer, to descriptor: FileDescriptor) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            let count = retryingInterrupts { Glibc.write(descriptor.number, part.baseAddress, part.count) }
            guard count > 0 else { throw remember(systemError("append", path)) }
            rest = rest.dropFirst(count)
            written += Int64(count)
        }
        if expectsSync, written - handedOver >= Self.writeBackBytes { try handOver(descriptor) }
    }

    /// Else all of a file would wait for its sync, and then the disk for nobody.
    private func handOver(_ descriptor: FileDescriptor) throws {
        let end = written - written % Self.pageBytes
        let result = retryingInterrupts {
            clocalfiles_start_writing(descriptor.number, handedOver, end - handedOver)
        }
        guard result != 0 else { return handedOver = end }
        switch errno {
        // Not every file system knows this; the sync does it all then.
        case EINVAL, ENOSYS, EOPNOTSUPP, ESPIPE: expectsSync = false
        case let number: throw remember(systemError("append", path, errno: number))
        }
    }

    private func remember(_ error: FileSystemError) -> FileSystemError {
        failure = error
        return error
    }
}

final class LocalReadableFile: ReadableFile {
    let sizeBytes: Int64
    private let descriptor: FileDescriptor
    private let path: String

    init(descriptor: FileDescriptor, path: String, sizeBytes: Int64) {
        self.descriptor = descriptor
        self.path = path
        self.sizeBytes = sizeBytes
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = retryingInterrupts {
                pread(descriptor.number, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
            }
            guard count >= 0 else { throw systemError("read", path) }
            if count == 0 { break }
            done += count
        }
        return done
    }
}
