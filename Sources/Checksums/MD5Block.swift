/// Bytes of one body that are hashed together: a block of many of MD5's own.
final class MD5Block {
    /// Four of them stay in a core's cache.
    static let byteCount = 128 << 10

    private let buffer = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
    private var count = 0

    deinit { buffer.deallocate() }

    var start: UnsafeRawPointer { UnsafeRawPointer(buffer) }
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: buffer, count: count) }
    var isFull: Bool { count == Self.byteCount }

    /// Takes what there is room for.
    func take(_ bytes: inout Slice<UnsafeRawBufferPointer>) {
        let taken = bytes.prefix(Self.byteCount - count)
        UnsafeMutableRawBufferPointer(start: buffer + count, count: taken.count)
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: taken))
        count += taken.count
        bytes = bytes.dropFirst(taken.count)
    }

    func empty() { count = 0 }
}
