internal import HTTPAPI
internal import Hummingbird
internal import StatusHTTP
internal import StorageEngine
internal import TabletModel

extension BackendRoutes {
    func addVersions(to router: HTTPService.Routes) {
        router.get("api/tablets/:id/versions") { _, context in
            let id = TabletID(try context.pathInteger("id"))
            let view = try await run { VersionGraphView(try $0.tablet(id).versionGraph) }
            return try jsonResponse(view)
        }
    }
}
