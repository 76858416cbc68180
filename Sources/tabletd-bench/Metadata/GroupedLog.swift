internal import Foundation
internal import Glibc
internal import Platform
internal import ThreadRuntime

/// The least that a durable log of many writers can do: who comes during a sync is written by the next one. A plain file, no
/// checksums, nobody reads it.
final class GroupedLog: Sendable {
    /// Records that go to the disk together. The first writes for all, who wait at its gate.
    private final class Group: Sendable {
        let gate = ThreadGates().makeGate()
    }

    private struct Waiting: Sendable {
        var bytes: [UInt8] = []
        var group = Group()
        var isJoined = false
    }

    /// `@unchecked Sendable`: its value is touched behind the lock alone.
    private final class Queue: @unchecked Sendable {
        private var value = Waiting()
        private let lock = ThreadGates().makeLock(.briefly)

        func withLock<R>(_ body: (inout Waiting) -> R) -> R { lock.withLock { body(&value) } }
    }

    private let descriptor: Int32
    private let waiting = Queue()
    /// The turn of the one who writes.
    private let flight = ThreadGates().makeLock(.long)

    init(path: String) throws {
        descriptor = open(path, O_CREAT | O_WRONLY | O_APPEND | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw BenchError("can't make \(path): errno \(errno)") }
    }

    func close() { Glibc.close(descriptor) }

    /// Returns when the record is on the disk.
    func append(_ record: [UInt8]) throws {
        let (group, isFirst) = waiting.withLock { waiting in
            defer { waiting.isJoined = true }
            waiting.bytes += record
            return (waiting.group, !waiting.isJoined)
        }
        guard isFirst else { return group.gate.wait() }
        try flight.withLock { try writeWaiting() }
        group.gate.open()
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
