internal import NativeThreads

/// Opens once; a thread waits for it by the monotonic clock. (`DispatchSemaphore` waits by the wall clock on Linux, which may
/// be set back meanwhile.)
public final class Latch: Sendable {
    private let isOpen = Monitor(false)

    public init() {}

    public func open() { isOpen.update { $0 = true } }

    /// Blocks until it is open; false when it is not after `limit`.
    public func wait(upTo limit: Duration) -> Bool { isOpen.wait(upTo: limit) { $0 ? true : nil } ?? false }
}
