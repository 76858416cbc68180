internal import StoredFormats
internal import Synchronization
internal import TabletModel

/// The pending rowsets of all transactions, as the meta stores hold them. Thread-safe; every call is short.
final class PendingTable: Sendable {
    struct Entry: Sendable {
        var key: PendingKey
        var pending: PendingRowset
        /// Where its record and files are.
        var dataDir: DataDir
        var shard: Int32
    }

    /// Every question that is asked for one tablet or one transaction is answered without a walk over the others: the
    /// search for orphans asks for each file, and there may be a hundred thousand entries.
    private struct State {
        var byTransaction: [TransactionID: [PendingKey: Entry]] = [:]
        var byTablet: [TabletID: Set<PendingKey>] = [:]
        /// PUSH tasks under way.
        var running: Set<PendingKey> = []

        subscript(key: PendingKey) -> Entry? { byTransaction[key.transaction]?[key] }
    }

    private let state = Mutex(State())

    subscript(key: PendingKey) -> Entry? { state.withLock { $0[key] } }

    /// Entries of a transaction in (partition, tablet) order.
    func entries(of transaction: TransactionID, where included: (PendingKey) -> Bool = { _ in true }) -> [Entry] {
        let all = state.withLock { Array(($0.byTransaction[transaction] ?? [:]).values) }
        return all.filter { included($0.key) }.sorted(by: Self.inOrder)
    }

    func entries(of tablet: TabletID) -> [Entry] {
        let all = state.withLock { state in (state.byTablet[tablet] ?? []).compactMap { state[$0] } }
        return all.sorted(by: Self.inOrder)
    }

    /// Transactions with rowsets created before `limit`, by tablet, ascending.
    func transactions(createdBefore limit: UnixTime) -> [TabletID: [TransactionID]] {
        let old = state.withLock { state in
            state.byTransaction.values.lazy.flatMap(\.values).filter { $0.pending.rowset.createdAt < limit }.map(\.key)
        }
        var found: [TabletID: [TransactionID]] = [:]
        for key in old where found[key.tablet]?.contains(key.transaction) != true {
            found[key.tablet, default: []].append(key.transaction)
        }
        return found.mapValues { $0.sorted() }
    }

    /// Adds or replaces; the entry that was there before.
    @discardableResult
    func put(_ entry: Entry) -> Entry? {
        state.withLock { state in
            state.byTablet[entry.key.tablet, default: []].insert(entry.key)
            return state.byTransaction[entry.key.transaction, default: [:]].updateValue(entry, forKey: entry.key)
        }
    }

    @discardableResult
    func remove(_ key: PendingKey) -> Entry? {
        state.withLock { state in
            guard let entry = state.byTransaction[key.transaction]?.removeValue(forKey: key) else { return nil }
            if state.byTransaction[key.transaction]?.isEmpty == true { state.byTransaction[key.transaction] = nil }
            state.byTablet[key.tablet]?.remove(key)
            if state.byTablet[key.tablet]?.isEmpty == true { state.byTablet[key.tablet] = nil }
            return entry
        }
    }

    var count: Int { state.withLock { state in state.byTransaction.values.reduce(0) { $0 + $1.count } } }

    /// Marks a PUSH as running; false when the same is running already.
    func begin(_ key: PendingKey) -> Bool { state.withLock { $0.running.insert(key).inserted } }
    func end(_ key: PendingKey) { state.withLock { _ = $0.running.remove(key) } }

    private static func inOrder(_ left: Entry, _ right: Entry) -> Bool {
        (left.key.transaction, left.key.partition, left.key.tablet)
            < (right.key.transaction, right.key.partition, right.key.tablet)
    }
}
