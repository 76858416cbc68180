public import AccessControl

/// Who gets an answer from a route.
public enum RouteRight: Hashable, Sendable, CustomStringConvertible {
    /// Whoever reaches the port.
    case open
    /// The route itself looks: at a token in the query or in a header.
    case own
    /// Whoever is logged in.
    case anyone
    /// Who has the right on all databases.
    case cluster(Right)
    /// Who has the right on the database that the path names as `:database`.
    case database(Right)
    /// The route asks for this right on what the request's body or the answer names (`ConnectionContext.require`).
    case named(Right)

    public var description: String {
        switch self {
        case .open: "open"
        case .own: "own token"
        case .anyone: "any user"
        case .cluster(let right): "\(right)"
        case .database(let right): "\(right) on the database"
        case .named(let right): "\(right) on what is named"
        }
    }
}

/// What each route asks of its callers. A route that has no row answers nobody.
public struct RouteRights: Sendable {
    /// By method and path, such as `GET /api/tables/{database}/{table}`.
    public let rows: [String: RouteRight]

    public init(_ rows: [String: RouteRight]) { self.rows = rows }

    /// HEAD is what GET is.
    public func right(method: String, path: String) -> RouteRight? {
        rows["\(method == "HEAD" ? "GET" : method) \(path)"]
    }

    /// Rows whose routes ask for a user are open instead: `/metrics`, say, by a setting.
    public func opened(_ paths: [String]) -> RouteRights {
        RouteRights(rows.merging(paths.map { ("GET \($0)", .open) }) { $1 })
    }
}
