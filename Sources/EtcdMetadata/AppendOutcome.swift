internal import NativeThreads
internal import Synchronization

/// What became of an append, for the one that was sent behind it. Any thread.
final class AppendOutcome: Sendable {
    enum Value: Sendable { case durable, refused, unknown }

    private let ended = Latch()
    private let value = Mutex<Value?>(nil)

    /// Once.
    func tell(_ value: Value) {
        self.value.withLock { $0 = value }
        ended.open()
    }

    var isTold: Bool { value.withLock { $0 != nil } }

    func wait() -> Value {
        ended.wait()
        return value.withLock { $0! }
    }
}
