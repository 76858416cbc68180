/// What a user may do, of all databases or of one. Each right contains those before it.
public enum Right: UInt8, Hashable, Sendable, Comparable, CaseIterable, CustomStringConvertible {
    /// Rows and the shape of tables.
    case read = 1
    /// Loads and deletes of rows.
    case load = 2
    /// Everything: tables, backends, policies, other users (these only with the right on all databases).
    case admin = 3

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    public var description: String {
        switch self {
        case .read: "READ"
        case .load: "LOAD"
        case .admin: "ADMIN"
        }
    }
}
