import CLibcStandIns
import CurlHTTP
import Platform
import ServerFixtures
import Testing

/// A host that can't be found, or not now, is the trouble of its own requests alone.
@Suite(.serialized) struct BadHostTests {
    private static let timeouts = HTTPTimeouts(connect: .milliseconds(300), total: .seconds(30))

    private func failure(_ client: HTTPClient, _ url: String) -> HTTPTransferError? {
        HTTPClientTests.failure { () throws(HTTPTransferError) in
            _ = try client.execute(HTTPRequest(.get, url, timeouts: Self.timeouts))
        }
    }

    // found B5: curl leaves things behind in a handle that failed before it had a connection.
    @Test func aHostThatDoesNotResolveSpoilsNoLaterRequest() throws {
        let server = try FaultyHTTPServer { _ in .respond(status: 200, body: [7]) }
        defer { server.stop() }
        let client = try HTTPClient()
        for round in 0..<3 {
            let error = failure(client, "http://nowhere.lost.test/\(round)")
            #expect(error?.code == .resolve)
            #expect(error?.isRetryable == true)
            for _ in 0..<3 {
                #expect(try client.execute(HTTPRequest(.get, server.endpoint + "/")).body == [7])
            }
        }
    }

    // found B5: the same for each other way a transfer can end early.
    @Test func noFailedTransferSpoilsALaterOne() throws {
        let server = try FaultyHTTPServer { request in
            switch request.path {
            case "/reset": .reset
            case "/short": .truncated(declared: 100, body: [1])
            case "/silent": .silence
            default: .respond(status: 200, body: Array(repeating: 7, count: 1 << 20))
            }
        }
        defer { server.stop() }
        let client = try HTTPClient(configuration: HTTPClientConfiguration(maximumTransfers: 1))
        let quick = HTTPTimeouts(connect: .seconds(5), stall: .milliseconds(50), answer: .milliseconds(50))
        let free = try LoopbackSocket.freePort()
        let requests = [
            HTTPRequest(.get, server.endpoint + "/reset"), HTTPRequest(.get, server.endpoint + "/short"),
            HTTPRequest(.get, server.endpoint + "/silent", timeouts: quick),
            HTTPRequest(.get, "http://127.0.0.1:\(free)/"),
            HTTPRequest(.get, "https://127.0.0.1:\(server.port)/", timeouts: Self.timeouts),
            HTTPRequest(.get, "ftp://127.0.0.1/"), HTTPRequest(.get, "http://"),
            HTTPRequest(.get, server.endpoint + "/", headers: [HTTPHeader("Bad", "a\nb")]),
            HTTPRequest(.get, server.endpoint + "/", responseLimitBytes: 10),
            HTTPRequest(.get, "http://nowhere.lost.test/"),
        ]
        for request in requests {
            let error = HTTPClientTests.failure { () throws(HTTPTransferError) in _ = try client.execute(request) }
            #expect(error != nil)
            #expect(try client.execute(HTTPRequest(.get, server.endpoint + "/good")).status == 200)
        }
    }

    // found D7: curl waits for a lookup under way when its transfer ends, and with it would every other one.
    @Test func aNameServerThatIsSilentHoldsUpNoOtherRequest() throws {
        let server = try FaultyHTTPServer { _ in .respond(status: 200, body: [7]) }
        defer { server.stop() }
        let client = try HTTPClient()
        stand_in_hang_lookups()
        defer { stand_in_let_lookups_go() }
        #expect(failure(client, "http://first.hangs.test/")?.code == .timeout)
        let waiting = try client.start(HTTPRequest(.get, "http://second.hangs.test/"))
        client.cancel(waiting)
        #expect(!waiting.waitUntilEnded())
        #expect(try client.execute(HTTPRequest(.get, server.endpoint + "/")).body == [7])
        // Both were ended by us; nobody had answered.
        #expect(stand_in_hanging_lookups() >= 1)
    }
}
