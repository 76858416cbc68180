internal import NativeThreads
public import ServiceLifecycle

/// A part of a daemon that has threads of its own: starts when the group starts it, runs until graceful shutdown, then
/// stops on a thread where blocking is allowed. Waits for the ports that it needs first.
public struct ThreadedService: Service {
    private let port: BoundPort?
    private let onStart: @Sendable (_ port: Int) throws -> Void
    private let onStop: @Sendable () -> Void

    /// - Parameters:
    ///   - port: `onStart` is called once it is known, and gets it; nil: at once, with 0. When the daemon ends before it is
    ///     known, neither `onStart` nor `onStop` is called.
    ///   - onStart: an error ends the daemon.
    ///   - onStop: also called when `onStart` threw, to take back what it had begun.
    public init(
        after port: BoundPort? = nil, onStart: @escaping @Sendable (_ port: Int) throws -> Void = { _ in },
        onStop: @escaping @Sendable () -> Void
    ) {
        self.port = port
        self.onStart = onStart
        self.onStop = onStop
    }

    public func run() async throws {
        var bound = 0
        if let port {
            guard let known = await port.value else { return }
            bound = known
        }
        let failure = await onThread { [onStart, bound] in try onStart(bound) }
        // Cancellation is what ends the wait when another service failed: stopping follows in both cases.
        if failure == nil { do { try await gracefulShutdown() } catch {} }
        _ = await onThread { [onStop] in onStop() }
        if let failure { throw failure }
    }

    /// What the work threw.
    private func onThread(_ work: @escaping @Sendable () throws -> Void) async -> (any Error)? {
        await withCheckedContinuation { continuation in
            let settle: @Sendable () -> Void = {
                do {
                    try work()
                    continuation.resume(returning: nil)
                } catch {
                    continuation.resume(returning: error)
                }
            }
            // No thread to be had: the caller's own must do, late rather than never.
            if NativeThread.start(name: "service", settle) != 0 { settle() }
        }
    }
}
