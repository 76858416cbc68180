internal import Platform

/// An answer whose body comes as it comes: what a server says for as long as it is asked to. Made by `HTTPClient.open`. One
/// thread reads; any may `end` it. Dropping it ends the transfer.
public final class StreamedAnswer: Sendable {
    private let transfer: HTTPTransfer
    private let pipe: BodyPipe
    private let engine: TransferEngine

    init(_ transfer: HTTPTransfer, pipe: BodyPipe, engine: TransferEngine) {
        self.transfer = transfer
        self.pipe = pipe
        self.engine = engine
    }

    deinit { end() }

    public enum Step: Sendable {
        /// Bytes of the body were handed out.
        case bytes
        /// Nothing came within the limit; the transfer goes on.
        case silence
        /// The answer is complete; its body is here only when its status is no success.
        case end(HTTPResponse)
    }

    /// Waits for the next bytes of the body and hands them to `body`.
    /// - Throws: `HTTPTransferError` when the transfer failed or was ended.
    @available(*, noasync)
    public func next(
        upTo limit: Duration, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(HTTPTransferError) -> Step {
        switch pipe.next(upTo: limit) {
        case .piece(let piece)?:
            body(piece.bytes)
            if pipe.release(piece) { engine.resume(transfer) }
            return .bytes
        case .end?: return .end(try transfer.wait())
        case nil: return .silence
        }
    }

    /// Ends the transfer, if it still runs: the reader's call then throws `cancelled`. Does not wait.
    public func end() { engine.cancel(transfer) }
}
