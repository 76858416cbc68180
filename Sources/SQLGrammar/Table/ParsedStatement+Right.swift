internal import AccessControl

extension ParsedStatement {
    /// What whoever runs it must be allowed: what its row says, and what is more than that of others' things.
    public func right(of user: String) -> StatementRight {
        switch statement {
        case .alterUser(let other, _), .setPassword(let other?, _), .showGrants(let other?, _):
            other.name == user ? row.right : .cluster(.admin)
        case .showGrants(nil, isAll: true): .cluster(.admin)
        default: row.right
        }
    }
}
