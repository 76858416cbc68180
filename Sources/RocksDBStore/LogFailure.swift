internal import Platform
internal import Synchronization

/// Remembers that the write-ahead log failed, and lets no write through afterwards.
///
/// RocksDB 7.8 looks for free space by itself and then clears the error, but goes on with the same log file, whose end is
/// in an unknown state: a build with assertions (Debian's) aborts the process at the next write, one without them answers
/// with errors for ever. Only opening again replays the log up to its torn end and starts a new one.
final class LogFailure: Sendable {
    private let hasFailed = Atomic(false)
    private let first = Mutex<KeyValueStoreError?>(nil)

    /// Runs a write. RocksDB itself refuses writes for seconds after a failure, so that threads that got in meanwhile do
    /// no harm.
    func guarding(_ write: () throws -> Void) throws {
        if hasFailed.load(ordering: .acquiring), let failure = first.withLock({ $0 }) { throw failure }
        do {
            try write()
        } catch let error as KeyValueStoreError where error.isOfTheLog {
            throw remember(error)
        }
    }

    private func remember(_ error: KeyValueStoreError) -> KeyValueStoreError {
        var failure = error
        failure.message += "; the store takes no more writes until it is opened again: restart the process"
        first.withLock { $0 = $0 ?? failure }
        hasFailed.store(true, ordering: .releasing)
        return failure
    }
}

extension KeyValueStoreError {
    /// RocksDB's message names the file that failed; log files end in ".log".
    fileprivate var isOfTheLog: Bool {
        (code == .noSpace || code == .io) && message.contains(".log")
    }
}
