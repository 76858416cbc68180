internal import Checksums
internal import Synchronization

/// The MD5 of bodies that are sent at the same time, two in one pass where there are two.
///
/// Bytes that find no partner are kept until bytes of another body come; both are then hashed together, in little more
/// than the time of one. What is kept is hashed alone when it becomes too much or its body's digest is asked for: no
/// thread ever waits for a partner. It costs a copy of every other byte, and one buffer.
final class PairedMD5: Sendable {
    /// One body's hash so far. `@unchecked Sendable`: `md5` is touched only under the lock of the one `PairedMD5` that
    /// gets all of the body.
    final class Body: @unchecked Sendable {
        fileprivate var md5 = MD5()
    }

    /// Four of curl's send buffers: a server likes to read several from one connection before it turns to the next.
    static let keptLimitBytes = 2 << 20

    private let kept = Mutex(KeptBytes())

    /// The next bytes of the body; they are not needed any more when this returns.
    func update(_ body: Body, _ bytes: UnsafeRawBufferPointer) {
        kept.withLock { kept in
            var alone = bytes
            if let other = kept.body, other !== body {
                let common = min(kept.count, bytes.count)
                MD5.update(
                    &other.md5, kept.first(common), &body.md5, UnsafeRawBufferPointer(rebasing: bytes[..<common]))
                kept.removeFirst(common)
                alone = UnsafeRawBufferPointer(rebasing: bytes[common...])
            }
            // What is left now is of one body only.
            guard !alone.isEmpty else { return }
            if kept.count + alone.count > PairedMD5.keptLimitBytes { kept.hash() }
            if alone.count > PairedMD5.keptLimitBytes {
                body.md5.update(alone)
            } else {
                kept.append(alone, of: body)
            }
        }
    }

    /// Of all bytes of the body so far, 16 bytes.
    func digest(_ body: Body) -> [UInt8] {
        kept.withLock { kept in
            if kept.body === body { kept.hash() }
            return body.md5.digest
        }
    }

    /// The body comes again from its start, or nobody wants its digest any more.
    func reset(_ body: Body) {
        kept.withLock { kept in
            if kept.body === body { kept.removeFirst(kept.count) }
            body.md5 = MD5()
        }
    }
}

/// Bytes of one body that wait for a partner, in order. The buffer is there from the first ones on. `@unchecked
/// Sendable`: it owns the buffer alone.
private struct KeptBytes: ~Copyable, @unchecked Sendable {
    /// Whose they are; nil when there are none.
    private(set) var body: PairedMD5.Body?
    private var buffer: UnsafeMutableRawPointer?
    private var start = 0
    private(set) var count = 0

    /// `count` is not exceeded; nothing is asked for while there are none.
    func first(_ count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: buffer.map { $0 + start }, count: count)
    }

    /// There is room for them.
    mutating func append(_ bytes: UnsafeRawBufferPointer, of body: PairedMD5.Body) {
        guard let source = bytes.baseAddress else { return }
        let buffer = self.buffer ?? .allocate(byteCount: PairedMD5.keptLimitBytes, alignment: 64)
        if start + count + bytes.count > PairedMD5.keptLimitBytes {
            buffer.copyMemory(from: buffer + start, byteCount: count)
            start = 0
        }
        (buffer + start + count).copyMemory(from: source, byteCount: bytes.count)
        self.buffer = buffer
        self.body = body
        count += bytes.count
    }

    mutating func removeFirst(_ removed: Int) {
        start += removed
        count -= removed
        guard count == 0 else { return }
        start = 0
        body = nil
    }

    mutating func hash() {
        body?.md5.update(first(count))
        removeFirst(count)
    }

    deinit { buffer?.deallocate() }
}
