internal import CurlHTTP
internal import Foundation
internal import Glibc
internal import Platform
internal import TabletModel
internal import ThriftRPC

/// A `tabletd-be` of its own for a bench: on free ports of loopback, over a data dir that is there. Killed at the end.
final class BackendProcess {
    private let daemon: MeasuredDaemon
    private let connection: any BackendConnection
    private let client: HTTPClient

    /// Returns once it listens; it loads its tablets then.
    init(_ program: String, storage: String, folder: String) throws {
        daemon = try MeasuredDaemon(program, folder: folder, settings: MeasuredDaemon.backendSettings(storage: storage))
        let ports = daemon.ports
        func port(_ key: String) -> NetworkAddress {
            NetworkAddress(host: "127.0.0.1", port: Int32(ports[key] ?? 0))
        }
        connection = ThriftBackendConnector().connection(
            heartbeat: port("heartbeat_service_port"), agent: port("be_port"))
        client = try HTTPClient()
    }

    /// Since its start.
    var age: Duration { daemon.age }

    func waitUntilLoaded() throws {
        let health = HTTPRequest(.get, "http://127.0.0.1:\(daemon.ports["webserver_port"] ?? 0)/api/health")
        // It answers on the cores on which it loads: hundreds of looks a second would be part of what is measured.
        try waitUntil("the tablets to be loaded", within: 600, pauseMs: 25) {
            guard daemon.isRunning else { throw BenchError("the backend ended; see \(daemon.folder)/log") }
            return String(decoding: try client.execute(health).body, as: UTF8.self).contains("\"OK\"")
        }
    }

    func greet(_ master: MasterInfo) throws {
        let reply = try connection.heartbeat(master)
        guard reply.status.isOK else { throw BenchError("the backend refused a heartbeat: \(reply.status)") }
    }

    func submit(_ tasks: [AgentTask]) throws {
        let status = try connection.submitTasks(tasks)
        guard status.isOK else { throw BenchError("the backend refused tasks: \(status)") }
    }

    func residentMiB() throws -> Double { try daemon.residentMiB() }
    func peakMiB() throws -> Double { try daemon.peakMiB() }
    func kill() { daemon.kill() }
}
