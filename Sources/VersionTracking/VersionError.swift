public import TabletModel

/// Why a range can't become visible.
public enum VersionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// `existing` holds all versions of `range` already.
    case alreadyExists(VersionRange, existing: VersionRange)
    /// Both hold some version, and `existing` does not hold all of `range`.
    case crosses(VersionRange, existing: VersionRange)

    public var description: String {
        switch self {
        case .alreadyExists(let range, let existing): "versions \(range) are in rowset \(existing) already"
        case .crosses(let range, let existing): "versions \(range) cross rowset \(existing)"
        }
    }
}
