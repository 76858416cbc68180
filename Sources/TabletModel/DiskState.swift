/// What a data dir can be used for. Numbers are those of the report (`TDisk`, field 1000); a backend that sends none has
/// disks that are good or failed.
public enum DiskState: Int32, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    case good = 0
    /// Its tablets are read and reported; it takes no more rows until there is room.
    case full = 1
    /// Its tablets are read and reported; nothing on it changes until it can be written again.
    case readOnly = 2
    /// Its tablets are not served.
    case failed = 3

    public var description: String {
        switch self {
        case .good: "good"
        case .full: "full"
        case .readOnly: "read-only"
        case .failed: "failed"
        }
    }
}

/// The state of a data dir, why it is so, and since when.
public struct DiskCondition: Hashable, Sendable {
    public var state: DiskState
    /// For a person: what happened, and what to do. Empty while the disk is good.
    public var reason: String
    /// When it came into this state; nil when nobody said.
    public var since: UnixTime?

    public init(_ state: DiskState, reason: String = "", since: UnixTime? = nil) {
        self.state = state
        self.reason = reason
        self.since = since
    }
}
