public import AccessControl

/// What GRANT and REVOKE are about.
public struct GrantRequest: Hashable, Sendable {
    public var rights: [Right]
    /// nil: of all databases.
    public var database: String?
    public var user: SQLUser
}
