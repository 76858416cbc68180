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

/// Why a stale path stays.
public enum StalePathError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no such path (any more): nothing to do.
    case unknown(Int64)
    /// The visible chain is not whole, and a stale path may be all that is left of a version: ask again once the tablet
    /// is repaired. `missing` is empty when the chain is bad because it crosses.
    case chainIncomplete(Int64, missing: VersionSet)
    /// Without the path a pinned version could not be read any more: ask again when its readers are done.
    case needed(Int64, by: Version)

    public var description: String {
        switch self {
        case .unknown(let id): "there is no stale path \(id)"
        case .chainIncomplete(let id, let missing):
            "stale path \(id) is kept: the visible versions "
                + (missing.isEmpty ? "cross" : "miss \(missing)")
        case .needed(let id, let version): "stale path \(id) is kept: readers of version \(version) need it"
        }
    }
}
