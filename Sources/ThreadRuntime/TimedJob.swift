internal import Platform
internal import Synchronization

/// A job with a timer: runs once, unless it is cancelled first. Both release what the closure holds.
final class TimedJob: ScheduledJob {
    private let body: Mutex<(@Sendable () -> Void)?>

    init(_ body: @escaping @Sendable () -> Void) { self.body = Mutex(body) }

    var isWaiting: Bool { body.withLock { $0 != nil } }

    func cancel() { _ = takeBody() }

    func run() { takeBody()?() }

    private func takeBody() -> (@Sendable () -> Void)? { body.withLock { $0.take() } }
}
