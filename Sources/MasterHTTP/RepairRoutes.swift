internal import HTTPAPI
internal import Hummingbird
internal import MasterCore
internal import StatusHTTP
internal import TabletModel

/// Unhealthy replicas, the tablet scheduler, and comparisons of replicas.
extension MasterRoutes {
    private static let defaultLimit: Int64 = 1000

    func addRepair(to router: HTTPService.Routes) {
        router.get("api/replicas") { request, _ in
            guard request.flagQuery("unhealthy") else {
                throw HTTPProblem.badRequest(
                    "only unhealthy replicas are listed here: add unhealthy=true; "
                        + "api/tables/DATABASE/TABLE/tablets lists every replica of a table")
            }
            let table = try request.query("table").map { try qualifiedName($0) }
            let limit = try request.integerQuery("limit") ?? Self.defaultLimit
            return try await answer { try $0.unhealthyReplicas(of: table, limit: Int(clamping: limit)) }
        }
        router.get("api/scheduler") { _, _ in try await answer { try $0.scheduler() } }
        router.post("api/tablets/:id/repair") { _, context in
            let id = TabletID(try context.pathInteger("id"))
            return try await answer { try $0.repair([id]) }
        }
        router.post("api/tables/:database/:table/repair") { _, context in
            let name = try tableName(context)
            return try await answer { control in
                try control.repair(try control.tablets(of: name).map(\.id))
            }
        }
        router.post("api/tablets/:id/migrate") { request, context in
            let id = TabletID(try context.pathInteger("id"))
            let body = try await decodeBody(MoveReplicaRequest.self, from: request)
            return try await answer { try $0.moveReplica(id, body) }
        }
        router.post("api/tablets/:id/check") { _, context in
            let id = TabletID(try context.pathInteger("id"))
            return try await answer { try $0.checkConsistency(id) }
        }
        router.get("api/tablets/:id/check") { _, context in
            let id = TabletID(try context.pathInteger("id"))
            return try await answer { try $0.consistencyCheck(id) }
        }
    }
}

/// `database.table` in a query.
private func qualifiedName(_ text: String) throws -> TableName {
    guard text.contains("."), let name = TableName(text: text, defaultDatabase: "") else {
        throw HTTPProblem.badRequest("'\(text)' is no table's name; write DATABASE.TABLE")
    }
    return name
}
