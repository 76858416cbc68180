public import AccessControl

/// What whoever runs a statement must be allowed.
public enum StatementRight: Hashable, Sendable {
    /// Whoever is logged in; the answer holds only what that user may see.
    case anyone
    /// The right on all databases.
    case cluster(Right)
    /// The right on the databases that the statement names.
    case databases(Right)
}
