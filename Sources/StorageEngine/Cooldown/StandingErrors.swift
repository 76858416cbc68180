internal import Synchronization
internal import TabletModel

/// The errors that stand: the newest failure of each thing that was tried, until it succeeds. Thread-safe; calls are short.
final class StandingErrors<Key: Hashable & Sendable>: Sendable {
    /// Failures remembered at most; a new one beyond it is left out.
    private let limit: Int
    private let errors = Mutex<[Key: StandingError]>([:])

    init(limit: Int) { self.limit = limit }

    func note(_ key: Key, _ message: String, at now: UnixTime) {
        errors.withLock { errors in
            if errors[key] == nil, errors.count >= limit { return }
            let since = errors[key]?.since ?? now
            errors[key] = StandingError(message: message, lastAt: now, since: since)
        }
    }

    /// - Returns: there was one.
    @discardableResult
    func clear(_ key: Key) -> Bool { errors.withLock { $0.isEmpty ? false : $0.removeValue(forKey: key) != nil } }
    func keep(where isKept: (Key) -> Bool) { errors.withLock { errors in errors = errors.filter { isKept($0.key) } } }
    var all: [Key: StandingError] { errors.withLock { $0 } }
}

/// One kind of request to one storage resource: a success of another kind says nothing of it.
struct ResourceRequest: Hashable, Sendable {
    enum Kind: String, Hashable, Sendable { case open, put, get, head, delete, list }
    var resource: String
    var kind: Kind
}
