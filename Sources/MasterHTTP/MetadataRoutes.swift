internal import HTTPAPI
internal import Hummingbird
internal import MasterCore
internal import StatusHTTP

/// Metadata older than the backends.
extension MasterRoutes {
    func addMetadata(to router: HTTPService.Routes) {
        router.get("api/metadata") { _, _ in try await answer { try $0.metadataStatus() } }
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
