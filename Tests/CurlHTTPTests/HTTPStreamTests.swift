import CurlHTTP
import Platform
import ServerFixtures
import Synchronization
import Testing

/// Streamed answers and byte ranges.
@Suite struct HTTPStreamTests {
    /// Gives its bytes in pieces of three, then ends or fails.
    private final class Pieces: HTTPBodyStream {
        struct Broken: Error {}
        private let rest: Mutex<[UInt8]>
        private let fails: Bool
        init(_ bytes: [UInt8], fails: Bool = false) {
            rest = Mutex(bytes)
            self.fails = fails
        }
        func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
            try rest.withLock { rest in
                if fails, rest.isEmpty { throw Broken() }
                let count = min(3, rest.count, buffer.count)
                buffer.copyBytes(from: rest[..<count])
                rest.removeFirst(count)
                return count
            }
        }
    }

    // MARK: Answers that are read while they come

    @Test func anAnswerIsReadAsItComes() throws {
        let server = try FaultyHTTPServer { request in
            switch request.path {
            case "/whole": .respond(status: 200, body: Array("abc".utf8))
            case "/refused": .respond(status: 503, body: Array("no".utf8))
            case "/cut": .truncated(declared: 10, body: Array("abc".utf8))
            default: .stall(declared: 10, body: Array("abc".utf8))
            }
        }
        defer { server.stop() }
        let client = try HTTPClient()
        var bytes: [UInt8] = []
        func next(_ answer: StreamedAnswer, _ limit: Duration = .seconds(10)) throws -> StreamedAnswer.Step {
            try answer.next(upTo: limit) { bytes += $0 }
        }
        let timeouts = HTTPTimeouts(stall: .zero, answer: .zero)
        func open(_ path: String) throws -> StreamedAnswer {
            bytes = []
            return try client.open(HTTPRequest(.get, server.endpoint + path, timeouts: timeouts))
        }
        let whole = try open("/whole")
        guard case .bytes = try next(whole), case .end(let end) = try next(whole) else {
            Issue.record("not bytes and an end")
            return
        }
        #expect(bytes == Array("abc".utf8) && end.status == 200)

        let refused = try open("/refused")
        guard case .end(let refusal) = try next(refused) else {
            Issue.record("no end")
            return
        }
        #expect(refusal.status == 503 && refusal.body == Array("no".utf8) && bytes.isEmpty)

        let cut = try open("/cut")
        guard case .bytes = try next(cut) else {
            Issue.record("no bytes")
            return
        }
        #expect(throws: HTTPTransferError.self) { try next(cut) }

        let stalled = try open("/stalled")
        guard case .bytes = try next(stalled), case .silence = try next(stalled, .milliseconds(20)) else {
            Issue.record("not bytes and silence")
            return
        }
        stalled.end()
        let error = #expect(throws: HTTPTransferError.self) { try next(stalled) }
        #expect(error?.code == .cancelled)
    }

    // MARK: Requests that are sent once

    /// On a connection that was used before, curl by itself repeats what brought no answer.
    @Test(arguments: [true, false]) func aRequestIsSentAgainOnlyIfItMay(mayBeSentAgain: Bool) throws {
        let calls = Mutex(0)
        let server = try FaultyHTTPServer { _ in
            let call = calls.withLock {
                $0 += 1
                return $0
            }
            return call == 2 ? .reset : .respond(status: 200)
        }
        defer { server.stop() }
        let client = try HTTPClient()
        let request = HTTPRequest(
            .post, server.endpoint + "/x", body: .bytes([1, 2, 3]), mayBeSentAgain: mayBeSentAgain)
        #expect(try client.execute(request).isSuccess)
        if mayBeSentAgain {
            #expect(try client.execute(request).isSuccess)
        } else {
            let error = HTTPClientTests.failure { () throws(HTTPTransferError) in _ = try client.execute(request) }
            #expect(error?.code == .reset && error?.isUnsent == false)
        }
        #expect(calls.withLock { $0 } == (mayBeSentAgain ? 3 : 2))
        #expect(server.requests.allSatisfy { $0.body == [1, 2, 3] })
    }

    @Test func whatWasNeverSentSaysSo() throws {
        let port = try LoopbackSocket.freePort()
        let client = try HTTPClient()
        let error = HTTPClientTests.failure { () throws(HTTPTransferError) in
            _ = try client.execute(HTTPRequest(.get, "http://127.0.0.1:\(port)/"))
        }
        #expect(error?.code == .connect && error?.isUnsent == true)
    }

    // found C7: the body of a pipe has no length that could be told.
    @Test func aBodyOfUnknownLengthIsSentInChunks() throws {
        let server = try FaultyHTTPServer {
            .respond(status: 200, body: Array(($0.headers["transfer-encoding"] ?? "").utf8))
        }
        defer { server.stop() }
        let client = try HTTPClient()
        for bytes in [HTTPClientTests.pattern(10_000), []] {
            let request = HTTPRequest(.put, server.endpoint + "/x", body: .stream(Pieces(bytes)))
            #expect(try client.execute(request).body == Array("chunked".utf8))
            #expect(server.requests.last?.body == bytes)
            #expect(server.requests.last?.method == "PUT")
        }
        let error = HTTPClientTests.failure { () throws(HTTPTransferError) in
            _ = try client.execute(HTTPRequest(.put, server.endpoint + "/x", body: .stream(Pieces([1], fails: true))))
        }
        #expect(error?.code == .bodySource)
        #expect(error?.cause is Pieces.Broken)
    }

    struct Enough: Error {}

    static func rangeServer(_ bytes: [UInt8], honoursRanges: Bool) throws -> FaultyHTTPServer {
        try FaultyHTTPServer { request in
            guard honoursRanges, let range = request.headers["range"] else { return .respond(status: 200, body: bytes) }
            let ends = range.dropFirst("bytes=".count).split(separator: "-").map { Int($0)! }
            guard ends[0] < bytes.count else { return .respond(status: 416) }
            let last = min(ends[1], bytes.count - 1)
            return .respond(
                status: 206, headers: ["Content-Range": "bytes \(ends[0])-\(last)/\(bytes.count)"],
                body: Array(bytes[ends[0]...last]))
        }
    }

    @Test(arguments: [true, false])
    func aRangeIsExactWhetherTheServerHonoursItOrNot(honoursRanges: Bool) throws {
        let bytes = HTTPClientTests.pattern(2_000_000)
        let server = try Self.rangeServer(bytes, honoursRanges: honoursRanges)
        defer { server.stop() }
        let client = try HTTPClient()
        let ranges: [Range<Int64>] = [0..<1, 5..<10, 1_999_999..<2_000_000, 0..<2_000_000, 700_000..<1_700_001]
        for range in ranges {
            let wanted = Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)])
            let request = HTTPRequest(.get, server.endpoint + "/", range: range, responseLimitBytes: range.count)
            #expect(try client.execute(request).body == wanted)
            var streamed: [UInt8] = []
            _ = try client.stream(request) { streamed += $0 }
            #expect(streamed == wanted)
        }
    }

    @Test(arguments: [true, false])
    func aRangeBeyondTheEndIsTruncatedAndNotTriedAgain(honoursRanges: Bool) throws {
        let server = try Self.rangeServer(HTTPClientTests.pattern(100), honoursRanges: honoursRanges)
        defer { server.stop() }
        let client = try HTTPClient()
        let error = HTTPClientTests.failure { () throws(HTTPTransferError) in
            _ = try client.execute(HTTPRequest(.get, server.endpoint + "/", range: 90..<110))
        }
        #expect(error?.code == .truncated)
        #expect(error?.isRetryable == false)
    }

    @Test func anotherRangeThanAskedIsAnError() throws {
        let server = try FaultyHTTPServer { _ in
            .respond(status: 206, headers: ["Content-Range": "bytes 6-10/100"], body: [1, 2, 3, 4, 5])
        }
        defer { server.stop() }
        let client = try HTTPClient()
        let error = HTTPClientTests.failure { () throws(HTTPTransferError) in
            _ = try client.execute(HTTPRequest(.get, server.endpoint + "/", range: 5..<10))
        }
        #expect(error?.code == .other)
    }

    @Test func aSlowConsumerHoldsTheServerUpInsteadOfFillingMemory() throws {
        let total = 48 << 20
        let bytes = HTTPClientTests.pattern(total)
        let server = try FaultyHTTPServer { _ in .respond(status: 200, body: bytes) }
        defer { server.stop() }
        let client = try HTTPClient(configuration: HTTPClientConfiguration(streamBufferBytes: 256 << 10))
        var received = 0
        var isRight = true
        // The stall limit is far below the time the consumer takes: waiting for it is not the server's silence.
        let timeouts = HTTPTimeouts(stall: .milliseconds(300), answer: .seconds(30))
        let response = try client.stream(HTTPRequest(.get, server.endpoint + "/", timeouts: timeouts)) { piece in
            if received == 0 { try client.pause(.milliseconds(600)) }
            isRight = isRight && piece.count <= 128 << 10 && bytes[received] == piece[0]
            received += piece.count
        }
        #expect(received == total)
        #expect(isRight)
        #expect(response.body.isEmpty)
    }

    @Test func aConsumerThatThrowsEndsTheTransfer() throws {
        let server = try FaultyHTTPServer { _ in .respond(status: 200, body: HTTPClientTests.pattern(4 << 20)) }
        defer { server.stop() }
        let client = try HTTPClient()
        let error = HTTPClientTests.failure { () throws(HTTPTransferError) in
            _ = try client.stream(HTTPRequest(.get, server.endpoint + "/")) { _ in throw Enough() }
        }
        #expect(error?.code == .bodyConsumer)
        #expect(error?.cause is Enough)
        #expect(client.load.running <= 1)
    }

    @Test func aRefusalIsReturnedAndNotStreamed() throws {
        let server = try FaultyHTTPServer { _ in .respond(status: 503, body: Array("busy".utf8)) }
        defer { server.stop() }
        var streamed = 0
        let response = try HTTPClient().stream(HTTPRequest(.get, server.endpoint + "/")) { streamed += $0.count }
        #expect(response.status == 503)
        #expect(response.body == Array("busy".utf8))
        #expect(streamed == 0)
    }

    @Test func aFetcherDownloadsRangesAndRefusals() throws {
        let bytes = HTTPClientTests.pattern(500_000)
        let server = try FaultyHTTPServer { request in
            request.path == "/f" ? .respond(status: 200, body: bytes) : .respond(status: 404, body: Array("no".utf8))
        }
        defer { server.stop() }
        let fetcher = CurlFetcher(client: try HTTPClient())
        var whole: [UInt8] = []
        try fetcher.fetch(server.endpoint + "/f", range: nil, timeoutSeconds: 30) { whole += $0 }
        #expect(whole == bytes)
        var part: [UInt8] = []
        try fetcher.fetch(server.endpoint + "/f", range: 400_000..<400_010, timeoutSeconds: 30) { part += $0 }
        #expect(part == Array(bytes[400_000..<400_010]))
        do {
            try fetcher.fetch(server.endpoint + "/none?token=t0p", range: nil, timeoutSeconds: 30) { _ in }
            Issue.record("a 404 did not throw")
        } catch let error as HTTPFetchError {
            #expect(error.httpStatus == 404)
            #expect(!error.isRetryable)
            #expect(!error.description.contains("t0p"))
        }
        #expect(throws: Enough.self) {
            try fetcher.fetch(server.endpoint + "/f", range: nil, timeoutSeconds: 30) { _ in throw Enough() }
        }
    }

    @Test func aFetchHasADeadline() throws {
        let server = try FaultyHTTPServer { _ in .silence }
        defer { server.stop() }
        let fetcher = CurlFetcher(client: try HTTPClient())
        do {
            try fetcher.fetch(server.endpoint + "/f", range: nil, timeoutSeconds: 1) { _ in }
            Issue.record("a silent server did not time out")
        } catch let error as HTTPFetchError {
            #expect(error.isRetryable)
            #expect(error.httpStatus == 0)
        }
    }
}
