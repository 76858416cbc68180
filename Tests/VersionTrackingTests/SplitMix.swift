import TabletModel

/// Random numbers of a seed, the same on every machine.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func version(below bound: Int) -> Version { Version(Int64(below(bound))) }
    mutating func time() -> UnixTime { UnixTime(seconds: Int64(below(6))) }

    mutating func range(below bound: Int, width: Int) -> VersionRange {
        let start = below(bound)
        return VersionRange(Version(Int64(start)), Version(Int64(min(start + below(width), bound - 1))))
    }
}
