internal import HTTPAPI
internal import HTTPTypes
internal import Hummingbird
internal import MasterCore
internal import StatusHTTP
public import TabletModel

/// This FE's line to the HTTP ports of its backends. Blocking.
public protocol BackendLine: Sendable {
    /// With the cluster's token: this FE has looked who asks.
    func ask(_ request: ForwardedRequest, of backend: NetworkAddress) throws -> (status: Int, body: [UInt8])
}

extension MasterRoutes {
    /// What a backend alone knows, for who can reach this FE only: a page in a browser.
    func addBackendViews(to router: HTTPService.Routes) {
        guard let backendLine else { return }
        router.get("api/tablets/:id/versions") { request, context in
            let id = TabletID(try context.pathInteger("id"))
            guard let backend = try request.integerQuery("backend").map({ BackendID($0) }) else {
                throw HTTPProblem.badRequest("the query parameter 'backend' is missing: which replica's versions?")
            }
            let answer = try await run { control in
                guard let replica = try control.tablet(id).replicas.first(where: { $0.backendID == backend }) else {
                    throw HTTPProblem.notFound("tablet \(id) has no replica on backend \(backend)")
                }
                let address = NetworkAddress(host: replica.host, port: replica.httpPort)
                let asked = ForwardedRequest(method: "GET", path: "/api/tablets/\(id)/versions", body: [])
                do {
                    return try backendLine.ask(asked, of: address)
                } catch {
                    throw HTTPProblem(
                        .badGateway, code: "backend",
                        message: "backend \(backend) at \(address) gave no answer: \(error)")
                }
            }
            return jsonResponse(answer.body, status: .init(code: answer.status))
        }
    }
}
