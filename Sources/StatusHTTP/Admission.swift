internal import Synchronization

/// Counts calls that are in, and refuses more than a limit.
final class Admission: Sendable {
    private let limit: Int
    private let inside = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    func enter() -> Bool {
        let (_, now) = inside.add(1, ordering: .relaxed)
        if now <= limit { return true }
        leave()
        return false
    }

    func leave() { inside.subtract(1, ordering: .relaxed) }
}
