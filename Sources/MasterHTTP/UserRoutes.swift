internal import AccessControl
internal import HTTPAPI
internal import Hummingbird
internal import MasterCore
internal import MasterServices
internal import StatusHTTP

extension MasterRoutes {
    func addUsers(to router: HTTPService.Routes) {
        router.get("api/session") { _, context in
            let caller = try context.loggedIn()
            return try jsonResponse(
                SessionView(user: caller.name, grants: caller.grants.all.map { GrantView($0) }))
        }
        router.get("api/users") { _, _ in try await answer { try $0.users() } }
        router.post("api/users") { request, _ in
            let body = try await decodeBody(CreateUserRequest.self, from: request)
            return try await answer { control in
                let grants = Grants(try (body.grants ?? []).map { try $0.grant() })
                return try control.createUser(body.name, password: try body.password.map(hash), grants: grants)
            }
        }
        router.delete("api/users/:user") { _, context in
            let name = try context.path("user")
            return try await answer { control in
                try control.dropUser(name)
                return DoneView()
            }
        }
        router.put("api/users/:user/password") { request, context in
            let name = try context.path("user")
            // Everybody their own, and an administrator everybody's.
            if try context.loggedIn().name != name { try context.require(.admin, on: nil) }
            let body = try await decodeBody(SetPasswordRequest.self, from: request)
            return try await answer { control in
                try control.setPassword(of: name, to: try body.password.map(hash))
                return DoneView()
            }
        }
        router.post("api/users/:user/grants") { request, context in
            let name = try context.path("user")
            let body = try await decodeBody(GrantView.self, from: request)
            return try await answer { try $0.grant(try body.grant(), to: name) }
        }
        router.delete("api/users/:user/grants") { request, context in
            let name = try context.path("user")
            let body = try await decodeBody(GrantView.self, from: request)
            return try await answer { try $0.revoke(try body.grant(), from: name) }
        }
    }

    func addClusters(to router: HTTPService.Routes) {
        router.get("api/clusters") { _, _ in try await answer { try $0.clusters() } }
        router.put("api/clusters/:cluster/backends") { request, context in
            let name = try context.path("cluster")
            let body = try await decodeBody(PlaceBackendsRequest.self, from: request)
            return try await answer { try $0.placeBackends(body, inCluster: name) }
        }
    }
}

private func hash(_ password: String) throws -> PasswordHash {
    try PasswordHash(
        chosen: password, otherwise: "leave it out for a user who logs in from the frontend's own machine alone")
}
