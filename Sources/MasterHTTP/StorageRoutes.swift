internal import HTTPAPI
internal import Hummingbird
internal import MasterCore
internal import StatusHTTP

extension MasterRoutes {
    func addStorage(to router: HTTPService.Routes) {
        router.get("api/storage_resources") { _, _ in try await answer { try $0.storageResources() } }
        router.post("api/storage_resources") { request, _ in
            let body = try await decodeBody(StorageResourceBody.self, from: request)
            return try await answer { try $0.createStorageResource(body.request) }
        }
        router.post("api/storage_resources/check") { request, _ in
            let body = try await decodeBody(StorageResourceBody.self, from: request)
            return try await answer { try $0.checkStorageResource(body.request) }
        }
        router.post("api/storage_resources/:name/check") { request, context in
            let name = try context.path("name")
            let body = try await decodeBody(StorageResourceChanges.self, from: request)
            return try await answer { try $0.checkStorageResource(name, body.request) }
        }
        router.put("api/storage_resources/:name") { request, context in
            let name = try context.path("name")
            let body = try await decodeBody(StorageResourceChanges.self, from: request)
            return try await answer { try $0.alterStorageResource(name, body.request) }
        }
        router.delete("api/storage_resources/:name") { request, context in
            let name = try context.path("name")
            let givesUp = request.flagQuery("give_up_garbage")
            return try await answer { control in
                try control.dropStorageResource(name, givesUpGarbage: givesUp)
                return DoneView()
            }
        }
        router.get("api/storage_policies") { _, _ in try await answer { try $0.storagePolicyViews() } }
        router.post("api/storage_policies") { request, _ in
            let body = try await decodeBody(CreateStoragePolicyRequest.self, from: request)
            return try await answer { try $0.createStoragePolicy(body) }
        }
        router.delete("api/storage_policies/:name") { _, context in
            let name = try context.path("name")
            return try await answer { control in
                try control.dropStoragePolicy(name)
                return DoneView()
            }
        }
        router.put("api/tables/:database/:table/storage_policy") { request, context in
            let name = try tableName(context)
            let body = try await decodeBody(AttachStoragePolicyRequest.self, from: request)
            return try await answer { try $0.attachStoragePolicy(body.policy, to: name) }
        }
    }
}
