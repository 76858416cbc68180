/// A position in a tablet's history. A load that is published at version n makes version n readable; -1 means none.
public struct Version: RawRepresentable, Hashable, Comparable, Sendable, Codable, CustomStringConvertible,
    ExpressibleByIntegerLiteral
{
    public let rawValue: Int64
    @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
    @inlinable public init(_ rawValue: Int64) { self.rawValue = rawValue }
    @inlinable public init(integerLiteral value: Int64) { self.rawValue = value }

    public static let none = Version(-1)
    /// The version a new tablet starts at: its first rowset is the empty [0-1].
    public static let initial = Version(1)
    /// A greater one in what comes from outside is refused there, so that no arithmetic on versions overflows.
    public static let greatest = Version(1 << 60)

    @inlinable public var next: Version { Version(rawValue + 1) }
    @inlinable public var previous: Version { Version(rawValue - 1) }
    @inlinable public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    public var description: String { String(rawValue) }
}

/// The closed range of versions that one rowset holds, or that a tablet lacks. Never empty.
public struct VersionRange: Hashable, Sendable, Codable, CustomStringConvertible {
    public let start: Version
    public let end: Version

    /// - Precondition: `start <= end`; input from outside goes through `init?(checking:)`.
    @inlinable public init(_ start: Version, _ end: Version) {
        precondition(start <= end, "a version range needs start <= end")
        self.start = start
        self.end = end
    }

    @inlinable public init?(checking start: Version, _ end: Version) {
        guard start <= end, start.rawValue >= 0 else { return nil }
        self.start = start
        self.end = end
    }

    @inlinable public init(single version: Version) { self.init(version, version) }

    @inlinable public var count: Int64 { end.rawValue - start.rawValue + 1 }
    @inlinable public func contains(_ version: Version) -> Bool { start <= version && version <= end }
    @inlinable public func contains(_ other: VersionRange) -> Bool { start <= other.start && other.end <= end }
    @inlinable public func overlaps(_ other: VersionRange) -> Bool { start <= other.end && other.start <= end }
    public var description: String { "[\(start)-\(end)]" }
}
