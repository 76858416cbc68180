internal import Glibc

/// Which seeds a test plays: its own, or what the environment says: `TABLETD_SEED=7`, or `TABLETD_SEED=1-500`.
public enum SeedRange {
    /// What the environment says.
    public static let environment: ClosedRange<UInt64>? = getenv("TABLETD_SEED").map { parsed(String(cString: $0)) }

    public static func chosen(default seeds: ClosedRange<UInt64>) -> ClosedRange<UInt64> { environment ?? seeds }

    private static func parsed(_ text: String) -> ClosedRange<UInt64> {
        let ends = text.split(separator: "-").map { UInt64($0) }
        guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last else {
            preconditionFailure("TABLETD_SEED is neither a number nor a range of two: \(text)")
        }
        return first...last
    }
}
