import ByteText
import CurlHTTP
import Platform
import ServerFixtures
import Synchronization
import Testing

@testable import S3Store

/// Against a server that fails to order.
@Suite struct S3FaultTests {
    /// Counts requests, to fail the first of them.
    final class Counter: Sendable {
        private let count = Mutex(0)
        func next() -> Int {
            count.withLock {
                $0 += 1; return $0
            }
        }
    }

    private static func md5(_ bytes: [UInt8]) -> String {
        Hexadecimal.text(ContentDigest(of: bytes, md5: true, sha256: false).md5!)
    }

    private static func stored(_ request: ReceivedRequest) -> FaultyAnswer {
        .respond(status: 200, headers: ["ETag": "\"\(md5(request.body))\""])
    }

    @Test func aStormOf503IsRiddenOutWithGrowingPauses() throws {
        let counter = Counter()
        let server = try FaultyHTTPServer { request in
            counter.next() <= 4 ? .s3Error(503, "SlowDown", "reduce your rate") : Self.stored(request)
        }
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        try fixture.store.put("k", from: BytesSource([1, 2, 3]))
        #expect(fixture.pause.pauses == [100, 200, 400, 800].map { .milliseconds($0) })
        #expect(server.requests.allSatisfy { $0.body == [1, 2, 3] })
    }

    @Test func aStormWithoutEndIsAThrottledErrorAndDrainsTheBudget() throws {
        let server = try FaultyHTTPServer { _ in .s3Error(503, "SlowDown") }
        defer { server.stop() }
        let fixture = try S3Fixture(
            endpoint: server.endpoint,
            settings: S3Fixture.settings(retry: RetrySettings(maximumAttempts: 4, budget: 20)))
        for _ in 0..<3 {
            let error = try S3Fixture.failure { _ = try fixture.store.get("k", range: 0..<1) }
            #expect(error?.code == .throttled)
            #expect(error?.httpStatus == 503)
        }
        // 20 tokens buy four retries: 1 + 3, 1 + 1, 1.
        #expect(server.requests.count == 7)
    }

    @Test func aStreamThatBreaksGoesOnWhereItBroke() throws {
        let counter = Counter()
        let bytes = (0..<1000).map { UInt8($0 % 251) }
        let server = try FaultyHTTPServer { request in
            let first = Int(request.headers["range"]?.dropFirst("bytes=".count).prefix { $0 != "-" } ?? "0") ?? 0
            let rest = Array(bytes[first..<900])
            switch counter.next() {
            case 1: return .truncated(status: 206, declared: rest.count, body: Array(rest.prefix(300)))
            case 2: return .s3Error(503, "SlowDown")
            case 3: return .truncated(status: 206, declared: rest.count, body: Array(rest.prefix(100)))
            default:
                return .respond(
                    status: 206, headers: ["Content-Range": "bytes \(first)-899/1000"], body: rest)
            }
        }
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        var got: [UInt8] = []
        try fixture.store.read("k", range: 10..<900) { got += $0 }
        #expect(got == Array(bytes[10..<900]))
        #expect(server.requests.compactMap { $0.headers["range"] } == [10, 310, 310, 410].map { "bytes=\($0)-899" })
    }

    @Test func retryAfterIsHonoured() throws {
        let counter = Counter()
        let server = try FaultyHTTPServer { request in
            counter.next() == 1
                ? .s3Error(429, "TooManyRequests", headers: ["Retry-After": "7"]) : Self.stored(request)
        }
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        try fixture.store.put("k", from: BytesSource([1]))
        #expect(fixture.pause.pauses == [.seconds(7)])
    }

    @Test func cutAndResetAnswersAreTriedAgain() throws {
        let counter = Counter()
        let server = try FaultyHTTPServer { _ in
            switch counter.next() {
            case 1: .truncated(declared: 4, body: [1, 2])
            case 2: .reset
            default: .respond(status: 200, body: [1, 2, 3, 4])
            }
        }
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        #expect(try fixture.store.get("k", range: 0..<4) == [1, 2, 3, 4])
        #expect(fixture.pause.pauses.count == 2)
    }

    @Test func silenceIsATimeoutAndTriedAgain() throws {
        let counter = Counter()
        let server = try FaultyHTTPServer { request in counter.next() == 1 ? .silence : .respond(status: 200, body: [5])
        }
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint, requestTimeoutMs: 200)
        #expect(try fixture.store.get("k", range: 0..<1) == [5])
        #expect(fixture.pause.pauses.count == 1)
    }

    @Test func anETagThatIsNotOurMD5AndOtherBytesAreAChecksumMismatchAndTheObjectGoes() throws {
        let server = try FaultyHTTPServer { request in
            switch request.method {
            case "DELETE": .respond(status: 204)
            case "GET": .respond(status: 200, body: [9])
            default: .respond(status: 200, headers: ["ETag": "\"00000000000000000000000000000000\""])
            }
        }
        defer { server.stop() }
        let fixture = try S3Fixture(
            endpoint: server.endpoint, settings: S3Fixture.settings(retry: RetrySettings(maximumAttempts: 2)))
        let error = try S3Fixture.failure { try fixture.store.put("k", from: BytesSource([1])) }
        #expect(error?.code == .checksumMismatch)
        #expect(server.requests.map(\.method) == ["PUT", "GET", "PUT", "GET", "DELETE"])
    }

    @Test(arguments: [
        ["ETag": "\"00000000000000000000000000000000\"", "x-amz-server-side-encryption": "aws:kms"],
        ["ETag": "\"not-an-md5\""], [:],
    ])
    func etagsThatAreNoMD5ProveNothing(headers: [String: String]) throws {
        let server = try FaultyHTTPServer { _ in .respond(status: 200, headers: headers) }
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        try fixture.store.put("k", from: BytesSource([1]))
    }

    @Test func uploadsCarryTheirChecksumsUnderTheSignature() throws {
        let server = try FaultyHTTPServer { Self.stored($0) }
        defer { server.stop() }
        let fixture = try S3Fixture(
            endpoint: server.endpoint, sessionToken: "the-token", settings: S3Fixture.settings(digest: .always))
        try fixture.store.put("small", from: BytesSource(Array("abc".utf8)))
        try fixture.store.put("big", from: BytesSource(S3Fixture.pattern(2 << 20)))
        let small = server.requests[0].headers
        #expect(small["content-md5"] == "kAFQmDzST7DWlj99KOF/cg==")
        #expect(small["x-amz-content-sha256"] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(server.requests[1].headers["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD")
        for request in server.requests {
            let signed = request.headers["authorization"] ?? ""
            #expect(signed.contains("content-md5;"))
            #expect(signed.contains("x-amz-content-sha256;"))
            #expect(signed.contains("x-amz-security-token"))
            #expect(request.headers["x-amz-security-token"] == "the-token")
        }
    }

    @Test func aBrokenSourceIsThrownAsItIsAndNotTriedAgain() throws {
        struct Broken: Error {}
        struct BrokenSource: ObjectSource {
            let sizeBytes: Int64
            func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws { throw Broken() }
        }
        let server = try FaultyHTTPServer { request in
            request.query == "uploads=" ? .xml(200, "<R><UploadId>u</UploadId></R>") : .respond(status: 204)
        }
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        for size in [100, 2 << 20, 7 << 20] as [Int64] {
            #expect(throws: Broken.self) { try fixture.store.put("k", from: BrokenSource(sizeBytes: size)) }
        }
        #expect(server.requests.map(\.method) == ["POST", "DELETE"])
        #expect(fixture.pause.pauses.isEmpty)
    }

    @Test func anErrorThatEchoesTheSecretIsCleaned() throws {
        let server = try FaultyHTTPServer { _ in
            .s3Error(403, "AccessDenied", "key secret-of-the-tests token the-token")
        }
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint, sessionToken: "the-token")
        let error = try #require(try S3Fixture.failure { _ = try fixture.store.get("k", range: 0..<1) })
        #expect(error.message == "AccessDenied: key *** token *** (the keys may lack the permission s3:GetObject)")
    }

    @Test func aListThatDoesNotMoveOnIsAnErrorAndNotALoop() throws {
        let page =
            "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken>"
            + "</ListBucketResult>"
        let server = try FaultyHTTPServer { _ in .xml(200, page) }
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        #expect(try S3Fixture.failure { _ = try fixture.store.listAll(prefix: "") }?.code == .other)
        #expect(server.requests.count == 2)
    }

    @Test func aProxysPageIsNotTakenForAnAnswer() throws {
        let server = try FaultyHTTPServer { _ in .respond(status: 200, body: Array("<html>hi</html>".utf8)) }
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        #expect(try S3Fixture.failure { _ = try fixture.store.list(prefix: "", continuation: nil) }?.code == .other)
        #expect(
            try S3Fixture.failure { try fixture.store.put("k", from: BytesSource(S3Fixture.pattern(7 << 20))) }?.code
                == .other)
    }

    @Test func keysAreDeletedOneByOneWhereBatchesAreUnknown() throws {
        let server = try FaultyHTTPServer { request in
            request.method == "POST" ? .s3Error(501, "NotImplemented") : .respond(status: 204)
        }
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        try fixture.store.delete(["a", "b"])
        try fixture.store.delete(["c", "d"])
        #expect(server.requests.map(\.method) == ["POST", "DELETE", "DELETE", "DELETE", "DELETE"])
    }

    @Test func whatABatchLeavesIsDeletedAlone() throws {
        let server = try FaultyHTTPServer { request in
            request.method == "POST"
                ? .xml(200, "<DeleteResult><Error><Key>r/b</Key><Code>InternalError</Code></Error></DeleteResult>")
                : .respond(status: 204)
        }
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint, rootPath: "r")
        try fixture.store.delete(["a", "b", "c"])
        #expect(server.requests.map(\.target) == ["/bucket/?delete=", "/bucket/r/b"])
    }

    @Test func moreThanAThousandKeysGoInSeveralBatches() throws {
        let server = try FaultyHTTPServer { _ in .xml(200, "<DeleteResult/>") }
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        try fixture.store.delete((0..<2001).map { "k\($0)" })
        #expect(server.requests.map(\.method) == ["POST", "POST", "DELETE"])
    }

    @Test func virtualHostStylePutsTheBucketIntoTheHost() throws {
        let server = try FaultyHTTPServer { Self.stored($0) }
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: "http://localhost:\(server.port)", usePathStyle: false)
        try fixture.store.put("a b", from: BytesSource([1]))
        #expect(server.requests[0].headers["host"] == "bucket.localhost:\(server.port)")
        #expect(server.requests[0].target == "/a%20b")
    }
}
