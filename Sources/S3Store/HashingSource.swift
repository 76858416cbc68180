internal import Checksums
internal import Platform
internal import Synchronization

/// A part of a source that hashes itself while it is sent: the bytes go through MD5 right after they were read into
/// curl's send buffer, so that a body is read once and hashed from the cache, together with one that is sent at the
/// same time.
///
/// curl reads a body in order, and again from the start when it repeats the request; then the hash begins anew.
final class HashingSource: ObjectSource {
    private let source: any ObjectSource
    private let range: Range<Int64>
    private let group: GroupedMD5
    private let body = GroupedMD5.Body()
    /// Where the next read must begin for the hash to go on; nil once the order was broken.
    private let next: Mutex<Int64?>

    init(_ source: any ObjectSource, range: Range<Int64>, group: GroupedMD5) {
        self.source = source
        self.range = range
        self.group = group
        next = Mutex(range.lowerBound)
    }

    /// A body that was not sent whole must not leave a piece behind.
    deinit { group.reset(body) }

    var sizeBytes: Int64 { source.sizeBytes }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws {
        try source.read(into: buffer, at: offset)
        next.withLock { next in
            if offset == range.lowerBound {
                group.reset(body)
                next = offset
            }
            guard next == offset else { return next = nil }
            group.update(body, UnsafeRawBufferPointer(buffer))
            next = offset + Int64(buffer.count)
        }
    }

    /// Of the whole part, 16 bytes; nil unless it was read to its end, in order, since it was last begun.
    var md5: [UInt8]? {
        next.withLock { $0 == range.upperBound ? group.digest(body) : nil }
    }
}
