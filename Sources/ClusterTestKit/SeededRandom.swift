public import Platform
internal import Synchronization

/// `SplitMix64` for many threads: the same seed gives the same numbers, on every machine and in every release. Any thread.
///
/// One sequence shared by several threads is handed out in the order they ask; a repeatable run uses one thread, or
/// one source a thread (`fork`).
public final class SeededRandom: RandomSource {
    public let seed: UInt64
    private let state: Atomic<UInt64>

    public init(seed: UInt64) {
        self.seed = seed
        self.state = Atomic(seed)
    }

    public func next() -> UInt64 {
        SplitMix64.mix(state.wrappingAdd(SplitMix64.step, ordering: .relaxed).newValue)
    }

    /// A source of its own that depends on this seed and the label only, not on how many numbers were drawn.
    public func fork(_ label: String) -> SeededRandom {
        var hash = SplitMix64.mix(seed ^ 0xA076_1D64_78BD_642F)
        for byte in label.utf8 { hash = SplitMix64.mix(hash ^ UInt64(byte)) }
        return SeededRandom(seed: hash)
    }

    /// True once in `n` times on average.
    public func oneIn(_ n: UInt64) -> Bool { next(below: n) == 0 }
}
