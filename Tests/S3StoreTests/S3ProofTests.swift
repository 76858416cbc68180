import ByteText
import Platform
import ServerFixtures
import Synchronization
import Testing

@testable import S3Store

/// Every upload is proven: by `Content-MD5`, or by an ETag that is the MD5 of what was sent.
@Suite struct S3ProofTests {
    private static let large = S3Fixture.pattern(2 << 20)
    private static let wrong = ["ETag": "\"00000000000000000000000000000000\""]

    /// Answers uploads with their MD5, unless `fault` has another answer for the nth request.
    private static func server(_ fault: @escaping @Sendable (Int) -> FaultyAnswer?) throws -> FaultyHTTPServer {
        let counter = Mutex(0)
        return try FaultyHTTPServer { request in
            let number = counter.withLock { count in
                count += 1
                return count
            }
            if let answer = fault(number) { return answer }
            guard request.method == "PUT" else { return .respond(status: 204) }
            let md5 = ContentDigest(of: request.body, md5: true, sha256: false).md5!
            return .respond(status: 200, headers: ["ETag": "\"\(Hexadecimal.text(md5))\""])
        }
    }

    /// For each request: does it carry the right `Content-MD5`?
    private static func declared(_ server: FaultyHTTPServer) -> [Bool] {
        server.requests.filter { $0.method == "PUT" }.map { request in
            guard let sent = request.headers["content-md5"] else { return false }
            #expect(sent == Base64.text(ContentDigest(of: request.body, md5: true, sha256: false).md5!))
            return true
        }
    }

    @Test func streamedBodiesAreDeclaredUntilTheStoreHasShownThatItsETagsAreMD5s() throws {
        let server = try Self.server { _ in nil }
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        for key in ["a", "b", "c"] { try fixture.store.put(key, from: BytesSource(Self.large)) }
        try fixture.store.put("small", from: BytesSource([1]))
        #expect(Self.declared(server) == [true, false, false, true])
        #expect(server.requests.dropLast().allSatisfy { $0.body == Self.large })
    }

    @Test(arguments: [
        ["ETag": "\"not-an-md5\""], [:],
        ["ETag": "\"00000000000000000000000000000000\"", "x-amz-server-side-encryption": "aws:kms"],
    ])
    func anUploadWhoseETagSaysNothingIsSentAgainDeclaredAndSoAreTheNext(headers: [String: String]) throws {
        let server = try Self.server { $0 == 1 ? nil : .respond(status: 200, headers: headers) }
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        for key in ["a", "b", "c"] { try fixture.store.put(key, from: BytesSource(Self.large)) }
        #expect(Self.declared(server) == [true, false, true, true])
        #expect(server.requests.map(\.path) == ["/bucket/a", "/bucket/b", "/bucket/b", "/bucket/c"])
        #expect(fixture.pause.pauses.isEmpty)
    }

    @Test func bytesThatChangedOnTheWayAreSentAgainDeclared() throws {
        let server = try Self.server { $0 == 2 ? .respond(status: 200, headers: Self.wrong) : nil }
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        for key in ["a", "b", "c"] { try fixture.store.put(key, from: BytesSource(Self.large)) }
        #expect(Self.declared(server) == [true, false, true, false])
    }

    @Test func aBodySentAgainFromTheStartIsHashedAnew() throws {
        let server = try Self.server { $0 == 2 ? .reset : nil }
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        for key in ["a", "b"] { try fixture.store.put(key, from: BytesSource(Self.large)) }
        #expect(Self.declared(server) == [true, false, false])
    }

    @Test(
        arguments: [
            (.always, true, [true, true]), (.never, true, [false, false]), (.automatic, false, [true, true]),
        ]
            as [(S3StoreSettings.ContentMD5, Bool, [Bool])])
    func theSettingDecides(digest: S3StoreSettings.ContentMD5, comparesETag: Bool, expected: [Bool]) throws {
        let server = try Self.server { _ in nil }
        defer { server.stop() }
        let fixture = try S3Fixture(
            endpoint: server.endpoint, settings: S3Fixture.settings(digest: digest, etag: comparesETag))
        try fixture.store.put("a", from: BytesSource(Self.large))
        try fixture.store.put("b", from: BytesSource([1, 2, 3]))
        #expect(Self.declared(server) == expected)
    }

    @Test func aStoreThatMustNotBeToldStillComparesETags() throws {
        let server = try ScriptedS3Server([.corruptsObjects])
        defer { server.stop() }
        let fixture = try S3Fixture(
            endpoint: server.endpoint,
            settings: S3Fixture.settings(retry: RetrySettings(maximumAttempts: 2), digest: .never))
        let error = try S3Fixture.failure { try fixture.store.put("a", from: BytesSource(Self.large)) }
        #expect(error?.code == .checksumMismatch)
        server.habits = []
        try fixture.store.put("b", from: BytesSource(Self.large))
        #expect(server.keys == ["b"])
    }

    @Test func aPartWhoseETagSaysNothingIsSentAgainDeclared() throws {
        let parts = S3MultipartFaultTests.PartServer()
        let server = try FaultyHTTPServer { request in
            guard request.path != "/bucket/small" else {
                let md5 = ContentDigest(of: request.body, md5: true, sha256: false).md5!
                return .respond(status: 200, headers: ["ETag": "\"\(Hexadecimal.text(md5))\""])
            }
            return parts.answer(request) { step, time in
                step == "partNumber=4" && time == 1 ? .respond(status: 200, headers: ["ETag": "\"opaque\""]) : nil
            }
        }
        defer { server.stop() }
        let fixture = try S3Fixture(
            endpoint: server.endpoint, settings: S3Fixture.settings(retry: RetrySettings(maximumAttempts: 1)))
        // Shows that ETags are MD5s: the parts need not be declared then.
        try fixture.store.put("small", from: BytesSource([1]))
        try fixture.store.put("k", from: BytesSource(S3Fixture.pattern((17 << 20) + 5)))
        let sent = server.requests.filter { $0.query.hasPrefix("partNumber=") }
        let last = sent.filter { $0.query.hasPrefix("partNumber=4") }
        #expect(sent.count == 5)
        #expect(last.map { $0.headers["content-md5"] != nil } == [false, true])
        #expect(sent.filter { $0.headers["content-md5"] == nil }.count == 4)
    }
}
