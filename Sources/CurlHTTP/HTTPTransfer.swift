internal import NativeThreads
internal import Synchronization

/// A request that was started. Any thread may wait for it, more than once.
public final class HTTPTransfer: Sendable {
    /// Where the body of a 2xx answer goes.
    enum Sink: Sendable {
        case collect
        case pipe(BodyPipe)
    }

    struct Outcome: Sendable {
        var result: Result<HTTPResponse, HTTPTransferError>
        var httpStatus: Int
    }

    public let request: HTTPRequest
    let sink: Sink
    private let outcome = Monitor<Outcome?>(nil)
    private let cancelled = Atomic<Bool>(false)
    private let onCompletion: (@Sendable () -> Void)?

    init(_ request: HTTPRequest, sink: Sink, onCompletion: (@Sendable () -> Void)?) {
        self.request = request
        self.sink = sink
        self.onCompletion = onCompletion
    }

    /// The answer, of any status. Blocks until it is complete or has failed.
    @available(*, noasync)
    public func wait() throws(HTTPTransferError) -> HTTPResponse { try waitForResult().result.get() }

    /// Blocks until the transfer has ended in whatever way. True when an answer came.
    @available(*, noasync)
    public func waitUntilEnded() -> Bool {
        if case .success = waitForResult().result { return true }
        return false
    }

    func waitForResult() -> Outcome { outcome.wait { $0 } }

    /// Called once, by the engine.
    /// - Parameter wasSent: curl had a connection for it, so that the server may have seen it.
    func complete(
        _ result: Result<HTTPResponse, HTTPTransferError>, httpStatus: Int = 0, wasSent: Bool = false
    ) {
        let result = result.mapError { error in
            var error = error
            error.isUnsent = !wasSent
            return error
        }
        if case .pipe(let pipe) = sink { pipe.end() }
        outcome.update { $0 = Outcome(result: result, httpStatus: httpStatus) }
        onCompletion?()
    }

    /// Before it starts, if it has not: the engine then never does.
    func markCancelled() { cancelled.store(true, ordering: .relaxed) }
    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    func error(
        _ code: HTTPTransferError.Code, curlCode: Int32 = 0, httpStatus: Int = 0, isRetryable: Bool = false,
        cause: (any Error)? = nil, _ message: String
    ) -> HTTPTransferError {
        HTTPTransferError(
            code, method: request.method, url: request.url, curlCode: curlCode, httpStatus: httpStatus,
            message: message, isRetryable: isRetryable, cause: cause)
    }
}
