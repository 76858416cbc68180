public import Platform

/// Opens RocksDB stores that share one block cache and the process' background threads.
public final class RocksDBStoreOpener: KeyValueStoreOpener {
    private let options: RocksDBOptions

    /// - Parameters:
    ///   - cacheBytes: block cache of all stores together.
    ///   - memtableBytes: write buffer of each store; two of them at most.
    public init(cacheBytes: Int = 32 << 20, memtableBytes: Int = 8 << 20) {
        options = RocksDBOptions(cacheBytes: cacheBytes, memtableBytes: memtableBytes)
    }

    /// `path`'s parent must exist. `.locked` when this or another process has the store open.
    public func open(_ path: String) throws -> any KeyValueStore { try RocksDBStore(path: path, options: options) }
}
