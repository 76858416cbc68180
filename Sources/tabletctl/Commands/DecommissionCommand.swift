import ArgumentParser
import HTTPAPI
import TabletModel

struct Decommission: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Drain a backend: its replicas move to others, nothing new comes (--cancel takes it back).",
        discussion: """
            --watch follows it until nothing is left there; on a backend that is being drained already it only watches.
            Ctrl-C ends the watching, not the draining. The FE forgets an empty backend by itself, unless its
            drop_backend_after_decommission says otherwise; then `tabletctl drop-backend` does it.

            EXAMPLES
              tabletctl decommission 10.0.0.2:9050 --watch
              tabletctl decommission 10.0.0.2:9050 --cancel
            """)
    @Argument(help: "host:port of the backend's heartbeat service.")
    var address: BackendArgument
    @Flag(help: "Follow it until the backend is empty.")
    var watch = false
    @Flag(help: "Take the decommission back.")
    var cancel = false
    @Option(help: "Seconds to watch at most; as long as it takes when left out.")
    var timeout: Double?
    @OptionGroup var global: GlobalOptions

    func run() throws {
        guard !(watch && cancel) else { throw CLIError.usage("give --watch or --cancel, not both") }
        let interrupt = watch ? Interrupt() : nil
        let client = try global.client()
        let path = "/api/backends/\(pathSegment(address.address.description))/decommission"
        let bytes = try client.post(path + (cancel ? "?cancel=true" : ""))
        guard let interrupt else {
            return try global.show(bytes, as: BackendView.self) { Drain(backend: $0).sentence(address.address) }
        }
        let drain = try follow(client, interrupt, try decode(BackendView.self, bytes))
        try global.show(try encodeJSON(drain.backend), as: BackendView.self) { _ in drain.sentence(address.address) }
    }

    /// - Returns: the backend when nothing is left on it.
    private func follow(_ client: APIClient, _ interrupt: Interrupt, _ first: BackendView) throws -> Drain {
        var bar = ProgressBar("drain \(address.address)", json: global.json)
        defer { bar.finish() }
        let began = monotonicSeconds()
        var most = first.tabletCount
        var backend = first
        while backend.tabletCount > 0 {
            most = max(most, backend.tabletCount)
            let tasks = try moves(client, backend.id)
            bar.update(
                done: most - backend.tabletCount, total: most, note: waitingNote(Int(backend.tabletCount), tasks))
            if let timeout, monotonicSeconds() - began > timeout {
                throw CLIError.timedOut(
                    "\(backend.tabletCount) replicas are still on backend \(backend.id) after \(formatSeconds(timeout))"
                        + waits(tasks) + "; the draining goes on")
            }
            if interrupt.pause(milliseconds: 500) {
                bar.finish()
                throw CLIError(
                    exitCode: 130,
                    message:
                        "\(backend.tabletCount) replicas are still on backend \(backend.id); the draining goes on: "
                        + "the same command watches it again, --cancel takes it back")
            }
            guard let now = try find(client) else {
                // The FE drops it within seconds of the last replica's leaving.
                backend.tabletCount = 0
                return Drain(backend: backend, isForgotten: true)
            }
            guard now.isDecommissioned else {
                throw CLIError.failed(
                    "the decommission of backend \(now.id) was taken back; \(now.tabletCount) replicas are on it")
            }
            backend = now
        }
        return Drain(backend: backend)
    }

    private func find(_ client: APIClient) throws -> BackendView? {
        try decode([BackendView].self, try client.get("/api/backends")).first {
            $0.host == address.address.host && $0.heartbeatPort == address.address.port
        }
    }

    /// What moves or waits to move away from it.
    private func moves(_ client: APIClient, _ backend: BackendID) throws -> [RepairTaskView] {
        let view = try decode(SchedulerView.self, try client.get("/api/scheduler"))
        return (view.running + view.pending).filter {
            $0.status == "REPLICA_RELOCATING" || $0.sourceBackendIDs.contains(backend)
        }
    }

    private func waits(_ tasks: [RepairTaskView]) -> String {
        tasks.first { !$0.message.isEmpty }.map { ", tablet \($0.tabletID): \($0.message)" } ?? ""
    }
}

/// How far a backend's draining is.
struct Drain {
    var backend: BackendView
    /// The FE does not know it any more.
    var isForgotten = false

    func sentence(_ address: NetworkAddress) -> String {
        if isForgotten { return "backend \(backend.id) was drained and is forgotten\n" }
        if !backend.isDecommissioned { return "backend \(backend.id) is in service\n" }
        if backend.tabletCount > 0 {
            return
                "backend \(backend.id) is being drained: \(backend.tabletCount) replicas are on it; --watch follows it\n"
        }
        return "backend \(backend.id) is drained; `tabletctl drop-backend \(address)` forgets it\n"
    }
}
