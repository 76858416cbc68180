import CurlHTTP
import Platform
import ServerFixtures
import Synchronization
import Testing

/// The client against a server that does as it is told.
@Suite struct HTTPClientTests {
    static let quick = HTTPTimeouts(
        connect: .seconds(5), stall: .milliseconds(200), answer: .milliseconds(200), total: .seconds(30))

    static func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) } }

    static func failure(_ body: () throws(HTTPTransferError) -> Void) -> HTTPTransferError? {
        do {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test func answersOfAnyStatusAreReturnedWithHeadersAndBody() throws {
        let server = try FaultyHTTPServer { _ in
            .respond(status: 404, headers: ["X-Reason": " none "], body: Array("gone".utf8))
        }
        defer { server.stop() }
        let response = try HTTPClient().execute(HTTPRequest(.get, server.endpoint + "/a?b=c"))
        #expect(response.status == 404)
        #expect(response.header("x-REASON") == "none")
        #expect(response.body == Array("gone".utf8))
        #expect(server.requests.map(\.target) == ["/a?b=c"])
    }

    @Test func dotSegmentsInAPathAreSentAsTheyAre() throws {
        let server = try FaultyHTTPServer { _ in .respond(status: 200) }
        defer { server.stop() }
        _ = try HTTPClient().execute(HTTPRequest(.get, server.endpoint + "/a/../b/./c"))
        #expect(server.requests.map(\.target) == ["/a/../b/./c"])
    }

    @Test(arguments: [0, 1, 65_536, 65_537, 3_000_000])
    func bodiesOfAllSizesArriveWhole(size: Int) throws {
        let server = try FaultyHTTPServer { .respond(status: 200, body: $0.body) }
        defer { server.stop() }
        let bytes = Self.pattern(size)
        let client = try HTTPClient()
        for body in [HTTPBody.bytes(bytes), .source(BytesSource([9, 9] + bytes + [9]), range: 2..<Int64(size + 2))] {
            let response = try client.execute(
                HTTPRequest(.put, server.endpoint + "/x", body: body, responseLimitBytes: 4_000_000))
            #expect(response.body == bytes)
        }
        #expect(server.requests.map(\.method) == ["PUT", "PUT"])
    }

    @Test func smallBodiesDoNotAskForPermissionAndLargeOnesDo() throws {
        let server = try FaultyHTTPServer { _ in .respond(status: 200) }
        defer { server.stop() }
        let client = try HTTPClient()
        for size in [10, 100_000, 2_000_000] {
            let source = BytesSource(Self.pattern(size))
            _ = try client.execute(
                HTTPRequest(.put, server.endpoint + "/x", body: .source(source, range: 0..<Int64(size))))
        }
        #expect(server.requests.map { $0.headers["expect"] } == [nil, nil, "100-continue"])
    }

    @Test func connectionsAreUsedAgain() throws {
        let server = try FaultyHTTPServer { _ in .respond(status: 200, body: [1]) }
        defer { server.stop() }
        let client = try HTTPClient()
        for _ in 0..<20 { _ = try client.execute(HTTPRequest(.get, server.endpoint + "/")) }
        #expect(server.requests.count == 20)
        #expect(server.connectionCount == 1)
    }

    @Test func manyRequestsAtOnceShareTheTransferLimit() throws {
        let server = try FaultyHTTPServer { _ in .respond(status: 200, body: [1]) }
        defer { server.stop() }
        let client = try HTTPClient(configuration: HTTPClientConfiguration(maximumTransfers: 4))
        let transfers = try (0..<200).map { try client.start(HTTPRequest(.get, server.endpoint + "/\($0)")) }
        for transfer in transfers { #expect(try transfer.wait().status == 200) }
        #expect(server.connectionCount <= 4)
        #expect(Set(server.requests.map(\.target)).count == 200)
    }

    @Test func aFullQueueRefusesAndSaysSo() throws {
        let server = try FaultyHTTPServer { _ in .silence }
        defer { server.stop() }
        let client = try HTTPClient(
            configuration: HTTPClientConfiguration(maximumTransfers: 1, queueLimit: 2))
        var codes: [HTTPTransferError.Code] = []
        for _ in 0..<20 {
            if let error = Self.failure({ () throws(HTTPTransferError) in
                _ = try client.start(HTTPRequest(.get, server.endpoint + "/"))
            }) {
                codes.append(error.code)
            }
        }
        #expect(codes.count >= 16)
        #expect(Set(codes) == [.queueFull])
        client.shutdown()
    }

    @Test func aTruncatedBodyIsARetryableError() throws {
        let server = try FaultyHTTPServer { _ in .truncated(declared: 1000, body: Self.pattern(10)) }
        defer { server.stop() }
        let client = try HTTPClient()
        let error = Self.failure { () throws(HTTPTransferError) in
            _ = try client.execute(HTTPRequest(.get, server.endpoint + "/"))
        }
        #expect(error?.code == .truncated)
        #expect(error?.isRetryable == true)
        #expect(error?.httpStatus == 200)
        #expect(error?.curlCode == 18)
    }

    @Test func aResetIsARetryableError() throws {
        let server = try FaultyHTTPServer { _ in .reset }
        defer { server.stop() }
        let client = try HTTPClient()
        let error = Self.failure { () throws(HTTPTransferError) in
            _ = try client.execute(HTTPRequest(.get, server.endpoint + "/"))
        }
        #expect(error?.code == .reset)
        #expect(error?.isRetryable == true)
    }

    @Test func nobodyListeningIsAConnectError() throws {
        let port = try LoopbackSocket.freePort()
        let client = try HTTPClient()
        let error = Self.failure { () throws(HTTPTransferError) in
            _ = try client.execute(HTTPRequest(.get, "http://127.0.0.1:\(port)/"))
        }
        #expect(error?.code == .connect)
        #expect(error?.isRetryable == true)
    }

    @Test func aSilentServerIsATimeout() throws {
        let server = try FaultyHTTPServer { $0.path == "/stall" ? .stall(declared: 100, body: [1]) : .silence }
        defer { server.stop() }
        let client = try HTTPClient()
        for path in ["/silent", "/stall"] {
            let error = Self.failure { () throws(HTTPTransferError) in
                _ = try client.execute(HTTPRequest(.get, server.endpoint + path, timeouts: Self.quick))
            }
            #expect(error?.code == .timeout)
            #expect(error?.isRetryable == true)
        }
        let put = Self.failure { () throws(HTTPTransferError) in
            _ = try client.execute(
                HTTPRequest(.put, server.endpoint + "/put", body: .bytes(Self.pattern(100_000)), timeouts: Self.quick))
        }
        #expect(put?.code == .timeout)
        #expect(put?.message.contains("answer") == true)
    }

    @Test func anAnswerBeyondTheLimitIsRefused() throws {
        let server = try FaultyHTTPServer { request in
            request.path == "/honest"
                ? .respond(status: 200, body: Self.pattern(5000))
                : .raw(Array("HTTP/1.1 200 OK\r\n\r\n".utf8) + Self.pattern(5000))
        }
        defer { server.stop() }
        let client = try HTTPClient()
        for path in ["/honest", "/endless"] {
            let error = Self.failure { () throws(HTTPTransferError) in
                _ = try client.execute(HTTPRequest(.get, server.endpoint + path, responseLimitBytes: 1000))
            }
            #expect(error?.code == .tooLarge)
            #expect(error?.isRetryable == false)
        }
    }

    @Test func anAnswerWithTooManyHeadersIsRefused() throws {
        let server = try FaultyHTTPServer { _ in
            .respond(status: 200, headers: Dictionary(uniqueKeysWithValues: (0..<300).map { ("X-\($0)", "1") }))
        }
        defer { server.stop() }
        let client = try HTTPClient()
        let error = Self.failure { () throws(HTTPTransferError) in
            _ = try client.execute(HTTPRequest(.get, server.endpoint + "/"))
        }
        #expect(error?.code == .tooLarge)
    }

    @Test func garbageInsteadOfHTTPIsAnError() throws {
        let server = try FaultyHTTPServer { _ in .raw(Self.pattern(500)) }
        defer { server.stop() }
        let client = try HTTPClient()
        let error = Self.failure { () throws(HTTPTransferError) in
            _ = try client.execute(HTTPRequest(.get, server.endpoint + "/"))
        }
        #expect(error != nil)
    }

    @Test(arguments: ["ftp://127.0.0.1/x", "file:///etc/hostname", "nonsense", ""])
    func otherSchemesAreRefused(url: String) throws {
        let client = try HTTPClient()
        let error = Self.failure { () throws(HTTPTransferError) in _ = try client.execute(HTTPRequest(.get, url)) }
        #expect(error != nil)
        #expect(error?.isRetryable == false || error?.code == .resolve)
    }

    @Test func headersThatCouldEndTheLineAreRefused() throws {
        let client = try HTTPClient()
        for header in [HTTPHeader("X", "a\r\nY: b"), HTTPHeader("X\n", "a"), HTTPHeader("X", ""), HTTPHeader("", "a")] {
            let error = Self.failure { () throws(HTTPTransferError) in
                _ = try client.execute(HTTPRequest(.get, "http://127.0.0.1:1/", headers: [header]))
            }
            #expect(error?.code == .invalidRequest)
        }
    }

    @Test func redirectsAreFollowedOnlyWhenAskedAndOnlyOnTheSameScheme() throws {
        let server = try FaultyHTTPServer { request in
            switch request.path {
            case "/target": .respond(status: 200, body: [5])
            case "/leave": .respond(status: 302, headers: ["Location": "file:///etc/hostname"])
            default: .respond(status: 302, headers: ["Location": "/target"])
            }
        }
        defer { server.stop() }
        let client = try HTTPClient()
        #expect(try client.execute(HTTPRequest(.get, server.endpoint + "/go")).status == 302)
        #expect(try client.execute(HTTPRequest(.get, server.endpoint + "/go", redirectLimit: 3)).body == [5])
        let error = Self.failure { () throws(HTTPTransferError) in
            _ = try client.execute(HTTPRequest(.get, server.endpoint + "/leave", redirectLimit: 3))
        }
        #expect(error != nil)
    }

    @Test func errorsShowNeitherQueryNorPassword() throws {
        let port = try LoopbackSocket.freePort()
        let client = try HTTPClient()
        let error = Self.failure { () throws(HTTPTransferError) in
            _ = try client.execute(HTTPRequest(.get, "http://joe:hidden@127.0.0.1:\(port)/file?token=hidden"))
        }
        let text = try #require(error).description
        #expect(!text.contains("hidden"))
        #expect(text.contains("/file"))
    }

    struct UnreadableSource: ObjectSource {
        struct Broken: Error {}
        var sizeBytes: Int64 { 1_000_000 }
        func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws { throw Broken() }
    }

    @Test func aSourceThatFailsIsNamedAsTheCause() throws {
        let server = try FaultyHTTPServer { _ in .respond(status: 200) }
        defer { server.stop() }
        let client = try HTTPClient()
        let error = Self.failure { () throws(HTTPTransferError) in
            _ = try client.execute(
                HTTPRequest(.put, server.endpoint + "/", body: .source(UnreadableSource(), range: 0..<1_000_000)))
        }
        #expect(error?.code == .bodySource)
        #expect(error?.cause is UnreadableSource.Broken)
    }

    @Test func shutdownFailsWhatIsInFlightAndWhatComesLater() throws {
        let arrived = Mutex(0)
        let server = try FaultyHTTPServer { _ in
            arrived.withLock { $0 += 1 }
            return .silence
        }
        defer { server.stop() }
        let client = try HTTPClient()
        let transfer = try client.start(HTTPRequest(.get, server.endpoint + "/"))
        client.shutdown()
        let inFlight = Self.failure { () throws(HTTPTransferError) in _ = try transfer.wait() }
        #expect(inFlight?.code == .cancelled)
        let later = Self.failure { () throws(HTTPTransferError) in
            _ = try client.execute(HTTPRequest(.get, server.endpoint + "/"))
        }
        #expect(later?.code == .cancelled)
        let pause = Self.failure { () throws(HTTPTransferError) in try client.pause(.seconds(3600)) }
        #expect(pause?.code == .cancelled)
    }

    @Test func aCancelledTransferEndsAtOnce() throws {
        let server = try FaultyHTTPServer { _ in .silence }
        defer { server.stop() }
        let client = try HTTPClient()
        let transfer = try client.start(HTTPRequest(.get, server.endpoint + "/"))
        client.cancel(transfer)
        let error = Self.failure { () throws(HTTPTransferError) in _ = try transfer.wait() }
        #expect(error?.code == .cancelled)
    }
}
