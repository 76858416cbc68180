internal import Hummingbird
internal import StatusHTTP

/// The configuration as Doris' BE shows and changes it.
extension BackendRoutes {
    func addConfiguration(to router: HTTPService.Routes) {
        router.get("varz") { [settings] _, _ in
            textResponse(settings.shown().map { "\($0.name)=\($0.value)\n" }.joined())
        }
        router.get("api/show_config") { [settings] request, _ in
            let shown = settings.shown()
            guard let name = request.query("conf_item"), !name.isEmpty else {
                return try jsonResponse(shown.map(\.row))
            }
            guard let setting = shown.first(where: { $0.name == name }) else {
                throw HTTPProblem.notFound("this backend has no key '\(name)'; /varz lists all it has")
            }
            return try jsonResponse([setting.row])
        }
        router.post("api/update_config") { [settings, pool] request, _ in
            let (changes, persists) = try Self.changes(request)
            let refusals: [String: String] = try await pool.run {
                do throws(BackendSettings.Refusal) {
                    try settings.change(changes, persists)
                    return [:]
                } catch {
                    return error.reasons
                }
            }
            let answers = changes.map { ConfigurationChangeView($0, refusals) }
            return try jsonResponse(answers, status: refusals.isEmpty ? .ok : .badRequest)
        }
    }

    private static func changes(_ request: Request) throws -> (changes: [BackendSettings.Change], persists: Bool) {
        var persists = false
        var changes: [BackendSettings.Change] = []
        for (name, value) in request.uri.queryParameters {
            let (name, value) = (String(name), String(value))
            if name == "persist" {
                guard value == "true" || value == "false" else {
                    throw HTTPProblem.badRequest("persist must be true or false, not '\(value)'")
                }
                persists = value == "true"
            } else if changes.contains(where: { $0.name == name }) {
                throw HTTPProblem.badRequest("the key '\(name)' is given twice")
            } else {
                changes.append(BackendSettings.Change(name: name, value: value))
            }
        }
        guard !changes.isEmpty else {
            throw HTTPProblem.badRequest(
                "no key to change; say /api/update_config?key=value, and &persist=true to keep it")
        }
        return (changes, persists)
    }
}

/// What became of one key.
private struct ConfigurationChangeView: Encodable {
    var config_name: String
    var status = "OK"
    var msg = ""

    init(_ change: BackendSettings.Change, _ refusals: [String: String]) {
        config_name = change.name
        guard !refusals.isEmpty else { return }
        status = "BAD"
        let reason = refusals[change.name] ?? "not changed, since another key is refused"
        msg = "set \(change.name)=\(change.value) failed, reason: \(reason)"
    }
}
