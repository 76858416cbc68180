/// Compresses blocks of a segment: zstd in the daemons. Thread-safe.
public protocol BlockCompressor: Sendable {
    /// Stored in the segment's footer, so that a reader knows what it needs (0 none, 1 zstd).
    var formatCode: UInt8 { get }
    func compress(_ bytes: UnsafeRawBufferPointer) throws -> [UInt8]
    /// - Parameter expectedBytes: the size the block's header gives; anything else is corruption and throws.
    func decompress(_ bytes: UnsafeRawBufferPointer, expectedBytes: Int) throws -> [UInt8]
}

/// Blocks as they are: for tests, and for rows that do not compress.
public struct NoCompression: BlockCompressor {
    public init() {}
    public var formatCode: UInt8 { 0 }
    public func compress(_ bytes: UnsafeRawBufferPointer) throws -> [UInt8] { Array(bytes) }
    public func decompress(_ bytes: UnsafeRawBufferPointer, expectedBytes: Int) throws -> [UInt8] {
        guard bytes.count == expectedBytes else {
            throw CompressionError(message: "block holds \(bytes.count) bytes, its header says \(expectedBytes)")
        }
        return Array(bytes)
    }
}

public struct CompressionError: Error, Hashable, Sendable, CustomStringConvertible {
    public var message: String
    public init(message: String) { self.message = message }
    public var description: String { message }
}
