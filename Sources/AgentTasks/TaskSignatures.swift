public import Platform
internal import Synchronization

/// Signatures that no other task of this cluster ever has, also of an earlier life of the FE: an end that comes late or twice
/// is then never taken for that of a newer task.
public final class TaskSignatures: Sendable {
    private let last: Atomic<Int64>

    /// - Parameter epoch: grows with each start of an FE; at least 1.
    public init(epoch: Int64) { last = Atomic(Self.first(epoch)) }

    /// An FE that can't write its epoch yet (`Master.init`) has that of the start before, which counted from the beginning of
    /// its range: this one counts from a random place in the upper half.
    public init(lastEpoch: Int64, random: some RandomSource) {
        last = Atomic(Self.first(lastEpoch) + (1 << 32) + Int64(random.next(below: 1 << 31)))
    }

    /// The epoch of this start is written now.
    public func begin(epoch: Int64) { last.store(Self.first(epoch), ordering: .relaxed) }

    private static func first(_ epoch: Int64) -> Int64 { (epoch & 0x3FFF_FFFF) << 33 }

    /// Positive, and not among the ids that other tasks have as signatures: those are given from 10001 on and stay below.
    public func next() -> Int64 { last.wrappingAdd(1, ordering: .relaxed).newValue }
}
