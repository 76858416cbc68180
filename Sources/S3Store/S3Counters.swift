internal import CurlHTTP
internal import Synchronization

/// Requests to object stores since the start, retries included, and the bytes of bodies. Thread-safe.
public final class S3Counters: Sendable {
    public enum Method: String, CaseIterable, Sendable {
        case get, head, put, post, delete
    }

    private struct Requests: Sendable {
        var succeeded: [Method: Int64] = [:]
        var failed: [Method: Int64] = [:]
        var sentBytes: Int64 = 0
        var receivedBytes: Int64 = 0
    }

    private let requests = Mutex(Requests())

    init() {}

    public func succeeded(_ method: Method) -> Int64 { requests.withLock { $0.succeeded[method] ?? 0 } }
    public func failed(_ method: Method) -> Int64 { requests.withLock { $0.failed[method] ?? 0 } }
    /// Of requests that succeeded.
    public var sentBytes: Int64 { requests.withLock { $0.sentBytes } }
    public var receivedBytes: Int64 { requests.withLock { $0.receivedBytes } }

    func note(_ call: S3Call, succeeded: Bool, receivedBytes: Int64) {
        guard let method = Method(rawValue: call.method.rawValue.lowercased()) else { return }
        requests.withLock { requests in
            guard succeeded else { return requests.failed[method, default: 0] += 1 }
            requests.succeeded[method, default: 0] += 1
            requests.sentBytes += call.body?.sizeBytes ?? 0
            requests.receivedBytes += receivedBytes
        }
    }
}
