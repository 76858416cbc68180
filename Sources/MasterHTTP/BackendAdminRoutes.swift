internal import HTTPAPI
internal import Hummingbird
internal import MasterCore
internal import StatusHTTP
internal import TabletModel

extension MasterRoutes {
    func addBackends(to router: HTTPService.Routes) {
        router.get("api/backends") { _, _ in try await answer { try $0.backends() } }
        router.post("api/backends") { request, _ in
            let address = try await decodeBody(NetworkAddress.self, from: request)
            return try await answer { try $0.addBackend(address) }
        }
        router.delete("api/backends/:address") { request, context in
            let address = try heartbeatAddress(context.path("address"))
            let force = request.flagQuery("force")
            return try await answer { control in
                try control.dropBackend(address, force: force)
                return DoneView()
            }
        }
        router.post("api/backends/:address/move") { request, context in
            let address = try heartbeatAddress(context.path("address"))
            let new = try await decodeBody(NetworkAddress.self, from: request)
            return try await answer { try $0.moveBackend(address, to: new) }
        }
        router.post("api/backends/:address/decommission") { request, context in
            let address = try heartbeatAddress(context.path("address"))
            let cancel = request.flagQuery("cancel")
            return try await answer { try $0.setDecommissioned(address, !cancel) }
        }
    }
}

/// `host:port` of a heartbeat address in a path.
func heartbeatAddress(_ text: String) throws -> NetworkAddress {
    try daemonAddress(text, "heartbeat", such: "10.0.0.2:9050")
}

/// `host:port` in a path, of whatever is named in an error.
func daemonAddress(_ text: String, _ kind: String, such example: String) throws -> NetworkAddress {
    guard let colon = text.lastIndex(of: ":"), let port = Int32(text[text.index(after: colon)...]), port > 0,
        port < 65536, colon != text.startIndex
    else {
        throw HTTPProblem.badRequest("'\(text)' is no \(kind) address; write host:port, such as \(example)")
    }
    return NetworkAddress(host: String(text[..<colon]), port: port)
}
