import CurlHTTP
import NativeThreads
import Platform
import ServerFixtures
import Synchronization
import Testing

/// Several downloads at once.
@Suite struct FetchAllTests {
    private static func content(_ path: String) -> [UInt8] {
        HTTPClientTests.pattern(100_000 + path.utf8.reduce(0) { $0 + Int($1) })
    }

    @Test(arguments: [1, 3, 20])
    func everyDownloadGetsItsBodyInOrderAndItsResultInItsPlace(parallel: Int) throws {
        let server = try FaultyHTTPServer { request in
            request.path == "/4"
                ? .respond(status: 404, body: Array("not here".utf8))
                : .respond(status: 200, body: Self.content(request.path))
        }
        defer { server.stop() }
        let fetcher = CurlFetcher(client: try HTTPClient())
        let bodies = Mutex<[Int: [UInt8]]>([:])
        let downloads = (0..<10).map { number in
            HTTPDownload(url: "\(server.endpoint)/\(number)", timeoutSeconds: 30) { piece in
                bodies.withLock { $0[number, default: []] += piece }
            }
        }
        let results = fetcher.fetchAll(downloads, parallel: parallel)
        #expect(results.count == 10)
        for (number, result) in results.enumerated() {
            if number == 4 {
                let error = #expect(throws: HTTPFetchError.self) { try result.get() }
                #expect(error?.httpStatus == 404)
            } else {
                #expect(throws: Never.self) { try result.get() }
                #expect(bodies.withLock { $0[number] } == Self.content("/\(number)"))
            }
        }
    }

    @Test func theyReallyRunAtTheSameTime() throws {
        // No answer comes before three are asked for.
        let asked = Monitor(0)
        let server = try FaultyHTTPServer { _ in
            asked.update { $0 += 1 }
            let all: Bool? = asked.wait(upTo: .seconds(20)) { $0 >= 3 ? true : nil }
            return .respond(status: all == true ? 200 : 500, body: [1])
        }
        defer { server.stop() }
        let fetcher = CurlFetcher(client: try HTTPClient())
        let downloads = (0..<3).map { HTTPDownload(url: "\(server.endpoint)/\($0)", timeoutSeconds: 30) { _ in } }
        for result in fetcher.fetchAll(downloads, parallel: 3) { #expect(throws: Never.self) { try result.get() } }
    }

    @Test func whatABodyThrowsEndsItsDownloadAlone() throws {
        struct Enough: Error {}
        let server = try FaultyHTTPServer { _ in .respond(status: 200, body: Self.content("/")) }
        defer { server.stop() }
        let fetcher = CurlFetcher(client: try HTTPClient())
        let results = fetcher.fetchAll(
            (0..<4).map { number in
                HTTPDownload(url: "\(server.endpoint)/", timeoutSeconds: 30) { _ in if number == 2 { throw Enough() } }
            }, parallel: 2)
        for (number, result) in results.enumerated() {
            if number == 2 {
                #expect(throws: Enough.self) { try result.get() }
            } else {
                #expect(throws: Never.self) { try result.get() }
            }
        }
        #expect(fetcher.fetchAll([], parallel: 4).isEmpty)
    }

    @Test func aRangeIsFetchedAlone() throws {
        let bytes = HTTPClientTests.pattern(5000)
        let server = try HTTPStreamTests.rangeServer(bytes, honoursRanges: true)
        defer { server.stop() }
        let fetcher = CurlFetcher(client: try HTTPClient())
        let got = Mutex<[UInt8]>([])
        let download = HTTPDownload(url: server.endpoint + "/", range: 100..<200, timeoutSeconds: 30) { piece in
            got.withLock { $0 += piece }
        }
        for result in fetcher.fetchAll([download], parallel: 4) { try result.get() }
        #expect(got.withLock { $0 } == Array(bytes[100..<200]))
    }
}
