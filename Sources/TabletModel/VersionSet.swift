/// Versions as the longest ranges: what a replica holds, or what it lacks. Ranges neither overlap nor touch.
public struct VersionSet: Hashable, Sendable, CustomStringConvertible {
    /// Ascending, with at least one version between two of them.
    public private(set) var ranges: [VersionRange]

    public init() { ranges = [] }

    /// The versions that any of these ranges holds; they may overlap and come in any order.
    public init(_ parts: some Sequence<VersionRange>) {
        ranges = []
        for part in parts.sorted(by: { $0.start < $1.start }) { append(part) }
    }

    public var isEmpty: Bool { ranges.isEmpty }
    public var first: Version? { ranges.first?.start }
    public var last: Version? { ranges.last?.end }

    public func contains(_ version: Version) -> Bool { contains(VersionRange(single: version)) }

    /// All versions of the range are here. O(log n).
    public func contains(_ range: VersionRange) -> Bool {
        let place = ranges.partitionPoint { $0.end < range.start }
        return place < ranges.count && ranges[place].contains(range)
    }

    public func union(_ other: VersionSet) -> VersionSet { VersionSet(ranges + other.ranges) }

    /// What of 0...`version` is not here; empty when `version` is below 0.
    public func missing(upTo version: Version) -> VersionSet {
        var missing = VersionSet()
        var end = Version.none
        for range in ranges {
            if end >= version { break }
            if range.start > end.next {
                missing.ranges.append(VersionRange(end.next, min(version, range.start.previous)))
            }
            end = range.end
        }
        if end < version { missing.ranges.append(VersionRange(end.next, version)) }
        return missing
    }

    /// - Precondition: `part` starts at or after the last range's start.
    private mutating func append(_ part: VersionRange) {
        guard let last = ranges.last, part.start <= last.end || part.start == last.end.next else {
            return ranges.append(part)
        }
        if part.end > last.end { ranges[ranges.count - 1] = VersionRange(last.start, part.end) }
    }

    /// For people: `0-12, 14, 16-20`; `none` when empty.
    public var description: String {
        if ranges.isEmpty { return "none" }
        return ranges.map { $0.start == $0.end ? "\($0.start)" : "\($0.start)-\($0.end)" }.joined(separator: ", ")
    }
}
