internal import Hummingbird
internal import StatusHTTP
internal import StorageEngine
internal import TabletModel

/// What a tablet's records say, and what its rows add up to, as Doris' BE tells it.
extension BackendRoutes {
    func addTabletMeta(to router: HTTPService.Routes) {
        router.get("api/meta/header/:tablet_id") { _, context in
            let id = TabletID(try context.pathInteger("tablet_id"))
            let view = try await run { TabletMetaView(try $0.tablet(id)) }
            return try jsonResponse(view, keys: .snakeCase)
        }
        router.get("api/checksum") { [longPool, engine] request, _ in
            let id = try Self.tabletID(request)
            guard let version = try request.integerQuery("version") else {
                throw HTTPProblem.badRequest("the query parameter 'version' is missing")
            }
            let given = try Self.schemaHash(request)
            let schemaHash = try await run { try given ?? $0.tablet(id).header.schemaHash }
            let asked = CheckConsistencyRequest(tabletID: id, schemaHash: schemaHash, version: Version(version))
            let checksum = try await run(on: longPool) { _ in try engine.checksum(asked).folded }
            return textResponse(String(checksum))
        }
    }
}
