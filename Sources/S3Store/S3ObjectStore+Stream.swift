internal import CurlHTTP
internal import NativeThreads
internal import Platform

extension S3ObjectStore {
    /// Streams the range; a connection that breaks goes on where it broke. Memory holds the client's stream buffer.
    @available(*, noasync)
    public func read(_ key: String, range: Range<Int64>, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try check(key: key, "GetObject")
        var offset = range.lowerBound
        var retry = RetryDecision(settings: settings.retry)
        while offset < range.upperBound {
            let call = S3Call(operation: "GetObject", method: .get, key: key, range: offset..<range.upperBound)
            let begun = offset
            let failure: AttemptFailure
            switch try stream(
                call,
                { piece in
                    try body(piece)
                    offset += Int64(piece.count)
                })
            {
            case .success:
                guard offset < range.upperBound else { return }
                failure = AttemptFailure(
                    ObjectStoreError(
                        .truncated, operation: call.operation, key: key,
                        message: "the object ends at byte \(offset), \(range.upperBound) were expected"))
            case .failure(let found): failure = found
            }
            // Bytes came: what fails now is another failure.
            if offset > begun { retry = RetryDecision(settings: settings.retry) }
            try waitToRetry(&retry, after: failure, call)
        }
    }

    /// One try. Throws what the reader of the body threw.
    private func stream(
        _ call: S3Call, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Result<HTTPResponse, AttemptFailure> {
        permits.acquire()
        defer { permits.release() }
        do {
            return evaluate(.success(try client.stream(request(call), body)), call)
        } catch {
            if error.code == .bodyConsumer, let cause = error.cause { throw cause }
            return evaluate(.failure(error), call)
        }
    }

    /// Threads, the caller's among them, that take one index after the other; they end with the call. One that the system
    /// does not give is done without.
    @available(*, noasync)
    public func concurrently(_ count: Int, parallel: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let queue = IndexQueue(count: count, body: body)
        for number in 1..<max(1, min(parallel, count)) {
            queue.helperBegins()
            guard NativeThread.start(name: "s3-\(number)", { queue.help() }) == 0 else {
                queue.helperEnds()
                break
            }
        }
        queue.run()
        queue.waitForHelpers()
    }
}

/// Indexes that several threads work off.
private final class IndexQueue: Sendable {
    private struct State {
        var next = 0
        var helpers = 0
    }

    private let count: Int
    private let body: @Sendable (Int) -> Void
    private let state = Monitor(State())

    init(count: Int, body: @escaping @Sendable (Int) -> Void) {
        self.count = count
        self.body = body
    }

    func helperBegins() { state.update { $0.helpers += 1 } }
    func helperEnds() { state.update { $0.helpers -= 1 } }

    func help() {
        run()
        helperEnds()
    }

    /// Until nothing is left to begin.
    func run() { while let index = take() { body(index) } }

    private func take() -> Int? {
        state.update { state in
            guard state.next < count else { return nil }
            state.next += 1
            return state.next - 1
        }
    }

    func waitForHelpers() { state.wait { $0.helpers == 0 ? () : nil } }
}
