internal import Synchronization

/// Signatures that no other task of this cluster ever has, also of an earlier life of the FE: an end that comes late or twice
/// is then never taken for that of a newer task.
final class TaskSignatures: Sendable {
    private let last: Atomic<Int64>

    /// - Parameter epoch: grows with each start of an FE; at least 1.
    init(epoch: Int64) { last = Atomic((epoch & 0x3FFF_FFFF) << 33) }

    /// Positive, and not among the ids that other tasks have as signatures: those are given from 10001 on and stay below.
    func next() -> Int64 { last.wrappingAdd(1, ordering: .relaxed).newValue }
}
