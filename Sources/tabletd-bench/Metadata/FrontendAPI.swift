internal import CurlHTTP
internal import Foundation

/// The few calls of the FE's HTTP API that the bench makes.
struct FrontendAPI {
    private let client: HTTPClient
    private let base: String

    init(port: Int) throws {
        client = try HTTPClient()
        base = "http://127.0.0.1:\(port)"
    }

    struct Status: Decodable {
        var tablets: Int
        var replicas: Int
        var aliveBackends: Int
        var healthyReplicas: Int
        var unhealthyTablets: Int
        var imageLogID: Int64
    }

    struct Backend: Decodable {
        var isAlive: Bool
        var lastTabletReportMs: Int64
    }

    struct Job: Decodable {
        var id: Int64
        var state: String
        var message: String
    }

    func status() throws -> Status { try get("/api/status") }
    func backends() throws -> [Backend] { try get("/api/backends") }
    func get<Answer: Decodable>(_ path: String) throws -> Answer { try call(.get, path) }

    /// Writes an image; returns once it is durable.
    func checkpoint() throws { _ = try send(.post, "/api/checkpoint") }
    func makeDatabase(_ name: String) throws { _ = try send(.post, "/api/databases", #"{"name": "\#(name)"}"#) }

    func call<Answer: Decodable>(_ method: HTTPMethod, _ path: String, _ body: String = "") throws -> Answer {
        try JSONDecoder().decode(Answer.self, from: Data(try send(method, path, body)))
    }

    func send(_ method: HTTPMethod, _ path: String, _ body: String = "") throws -> [UInt8] {
        var request = HTTPRequest(method, base + path)
        if !body.isEmpty {
            request.body = .bytes(Array(body.utf8))
            request.headers = [HTTPHeader("Content-Type", "application/json")]
        }
        let response = try client.execute(request)
        guard response.isSuccess else {
            throw BenchError(
                "\(method.rawValue) \(path) answered \(response.status): \(String(decoding: response.body, as: UTF8.self))"
            )
        }
        return response.body
    }
}
