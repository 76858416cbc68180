internal import Synchronization

/// What long messages take together. A short one is not counted: there are no more of these than connections.
final class MessageMemory: Sendable {
    static let uncounted = 64 << 10
    private static let step = 1 << 20

    private let limit: Int
    private let taken = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    /// Makes room for a message of this size.
    /// - Parameter share: what the connection has; it grows.
    func make(room bytes: Int, share: inout Int) -> Bool {
        guard bytes > Self.uncounted, bytes > share else { return true }
        let more = (bytes - share + Self.step - 1) / Self.step * Self.step
        if taken.add(more, ordering: .relaxed).newValue <= limit {
            share += more
            return true
        }
        taken.subtract(more, ordering: .relaxed)
        return false
    }

    func release(_ share: inout Int) {
        taken.subtract(share, ordering: .relaxed)
        share = 0
    }

    /// What is counted now.
    var used: Int { taken.load(ordering: .relaxed) }
}
