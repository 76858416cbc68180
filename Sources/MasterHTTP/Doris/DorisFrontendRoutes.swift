internal import AccessControl
internal import HTTPAPI
internal import Hummingbird
internal import MasterCore
internal import StatusHTTP
internal import TabletModel

/// Doris' FE over HTTP: its paths, its shapes, and its way of telling errors (HTTP 200 and a code in the envelope).
extension MasterRoutes {
    func addDorisRoutes(to router: HTTPService.Routes) {
        guard let surface else { return }
        addBootstrap(surface, to: router)
        router.get("api/show_meta_info") { request, _ in
            await enveloped {
                switch request.query("action")?.lowercased() {
                case "show_db_size": return try DorisAnswer(await databaseSizes()).response()
                case "show_ha": return try DorisAnswer(await frontendGroup()).response()
                case nil, "": return try DorisAnswer(badRequest: "Missing action parameter").response()
                case let other?: return try DorisAnswer(badRequest: "Unknown action: \(other)").response()
                }
            }
        }
        router.get("rest/v1/config/fe") { request, _ in
            await enveloped {
                let wanted = request.query("conf_item") ?? ""
                let shown = surface.settings().filter { wanted.isEmpty || $0.name == wanted }
                let table = TextTable(columns: ["Name", "Value"], rows: shown.map { [$0.name, $0.value] })
                return try DorisAnswer(RowsView(table)).response()
            }
        }
        if let sessions = surface.sessions {
            router.get("rest/v1/session") { _, context in
                let caller = try context.loggedIn()
                let table = sessions(caller.name, caller.may(.admin, on: nil))
                return try DorisAnswer(RowsView(table), count: table.rows.count).response()
            }
        }
        if let proc = surface.proc { addProc(proc, to: router) }
        addNodes(surface, to: router)
    }

    private func addBootstrap(_ surface: FrontendSurface, to router: HTTPService.Routes) {
        router.get("api/bootstrap") { request, _ in
            await enveloped {
                guard try await run({ try $0.status() }).isReady else {
                    return try DorisAnswer(error: "the FE is not ready to serve").response()
                }
                let (cluster, token) = (request.query("cluster_id"), request.query("token"))
                if cluster == nil, token == nil { return try DorisAnswer<String>(nil, message: "OK").response() }
                guard let id = cluster.flatMap({ Int32($0) }), surface.accepts(id, token ?? "") else {
                    return try DorisAnswer(error: "cluster_id and token are not this cluster's").response()
                }
                let view = BootstrapView(
                    queryPort: surface.queryPort(), rpcPort: surface.rpcPort(),
                    maxReplayedJournal: surface.replayedLogID())
                return try DorisAnswer(view, message: "OK").response()
            }
        }
    }

    private func addProc(
        _ proc: @escaping @Sendable (String) throws -> TextTable, to router: HTTPService.Routes
    ) {
        let table = { @Sendable (request: Request) async throws -> (path: String, table: TextTable) in
            let given = request.query("path") ?? ""
            let path = given.isEmpty ? "/" : given
            return (path, try await pool.run { try proc(path) })
        }
        router.get("api/show_proc") { request, _ in
            await enveloped { try DorisAnswer(try await table(request).table.rows).response() }
        }
        router.get("rest/v1/system") { request, _ in
            await enveloped {
                let (path, found) = try await table(request)
                return try DorisAnswer(RowsView(found, below: path), count: found.rows.count).response()
            }
        }
    }

    private func databaseSizes() async throws -> [String: Int64] {
        let (databases, tables) = try await run { (try $0.databases(), try $0.tables(inDatabase: nil)) }
        var sizes = Dictionary(uniqueKeysWithValues: databases.map { ($0.name, Int64(0)) })
        for table in tables { sizes[table.name.database, default: 0] += table.localBytes + table.remoteBytes }
        return sizes
    }

    private func frontendGroup() async throws -> [String: String] {
        let (status, frontends, info) = try await run { (try $0.status(), try $0.frontends(), try $0.metadataInfo()) }
        let hosts = { (role: FrontendRole) in
            frontends.filter { $0.role == role }.map(\.host).joined(separator: ",")
        }
        return [
            "role": frontends.contains { $0.isCurrent && $0.isMaster } ? "MASTER" : status.role,
            "current_journal_id": String(status.lastLogID), "can_read": "true", "is_ready": String(status.isReady),
            "master": frontends.first { $0.isMaster }?.host ?? "unknown", "electable_nodes": hosts(.follower),
            "observer_nodes": hosts(.observer), "last_checkpoint_version": String(status.imageLogID),
            "last_checkpoint_time": String(info.images.map(\.modifiedMs).max() ?? 0),
        ]
    }

    /// Errors in Doris' way. What decides who may ask comes before, and answers with a status.
    func enveloped(_ body: () async throws -> Response) async -> Response {
        do {
            return try await body()
        } catch let refusal as FrontendSurface.ProcRefusal {
            return DorisAnswer(error: refusal.reason).failure()
        } catch let problem as HTTPProblem where problem.status == .badRequest {
            return DorisAnswer(badRequest: problem.message).failure()
        } catch let problem as HTTPProblem {
            return DorisAnswer(error: problem.message).failure()
        } catch {
            return DorisAnswer(error: "\(error)").failure()
        }
    }
}

private struct BootstrapView: Encodable, Sendable {
    var queryPort: Int32
    var rpcPort: Int32
    var maxReplayedJournal: Int64
}

/// A table as Doris' `/rest/v1` shows it: each row an object by column, with links from the first column where they lead on.
struct RowsView: Encodable, Sendable {
    private let table: TextTable
    private let path: String?

    init(_ table: TextTable, below path: String? = nil) {
        self.table = table
        self.path = path
    }

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        try members.encode(table.columns, forKey: Key(stringValue: "column_names"))
        if path != nil {
            try members.encode(Array(table.columns.prefix(1)), forKey: Key(stringValue: "href_columns"))
        }
        var rows = members.nestedUnkeyedContainer(forKey: Key(stringValue: "rows"))
        for row in table.rows {
            var cells = rows.nestedContainer(keyedBy: Key.self)
            for (column, cell) in zip(table.columns, row) {
                try cells.encode(cell ?? "\\N", forKey: Key(stringValue: column))
            }
            if let path, let first = row.first ?? nil {
                let target = (path.hasSuffix("/") ? path : path + "/") + first
                try cells.encode(["/rest/v1/system?path=\(target)"], forKey: Key(stringValue: "__hrefPaths"))
            }
        }
    }
}
