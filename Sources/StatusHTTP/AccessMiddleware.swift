public import AccessControl
internal import ByteText
internal import HTTPTypes
public import Hummingbird

/// What a request shows of whoever sent it.
public struct ShownIdentity: Sendable {
    /// Of basic auth; nil: the request has none.
    public var user: String?
    public var password: String?
    /// The cluster's token, and whom it speaks for: a daemon of the cluster that has looked already.
    public var token: String?
    public var speaksFor: String?
    /// Where a daemon of the cluster says that it was asked from.
    public var client: String?
    /// Address of the other side, without its port.
    public var host: String?
    /// A browser sent it, for a page of whatever origin.
    public var isBrowser: Bool

    public init(
        user: String? = nil, password: String? = nil, token: String? = nil, speaksFor: String? = nil,
        host: String? = nil, isBrowser: Bool = false
    ) {
        self.user = user
        self.password = password
        self.token = token
        self.speaksFor = speaksFor
        self.host = host
        self.isBrowser = isBrowser
    }

    public var isLoopback: Bool {
        host.flatMap { IPAddress($0) }?.isLoopback ?? false
    }
}

/// Says who is there.
public protocol HTTPDoorkeeper: Sendable {
    /// - Throws: `HTTPProblem`: 401 when nobody is known by it, 429 after too many failures, 503 when nobody could look.
    func caller(_ shown: ShownIdentity) async throws -> Caller
}

/// Before every route: looks who is there, and whether that one may. What it refuses, the route never sees.
public struct AccessMiddleware: RouterMiddleware {
    public static let speaksFor = "X-Tabletd-User"
    /// From where somebody comes for whom a daemon of the cluster asks.
    public static let client = "X-Tabletd-Client"
    /// Told by requests of the page: its 401 must not open the browser's own dialog, and no other site can send it.
    public static let page = "X-Tabletd-Page"

    private let rights: RouteRights
    private let doorkeeper: any HTTPDoorkeeper

    public init(rights: RouteRights, doorkeeper: any HTTPDoorkeeper) {
        self.rights = rights
        self.doorkeeper = doorkeeper
    }

    public func handle(
        _ request: Request, context: ConnectionContext, next: (Request, ConnectionContext) async throws -> Response
    ) async throws -> Response {
        // What there is no route for is answered by nobody, and looks the same to everybody.
        guard request.method != .options, let path = context.endpointPath else {
            return try await next(request, context)
        }
        guard let right = rights.right(method: request.method.rawValue, path: path) else {
            throw HTTPProblem.forbidden("nobody may use \(request.method) \(request.uri.path): it has no rule")
        }
        switch right {
        case .open, .own: return try await next(request, context)
        case .anyone, .cluster, .database, .named: break
        }
        let shown = Self.identity(of: request, from: context.remoteHost)
        let caller: Caller
        do {
            caller = try await doorkeeper.caller(shown)
        } catch let problem as HTTPProblem where problem.status == .unauthorized {
            return try challenge(problem, request, context)
        }
        var context = context
        context.caller = caller
        switch right {
        case .cluster(let right): try context.require(right, on: nil)
        case .database(let right): try context.require(right, on: try context.path("database"))
        case .named(let right):
            guard caller.grants.allowAnywhere(right) else { throw HTTPProblem.forbidden(lacks(right, of: nil, caller)) }
        case .open, .own, .anyone: break
        }
        return try await next(request, context)
    }

    private func challenge(_ problem: HTTPProblem, _ request: Request, _ context: ConnectionContext) throws -> Response
    {
        var response = try problem.response(from: request, context: context)
        if HTTPField.Name(Self.page).flatMap({ request.headers[$0] }) == nil {
            response.headers[.wwwAuthenticate] = "Basic realm=\"tabletd\", charset=\"UTF-8\""
        }
        return response
    }

    static func identity(of request: Request, from host: String?) -> ShownIdentity {
        func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { request.headers[$0] } }
        var shown = ShownIdentity(
            token: header("token"), speaksFor: header(speaksFor), host: host,
            isBrowser: header("Origin") != nil || header("Sec-Fetch-Site") != nil || header("Referer") != nil)
        shown.client = header(client)
        if let text = header("Authorization"), let (user, password) = basic(text) {
            (shown.user, shown.password) = (user, password)
        } else if header("Authorization") != nil {
            // Something else than we know must not pass for nothing.
            shown.user = ""
        }
        return shown
    }

    static func basic(_ header: String) -> (user: String, password: String)? {
        let parts = header.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "basic",
            let bytes = Array(parts[1].utf8).withUnsafeBytes({ Base64.decode($0) }),
            let text = String(validating: bytes, as: UTF8.self), let colon = text.firstIndex(of: ":")
        else { return nil }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }
}

/// Why it is refused, and what helps.
func lacks(_ right: Right, of database: String?, _ caller: Caller) -> String {
    """
    user \(caller.name) lacks \(right) on \(database.map { "database \($0)" } ?? "all databases"); \
    a user with ADMIN gives it: GRANT \(right) ON \(database.map { "`\($0)`.*" } ?? "*.*") TO \(caller.name)
    """
}
