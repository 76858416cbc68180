internal import AccessControl
internal import BackendCore
internal import HTTPTypes
internal import Hummingbird
internal import StatusHTTP
internal import StorageEngine
internal import TabletModel

extension BackendRoutes {
    func addRows(to router: HTTPService.Routes) {
        router.get("api/_tablet/_read") { request, context in
            guard let tablet = try request.integerQuery("tablet_id").map({ TabletID($0) }) else {
                throw HTTPProblem.badRequest("the query parameter 'tablet_id' is missing")
            }
            let version = try request.integerQuery("version").map { Version($0) }
            try await checkRowToken(of: request, tablet, version)
            let schemaHash = try request.integerQuery("schema_hash")
            let producer = try await run { engine in
                let local = try engine.tablet(tablet).schemaHash
                if let schemaHash, schemaHash != Int64(local.rawValue) {
                    throw EngineError.invalidArgument(
                        "tablet \(tablet) has schema hash \(local), not \(schemaHash); read by a fresh plan")
                }
                let producer = ScanProducer(try engine.openScan(tablet, version: version))
                // The first block is read before the answer begins, so that most failures still get a status.
                try producer.prime()
                return producer
            }
            return streamedResponse(
                producer, on: pool, contentType: "application/octet-stream", logger: context.logger)
        }
    }

    /// A process that has just started has not heard its master yet, and will in a moment.
    private func secret() async throws -> String? {
        for _ in 0..<200 {
            if let secret = node.clusterToken { return secret }
            try await Task.sleep(for: .milliseconds(50))
        }
        return nil
    }

    /// Rows are for those whom the FE gave a token for them.
    private func checkRowToken(of request: Request, _ tablet: TabletID, _ version: Version?) async throws {
        guard let name = HTTPField.Name("token"), let token = request.headers[name] else {
            throw HTTPProblem.unauthorized(
                "the header 'token' is missing: rows are read by a plan of the frontend (GET …/read_plan)")
        }
        guard let secret = try await secret() else {
            throw HTTPProblem.unavailable("no master has been heard yet; try again in a moment")
        }
        let refusal = RowToken.refusal(token, tablet: tablet, version: version, now: node.wallNow, secret: secret)
        if let refusal { throw HTTPProblem.forbidden(refusal) }
    }
}

/// The rows of a scan as newline-terminated lines, about a block at a time.
private final class ScanProducer: BodyProducer {
    /// Both are touched by the one caller of `next` only (`BodyProducer`).
    nonisolated(unsafe) private let scan: TabletScan
    nonisolated(unsafe) private var primed: [UInt8]?

    init(_ scan: TabletScan) { self.scan = scan }

    func prime() throws { primed = try read() }

    func next() throws -> [UInt8]? {
        if let first = primed {
            primed = nil
            return first
        }
        return try read()
    }

    private func read() throws -> [UInt8]? {
        guard let block = try scan.next() else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(96 << 10)
        block.forEachRow { row in
            bytes.append(contentsOf: row)
            bytes.append(0x0A)
        }
        return bytes
    }
}
