import AccessControl
import BackendCore
import ByteText
import CurlHTTP
import Foundation
import HTTPAPI
import StatusHTTP

/// Has the master look at a user and a password: `GET /api/session`.
struct MasterLogins: Sendable {
    let node: BackendNode
    let client: HTTPClient

    /// nil: the master knows nobody by it. Blocking.
    /// - Throws: `HTTPProblem` 503 when no master could be asked, and what it said when it looks at nobody now.
    /// - Parameter host: from where whoever asks comes: failures count there, and not at this backend.
    func caller(_ user: String, _ password: String, from host: String) throws -> Caller? {
        guard let master = node.masterHTTPAddress else {
            throw HTTPProblem.unavailable(
                "no master has been heard that could look at a password; try again in a moment")
        }
        var request = HTTPRequest(
            .get, "cluster://\(master)/api/session",
            headers: [
                HTTPHeader("Authorization", "Basic " + Base64.text(Array("\(user):\(password)".utf8))),
                HTTPHeader("token", node.clusterToken ?? "-"), HTTPHeader(AccessMiddleware.client, host),
            ],
            responseLimitBytes: 1 << 20)
        request.timeouts.connect = .seconds(2)
        request.timeouts.answer = .seconds(15)
        let response: HTTPResponse
        do {
            response = try client.execute(request)
        } catch {
            throw HTTPProblem.unavailable("the master at \(master) could not be asked who this is: \(error.message)")
        }
        switch response.status {
        case 200:
            let session = try JSONDecoder().decode(SessionView.self, from: Data(response.body))
            let grants = session.grants.compactMap { view in
                Right.allCases.first { $0.description == view.right }.map { Grant($0, on: view.database) }
            }
            return Caller(name: session.user, grants: Grants(grants))
        case 401: return nil
        case 429: throw HTTPProblem.tooManyFailures("too many logins failed")
        default:
            throw HTTPProblem.unavailable("the master at \(master) answered \(response.status) to who this is")
        }
    }
}
