internal import HTTPAPI
internal import Hummingbird
internal import MasterCore
internal import StatusHTTP
internal import TabletModel

extension MasterRoutes {
    func addFrontends(to router: HTTPService.Routes) {
        router.get("api/frontends") { _, _ in try await answer { try $0.frontends() } }
        router.post("api/frontends") { request, _ in
            let frontend = try await decodeBody(AddFrontendRequest.self, from: request)
            return try await answer { try $0.addFrontend(frontend) }
        }
        router.delete("api/frontends/:address") { request, context in
            let address = try daemonAddress(context.path("address"), "frontend's", such: "10.0.0.2:9020")
            guard let role = request.query("role").flatMap({ FrontendRole(rawValue: $0.uppercased()) }) else {
                throw HTTPProblem.badRequest("which one is meant is said twice: ?role=FOLLOWER or ?role=OBSERVER")
            }
            return try await answer { control in
                try control.dropFrontend(address, role: role)
                return DoneView()
            }
        }
    }
}
