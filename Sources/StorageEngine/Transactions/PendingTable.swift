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

    private struct State {
        var byTransaction: [TransactionID: [Entry]] = [:]
        /// PUSH tasks under way.
        var running: Set<PendingKey> = []
    }

    private let state = Mutex(State())

    subscript(key: PendingKey) -> Entry? {
        state.withLock { $0.byTransaction[key.transaction]?.first { $0.key == key } }
    }

    /// Entries of a transaction in (partition, tablet) order.
    func entries(of transaction: TransactionID, where included: (PendingKey) -> Bool = { _ in true }) -> [Entry] {
        let all = state.withLock { $0.byTransaction[transaction] ?? [] }
        return all.filter { included($0.key) }.sorted(by: Self.inOrder)
    }

    func entries(of tablet: TabletID) -> [Entry] {
        let all = state.withLock { state in state.byTransaction.values.joined().filter { $0.key.tablet == tablet } }
        return all.sorted(by: Self.inOrder)
    }

    /// Transactions with rowsets created before `limit`, by tablet, ascending.
    func transactions(createdBefore limit: UnixTime) -> [TabletID: [TransactionID]] {
        let old = state.withLock { state in
            state.byTransaction.values.joined().filter { $0.pending.rowset.createdAt < limit }.map(\.key)
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
            var entries = state.byTransaction[entry.key.transaction] ?? []
            defer { state.byTransaction[entry.key.transaction] = entries }
            guard let index = entries.firstIndex(where: { $0.key == entry.key }) else {
                entries.append(entry)
                return nil
            }
            let old = entries[index]
            entries[index] = entry
            return old
        }
    }

    @discardableResult
    func remove(_ key: PendingKey) -> Entry? {
        state.withLock { state in
            guard let index = state.byTransaction[key.transaction]?.firstIndex(where: { $0.key == key }) else {
                return nil
            }
            let entry = state.byTransaction[key.transaction]?.remove(at: index)
            if state.byTransaction[key.transaction]?.isEmpty == true { state.byTransaction[key.transaction] = nil }
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
