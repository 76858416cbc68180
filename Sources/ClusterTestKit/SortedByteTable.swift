internal import Platform
internal import TabletModel

/// Entries in key order (unsigned bytes, shorter first), in one array: appends at the end are cheap, inserts in the
/// middle move what follows. Enough for the sizes a test has.
struct SortedByteTable {
    struct Entry {
        let key: [UInt8]
        var value: [UInt8]
    }

    /// What a key held before a change; nil = nothing.
    struct Undo {
        let key: [UInt8]
        let before: [UInt8]?
    }

    private(set) var entries: [Entry] = []

    subscript(_ key: [UInt8]) -> [UInt8]? {
        let index = lowerBound(key)
        guard index < entries.count, entries[index].key == key else { return nil }
        return entries[index].value
    }

    /// Index of the first entry whose key is not less than `key`.
    func lowerBound(_ key: [UInt8]) -> Int {
        entries.partitionPoint { $0.key.lexicographicallyPrecedes(key) }
    }

    func last(prefix: [UInt8]) -> Entry? {
        // Keys from there on that begin with the prefix come first; find where they end.
        let end = entries[lowerBound(prefix)...].partitionPoint { $0.key.starts(with: prefix) }
        guard end > 0, entries[end - 1].key.starts(with: prefix) else { return nil }
        return entries[end - 1]
    }

    mutating func apply(_ mutation: WriteBatch.Mutation, undo: inout [Undo]) {
        switch mutation {
        case .put(let key, let value): undo.append(Undo(key: key, before: set(key, value)))
        case .delete(let key): undo.append(Undo(key: key, before: set(key, nil)))
        case .deleteRange(let from, let to):
            let range = lowerBound(from)..<Swift.max(lowerBound(from), lowerBound(to))
            for entry in entries[range] { undo.append(Undo(key: entry.key, before: entry.value)) }
            entries.removeSubrange(range)
        }
    }

    mutating func apply(_ undo: Undo) { set(undo.key, undo.before) }

    /// Returns what was there before.
    @discardableResult
    private mutating func set(_ key: [UInt8], _ value: [UInt8]?) -> [UInt8]? {
        let index = lowerBound(key)
        if index < entries.count, entries[index].key == key {
            let before = entries[index].value
            if let value { entries[index].value = value } else { entries.remove(at: index) }
            return before
        }
        if let value { entries.insert(Entry(key: key, value: value), at: index) }
        return nil
    }
}
