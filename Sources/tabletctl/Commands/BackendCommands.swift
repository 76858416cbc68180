import ArgumentParser
import HTTPAPI
import TabletModel

struct Backends: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The backends, whether they live, and their disks.")
    @OptionGroup var global: GlobalOptions

    func run() throws {
        try global.show(try global.client().get("/api/backends"), as: [BackendView].self) { backends in
            var table = TextTable([
                ">id", "heartbeat", ">agent", ">http", "alive", "state", ">tablets", ">tasks", ">used", ">free",
                "last beat", "note",
            ])
            for backend in backends {
                let used = clampedSum(backend.disks.map(\.dataUsedBytes))
                let free = clampedSum(backend.disks.map(\.availableBytes))
                let troubled = backend.disks.compactMap(\.note)
                let failure =
                    backend.failingSinceMs > 0
                    ? "\(backend.heartbeatError) (since \(formatAge(backend.failingSinceMs)))" : backend.heartbeatError
                let late =
                    backend.reportLateMs > 0
                    ? [
                        "REPORT_LATE: nothing has come from it for \(backend.reportLateMs / 1000) s: can it reach the FE?"
                    ] : []
                let notes = (failure.isEmpty ? [] : [failure]) + late + backend.warnings + troubled
                table.add([
                    "\(backend.id)", "\(backend.host):\(backend.heartbeatPort)", "\(backend.bePort)",
                    "\(backend.httpPort)", backend.reportLateMs > 0 ? "late" : yesNo(backend.isAlive),
                    backend.isDecommissioned ? "decommission" : "normal", "\(backend.tabletCount)",
                    "\(backend.queuedTasks)", formatBytes(used), formatBytes(free),
                    formatAge(backend.lastHeartbeatMs), notes.joined(separator: "; "),
                ])
            }
            return table.render(empty: "no backends; add one with `tabletctl add-backend HOST:9050`")
        }
    }
}

extension DiskView {
    /// What is wrong with it, why, and for how long; nil when nothing is.
    fileprivate var note: String? {
        guard state != "good" else { return nil }
        let age = stateSinceMs > 0 ? " (since \(formatAge(stateSinceMs)))" : ""
        return "disk \(rootPath) is \(state)\(age)" + (stateReason.isEmpty ? "" : ": \(stateReason)")
    }
}

struct AddBackend: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Register a backend by its heartbeat address.",
        discussion: """
            The FE asks who answers there, and refuses a backend that is registered already, under whatever address. Then it
            begins to send it heartbeats; --wait returns once it has answered.

            EXAMPLE
              tabletctl add-backend 10.0.0.2:9050 --wait
            """)
    @Argument(help: "host:port of the backend's heartbeat service (heartbeat_service_port, 9050).")
    var address: NewBackendArgument
    @Flag(help: "Wait until the backend is alive.")
    var wait = false
    @Option(help: "Seconds to wait at most.")
    var timeout: Double = 60
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let client = try global.client()
        var bytes = try client.post("/api/backends", address.address)
        if wait { bytes = try waitUntilAlive(client) }
        try global.show(bytes, as: BackendView.self) { backend in
            "backend \(backend.id) \(backend.host):\(backend.heartbeatPort) \(backend.isAlive ? "is alive" : "added")\n"
        }
    }

    private func waitUntilAlive(_ client: APIClient) throws -> [UInt8] {
        let deadline = monotonicSeconds() + timeout
        while true {
            let all = try decode([BackendView].self, try client.get("/api/backends"))
            guard
                let found = all.first(where: {
                    $0.host == address.address.host && $0.heartbeatPort == address.address.port
                })
            else { throw CLIError.failed("backend \(address.address) was dropped while waiting for it") }
            if found.isAlive { return try encodeJSON(found) }
            guard monotonicSeconds() < deadline else {
                throw CLIError.timedOut(
                    "backend \(address.address) is not alive after \(formatSeconds(timeout)): "
                        + (found.heartbeatError.isEmpty ? "no heartbeat was answered yet" : found.heartbeatError))
            }
            pause(milliseconds: 100)
        }
    }
}

struct MoveBackend: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Register a backend's new address in place of its old one.",
        discussion: """
            For a machine that was renamed or renumbered, and for disks that went to another machine. The backend must answer
            at the new address, with the data dirs that it is known by; no other process may answer as it at the old one. Its
            replicas stay its replicas. Two backends that have taken each other's addresses change places.

            EXAMPLE
              tabletctl move-backend 127.0.0.1:9050 10.0.0.2:9050
            """)
    @Argument(help: "host:port under which it is registered.")
    var address: BackendArgument
    @Argument(help: "host:port at which its heartbeat service answers now.")
    var new: NewBackendArgument
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let path = "/api/backends/\(pathSegment(address.address.description))/move"
        let bytes = try global.client().post(path, new.address)
        try global.show(bytes, as: BackendView.self) { backend in
            "backend \(backend.id) is \(backend.host):\(backend.heartbeatPort) now\n"
        }
    }
}

struct DropBackend: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Forget a backend.",
        discussion: """
            Refused while it has replicas: `tabletctl decommission` drains it first. --force drops it with its replicas,
            which can lose data when they are the last.
            """)
    @Argument var address: BackendArgument
    @Flag(help: "Drop it with the replicas on it.")
    var force = false
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let path = "/api/backends/\(pathSegment(address.address.description))" + (force ? "?force=true" : "")
        try global.finish(try global.client().delete(path), "backend \(address.address) dropped")
    }
}

/// `host:port` of a heartbeat service that is to be registered: judged where it is given.
struct NewBackendArgument: ExpressibleByArgument {
    var address: NetworkAddress

    init?(argument: String) {
        do {
            address = try NetworkAddress.parse(argument)
        } catch {
            Terminal.printError("tabletctl: \(error)")
            return nil
        }
    }
}

/// `host:port` of a heartbeat service, as it is registered.
struct BackendArgument: ExpressibleByArgument {
    var address: NetworkAddress

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), colon != argument.startIndex,
            let port = Int32(argument[argument.index(after: colon)...]), (1...65535).contains(port)
        else { return nil }
        address = NetworkAddress(host: String(argument[..<colon]), port: port)
    }
}
