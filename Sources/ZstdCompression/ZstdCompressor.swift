internal import CZstd
public import Platform

/// zstd frames, one for each block. Any thread; contexts (about 1 MiB each) are kept and used again.
public final class ZstdCompressor: BlockCompressor {
    /// 3: zstd's own default.
    public static let defaultLevel: Int32 = 3

    private let level: Int32
    private let maximumBlockBytes: Int
    private let compressors = ContextPool(create: { ZSTD_createCCtx() }, free: { ZSTD_freeCCtx($0) })
    private let decompressors = ContextPool(create: { ZSTD_createDCtx() }, free: { ZSTD_freeDCtx($0) })

    /// - Parameters:
    ///   - level: 1 (fast) to 19 (small); values outside are brought inside.
    ///   - maximumBlockBytes: no block larger than this is decompressed, whatever its header says.
    public init(level: Int32 = ZstdCompressor.defaultLevel, maximumBlockBytes: Int = 64 << 20) {
        self.level = min(max(level, 1), 19)
        self.maximumBlockBytes = maximumBlockBytes
    }

    public var formatCode: UInt8 { 1 }

    public func compress(_ bytes: UnsafeRawBufferPointer) throws -> [UInt8] {
        try compressors.withContext { context in
            var result = 0
            let compressed = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { buffer, count in
                result = ZSTD_compressCCtx(
                    context, buffer.baseAddress, buffer.count, bytes.baseAddress, bytes.count, level)
                count = ZSTD_isError(result) == 0 ? result : 0
            }
            try check(result, "compress \(bytes.count) bytes")
            return compressed
        }
    }

    public func decompress(_ bytes: UnsafeRawBufferPointer, expectedBytes: Int) throws -> [UInt8] {
        guard expectedBytes >= 0, expectedBytes <= maximumBlockBytes else {
            throw CompressionError(
                message: "block claims \(expectedBytes) bytes, the limit is \(maximumBlockBytes)")
        }
        let written = ZSTD_getFrameContentSize(bytes.baseAddress, bytes.count)
        guard written == UInt64(expectedBytes) else {
            let actual = written < UInt64(Int64.max) ? "\(written) bytes" : "no valid zstd size"
            throw CompressionError(message: "block's zstd frame says \(actual), its header \(expectedBytes) bytes")
        }
        return try decompressors.withContext { context in
            var result = 0
            let plain = [UInt8](unsafeUninitializedCapacity: expectedBytes) { buffer, count in
                result = ZSTD_decompressDCtx(context, buffer.baseAddress, expectedBytes, bytes.baseAddress, bytes.count)
                count = ZSTD_isError(result) == 0 ? result : 0
            }
            try check(result, "decompress \(bytes.count) bytes")
            guard plain.count == expectedBytes else {
                throw CompressionError(message: "block gave \(plain.count) bytes, its header says \(expectedBytes)")
            }
            return plain
        }
    }

    private func check(_ result: Int, _ action: String) throws {
        guard ZSTD_isError(result) == 0 else {
            throw CompressionError(message: "zstd could not \(action): \(String(cString: ZSTD_getErrorName(result)))")
        }
    }
}
