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
    public var cause: (any Error)?

    public init(
        _ code: Code, method: HTTPMethod, url: String, curlCode: Int32 = 0, httpStatus: Int = 0, message: String,
        isRetryable: Bool, cause: (any Error)? = nil
    ) {
        self.code = code
        self.method = method
        self.url = HTTPTransferError.withoutQuery(url)
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

    /// Cuts the query and the `user:password@` of a URL.
    static func withoutQuery(_ url: String) -> String {
        var kept = url[...]
        if let query = kept.firstIndex(where: { $0 == "?" || $0 == "#" }) { kept = kept[..<query] }
        guard let scheme = kept.firstRange(ofASCII: "://") else { return String(kept) }
        let afterScheme = kept[scheme.upperBound...]
        let authorityEnd = afterScheme.firstIndex(of: "/") ?? afterScheme.endIndex
        guard let at = afterScheme[..<authorityEnd].lastIndex(of: "@") else { return String(kept) }
        return String(kept[..<scheme.upperBound]) + String(kept[kept.index(after: at)...])
    }
}

extension Substring {
    /// The first place of a short ASCII text.
    func firstRange(ofASCII text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
