internal import HTTPAPI
internal import Hummingbird
internal import StatusHTTP
internal import StorageEngine
internal import TabletModel

extension BackendRoutes {
    func addTablets(to router: HTTPService.Routes) {
        router.get("api/tablets") { request, _ in
            let limit = min(try request.integerQuery("limit") ?? 1000, 100_000)
            let after = try request.integerQuery("after").map { TabletID($0) }
            let lines = try await pool.run { [engine] in
                engine.tablets(after: after, limit: Int(max(0, limit))).map(BackendTabletView.init)
            }
            return try jsonResponse(lines)
        }
        router.get("api/tablets/:id") { _, context in
            let id = TabletID(try context.pathInteger("id"))
            let detail = try await run { [cooldown] in
                BackendTabletDetailView(try $0.tablet(id), cooldown?.wait(of: id))
            }
            return try jsonResponse(detail)
        }
    }

    /// Runs one call of the engine; its errors become HTTP problems.
    /// - Parameter other: where; nil: where short calls run.
    func run<Result: Sendable>(
        on other: BlockingPool? = nil, _ call: @escaping @Sendable (StorageEngine) throws -> Result
    ) async throws -> Result {
        do {
            return try await (other ?? pool).run { [engine] in try call(engine) }
        } catch let error as EngineError {
            throw problem(error)
        } catch let error as any CustomStringConvertible & Error {
            // Of a seam (file, meta store, object store) or a segment: each names its file or key, and no secret.
            throw HTTPProblem(.internalServerError, code: "storage", message: error.description)
        }
    }

    private func problem(_ error: EngineError) -> HTTPProblem {
        switch error {
        case .unknownTablet, .versionNotReadable: .notFound(error.description)
        case .schemaHashMismatch, .invalidArgument: .badRequest(error.description)
        case .loading, .busy: .unavailable(error.description)
        default: HTTPProblem(.internalServerError, code: "engine", message: error.description)
        }
    }
}
