internal import Logging
internal import NativeThreads
public import ServiceLifecycle

/// A part of a daemon that has threads of its own: starts when the group starts it, runs until graceful shutdown, then
/// stops on a thread where blocking is allowed. Waits for the ports that it needs first.
public struct ThreadedService: Service {
    private let port: BoundPort?
    private let onStart: @Sendable (_ port: Int) throws -> Void
    private let onStop: @Sendable () -> Void

    /// - Parameters:
    ///   - port: `onStart` is called once it is known, and gets it; nil: at once, with 0.
    ///   - onStart: an error ends the daemon.
    public init(
        after port: BoundPort? = nil, onStart: @escaping @Sendable (_ port: Int) throws -> Void = { _ in },
        onStop: @escaping @Sendable () -> Void
    ) {
        self.port = port
        self.onStart = onStart
        self.onStop = onStop
    }

    public func run() async throws {
        let bound = await port?.value ?? 0
        try await onThread { [onStart] in try onStart(bound) }
        // Cancellation is what ends the wait when another service failed: stopping follows in both cases.
        do { try await gracefulShutdown() } catch {}
        try await onThread { [onStop] in onStop() }
    }

    private func onThread(_ work: @escaping @Sendable () throws -> Void) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let settle: @Sendable () -> Void = { continuation.resume(with: Result { try work() }) }
            // No thread to be had: the caller's own must do, late rather than never.
            if NativeThread.start(name: "service", settle) != 0 { settle() }
        }
    }
}
