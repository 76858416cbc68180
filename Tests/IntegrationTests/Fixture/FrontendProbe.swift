import CurlHTTP

/// HTTP to a cluster's FE.
final class FrontendProbe {
    private let client: HTTPClient
    private let address: String

    init(_ cluster: ProcessCluster) throws {
        client = try HTTPClient()
        address = cluster.frontendAddress
    }

    deinit { client.shutdown() }

    func get(_ path: String) throws -> HTTPResponse {
        try client.execute(HTTPRequest(.get, "http://\(address)\(path)", responseLimitBytes: 16 << 20))
    }
}
