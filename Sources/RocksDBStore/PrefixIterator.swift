internal import CRocksDB
internal import Platform

/// Walks the entries of one prefix over the snapshot taken when it was made. Used by one thread, inside one call.
final class PrefixIterator {
    private let iterator: OpaquePointer?
    private let options: OpaquePointer?
    private let prefix: [UInt8]
    private let path: String
    /// RocksDB reads the upper bound while iterating: it must stay where it is until the iterator is gone.
    private let upperBound: UnsafeMutableBufferPointer<CChar>?

    init(database: OpaquePointer, prefix: [UInt8], path: String) {
        self.prefix = prefix
        self.path = path
        options = rocksdb_readoptions_create()
        // Long scans (a restart loads every tablet) must not push hot blocks out of the small cache.
        rocksdb_readoptions_set_fill_cache(options, 0)
        if let bound = firstKey(after: prefix) {
            let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bound.count)
            for (index, byte) in bound.enumerated() { copy.initializeElement(at: index, to: CChar(bitPattern: byte)) }
            rocksdb_readoptions_set_iterate_upper_bound(options, copy.baseAddress, copy.count)
            upperBound = copy
        } else {
            upperBound = nil
        }
        iterator = rocksdb_create_iterator(database, options)
    }

    deinit {
        rocksdb_iter_destroy(iterator)
        rocksdb_readoptions_destroy(options)
        upperBound?.deallocate()
    }

    /// - Parameter key: the prefix, or behind it.
    func seek(_ key: [UInt8]) throws {
        key.withCharacters { rocksdb_iter_seek(iterator, $0, $1) }
        try check()
    }

    /// To the last entry before the upper bound.
    func seekToLast() throws {
        rocksdb_iter_seek_to_last(iterator)
        try check()
    }

    /// nil behind the last entry of the prefix. Valid until the iterator moves.
    var current: (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)? {
        guard rocksdb_iter_valid(iterator) != 0 else { return nil }
        var keyCount = 0
        var valueCount = 0
        let keyStart = rocksdb_iter_key(iterator, &keyCount)
        let valueStart = rocksdb_iter_value(iterator, &valueCount)
        let key = UnsafeRawBufferPointer(start: keyStart, count: keyCount)
        guard key.starts(with: prefix) else { return nil }
        return (key, UnsafeRawBufferPointer(start: valueStart, count: valueCount))
    }

    /// Calls `body` with the entries from here on, until it returns false. Afterwards the iterator stands anywhere.
    func forEach(
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool
    ) throws {
        try withoutActuallyEscaping(body) { body in
            var visit = Visit(body: body)
            withUnsafeMutablePointer(to: &visit) { visit in
                // The upper bound has kept all keys behind the prefix away, `seek` all before it.
                tabletd_rocksdb_each_entry(iterator, visit) { context, key, keyCount, value, valueCount in
                    guard let visit = context?.assumingMemoryBound(to: Visit.self) else { return false }
                    return visit.pointee.take(
                        UnsafeRawBufferPointer(start: key, count: keyCount),
                        UnsafeRawBufferPointer(start: value, count: valueCount))
                }
            }
            if let failure = visit.failure { throw failure }
        }
        try check()
    }

    /// What an iteration in C has of its body here.
    private struct Visit {
        let body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool
        var failure: (any Error)?

        /// False ends the iteration.
        mutating func take(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool {
            do {
                return try body(key, value)
            } catch {
                failure = error
                return false
            }
        }
    }

    /// An iterator that met an error is just not valid any more; the error must be asked for.
    private func check() throws {
        guard rocksdb_iter_valid(iterator) == 0 else { return }
        try rocksDBCall(path) { rocksdb_iter_get_error(iterator, $0) }
    }
}

/// The smallest key greater than every key with this prefix; nil when there is none (empty, or all bytes 0xFF).
func firstKey(after prefix: [UInt8]) -> [UInt8]? {
    var bound = prefix
    while let last = bound.popLast() {
        if last < 0xFF { return bound + [last + 1] }
    }
    return nil
}
