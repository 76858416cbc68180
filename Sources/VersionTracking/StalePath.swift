public import TabletModel

/// Rowsets that one replacement took out of view together; readers of versions between them may still hold them.
public struct StalePath: Hashable, Sendable {
    /// From 1 upward in the order in which paths became stale; one tracker gives none out twice. Not stored: a tracker
    /// that is built anew numbers anew.
    public let id: Int64
    /// In version order.
    public let ranges: [VersionRange]
    /// When the newest of its rowsets went stale.
    public let staleAt: UnixTime

    public init(id: Int64, ranges: [VersionRange], staleAt: UnixTime) {
        self.id = id
        self.ranges = ranges
        self.staleAt = staleAt
    }
}

/// A stale rowset as the meta store holds it: of the path it went stale with, only the time is left.
public struct StaleRowset: Hashable, Sendable {
    public let range: VersionRange
    public let staleAt: UnixTime

    public init(range: VersionRange, staleAt: UnixTime) {
        self.range = range
        self.staleAt = staleAt
    }
}
