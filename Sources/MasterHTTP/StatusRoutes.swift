internal import HTTPAPI
internal import Hummingbird
internal import MasterCore
internal import StatusHTTP

extension MasterRoutes {
    func addStatus(to router: HTTPService.Routes) {
        router.get("api/health") { _, _ in
            let status = try await run { try $0.status() }
            let health = FrontendHealthView(
                status: status.isReady ? "OK" : "NOT_READY", totalBackends: status.backends,
                onlineBackends: status.aliveBackends,
                reason: status.metadataTrouble.map {
                    "metadata can't be written for \($0.ageMs / 1000) s now: \($0.reason); \($0.nextStep)"
                })
            return try jsonResponse(health, status: status.isReady ? .ok : .serviceUnavailable)
        }
        router.get("api/status") { _, _ in try await answer { try $0.status() } }
        router.get("metrics") { _, _ in
            textResponse(metrics(), contentType: "text/plain; version=0.0.4; charset=utf-8")
        }
        router.get("api/jobs") { _, _ in try await answer { try $0.jobs() } }
        router.get("api/jobs/:id") { _, context in
            let id = try context.pathInteger("id")
            return try await answer { try $0.job(id) }
        }
        router.get("api/cooldown") { _, _ in try await answer { try $0.cooldownStatus() } }
        router.post("api/checkpoint") { _, _ in try await answer { try $0.checkpoint() } }
    }
}
