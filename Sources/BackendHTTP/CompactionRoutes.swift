internal import Hummingbird
internal import StatusHTTP
internal import StorageEngine
internal import TabletModel

/// Compactions as Doris' BE shows and starts them.
extension BackendRoutes {
    func addCompaction(to router: HTTPService.Routes) {
        router.get("api/compaction/show") { request, _ in
            let id = try Self.tabletID(request)
            let view = try await run { CompactionStatusView(try $0.tablet(id), $0.compactionLog.times(of: id)) }
            return try jsonResponse(view)
        }
        router.get("api/compaction/run_status") { [engine] request, _ in
            guard request.query("tablet_id") != nil else { return try jsonResponse(CompactionRunsView(engine)) }
            let id = try Self.tabletID(request)
            let schemaHash = try await run { try $0.tablet(id).header.schemaHash }
            return try jsonResponse(CompactionRunView(id, schemaHash, engine.compactionLog.run(of: id)))
        }
        router.post("api/compaction/run") { request, _ in
            let asked = try Self.compaction(request)
            _ = try await run { try $0.tablet(asked.tabletID) }
            let outcome = await compact(asked, patience: .seconds(2))
            return try jsonResponse(CompactionAnswer(asked, outcome))
        }
    }

    /// What Doris knows and this backend does not is refused by name, as is every other parameter.
    private static func compaction(_ request: Request) throws -> CompactionRequest {
        for (name, value) in request.uri.queryParameters {
            switch name {
            case "tablet_id", "compact_type", "schema_hash": continue
            case "remote" where value == "false": continue
            case "remote": throw HTTPProblem.badRequest("remote=\(value): this backend compacts its own rowsets only")
            case "table_id":
                throw HTTPProblem.badRequest("table_id: compactions are asked for tablet by tablet, with tablet_id")
            default: throw HTTPProblem.badRequest("there is no parameter '\(name)'; say tablet_id and compact_type")
            }
        }
        let type = try request.requiredQuery("compact_type")
        guard let kind = CompactionKind(rawValue: type) else {
            let known = CompactionKind.allCases.map(\.rawValue).joined(separator: " and ")
            throw HTTPProblem.badRequest("the compaction type '\(type)' is not supported; there are \(known)")
        }
        return CompactionRequest(tabletID: try tabletID(request), schemaHash: try schemaHash(request), kind: kind)
    }

    static func tabletID(_ request: Request) throws -> TabletID {
        guard let id = try request.integerQuery("tablet_id") else {
            throw HTTPProblem.badRequest("the query parameter 'tablet_id' is missing")
        }
        return TabletID(id)
    }

    /// nil when any will do: none is given, or -1.
    static func schemaHash(_ request: Request) throws -> SchemaHash? {
        guard let number = try request.integerQuery("schema_hash"), number != -1 else { return nil }
        guard let hash = Int32(exactly: number) else {
            throw HTTPProblem.badRequest("the schema_hash \(number) is none: it has 32 bits")
        }
        return SchemaHash(hash)
    }

    /// Starts the run, and waits for its end for a while. It goes on after that.
    /// - Returns: nil when it had not ended by then.
    private func compact(
        _ request: CompactionRequest, patience: Duration
    ) async -> Result<CompactionOutcome, any Error>? {
        let (first, promise) = AsyncStream<Result<CompactionOutcome, any Error>?>.makeStream()
        Task { [longPool, engine] in
            do {
                promise.yield(.success(try await longPool.run { try engine.compact(request, isAsked: true) }))
            } catch {
                promise.yield(.failure(error))
            }
        }
        let timer = Task {
            try await Task.sleep(for: patience)
            promise.yield(nil)
        }
        defer { timer.cancel() }
        for await outcome in first { return outcome }
        return nil
    }
}

/// `{"status", "msg"}`.
private struct CompactionAnswer: Encodable {
    var status = "Success"
    var msg: String

    init(_ request: CompactionRequest, _ outcome: Result<CompactionOutcome, any Error>?) {
        msg = "compaction task is successfully triggered. Table id: 0. Tablet id: \(request.tabletID)"
        switch outcome {
        case nil, .success(.merged): return
        case .success(.nothing): fail("the tablet has no rowsets to merge by a \(request.kind.rawValue) compaction")
        case .success(.superseded): fail("the tablet changed meanwhile; nothing was merged")
        case .failure(let error): fail("\(error)")
        }
    }

    private mutating func fail(_ reason: String) {
        status = "Fail"
        msg = "fail to execute compaction: \(reason)"
    }
}

/// Whether a tablet is compacted now.
private struct CompactionRunView: Encodable {
    var status = "Success"
    var run_status: Bool
    var msg: String
    var tablet_id: Int64
    var schema_hash: Int32
    var compact_type: String

    init(_ id: TabletID, _ schemaHash: SchemaHash, _ run: CompactionLog.Run?) {
        run_status = run != nil
        msg = "compaction task for this tablet is \(run == nil ? "not " : "")running"
        tablet_id = id.rawValue
        schema_hash = schemaHash.rawValue
        compact_type = run?.kind.rawValue ?? ""
    }
}

/// Every data dir with the tablets of it that are compacted now.
private struct CompactionRunsView: Encodable {
    var CumulativeCompaction: [String: [Int64]]
    var BaseCompaction: [String: [Int64]]

    init(_ engine: StorageEngine) {
        let running = engine.compactionLog.running
        let tablets = { (kind: CompactionKind) in
            let dirs = engine.dataDirs.map { dir in
                (dir.path, running.filter { $0.kind == kind && $0.dataDir == dir.path }.map(\.tabletID.rawValue))
            }
            return Dictionary(dirs) { first, _ in first }
        }
        CumulativeCompaction = tablets(.cumulative)
        BaseCompaction = tablets(.base)
    }
}
