internal import HTTPAPI
internal import Hummingbird
internal import MasterCore
internal import StatusHTTP

/// What is in the meta dir, and metadata older than the backends.
extension MasterRoutes {
    func addMetadata(to router: HTTPService.Routes) {
        router.get("api/metadata") { _, _ in try await answer { try $0.metadataStatus() } }
        router.get("api/metadata/info") { _, _ in try await answer { try $0.metadataInfo() } }
        router.get("api/metadata/stats") { _, _ in try await answer { try $0.metadataStats() } }
        router.get("api/metadata/log") { request, _ in
            let (from, to) = (try request.integerQuery("from"), try request.integerQuery("to"))
            return try await answer { try $0.metadataLog(from: from ?? 0, to: to) }
        }
        router.post("api/metadata/adopt") { request, _ in
            let choice = try await decodeBody(MetadataChoice.self, from: request)
            return try await answer { try $0.adoptMetadata(choice) }
        }
        router.post("api/metadata/discard") { request, _ in
            let choice = try await decodeBody(MetadataChoice.self, from: request)
            return try await answer { try $0.discardMetadata(choice) }
        }
    }
}
