internal import ByteText
internal import Crypto
internal import Platform

/// The hashes S3 knows of a body.
struct ContentDigest: Hashable, Sendable {
    /// 16 bytes; nil when nothing asked for it.
    var md5: [UInt8]?
    /// Lower-case hex for `x-amz-content-sha256`; nil for an unsigned payload.
    var sha256: String?

    init(md5: [UInt8]? = nil, sha256: String? = nil) {
        self.md5 = md5
        self.sha256 = sha256
    }

    /// Of bytes in memory.
    init(of bytes: [UInt8], md5 wantsMD5: Bool, sha256 wantsSHA256: Bool) {
        md5 = wantsMD5 ? Array(Insecure.MD5.hash(data: bytes)) : nil
        sha256 = wantsSHA256 ? Hexadecimal.text(SHA256.hash(data: bytes)) : nil
    }

    private static let chunkBytes = 256 << 10

    /// Of a part of a source, read once in small pieces.
    init(of source: any ObjectSource, range: Range<Int64>, md5 wantsMD5: Bool, sha256 wantsSHA256: Bool) throws {
        guard wantsMD5 || wantsSHA256 else { return }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: ContentDigest.chunkBytes, alignment: 64)
        defer { buffer.deallocate() }
        var md5 = Insecure.MD5()
        var sha256 = SHA256()
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = Int(min(Int64(buffer.count), range.upperBound - offset))
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
            try source.read(into: piece, at: offset)
            if wantsMD5 { md5.update(bufferPointer: UnsafeRawBufferPointer(piece)) }
            if wantsSHA256 { sha256.update(bufferPointer: UnsafeRawBufferPointer(piece)) }
            offset += Int64(count)
        }
        self.md5 = wantsMD5 ? Array(md5.finalize()) : nil
        self.sha256 = wantsSHA256 ? Hexadecimal.text(sha256.finalize()) : nil
    }

    /// The ETag of an object made of parts with these digests: MD5 of the digests, a dash, their number.
    static func multipartETag(_ parts: [[UInt8]]) -> String {
        Hexadecimal.text(Insecure.MD5.hash(data: parts.flatMap { $0 })) + "-\(parts.count)"
    }
}
