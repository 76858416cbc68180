internal import CRocksDB
public import Platform

/// One RocksDB database. Synced writes of several threads share one fsync (group commit).
///
/// A write that fails may or may not be there when the store is opened again. Until then this one takes no more writes;
/// reads go on (`FailedWrite` says why). Opening writes what it replays of the log into a table file and syncs it, so that
/// what can be read afterwards is durable even if the log's own sync had failed.
public final class RocksDBStore: KeyValueStore {
    public let path: String
    private let handle: RocksDBHandle
    private let options: RocksDBOptions
    private let isReader: Bool
    private let failedWrite = FailedWrite()

    /// - Parameter reading: opens what is there, writes nothing and refuses writes.
    init(path: String, options: RocksDBOptions, reading: Bool = false) throws {
        self.path = path
        self.options = options
        isReader = reading
        let pointer = try rocksDBCall(path) {
            reading
                ? rocksdb_open_for_read_only(options.database, path, 0, $0)
                : rocksdb_open(options.database, path, $0)
        }
        guard let pointer else { throw KeyValueStoreError(.other, path: path, message: "RocksDB gave no database") }
        handle = RocksDBHandle(path: path, pointer: pointer)
    }

    public func get(_ key: [UInt8]) throws -> [UInt8]? {
        try handle.withPointer { database in
            let pinned = try key.withCharacters { key, count in
                try rocksDBCall(path) { rocksdb_get_pinned(database, options.read, key, count, $0) }
            }
            guard let pinned else { return nil }
            defer { rocksdb_pinnableslice_destroy(pinned) }
            var count = 0
            guard let bytes = rocksdb_pinnableslice_value(pinned, &count) else { return [] }
            return Array(UnsafeRawBufferPointer(start: bytes, count: count))
        }
    }

    public func write(_ batch: WriteBatch, sync: Bool) throws {
        // An empty batch still syncs what was written before.
        guard !batch.isEmpty || sync else { return }
        guard !isReader else {
            throw KeyValueStoreError(.other, path: path, message: "the store is open for reading only")
        }
        try handle.withPointer { database in
            let native = rocksdb_writebatch_create()
            defer { rocksdb_writebatch_destroy(native) }
            for mutation in batch.mutations { add(mutation, to: native) }
            try failedWrite.guarding(database) {
                try rocksDBCall(path) {
                    rocksdb_write(database, sync ? options.syncedWrite : options.unsyncedWrite, native, $0)
                }
            }
        }
    }

    public func scan(
        prefix: [UInt8], from start: [UInt8]?,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool
    ) throws {
        try handle.withPointer { database in
            let first = start.map { $0.lexicographicallyPrecedes(prefix) ? prefix : $0 } ?? prefix
            let iterator = PrefixIterator(database: database, prefix: prefix, path: path)
            try iterator.seek(first)
            try iterator.forEach(body)
        }
    }

    public func last(prefix: [UInt8]) throws -> (key: [UInt8], value: [UInt8])? {
        try handle.withPointer { database in
            let iterator = PrefixIterator(database: database, prefix: prefix, path: path)
            try iterator.seekToLast()
            return iterator.current.map { (key: Array($0.key), value: Array($0.value)) }
        }
    }

    /// Must not be called from inside a `scan` of this store: it would wait for itself.
    public func close() { handle.close() }

    private func add(_ mutation: WriteBatch.Mutation, to native: OpaquePointer?) {
        switch mutation {
        case .put(let key, let value):
            key.withCharacters { key, keyCount in
                value.withCharacters { rocksdb_writebatch_put(native, key, keyCount, $0, $1) }
            }
        case .delete(let key):
            key.withCharacters { rocksdb_writebatch_delete(native, $0, $1) }
        case .deleteRange(let from, let to):
            // RocksDB refuses a range that ends before it starts; it is empty for us.
            guard from.lexicographicallyPrecedes(to) else { return }
            from.withCharacters { from, fromCount in
                to.withCharacters { rocksdb_writebatch_delete_range(native, from, fromCount, $0, $1) }
            }
        }
    }
}

extension [UInt8] {
    /// The bytes as C `char`s, valid during the call.
    @inline(__always)
    func withCharacters<Result>(_ body: (UnsafePointer<CChar>?, Int) throws -> Result) rethrows -> Result {
        try withUnsafeBytes { bytes in
            try body(bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
    }
}
