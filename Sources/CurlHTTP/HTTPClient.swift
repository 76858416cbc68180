/// The HTTP client of the whole project: S3, downloads for PUSH and clone, `tabletctl`'s calls.
///
/// Blocking and thread-safe. All transfers of a client run on one curl multi handle driven by one named thread, so they
/// share connections, and a client with 50 uploads in flight costs one thread. Make one and share it.
/// Dropping the last reference, or `shutdown()`, ends the thread; transfers in flight fail as `cancelled`.
public final class HTTPClient: Sendable {
    public let configuration: HTTPClientConfiguration
    private let engine: TransferEngine

    /// Starts the engine's thread. Throws when curl or the thread can't be set up.
    public init(configuration: HTTPClientConfiguration = HTTPClientConfiguration()) throws {
        self.configuration = configuration
        self.engine = try TransferEngine(configuration: configuration)
    }

    deinit { engine.stop() }

    /// Sends the request and waits for the whole answer, of any status. Blocking.
    /// - Throws: `HTTPTransferError` when no complete answer came.
    @available(*, noasync)
    public func execute(_ request: HTTPRequest) throws(HTTPTransferError) -> HTTPResponse {
        let transfer = try start(request)
        return try transfer.wait()
    }

    /// Starts the request and returns at once: for callers that keep several in flight and `wait` for each.
    /// - Parameter onCompletion: called once on the engine's thread, after which `wait` no longer blocks. It must be
    ///   short and must not block; nil when nobody needs telling.
    /// - Throws: `queueFull`, `cancelled` or `invalidRequest`; nothing was sent then and `onCompletion` is not called.
    public func start(
        _ request: HTTPRequest, onCompletion: (@Sendable () -> Void)? = nil
    ) throws(HTTPTransferError) -> HTTPTransfer {
        let transfer = HTTPTransfer(request, sink: .collect, onCompletion: onCompletion)
        try engine.submit(transfer)
        return transfer
    }

    /// Sends the request and hands the body of a 2xx answer to `body` in order, on the calling thread; at most
    /// `streamBufferBytes` wait for it. Bodies of other statuses are returned in the response (up to
    /// `responseLimitBytes`). What `body` throws ends the transfer and is the `cause` of a `bodyConsumer` error.
    /// With `request.range`, `body` gets exactly the bytes of the window; an answer that ends before it is `truncated`.
    /// - Parameters:
    ///   - onStart: gets the transfer before anything is awaited, for whoever may have to `cancel` it.
    ///   - onHead: gets status and headers before the first piece of a body; what it throws is as if `body` did.
    @available(*, noasync)
    public func stream(
        _ request: HTTPRequest, onStart: (HTTPTransfer) -> Void = { _ in },
        onHead: (HTTPResponse) throws -> Void = { _ in }, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws(HTTPTransferError) -> HTTPResponse {
        let pipe = BodyPipe(limitBytes: configuration.streamBufferBytes)
        let transfer = HTTPTransfer(request, sink: .pipe(pipe), onCompletion: nil)
        try engine.submit(transfer)
        onStart(transfer)
        var failure: (any Error)?
        while let piece = pipe.next() {
            do {
                if let head = pipe.takeHead() { try onHead(head) }
                try body(piece.bytes)
            } catch {
                failure = error
                break
            }
            if pipe.release(piece) { engine.resume(transfer) }
        }
        guard let failure else { return try transfer.wait() }
        pipe.abandon()
        engine.resume(transfer)
        // The engine must be done with the transfer before the consumer's stack goes away.
        let ended = transfer.waitForResult()
        throw HTTPTransferError(
            .bodyConsumer, method: request.method, url: request.url, httpStatus: ended.httpStatus,
            message: "the reader of the body stopped: \(failure)", isRetryable: false, cause: failure)
    }

    /// Sends the request and returns at once: the body of a 2xx answer is then read piece by piece, by one thread that need
    /// not wait for it for ever. - Throws: `queueFull`, `cancelled` or `invalidRequest`; nothing was sent then.
    public func open(_ request: HTTPRequest) throws(HTTPTransferError) -> StreamedAnswer {
        let pipe = BodyPipe(limitBytes: configuration.streamBufferBytes)
        let transfer = HTTPTransfer(request, sink: .pipe(pipe), onCompletion: nil)
        try engine.submit(transfer)
        return StreamedAnswer(transfer, pipe: pipe, engine: engine)
    }

    /// Ends a transfer, waiting or running; it fails as `cancelled`. One that has ended is left alone.
    public func cancel(_ transfer: HTTPTransfer) { engine.cancel(transfer) }

    /// Waits, unless the client shuts down first: then throws `cancelled`. What retries sleep with.
    @available(*, noasync)
    public func pause(_ duration: Duration) throws(HTTPTransferError) {
        guard engine.pause(duration) else {
            throw HTTPTransferError(
                .cancelled, method: .get, url: "", message: "the HTTP client is shutting down", isRetryable: false)
        }
    }

    /// Fails everything waiting or running as `cancelled` and ends the thread. Returns when it has ended. Idempotent;
    /// must not be called from `onCompletion`.
    public func shutdown() {
        engine.stop()
        engine.join()
    }

    /// Transfers waiting and running: for metrics.
    public var load: (waiting: Int, running: Int) { engine.load }
}
