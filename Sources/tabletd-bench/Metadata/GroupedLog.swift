internal import Foundation
internal import Glibc
internal import Synchronization

/// The least that a durable log of many writers can do: who comes during a sync is written by the next one. A plain file, no
/// checksums, nobody reads it.
final class GroupedLog: Sendable {
    /// Records that go to the disk together. The first to come in writes for all.
    private final class Group: Sendable {
        let turn = Mutex(false)
    }

    private struct Waiting {
        var bytes: [UInt8] = []
        var group = Group()
    }

    private let descriptor: Int32
    private let waiting = Mutex(Waiting())
    /// The turn of the one who writes.
    private let flight = Mutex(())

    init(path: String) throws {
        descriptor = open(path, O_CREAT | O_WRONLY | O_APPEND | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw BenchError("can't make \(path): errno \(errno)") }
    }

    func close() { Glibc.close(descriptor) }

    /// Returns when the record is on the disk.
    func append(_ record: [UInt8]) throws {
        let group = waiting.withLock { waiting in
            waiting.bytes += record
            return waiting.group
        }
        try group.turn.withLock { isWritten in
            guard !isWritten else { return }
            try flight.withLock { _ in try writeWaiting() }
            isWritten = true
        }
    }

    private func writeWaiting() throws {
        let bytes = waiting.withLock { waiting in
            defer { waiting = Waiting() }
            return waiting.bytes
        }
        guard bytes.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == bytes.count,
            fdatasync(descriptor) == 0
        else { throw BenchError("the bare log can't be written: errno \(errno)") }
    }
}
