public import Platform
internal import Synchronization

/// SplitMix64: the same seed gives the same numbers, on every machine and in every release. Any thread.
///
/// One sequence shared by several threads is handed out in the order they ask; a repeatable run uses one thread, or
/// one source a thread (`fork`).
public final class SeededRandom: RandomSource {
    public let seed: UInt64
    private let state: Atomic<UInt64>
    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    public init(seed: UInt64) {
        self.seed = seed
        self.state = Atomic(seed)
    }

    public func next() -> UInt64 {
        mix(state.wrappingAdd(Self.step, ordering: .relaxed).newValue)
    }

    /// A source of its own that depends on this seed and the label only, not on how many numbers were drawn.
    public func fork(_ label: String) -> SeededRandom {
        var hash = mix(seed ^ 0xA076_1D64_78BD_642F)
        for byte in label.utf8 { hash = mix(hash ^ UInt64(byte)) }
        return SeededRandom(seed: hash)
    }

    /// True once in `n` times on average.
    public func oneIn(_ n: UInt64) -> Bool { next(below: n) == 0 }
}

private func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
}
