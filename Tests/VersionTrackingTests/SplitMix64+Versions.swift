import ClusterTestKit
import TabletModel

/// What histories are made of.
extension SplitMix64 {
    /// Spreads neighbouring seeds: their histories have nothing in common.
    init(history seed: UInt64) { self.init(seed: seed &* 0x9E37_79B9 &+ 1) }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func version(below bound: Int) -> Version { Version(Int64(below(bound))) }
    mutating func time() -> UnixTime { UnixTime(seconds: Int64(below(6))) }

    mutating func range(below bound: Int, width: Int) -> VersionRange {
        let start = below(bound)
        return VersionRange(Version(Int64(start)), Version(Int64(min(start + below(width), bound - 1))))
    }
}
