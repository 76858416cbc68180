internal import Hummingbird
internal import StatusHTTP

/// The configuration as Doris' BE shows it.
extension BackendRoutes {
    func addConfiguration(to router: HTTPService.Routes) {
        router.get("varz") { [settings] _, _ in
            textResponse(settings.map { "\($0.name)=\($0.value)\n" }.joined())
        }
        router.get("api/show_config") { [settings] request, _ in
            guard let name = request.query("conf_item"), !name.isEmpty else {
                return try jsonResponse(settings.map(\.row))
            }
            guard let setting = settings.first(where: { $0.name == name }) else {
                throw HTTPProblem.notFound("this backend has no key '\(name)'; /varz lists all it has")
            }
            return try jsonResponse([setting.row])
        }
    }
}
