extension WriteBatch {
    /// Whether the store holds what it would hold right after this batch: then the batch was applied, as batches are applied
    /// whole or not at all, or applying it would have changed nothing. Asked when nothing was written since.
    func isFound(in store: any KeyValueStore) throws -> Bool {
        var expected: [[UInt8]: [UInt8]?] = [:]
        var cleared: [(from: [UInt8], to: [UInt8])] = []
        for mutation in mutations {
            switch mutation {
            case .put(let key, let value): expected[key] = .some(value)
            case .delete(let key): expected[key] = .some(nil)
            case .deleteRange(let from, let to):
                guard from.lexicographicallyPrecedes(to) else { continue }
                cleared.append((from, to))
                for key in expected.keys
                where !key.lexicographicallyPrecedes(from) && key.lexicographicallyPrecedes(to) {
                    expected[key] = .some(nil)
                }
            }
        }
        for (key, value) in expected where try store.get(key) != value { return false }
        for range in cleared where try store.hasOther(than: expected, from: range.from, to: range.to) { return false }
        return true
    }
}

extension KeyValueStore {
    /// Holds a key of [from, to) that is not expected to have a value.
    fileprivate func hasOther(than expected: [[UInt8]: [UInt8]?], from: [UInt8], to: [UInt8]) throws -> Bool {
        var found = false
        try scan(prefix: [], from: from) { key, _ in
            let key = Array(key)
            guard key.lexicographicallyPrecedes(to) else { return false }
            if case .some(.some) = expected[key] { return true }
            found = true
            return false
        }
        return found
    }
}
