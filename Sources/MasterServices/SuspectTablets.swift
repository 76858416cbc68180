internal import Synchronization
public import TabletModel

/// Tablets that somebody found reason to suspect: the scheduler looks at them with its next round instead of the checker's.
/// Any thread. A full list loses nothing: the checker finds every tablet in need.
public final class SuspectTablets: Sendable {
    static let limit = 10_000
    private let tablets = Mutex<Set<TabletID>>([])

    public func add(_ new: some Sequence<TabletID>) {
        tablets.withLock { tablets in
            for tablet in new where tablets.count < Self.limit { tablets.insert(tablet) }
        }
    }

    /// Ascending; the list is empty afterwards.
    public func take() -> [TabletID] {
        let taken = tablets.withLock { tablets in
            let taken = tablets
            tablets = []
            return taken
        }
        return taken.sorted()
    }
}
