/// Bytes of a peer, in order.
protocol ByteSource: AnyObject {
    /// Exactly so many bytes. - Throws: `WireEnd` when there are fewer.
    func read(_ count: Int) throws -> ArraySlice<UInt8>
}

/// The peer has closed, or has sent nothing for too long.
struct WireEnd: Error, CustomStringConvertible {
    var description: String
}

/// Bytes in memory.
final class MemorySource: ByteSource {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func read(_ count: Int) throws -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - position else { throw WireEnd(description: "ends at \(position)") }
        defer { position += count }
        return bytes[position..<position + count]
    }
}
