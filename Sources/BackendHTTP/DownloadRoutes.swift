internal import HTTPTypes
public import Hummingbird
internal import Logging
internal import Platform
public import StatusHTTP
public import StorageEngine

/// `GET` and `HEAD /api/_tablet/_download?token=…&file=…`: the files of snapshots, for the peers of the cluster
/// (`contract/behaviour.md` §3). A folder is answered with the names in it, one a line; a file with its bytes, or with one
/// range of them.
///
/// Only who knows the cluster's token gets anything: 401 without one, 403 with another, 503 while this node has not learnt
/// it. A path that is not exactly that of a snapshot's folder or file is 403, one that is gone 404.
public struct DownloadRoutes: Sendable {
    private let snapshots: SnapshotService
    private let pool: BlockingPool
    private let rate: SendRate
    private let accepts: @Sendable (String) -> Bool?

    /// - Parameters:
    ///   - rate: of all downloads together.
    ///   - accepts: whether a token is the cluster's, in constant time; nil while that is not known.
    public init(
        snapshots: SnapshotService, pool: BlockingPool, rate: SendRate = SendRate(bytesPerSecond: 0),
        accepts: @escaping @Sendable (String) -> Bool?
    ) {
        self.snapshots = snapshots
        self.pool = pool
        self.accepts = accepts
        self.rate = rate
    }

    /// These routes and no others.
    public func router() -> HTTPService.Routes {
        let router = HTTPService.makeRoutes()
        add(to: router)
        return router
    }

    public func add(to router: HTTPService.Routes) {
        router.get("api/_tablet/_download") { request, context in try await answer(request, context) }
        router.head("api/_tablet/_download") { request, context in
            try await answer(request, context).createHeadResponse()
        }
    }

    private func answer(_ request: Request, _ context: some RequestContext) async throws -> Response {
        try checkToken(request)
        let path = try request.requiredQuery("file")
        switch try await open(path) {
        case .folder(let names): return textResponse(names.map { $0 + "\n" }.joined())
        case .file(let file):
            return fileResponse(file, named: path, to: request, on: pool, rate: rate, logger: context.logger)
        }
    }

    private func checkToken(_ request: Request) throws {
        guard let token = request.query("token"), !token.isEmpty else {
            throw HTTPProblem(.unauthorized, code: "notAuthorized", message: "the query parameter 'token' is missing")
        }
        switch accepts(token) {
        case true?: return
        case false?: throw HTTPProblem.forbidden("the token is not this cluster's")
        case nil: throw HTTPProblem.unavailable("this backend has had no heartbeat yet: try again")
        }
    }

    private func open(_ path: String) async throws -> SnapshotDownload {
        do {
            return try await pool.run { [snapshots] in try snapshots.download(path) }
        } catch let error as SnapshotDownload.Refusal {
            switch error {
            case .outside: throw HTTPProblem.forbidden(error.description)
            case .absent: throw HTTPProblem.notFound(error.description)
            }
        } catch let error as EngineError {
            throw HTTPProblem.unavailable(error.description)
        } catch let error as FileSystemError {
            throw HTTPProblem(.internalServerError, code: "storage", message: error.description)
        }
    }
}
