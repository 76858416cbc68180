import CurlHTTP
import MasterHTTP
import TabletModel

/// Asks the HTTP ports of backends.
struct BackendRelay: BackendLine {
    private static let answerLimit = 16 << 20

    let http: HTTPClient

    func ask(
        _ request: ForwardedRequest, of backend: NetworkAddress, authorization: String?
    ) throws -> (status: Int, body: [UInt8]) {
        let method = HTTPMethod(rawValue: request.method) ?? .get
        var asked = HTTPRequest(
            method, "http://\(backend)\(request.path)",
            headers: authorization.map { [HTTPHeader("Authorization", $0)] } ?? [],
            body: method == .get ? nil : .bytes(request.body), responseLimitBytes: Self.answerLimit)
        asked.mayBeSentAgain = method == .get
        asked.timeouts.connect = .seconds(2)
        asked.timeouts.answer = .seconds(10)
        let answer = try http.execute(asked)
        return (answer.status, answer.body)
    }
}
