internal import Glibc

/// Runs the work on a thread of its own that ends with it.
func startThread(_ work: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(ThreadWork(work))
    var thread = pthread_t()
    let result = pthread_create(
        &thread, nil,
        { context in
            let box = Unmanaged<ThreadWork>.fromOpaque(context!).takeRetainedValue()
            box.work()
            return nil
        }, box.toOpaque())
    if result == 0 {
        pthread_detach(thread)
    } else {
        // No thread to be had: the caller's own must do, late rather than never.
        box.takeRetainedValue().work()
    }
}

private final class ThreadWork: Sendable {
    let work: @Sendable () -> Void
    init(_ work: @escaping @Sendable () -> Void) { self.work = work }
}
