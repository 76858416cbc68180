public import Platform
public import TabletModel

/// Downloads over the shared HTTP client: the file of a PUSH, a clone's files. Follows redirects on the URL's own
/// scheme.
public struct CurlFetcher: HTTPFetcher {
    private let client: HTTPClient
    private let gate = FetchGate()
    /// Longest silence of the server.
    private let stallTimeout: Duration
    private let redirectLimit: Int

    public init(client: HTTPClient, stallTimeout: Duration = .seconds(30), redirectLimit: Int = 5) {
        self.client = client
        self.stallTimeout = stallTimeout
        self.redirectLimit = redirectLimit
    }

    public func fetch(
        _ url: String, range: Range<Int64>?, timeoutSeconds: Int64, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        if let range, range.isEmpty { return }
        try gate.check(url)
        let timeouts = HTTPTimeouts(
            connect: .seconds(5), stall: stallTimeout, answer: stallTimeout, total: .seconds(max(0, timeoutSeconds)))
        var request = HTTPRequest(
            .get, url, range: range, timeouts: timeouts, redirectLimit: redirectLimit, responseLimitBytes: 4096)
        request.isForPeer = true
        let response: HTTPResponse
        var isWanted = true
        do {
            var begun: HTTPTransfer?
            defer { if let begun, !gate.leave(begun) { isWanted = false } }
            response = try client.stream(
                request,
                onStart: { transfer in
                    begun = transfer
                    if !gate.enter(transfer) { client.cancel(transfer) }
                }, body)
        } catch {
            if error.code == .cancelled, !isWanted { throw FetchGate.refusal(url) }
            if error.code == .bodyConsumer, let cause = error.cause { throw cause }
            throw HTTPFetchError(
                url: error.url, httpStatus: error.httpStatus, message: error.message, isRetryable: error.isRetryable)
        }
        guard response.status == 200 || response.status == 206 else {
            throw HTTPFetchError(
                url: url, httpStatus: response.status,
                message: CurlFetcher.firstLine(response.body),
                isRetryable: response.status >= 500 || response.status == 429 || response.status == 408)
        }
    }

    public func refuse(_ origins: Set<NetworkAddress>, revision: UInt64) {
        for transfer in gate.refuse(origins, revision: revision) { client.cancel(transfer) }
    }

    /// What the server said, in one short printable line.
    private static func firstLine(_ body: [UInt8]) -> String {
        let line = body.prefix(200).prefix { $0 >= 32 && $0 < 127 }
        return line.isEmpty ? "refused" : "refused: " + String(decoding: line, as: UTF8.self)
    }
}
