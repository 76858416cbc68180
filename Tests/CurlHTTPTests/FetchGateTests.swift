import CurlHTTP
import Foundation
import Platform
import ServerFixtures
import Synchronization
import TabletModel
import Testing

/// Servers that nobody wants to hear from any more.
@Suite struct FetchGateTests {
    /// Nothing is sent but a part of the answer: as from a machine that was stopped.
    private final class HungServer: Sendable {
        let server: FaultyHTTPServer
        private let asked: DispatchSemaphore

        init() throws {
            let asked = DispatchSemaphore(value: 0)
            server = try FaultyHTTPServer { request in
                asked.signal()
                return request.path == "/silent" ? .silence : .stall(declared: 10, body: Array("abc".utf8))
            }
            self.asked = asked
        }

        var address: NetworkAddress { NetworkAddress(host: "127.0.0.1", port: Int32(server.port)) }
        func awaitRequest() { #expect(asked.wait(timeout: .now() + 30) == .success) }
    }

    private func fetcher() throws -> CurlFetcher {
        CurlFetcher(client: try HTTPClient(), stallTimeout: .seconds(300))
    }

    @Test(arguments: ["/silent", "/begun"])
    func aTransferUnderWayEndsAtOnceWhenItsServerIsRefused(path: String) throws {
        let (hung, fetcher) = (try HungServer(), try fetcher())
        defer { hung.server.stop() }
        let ended = DispatchSemaphore(value: 0)
        let failure = Mutex<(any Error)?>(nil)
        Thread.detachNewThread {
            do {
                try fetcher.fetch(hung.server.endpoint + path, range: nil, timeoutSeconds: 300) { _ in }
            } catch {
                failure.withLock { $0 = error }
            }
            ended.signal()
        }
        hung.awaitRequest()
        fetcher.refuse([NetworkAddress(host: "127.0.0.1", port: 1)], revision: 1)
        #expect(ended.wait(timeout: .now() + .milliseconds(100)) == .timedOut)
        fetcher.refuse([hung.address], revision: 2)
        #expect(ended.wait(timeout: .now() + 10) == .success)
        let error = failure.withLock { $0 } as? HTTPFetchError
        #expect(error?.message == "nothing is fetched from there any more", "\(String(describing: error))")
    }

    @Test func whatBeginsLaterIsRefusedWithoutARequestUntilTheServerIsWantedAgain() throws {
        let server = try FaultyHTTPServer { _ in .respond(status: 200, body: Array("abc".utf8)) }
        defer { server.stop() }
        let (fetcher, address) = (try fetcher(), NetworkAddress(host: "127.0.0.1", port: Int32(server.port)))
        func fetch() throws {
            try fetcher.fetch(server.endpoint + "/file?token=t", range: nil, timeoutSeconds: 30) { _ in }
        }
        fetcher.refuse([address], revision: 5)
        #expect(throws: HTTPFetchError.self) { try fetch() }
        // Said earlier, heard later.
        fetcher.refuse([], revision: 4)
        #expect(throws: HTTPFetchError.self) { try fetch() }
        #expect(server.requests.isEmpty)
        fetcher.refuse([], revision: 6)
        try fetch()
        #expect(server.requests.count == 1)
    }
}
