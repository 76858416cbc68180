internal import CRocksDB
internal import Platform
internal import Synchronization

/// Remembers that a write failed, and lets no write through afterwards.
///
/// RocksDB 7.8 looks for free space by itself and then clears the error, but goes on with the same log file, whose end is
/// in an unknown state: a build with assertions (Debian's) aborts the process at the next use, one without them answers
/// with errors for ever. So its background work is called off with the first failure, too: a flush would begin a new log
/// by ending the old one. Only opening again replays the log up to its torn end, and starts a new one.
final class FailedWrite: Sendable {
    private let hasFailed = Atomic(false)
    private let first = Mutex<KeyValueStoreError?>(nil)

    /// Runs a write. RocksDB itself refuses writes for seconds after a failure, so that threads that got in meanwhile do
    /// no harm.
    func guarding(_ database: OpaquePointer, _ write: () throws -> Void) throws {
        if hasFailed.load(ordering: .acquiring), let failure = first.withLock({ $0 }) { throw failure }
        do {
            try write()
        } catch var error as KeyValueStoreError {
            remember(error)
            rocksdb_cancel_all_background_work(database, 0)
            error.outcome = .unknown
            throw error
        }
    }

    private func remember(_ error: KeyValueStoreError) {
        var failure = error
        failure.message = "the store takes no more writes until it is opened again, since: \(error.message)"
        failure.outcome = .refused
        first.withLock { $0 = $0 ?? failure }
        hasFailed.store(true, ordering: .releasing)
    }
}
