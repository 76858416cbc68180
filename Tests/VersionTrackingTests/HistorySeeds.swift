import Foundation

/// Which histories are played: those of the test, or what the environment says: `TABLETD_SEED=7`, or `TABLETD_SEED=1-500`.
enum HistorySeeds {
    static let environment: String? = ProcessInfo.processInfo.environment["TABLETD_SEED"]

    /// One of `parts` equal parts of the seeds.
    static func part(_ part: Int, of parts: Int, default seeds: ClosedRange<UInt64>) -> some Sequence<UInt64> {
        let all = environment.map(parsed) ?? seeds
        return stride(from: all.lowerBound + UInt64(part), through: all.upperBound, by: parts)
    }

    private static func parsed(_ text: String) -> ClosedRange<UInt64> {
        let ends = text.split(separator: "-").map { UInt64($0) }
        guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last else {
            preconditionFailure("TABLETD_SEED is neither a number nor a range of two: \(text)")
        }
        return first...last
    }
}
