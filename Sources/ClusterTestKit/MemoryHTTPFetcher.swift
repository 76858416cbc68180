public import Platform
internal import Synchronization

/// Downloads answered from memory: by a table of bodies, or by a handler for URLs that are not in it. Any thread.
public final class MemoryHTTPFetcher: HTTPFetcher {
    public enum Reply: Sendable {
        case body([UInt8])
        /// The connection breaks after this many bytes.
        case truncated([UInt8], after: Int)
        case status(Int)
        case unreachable
    }

    private struct State {
        var replies: [String: Reply] = [:]
        var fetchCounts: [String: Int] = [:]
    }

    private let state = Mutex(State())
    private let handler: (@Sendable (String) -> Reply)?
    private let pieceBytes: Int

    /// - Parameter handler: asked for URLs that `set` did not name; without it they are 404.
    public init(pieceBytes: Int = 64 << 10, handler: (@Sendable (String) -> Reply)? = nil) {
        self.pieceBytes = pieceBytes
        self.handler = handler
    }

    public func set(_ url: String, _ reply: Reply?) { state.withLock { $0.replies[url] = reply } }

    /// How often each URL was fetched.
    public var fetchCounts: [String: Int] { state.withLock { $0.fetchCounts } }

    public func fetch(
        _ url: String, range: Range<Int64>?, timeoutSeconds: Int64, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let known = state.withLock { state in
            state.fetchCounts[url, default: 0] += 1
            return state.replies[url]
        }
        switch known ?? handler?(url) ?? .status(404) {
        case .body(let bytes):
            try send(bytes, range: range, url: url, body)
        case .truncated(let bytes, let count):
            try send(Array(bytes.prefix(count)), range: nil, url: url, body)
            throw HTTPFetchError(
                url: url, httpStatus: 200, message: "the connection broke after \(count) bytes", isRetryable: true)
        case .status(let status):
            throw HTTPFetchError(
                url: url, httpStatus: status, message: "the server refused", isRetryable: status >= 500)
        case .unreachable:
            throw HTTPFetchError(url: url, message: "connection refused", isRetryable: true)
        }
    }

    private func send(
        _ bytes: [UInt8], range: Range<Int64>?, url: String, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let wanted = range ?? 0..<Int64(bytes.count)
        guard wanted.lowerBound >= 0, wanted.lowerBound <= Int64(bytes.count) else {
            throw HTTPFetchError(url: url, httpStatus: 416, message: "range \(wanted) is outside", isRetryable: false)
        }
        let part = Int(wanted.lowerBound)..<min(bytes.count, Int(wanted.upperBound))
        try bytes.withUnsafeBytes { all in
            for start in stride(from: part.lowerBound, to: part.upperBound, by: pieceBytes) {
                try body(UnsafeRawBufferPointer(rebasing: all[start..<min(start + pieceBytes, part.upperBound)]))
            }
        }
    }
}
