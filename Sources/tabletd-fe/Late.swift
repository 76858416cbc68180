import Synchronization

/// A value that is known a moment later than who asks for it. It is kept for as long as this is.
final class Late<Value: Sendable>: Sendable {
    private let held = Mutex<Value?>(nil)

    var value: Value? {
        get { held.withLock { $0 } }
        set { held.withLock { $0 = newValue } }
    }
}
