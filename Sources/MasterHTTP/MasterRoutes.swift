internal import HTTPAPI
public import Hummingbird
public import MasterCore
public import StatusHTTP

/// The FE master's HTTP API (docs/http.md): JSON over `MasterControl`, each call on the blocking pool.
public struct MasterRoutes: Sendable {
    private let control: @Sendable () -> (any MasterControl)?
    let pool: BlockingPool
    private let peers: PeerRoutes?
    private let forwarding: MasterForwarding?
    private let access: AccessMiddleware
    let sql: ForwardedSQL?
    let backendLine: (any BackendLine)?
    let surface: FrontendSurface?
    let metrics: @Sendable () -> String

    /// - Parameters:
    ///   - control: nil while the metadata is still being loaded: every call is then answered with 503.
    ///   - peers: what other frontends ask; nil: they get nothing.
    ///   - forwarding: what an FE that follows does with what only the master answers; nil: there is no other FE.
    ///   - backendLine: for what backends alone know; nil: it is not told.
    ///   - surface: what Doris' routes tell of this FE; nil: they are not there.
    ///   - sql: what runs statements that other frontends pass on; nil: nobody passes any on.
    ///   - access: who gets past the door.
    ///   - metrics: renders `/metrics`.
    public init(
        control: @escaping @Sendable () -> (any MasterControl)?, pool: BlockingPool, peers: PeerRoutes? = nil,
        forwarding: MasterForwarding? = nil, backendLine: (any BackendLine)? = nil, surface: FrontendSurface? = nil,
        sql: ForwardedSQL? = nil, access: AccessMiddleware, metrics: @escaping @Sendable () -> String
    ) {
        self.control = control
        self.pool = pool
        self.peers = peers
        self.forwarding = forwarding
        self.access = access
        self.sql = sql
        self.backendLine = backendLine
        self.surface = surface
        self.metrics = metrics
    }

    public func router() -> HTTPService.Routes {
        let router = HTTPService.makeRoutes()
        router.add(middleware: access)
        if let forwarding { router.add(middleware: ForwardingMiddleware(forwarding: forwarding, pool: pool)) }
        addStatus(to: router)
        addUsers(to: router)
        addFrontends(to: router)
        addClusters(to: router)
        addBackends(to: router)
        addCatalog(to: router)
        addStorage(to: router)
        addLoads(to: router)
        addRepair(to: router)
        addMetadata(to: router)
        addBackups(to: router)
        addBackendViews(to: router)
        addDorisRoutes(to: router)
        PageRoutes().add(to: router)
        router.get("api/openapi.json") { _, _ in
            jsonResponse(Array((descriptions["openapi-fe.json"] ?? "").utf8), status: .ok)
        }
        peers?.add(to: router)
        addSQL(to: router)
        return router
    }

    /// Runs one call of the master and answers its result as JSON.
    func answer<Result: Encodable & Sendable>(_ call: @escaping @Sendable (any MasterControl) throws -> Result)
        async throws
        -> Response
    {
        try jsonResponse(try await run(call))
    }

    /// Runs one call of the master; its errors become HTTP problems.
    func run<Result: Sendable>(_ call: @escaping @Sendable (any MasterControl) throws -> Result) async throws -> Result
    {
        guard let control = control() else {
            throw HTTPProblem.unavailable("the FE is starting; try again in a moment")
        }
        do {
            return try await pool.run { try call(control) }
        } catch let error as MasterError {
            throw problem(error)
        }
    }
}
