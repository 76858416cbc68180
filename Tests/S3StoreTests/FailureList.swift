import Synchronization

/// Errors of worker threads.
final class FailureList: Sendable {
    private let failures = Mutex<[any Error]>([])
    func add(_ error: any Error) { failures.withLock { $0.append(error) } }
    var first: (any Error)? { failures.withLock { $0.first } }
}
