public import BackendCore
internal import HTTPAPI
public import Hummingbird
public import StatusHTTP
public import StorageEngine

/// A BE's HTTP API (docs/http.md): health, status, metrics, tablets, and the rows of a tablet. Each call that touches
/// disk or an object store runs on the blocking pool.
public struct BackendRoutes: Sendable {
    let node: BackendNode
    let engine: StorageEngine
    let pool: BlockingPool
    /// Reads whole tablets for whoever asks, a few at a time: not where the short calls run.
    let longPool: BlockingPool
    let settings: BackendSettings
    let metrics: @Sendable () -> String
    private let downloads: DownloadRoutes
    private let access: AccessMiddleware
    private let clones: CloneService?
    private let migrations: MigrationService?
    let cooldown: CooldownService?

    /// - Parameters:
    ///   - longPool: where compactions and checksums that are asked for run.
    ///   - settings: what `/varz` shows and `/api/update_config` changes.
    ///   - clones: whose progress `/api/clones` shows.
    ///   - migrations: whose progress `/api/migrations` shows.
    ///   - cooldown: whose tablets' waits `/api/cooldown` and `/api/tablets/{id}` show.
    ///   - downloadRate: of all downloads of snapshots together.
    ///   - access: who gets past the door.
    ///   - metrics: renders `/metrics`.
    public init(
        node: BackendNode, engine: StorageEngine, pool: BlockingPool, longPool: BlockingPool,
        settings: BackendSettings, snapshots: SnapshotService? = nil, clones: CloneService? = nil,
        migrations: MigrationService? = nil, cooldown: CooldownService? = nil,
        access: AccessMiddleware, downloadRate: SendRate = SendRate(bytesPerSecond: 0),
        metrics: @escaping @Sendable () -> String
    ) {
        self.node = node
        self.engine = engine
        self.pool = pool
        self.longPool = longPool
        self.settings = settings
        self.metrics = metrics
        self.access = access
        self.clones = clones
        self.migrations = migrations
        self.cooldown = cooldown
        downloads = DownloadRoutes(
            snapshots: snapshots ?? SnapshotService(engine: engine), pool: pool, rate: downloadRate
        ) { [node] in node.accepts(token: $0) }
    }

    public func router() -> HTTPService.Routes {
        let router = HTTPService.makeRoutes()
        router.add(middleware: access)
        addStatus(to: router)
        addTablets(to: router)
        addVersions(to: router)
        addRows(to: router)
        addCooldown(to: router)
        addConfiguration(to: router)
        addDorisRoutes(to: router)
        addCompaction(to: router)
        addTabletMeta(to: router)
        downloads.add(to: router)
        router.get("api/openapi.json") { _, _ in
            jsonResponse(Array((descriptions["openapi-be.json"] ?? "").utf8), status: .ok)
        }
        router.get("api/migrations") { [migrations] _, _ in
            try jsonResponse((migrations?.progress ?? []).map { MigrationView($0) })
        }
        router.get("api/clones") { [clones] _, _ in try jsonResponse((clones?.progress ?? []).map { CloneView($0) }) }
        return router
    }

    private func addStatus(to router: HTTPService.Routes) {
        router.get("api/health") { _, _ in
            let startup = node.status(taskLimit: 0).startup
            let health = BackendHealthView(startup)
            return try jsonResponse(health, status: startup.isLoaded ? .ok : .serviceUnavailable)
        }
        router.get("api/status") { _, _ in
            let view = try await pool.run { [node] in BackendStatusView(node.status()) }
            return try jsonResponse(view)
        }
        router.get("metrics") { _, _ in
            let text = try await pool.run { [metrics] in metrics() }
            return textResponse(text, contentType: "text/plain; version=0.0.4; charset=utf-8")
        }
    }
}
