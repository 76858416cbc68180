import CurlHTTP
import MasterHTTP
import StatusHTTP
import TabletModel

/// Asks the HTTP ports of backends.
struct BackendRelay: BackendLine {
    private static let answerLimit = 16 << 20

    let http: HTTPClient
    /// The cluster's.
    let token: @Sendable () -> String

    func ask(
        _ request: ForwardedRequest, of backend: NetworkAddress
    ) throws -> (status: Int, body: [UInt8]) {
        let method = HTTPMethod(rawValue: request.method) ?? .get
        var asked = HTTPRequest(
            method, "cluster://\(backend)\(request.path)",
            headers: [HTTPHeader("token", token()), HTTPHeader(AccessMiddleware.speaksFor, "frontend")],
            body: method == .get ? nil : .bytes(request.body), responseLimitBytes: Self.answerLimit)
        asked.mayBeSentAgain = method == .get
        asked.timeouts.connect = .seconds(2)
        asked.timeouts.answer = .seconds(10)
        let answer = try http.execute(asked)
        return (answer.status, answer.body)
    }
}
