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
