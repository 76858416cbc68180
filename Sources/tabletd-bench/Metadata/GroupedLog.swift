internal import Foundation
internal import Glibc
internal import Synchronization

/// The least that a durable log of many writers can do: who comes during a sync is written by the next one. A plain file, no
/// checksums, nobody reads it.
final class GroupedLog: Sendable {
    private struct Waiting {
        var bytes: [UInt8] = []
        var last: UInt64 = 0
    }

    private let descriptor: Int32
    private let waiting = Mutex(Waiting())
    /// The turn of the one who writes, and the last record that is durable.
    private let durable = Mutex<UInt64>(0)

    init(path: String) throws {
        descriptor = open(path, O_CREAT | O_WRONLY | O_APPEND | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw BenchError("can't make \(path): errno \(errno)") }
    }

    func close() { Glibc.close(descriptor) }

    /// Returns when the record is on the disk.
    func append(_ record: [UInt8]) throws {
        let place = waiting.withLock { waiting in
            waiting.bytes += record
            waiting.last += 1
            return waiting.last
        }
        try durable.withLock { durable in
            guard durable < place else { return }
            let (bytes, last) = waiting.withLock { waiting in
                defer { waiting.bytes.removeAll(keepingCapacity: false) }
                return (waiting.bytes, waiting.last)
            }
            guard bytes.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == bytes.count,
                fdatasync(descriptor) == 0
            else { throw BenchError("the bare log can't be written: errno \(errno)") }
            durable = last
        }
    }
}
