internal import Checksums
internal import Platform
internal import TabletModel

/// Copies segment files from one data dir to another, piece by piece through one buffer, and verifies each against what its
/// rowset says of it. Used by one thread.
///
/// The disk writes one file while the next is copied: copies wait for it together, in `sync`.
final class SegmentCopy {
    static let bufferBytes = 1 << 20
    /// Copies that wait for their sync have their files open: with more, the oldest is synced first.
    static let maxUnsynced = 64

    private let fileSystem: any FileSystem
    /// In the order in which they were copied.
    private var unsynced: [any WritableFile] = []
    /// Why a copy may not survive a crash.
    private var failure: (any Error)?
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferBytes, alignment: 4096)

    init(_ fileSystem: any FileSystem) { self.fileSystem = fileSystem }

    deinit { buffer.deallocate() }

    /// The copy is whole on return, and survives a crash once `sync` returned. A file that is not whole is removed.
    ///
    /// - Parameters:
    ///   - reading: runs each read of the source and the comparison of its bytes: what that throws tells of the source.
    ///   - progress: told of each piece.
    /// - Throws: `SegmentError` when the source is not the file that was written; `FileSystemError`.
    func copy(
        _ source: String, to target: String, expected: SegmentMeta,
        reading: (() throws -> Int) throws -> Int, progress: (Int) -> Void
    ) throws {
        if unsynced.count >= Self.maxUnsynced { try syncOldest() }
        let file = try fileSystem.create(target)
        do {
            file.expectSync()
            try fill(file, from: source, expected, reading, progress)
            unsynced.append(file)
        } catch {
            try? file.close()
            // The error that ended the copy is the one to tell; what stays goes with the staging folder.
            try? fileSystem.remove(target)
            throw error
        }
    }

    /// On return the bytes of all copies survive a crash; their names do not yet. Never returns after a sync that failed, here
    /// or in `copy`.
    func sync() throws {
        if let failure { throw failure }
        while !unsynced.isEmpty { try syncOldest() }
    }

    private func syncOldest() throws {
        let file = unsynced.removeFirst()
        do {
            try file.sync()
            try file.close()
        } catch {
            failure = error
            throw error
        }
    }

    private func fill(
        _ file: any WritableFile, from source: String, _ expected: SegmentMeta,
        _ reading: (() throws -> Int) throws -> Int, _ progress: (Int) -> Void
    ) throws {
        var opened: (any ReadableFile)?
        var checksum = CRC32C()
        var offset: Int64 = 0
        while true {
            let count = try reading {
                let input = try opened ?? fileSystem.open(source)
                opened = input
                return try input.read(into: buffer, at: offset)
            }
            guard count > 0 else { break }
            let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            checksum.update(piece)
            offset += Int64(count)
            try file.append(piece)
            progress(count)
            if offset > expected.sizeBytes { break }
        }
        let (size, sum) = (offset, checksum.value)
        _ = try reading {
            guard size == expected.sizeBytes else {
                throw SegmentError(
                    file: source, .metaMismatch("it has \(size) bytes or more, its rowset says \(expected.sizeBytes)"))
            }
            guard sum == expected.crc32c else {
                throw SegmentError(
                    file: source,
                    .metaMismatch(
                        "its checksum is 0x\(String(sum, radix: 16)), its rowset says "
                            + "0x\(String(expected.crc32c, radix: 16))"))
            }
            return 0
        }
    }
}
