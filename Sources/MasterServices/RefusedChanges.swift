internal import Synchronization

/// Whether changes were refused lately, with nothing in doubt: what they belonged to may wait for the journal, and no settlement
/// tells it to go on. Any thread.
public final class RefusedChanges: Sendable {
    private let isNew = Atomic(false)

    func note() { isNew.store(true, ordering: .relaxed) }

    /// Whether one was since the last time that this was asked.
    public func take() -> Bool { isNew.exchange(false, ordering: .relaxed) }
}
