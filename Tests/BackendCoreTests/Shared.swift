import Synchronization

/// A value that a test and the closures it hands out share.
final class Shared<Value: Sendable>: Sendable {
    private let storage: Mutex<Value>
    init(_ value: Value) { storage = Mutex(value) }
    var value: Value {
        get { storage.withLock { $0 } }
        set { storage.withLock { $0 = newValue } }
    }
    /// Sets the value and gives the one before.
    func exchange(_ value: Value) -> Value {
        storage.withLock { stored in
            defer { stored = value }
            return stored
        }
    }
}
