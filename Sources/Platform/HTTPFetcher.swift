public import TabletModel

/// Downloads over HTTP: the file of a PUSH, a clone's files. Blocking.
public protocol HTTPFetcher: Sendable {
    /// Streams the body of a 200/206 answer to `body` in order, in pieces. Throws `HTTPFetchError`, or what `body` throws
    /// (which ends the transfer). `range` asks for a part.
    func fetch(
        _ url: String, range: Range<Int64>?, timeoutSeconds: Int64, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws

    /// Runs the downloads, several at once where the implementation can (up to `parallel`), and returns when all have
    /// ended: one result each, in order. A failed one does not stop the others.
    func fetchAll(_ downloads: [HTTPDownload], parallel: Int) -> [Result<Void, any Error>]

    /// Nothing is fetched from these addresses any more, as URLs name them: what is under way from there fails at once, and
    /// what is begun later, too. They stand in place of those named before; of two calls the one of the higher revision
    /// counts, whichever comes last.
    func refuse(_ origins: Set<NetworkAddress>, revision: UInt64)
}

/// One of several downloads. `body` gets the pieces in order, on one thread at a time, which need not be the caller's.
public struct HTTPDownload: Sendable {
    public var url: String
    public var range: Range<Int64>?
    public var timeoutSeconds: Int64
    public var body: @Sendable (UnsafeRawBufferPointer) throws -> Void

    public init(
        url: String, range: Range<Int64>? = nil, timeoutSeconds: Int64,
        body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) {
        self.url = url
        self.range = range
        self.timeoutSeconds = timeoutSeconds
        self.body = body
    }
}

extension HTTPFetcher {
    /// For fetchers that never wait for anybody.
    public func refuse(_ origins: Set<NetworkAddress>, revision: UInt64) {}

    /// One after the other.
    public func fetchAll(_ downloads: [HTTPDownload], parallel: Int) -> [Result<Void, any Error>] {
        downloads.map { download in
            Result {
                try fetch(
                    download.url, range: download.range, timeoutSeconds: download.timeoutSeconds, download.body)
            }
        }
    }
}

public struct HTTPFetchError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Without its secrets.
    public let url: String
    /// 0 when no response came.
    public var httpStatus: Int
    public var message: String
    public var isRetryable: Bool
    public init(url: String, httpStatus: Int = 0, message: String, isRetryable: Bool) {
        self.url = redactedURL(url)
        self.httpStatus = httpStatus
        self.message = message
        self.isRetryable = isRetryable
    }
    public var description: String { "GET \(url): \(message)" + (httpStatus == 0 ? "" : " (HTTP \(httpStatus))") }
}
