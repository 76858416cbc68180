internal import AccessControl
internal import HTTPAPI
internal import Hummingbird
internal import MasterCore
internal import StatusHTTP

extension MasterRoutes {
    func addBackups(to router: HTTPService.Routes) {
        router.get("api/backups") { request, _ in
            let (resource, prefix) = (request.query("resource"), request.query("prefix"))
            return try await answer { try $0.backups(from: resource, prefix: prefix) }
        }
        router.post("api/backups") { request, context in
            let body = try await decodeBody(BackupRequest.self, from: request)
            try context.require(.admin, on: body.table.database)
            return try await answer { try $0.backUp(body) }
        }
        router.delete("api/backups/:id") { _, context in
            let id = try context.pathInteger("id")
            return try await answer { try $0.cancelBackup(id) }
        }
        router.post("api/restores") { request, _ in
            let body = try await decodeBody(RestoreRequest.self, from: request)
            return try await answer { try $0.restore(body) }
        }
    }
}
