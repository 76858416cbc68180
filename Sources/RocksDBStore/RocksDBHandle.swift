internal import CRocksDB
internal import Glibc
internal import Platform
internal import Synchronization

/// Owns the database pointer. Calls hold it shared; `close` takes it alone.
///
/// `@unchecked Sendable`: `pointer` changes only under the write lock, and RocksDB's calls are thread-safe.
final class RocksDBHandle: @unchecked Sendable {
    private let path: String
    private let lock = UnsafeMutablePointer<pthread_rwlock_t>.allocate(capacity: 1)
    private var pointer: OpaquePointer?
    private let isClosing = Atomic(false)

    init(path: String, pointer: OpaquePointer) {
        self.path = path
        self.pointer = pointer
        let code = pthread_rwlock_init(lock, nil)
        precondition(code == 0, "pthread_rwlock_init failed with \(code)")
    }

    deinit {
        close()
        pthread_rwlock_destroy(lock)
        lock.deallocate()
    }

    /// Runs one call. May nest (a scan whose body reads): a thread that holds the lock shared gets it again.
    func withPointer<Result>(_ body: (OpaquePointer) throws -> Result) throws -> Result {
        // Checked first, so that a stream of new calls cannot keep `close` waiting.
        guard !isClosing.load(ordering: .acquiring) else { throw closedError }
        pthread_rwlock_rdlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        guard let pointer else { throw closedError }
        return try body(pointer)
    }

    func close() {
        isClosing.store(true, ordering: .releasing)
        pthread_rwlock_wrlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        if let pointer { rocksdb_close(pointer) }
        pointer = nil
    }

    private var closedError: KeyValueStoreError {
        KeyValueStoreError(.closed, path: path, message: "the store was closed")
    }
}
