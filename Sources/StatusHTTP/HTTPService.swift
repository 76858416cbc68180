internal import HTTPTypes
public import Hummingbird
internal import HummingbirdCore
public import Logging
internal import NIOCore
public import ServiceLifecycle
internal import Synchronization

/// The HTTP side of a daemon as a `Service`: serves until graceful shutdown, then finishes the requests in flight.
public final class HTTPService: Service {
    public typealias Routes = Router<ConnectionContext>

    /// A router to add routes to. HEAD is answered wherever GET is, as GET without the body.
    public static func makeRoutes() -> Routes {
        let routes = Routes(context: ConnectionContext.self, options: [.autoGenerateHeadEndpoints])
        routes.add(middleware: ContinueMiddleware())
        return routes
    }

    private let routes: @Sendable () -> Routes
    private let host: String
    private let port: Int
    private let keys: String
    private let rules: PortRules
    private let logger: Logger
    private let onListening: @Sendable (Int) -> Void
    private let isListening = Atomic<Bool>(false)

    /// - Parameters:
    ///   - routes: makes the router when the service runs.
    ///   - port: 0 picks a free one.
    ///   - keys: the configuration keys of host and port, for the error when they can't be had.
    ///   - rules: from where it takes callers, and whether encrypted.
    ///   - onListening: called once with the bound port, when the first request can be served.
    public init(
        routes: @escaping @Sendable () -> Routes, host: String, port: Int, keys: String = "bind_host",
        rules: PortRules = PortRules(),
        logger: Logger, onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.routes = routes
        self.host = host
        self.port = port
        self.keys = keys
        self.rules = rules
        self.logger = logger
        self.onListening = onListening
    }

    /// - Throws: `HTTPListenError` when the address can't be had.
    public func run() async throws {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let routes = routes()
        addIndex(to: routes)
        answerOptions(on: routes)
        let application = Application(
            router: routes,
            server: HTTPServerBuilder { [rules] responder in
                GuardedChannel(base: HTTP1Channel(responder: responder), rules: rules)
            },
            configuration: .init(address: .hostname(host, port: port), serverName: "tabletd"),
            onServerRunning: { [self] channel in
                isListening.store(true, ordering: .relaxed)
                onListening(channel.localAddress?.port ?? 0)
            },
            logger: quiet)
        do {
            try await application.run()
        } catch {
            guard !isListening.load(ordering: .relaxed), !(error is CancellationError) else { throw error }
            throw HTTPListenError(host: host, port: port, keys: keys, cause: error)
        }
    }

    /// `GET /api` tells every route: method and path, parameters in braces.
    private func addIndex(to routes: Routes) {
        var known = routes.routes.map { KnownRoute(method: $0.method.rawValue, path: $0.path) }
        known.append(KnownRoute(method: "GET", path: "api"))
        let index = known.filter { $0.method != "HEAD" }.sorted { ($0.path, $0.method) < ($1.path, $1.method) }
        routes.get("api") { _, _ in try jsonResponse(index) }
    }

    /// OPTIONS at every path tells its methods, as probes of load balancers and browsers ask.
    private func answerOptions(on routes: Routes) {
        var methods: [String: (path: RouterPath, names: Set<String>)] = [:]
        for route in routes.routes {
            methods[route.path.description, default: (route.path, ["OPTIONS"])].names.insert(route.method.rawValue)
        }
        for (path, var names) in methods.values {
            if names.contains("GET") { names.insert("HEAD") }
            let allowed = names.sorted().joined(separator: ", ")
            routes.on(path, method: .options) { _, _ in
                var headers = HTTPFields()
                headers[.allow] = allowed
                return Response(status: .noContent, headers: headers)
            }
        }
    }
}
