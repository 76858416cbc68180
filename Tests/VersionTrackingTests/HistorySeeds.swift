import ClusterTestKit

/// Which histories are played.
enum HistorySeeds {
    /// One of `parts` equal parts of the seeds.
    static func part(_ part: Int, of parts: Int, default seeds: ClosedRange<UInt64>) -> some Sequence<UInt64> {
        let all = SeedRange.chosen(default: seeds)
        return stride(from: all.lowerBound + UInt64(part), through: all.upperBound, by: parts)
    }
}
