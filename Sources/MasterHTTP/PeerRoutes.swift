public import ClusterMetadata
internal import HTTPAPI
internal import HTTPTypes
public import Hummingbird
internal import Logging
internal import Platform
public import StatusHTTP

/// What one frontend asks another: paths, headers and answers as Doris' frontends have them (`contract/behaviour.md §8`). Errors
/// are answered with HTTP 200 and their code in the JSON, as there.
public struct PeerRoutes: Sendable {
    private let files: @Sendable () -> PeerFiles?
    private let pool: BlockingPool
    private let rate: SendRate

    /// - Parameters:
    ///   - files: nil while metadata is still being loaded: every call is then told to come again.
    ///   - pool: its calls wait for another FE: not the one on which the FE's own requests run.
    ///   - bytesPerSecond: of all images together; 0 sets no limit.
    public init(files: @escaping @Sendable () -> PeerFiles?, pool: BlockingPool, bytesPerSecond: Int) {
        self.files = files
        self.pool = pool
        rate = SendRate(bytesPerSecond: bytesPerSecond)
    }

    public func add(to router: HTTPService.Routes) {
        router.get("info") { request, context in
            try await answer(request, context) { files in
                try jsonResponse(DorisAnswer(PeerSummary(try files.summary())))
            }
        }
        router.get("version") { request, context in
            try await answer(request, context) { files in
                textResponse(String(decoding: try files.versionFile(), as: UTF8.self))
            }
        }
        router.get("check") { request, context in
            try await answer(request, context) { files in
                let identity = files.identity
                return headerResponse([("cluster_id", String(identity.clusterID)), ("token", identity.token)])
            }
        }
        router.get("journal_id") { request, context in
            try await answer(request, context) { files in headerResponse([("id", String(files.lastLogID))]) }
        }
        router.get("role") { request, context in
            try await answer(request, context) { files in
                guard let host = request.query("host"), let port = request.query("port").flatMap({ Int32($0) }) else {
                    throw PeerRefusal.badRequest("role needs the parameters host and port")
                }
                let (role, name) = files.role(host: host, port: port)
                return headerResponse([("role", role), ("name", name)])
            }
        }
        router.get("image") { request, context in
            let logger = context.logger
            return try await answer(request, context) { files in
                let logID = try version(of: request)
                let (file, tag) = try files.image(logID)
                var headers = HTTPFields()
                if let name = HTTPField.Name("X-Image-Size") { headers[name] = String(file.sizeBytes) }
                return fileResponse(
                    file, named: "image.\(logID)", tag: tag, to: request, on: pool, rate: rate, headers: headers,
                    logger: logger)
            }
        }
        router.get("put") { request, context in
            let address = context.remoteHost
            return try await answer(request, context) { files in
                let logID = try version(of: request)
                guard let port = request.query("port").flatMap({ Int($0) }), (1...65_535).contains(port) else {
                    throw PeerRefusal.badRequest("put needs the parameter port, 1 to 65535")
                }
                guard let address else { throw PeerRefusal.badRequest("nobody knows who asks, to fetch it from there") }
                try files.takeImage(logID, from: address, port: port)
                return try jsonResponse(DorisAnswer(code: 0, message: "success"))
            }
        }
    }

    private func version(of request: Request) throws -> Int64 {
        guard let logID = request.query("version").flatMap({ Int64($0) }), logID > 0 else {
            throw PeerRefusal.badRequest("the parameter version must be the log id of an image")
        }
        return logID
    }

    private func answer(
        _ request: Request, _ context: ConnectionContext,
        _ body: @escaping @Sendable (PeerFiles) throws -> Response
    ) async throws -> Response {
        let token = HTTPField.Name("token").flatMap { request.headers[$0] }
        let address = context.remoteHost
        do {
            guard let files = files() else {
                throw PeerRefusal.failed("the FE is starting; try again in a moment")
            }
            try files.authorize(token: token, address: address)
            return try await pool.run { try body(files) }
        } catch let error as PeerRefusal {
            return try jsonResponse(DorisAnswer(code: error.code, message: error.description))
        } catch let error as HTTPProblem {
            return try jsonResponse(DorisAnswer(code: 500, message: error.message))
        } catch {
            return try jsonResponse(DorisAnswer(code: 500, message: "\(error)"))
        }
    }
}

private func headerResponse(_ values: [(String, String)]) -> Response {
    var headers = HTTPFields()
    headers[.contentLength] = "0"
    for (name, value) in values {
        if let name = HTTPField.Name(name) { headers[name] = value }
    }
    return Response(status: .ok, headers: headers)
}

private struct PeerSummary: Encodable, Sendable {
    var clusterID: Int32
    var imageSeq: Int64
    var editsSeq: Int64

    init(_ summary: PeerFiles.Summary) {
        clusterID = summary.clusterID
        imageSeq = summary.imageLogID
        editsSeq = summary.lastLogID
    }
}
