/// Downloads over HTTP: the file of a PUSH, a clone's files. Blocking.
public protocol HTTPFetcher: Sendable {
    /// Streams the body of a 200/206 answer to `body` in order, in pieces. Throws `HTTPFetchError`, or what `body` throws
    /// (which ends the transfer). `range` asks for a part.
    func fetch(
        _ url: String, range: Range<Int64>?, timeoutSeconds: Int64, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws
}

public struct HTTPFetchError: Error, Hashable, Sendable, CustomStringConvertible {
    public var url: String
    /// 0 when no response came.
    public var httpStatus: Int
    public var message: String
    public var isRetryable: Bool
    public init(url: String, httpStatus: Int = 0, message: String, isRetryable: Bool) {
        self.url = url
        self.httpStatus = httpStatus
        self.message = message
        self.isRetryable = isRetryable
    }
    public var description: String { "GET \(url): \(message)" + (httpStatus == 0 ? "" : " (HTTP \(httpStatus))") }
}
