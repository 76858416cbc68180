internal import Glibc

/// Tells a scheduler's own threads from others.
///
/// `@unchecked Sendable`: the key is set once, in `init`.
final class WorkerMark: @unchecked Sendable {
    private let key: pthread_key_t

    init() {
        var made = pthread_key_t()
        let code = pthread_key_create(&made, nil)
        precondition(code == 0, "pthread_key_create failed with \(code)")
        key = made
    }

    deinit { pthread_key_delete(key) }

    func setOnThisThread() { pthread_setspecific(key, UnsafeRawPointer(bitPattern: 1)) }
    var isSetOnThisThread: Bool { pthread_getspecific(key) != nil }
}
