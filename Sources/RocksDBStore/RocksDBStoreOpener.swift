internal import Glibc
public import Logging
public import Platform

/// Opens RocksDB stores that share one block cache and the process' background threads.
public final class RocksDBStoreOpener: KeyValueStoreOpener {
    private let options: RocksDBOptions
    private let logger: Logger?

    /// - Parameters:
    ///   - cacheBytes: block cache of all stores together.
    ///   - memtableBytes: write buffer of each store; two of them at most.
    ///   - logger: gets RocksDB's warnings and errors, and hears of torn logs.
    public init(cacheBytes: Int = 32 << 20, memtableBytes: Int = 8 << 20, logger: Logger? = nil) {
        self.logger = logger
        options = RocksDBOptions(cacheBytes: cacheBytes, memtableBytes: memtableBytes, log: RocksDBLog(logger))
    }

    /// `path`'s parent must exist. `.locked` when this or another process has the store open.
    public func open(_ path: String) throws -> any KeyValueStore {
        // RocksDB would make the folder too, but first log its absence as an error. What keeps it from being made, opening tells.
        mkdir(path, 0o700)
        try WriteAheadLog(ofStore: path)?.cutTornEnd(logger)
        return try RocksDBStore(path: path, options: options)
    }

    public func openForReading(_ path: String) throws -> any KeyValueStore {
        try WriteAheadLog(ofStore: path)?.checkedEnd()
        return try RocksDBStore(path: path, options: options, reading: true)
    }
}
