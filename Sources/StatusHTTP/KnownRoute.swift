internal import Hummingbird

/// A route as `GET /api` tells it.
struct KnownRoute: Encodable, Sendable {
    var method: String
    /// `/api/tablets/{id}`.
    var path: String

    init(method: String, path: RouterPath) {
        self.method = method
        self.path = "/" + path.components.map(\.description).joined(separator: "/")
    }
}
