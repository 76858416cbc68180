internal import Platform

/// An exchange that brought no complete answer. Never carries a header, a key or the query of the URL.
public struct HTTPTransferError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable {
        case invalidRequest, resolve, connect, tls, timeout, reset, truncated, tooLarge, redirect
        /// The client is shutting down.
        case cancelled
        /// More requests wait than `HTTPClientConfiguration.queueLimit`.
        case queueFull
        /// The source of the request's body failed: see `cause`.
        case bodySource
        /// The consumer of a streamed body threw: see `cause`.
        case bodyConsumer
        case other
    }

    public var code: Code
    public var method: HTTPMethod
    /// Without its query, which may hold a token.
    public var url: String
    /// `CURLcode`, 0 when curl is not the one who complains.
    public var curlCode: Int32
    /// 0 when no status line came.
    public var httpStatus: Int
    public var message: String
    /// Sending the same request again may succeed. Whether it may be sent twice is for the caller to know.
    public var isRetryable: Bool
    /// No connection was ever made for it: the server saw nothing of the request. When false, it may have carried it out.
    public var isUnsent = false
    public var cause: (any Error)?

    public init(
        _ code: Code, method: HTTPMethod, url: String, curlCode: Int32 = 0, httpStatus: Int = 0, message: String,
        isRetryable: Bool, cause: (any Error)? = nil
    ) {
        self.code = code
        self.method = method
        self.url = redactedURL(url)
        self.curlCode = curlCode
        self.httpStatus = httpStatus
        self.message = message
        self.isRetryable = isRetryable
        self.cause = cause
    }

    public var description: String {
        let status = httpStatus == 0 ? "" : ", HTTP \(httpStatus)"
        let curl = curlCode == 0 ? "" : ", curl \(curlCode)"
        return "\(method.rawValue) \(url): \(message) (\(code.rawValue)\(status)\(curl))"
    }
}
