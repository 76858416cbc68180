internal import Crypto
internal import Platform
internal import Synchronization

/// A part of a source that hashes itself while it is sent: the bytes go through MD5 right after they were read into
/// curl's send buffer, so that a body is read once and hashed from the cache.
///
/// curl reads a body in order, and again from the start when it repeats the request; then the hash begins anew.
final class HashingSource: ObjectSource {
    private struct Progress {
        var md5 = Insecure.MD5()
        /// Where the next read must begin for the hash to go on; nil once the order was broken.
        var next: Int64?
    }

    private let source: any ObjectSource
    private let range: Range<Int64>
    private let progress: Mutex<Progress>

    init(_ source: any ObjectSource, range: Range<Int64>) {
        self.source = source
        self.range = range
        progress = Mutex(Progress(next: range.lowerBound))
    }

    var sizeBytes: Int64 { source.sizeBytes }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws {
        try source.read(into: buffer, at: offset)
        progress.withLock { progress in
            if offset == range.lowerBound { progress = Progress(next: offset) }
            guard progress.next == offset else { return progress.next = nil }
            progress.md5.update(bufferPointer: UnsafeRawBufferPointer(buffer))
            progress.next = offset + Int64(buffer.count)
        }
    }

    /// Of the whole part, 16 bytes; nil unless it was read to its end, in order, since it was last begun.
    var md5: [UInt8]? {
        progress.withLock { $0.next == range.upperBound ? Array($0.md5.finalize()) : nil }
    }
}
