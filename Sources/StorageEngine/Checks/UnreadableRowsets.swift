internal import Platform
internal import Synchronization
internal import TabletModel

/// What a look at a rowset's bytes came to.
enum RowsetVerdict: Hashable, Sendable {
    case readable
    case unreadable(reason: String, isLocal: Bool)
    /// Its local files are gone or corrupt.
    case lost(reason: String)
    /// The store can't be reached, a descriptor lacks: whether the bytes are there is not known.
    case unknown
}

/// Visible rowsets that were found unreadable and are still named by their tablets. Memory only: whoever reads them after a
/// restart finds them again. Thread-safe.
final class UnreadableRowsets: Sendable {
    struct Entry: Hashable, Sendable {
        var tablet: TabletID
        var rowset: RowsetID
        var reason: String
        var isLocal: Bool
        /// Only reading all of it tells: its object is there, with wrong bytes.
        var isDeep: Bool
        var since: UnixTime
        var checkAt: MonotonicTime
        var pause: Duration
    }

    private struct State {
        var entries: [RowsetID: Entry] = [:]
        /// Changes since somebody asked last.
        var hasChanged = false
    }

    /// More are not remembered: a store that lost so much is seen by these.
    static let limit = 10_000
    private static let firstPause: Duration = .seconds(30)
    private static let longestPause: Duration = .seconds(600)
    private let state = Mutex(State())

    var isEmpty: Bool { state.withLock { $0.entries.isEmpty } }
    /// In tablet order, oldest first within one.
    var all: [Entry] {
        state.withLock { Array($0.entries.values) }
            .sorted { ($0.tablet, $0.since, $0.rowset.description) < ($1.tablet, $1.since, $1.rowset.description) }
    }

    /// Its local copy is unreadable: only a whole copy of another replica helps.
    func hasLocal(_ tablet: TabletID) -> Bool {
        state.withLock { state in state.entries.values.contains { $0.tablet == tablet && $0.isLocal } }
    }

    /// - Returns: it was not known before.
    @discardableResult
    func note(
        _ rowset: RowsetID, of tablet: TabletID, reason: String, isLocal: Bool, isDeep: Bool, wall: UnixTime,
        now: MonotonicTime
    ) -> Bool {
        state.withLock { state in
            if var known = state.entries[rowset] {
                known.reason = reason
                known.pause = min(known.pause * 2, Self.longestPause)
                known.checkAt = now + known.pause
                state.entries[rowset] = known
                return false
            }
            guard state.entries.count < Self.limit else { return false }
            let pause = isDeep ? Self.longestPause : Self.firstPause
            state.entries[rowset] = Entry(
                tablet: tablet, rowset: rowset, reason: reason, isLocal: isLocal, isDeep: isDeep, since: wall,
                checkAt: now + pause, pause: pause)
            state.hasChanged = true
            return true
        }
    }

    /// It can't be told now: look again later.
    func postpone(_ rowset: RowsetID, now: MonotonicTime) {
        state.withLock { state in
            guard let pause = state.entries[rowset]?.pause else { return }
            state.entries[rowset]?.checkAt = now + pause
        }
    }

    func remove(_ rowset: RowsetID) {
        state.withLock { state in
            if state.entries.removeValue(forKey: rowset) != nil { state.hasChanged = true }
        }
    }

    func due(now: MonotonicTime, limit: Int) -> [Entry] {
        Array(all.filter { $0.checkAt <= now }.prefix(limit))
    }

    /// Something came or went since the last call.
    func takeChange() -> Bool {
        state.withLock { state in
            defer { state.hasChanged = false }
            return state.hasChanged
        }
    }
}
