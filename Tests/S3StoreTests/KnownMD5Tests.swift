import ByteText
import Platform
import ServerFixtures
import Synchronization
import Testing

@testable import S3Store

/// Sources whose MD5 was made before: it goes with the body, and nobody hashes them again.
@Suite struct KnownMD5Tests {
    /// Counts what is read of it.
    private final class Hashed: ObjectSource {
        let base: BytesSource
        let md5: [UInt8]?
        private let bytesRead = Mutex<Int>(0)

        init(_ bytes: [UInt8], md5: [UInt8]? = nil) {
            base = BytesSource(bytes)
            self.md5 = md5 ?? ContentDigest(of: bytes, md5: true, sha256: false).md5
        }

        var sizeBytes: Int64 { base.sizeBytes }
        var readCount: Int { bytesRead.withLock { $0 } }

        func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws {
            bytesRead.withLock { $0 += buffer.count }
            try base.read(into: buffer, at: offset)
        }
    }

    /// Takes whole objects with the right `Content-MD5` only, and parts.
    private static func server() throws -> FaultyHTTPServer {
        let parts = S3MultipartFaultTests.PartServer()
        return try FaultyHTTPServer { request in
            guard request.method == "PUT", request.query.isEmpty else { return parts.answer(request) { _, _ in nil } }
            let md5 = ContentDigest(of: request.body, md5: true, sha256: false).md5!
            guard request.headers["content-md5"] == Base64.text(md5) else { return .s3Error(400, "BadDigest") }
            return .respond(status: 200, headers: ["ETag": "\"opaque\""])
        }
    }

    private static func pieces(_ server: FaultyHTTPServer) -> Int {
        server.requests.count { $0.method == "PUT" && $0.query.hasPrefix("partNumber=") }
    }

    @Test func itIsDeclaredAndTheSourceReadOnce() throws {
        let server = try Self.server()
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        let source = Hashed(S3Fixture.pattern(2 << 20))
        try fixture.store.put("k", from: source)
        #expect(source.readCount == 2 << 20)
        // One that is wrong is found out by the server.
        let error = try S3Fixture.failure {
            try fixture.store.put("k", from: Hashed(source.base.bytes, md5: [UInt8](repeating: 0, count: 16)))
        }
        #expect(error?.code == .checksumMismatch)
    }

    @Test func theObjectGoesUpInOnePUTUpToALimitOfItsOwn() throws {
        let server = try Self.server()
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        let source = Hashed(S3Fixture.pattern((8 << 20) - 1))
        try fixture.store.put("k", from: source)
        #expect(server.requests.map(\.method) == ["PUT"] && source.readCount == (8 << 20) - 1)
        // A source of that size that does not know it, and one of the limit's size, go up in parts.
        try fixture.store.put("k", from: source.base)
        #expect(Self.pieces(server) == 2)
        try fixture.store.put("k", from: Hashed(S3Fixture.pattern(8 << 20)))
        #expect(Self.pieces(server) == 4)
    }

    /// Where it can't be told to the server it spares nothing.
    @Test(arguments: [S3Fixture.settings(signing: .signed), S3Fixture.settings(digest: .never)])
    func aStoreThatHashesAllTheSameSendsParts(settings: S3StoreSettings) throws {
        let server = try Self.server()
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint, settings: settings)
        try fixture.store.put("k", from: Hashed(S3Fixture.pattern(7 << 20)))
        #expect(Self.pieces(server) == 2)
    }
}
