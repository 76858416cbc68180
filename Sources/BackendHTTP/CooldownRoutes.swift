internal import HTTPAPI
internal import Hummingbird
internal import StatusHTTP
internal import StorageEngine
internal import TabletModel

extension BackendRoutes {
    func addCooldown(to router: HTTPService.Routes) {
        router.get("api/cooldown") { request, _ in
            let limit = min(max(0, try request.integerQuery("limit") ?? 100), 10_000)
            let reason = try request.query("reason").map { name in
                guard let kind = CooldownWait.Reason.Kind(rawValue: name) else {
                    let known = CooldownWait.Reason.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                    throw HTTPProblem.badRequest("no tablet waits for \"\(name)\"; the reasons are \(known)")
                }
                return kind
            }
            guard let cooldown else { throw HTTPProblem.notFound("this backend cools no tablets") }
            let view = try await pool.run {
                let survey = cooldown.survey
                return BackendCooldownView(
                    counts: Dictionary(uniqueKeysWithValues: survey.counts.map { ($0.key.rawValue, $0.value) }),
                    oldestDueMs: survey.oldestDue?.milliseconds,
                    waits: cooldown.longestWaits(reason, limit: Int(limit)).map { CooldownWaitView($0) })
            }
            return try jsonResponse(view)
        }
    }
}

extension CooldownWaitView {
    init(_ wait: CooldownWait) {
        var due: Int64?
        if case .tooYoung(_, let until) = wait.reason { due = until.milliseconds }
        self.init(
            tabletID: wait.tabletID.rawValue, reason: wait.reason.name, message: wait.reason.description,
            sinceMs: wait.since.milliseconds, dueAtMs: due, runs: wait.runs)
    }
}
