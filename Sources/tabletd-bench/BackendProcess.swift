internal import Foundation
internal import Glibc
internal import Platform
internal import TabletModel
internal import ThriftRPC

/// A `tabletd-be` of its own for a bench: on free ports of loopback, over a data dir that is there. Killed at the end.
final class BackendProcess {
    private let process = Process()
    private let started: ContinuousClock.Instant
    private let ports: [String: Int]
    private let connection: any BackendConnection
    private let logFile: String

    /// Returns once it listens; it loads its tablets then.
    init(_ program: String, storage: String, folder: String) throws {
        let portsFile = folder + "/ports.json"
        let configuration = folder + "/be.conf"
        logFile = folder + "/be.log"
        try? FileManager.default.removeItem(atPath: portsFile)
        let text = """
            storage_root_path = \(storage)
            be_port = 0
            heartbeat_service_port = 0
            webserver_port = 0
            bind_host = 127.0.0.1
            advertised_host = 127.0.0.1
            ports_file = \(portsFile)
            storage_flood_stage_left_capacity_bytes = 0
            storage_flood_stage_usage_percent = 100

            """
        try text.write(toFile: configuration, atomically: true, encoding: .utf8)
        try Data().write(to: URL(fileURLWithPath: logFile))
        let log = try FileHandle(forWritingTo: URL(fileURLWithPath: logFile))
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["--config", configuration]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = log
        process.standardError = log
        started = ContinuousClock.now
        try process.run()
        try log.close()
        var found: [String: Int] = [:]
        while found.isEmpty {
            guard process.isRunning else { throw BenchError("\(program) ended; its log is \(logFile)") }
            guard ContinuousClock.now - started < .seconds(60) else { throw BenchError("\(program) does not listen") }
            if let bytes = FileManager.default.contents(atPath: portsFile) {
                found = (try? JSONDecoder().decode([String: Int].self, from: bytes)) ?? [:]
            }
            usleep(2000)
        }
        ports = found
        func port(_ key: String) -> NetworkAddress {
            NetworkAddress(host: "127.0.0.1", port: Int32(found[key] ?? 0))
        }
        connection = ThriftBackendConnector().connection(
            heartbeat: port("heartbeat_service_port"), agent: port("be_port"))
    }

    /// Since its start.
    var age: Duration { ContinuousClock.now - started }

    func waitUntilLoaded() throws {
        while try !health().contains("\"OK\"") {
            guard age < .seconds(600) else { throw BenchError("tablets are not loaded after 600 s; see \(logFile)") }
            usleep(5000)
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

    /// A line of its `/proc/…/status`, in bytes.
    func memory(_ line: String) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let found = status.split(separator: "\n").first { $0.hasPrefix(line + ":") }
        guard let kibibytes = found?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) else {
            throw BenchError("the kernel tells no \(line) of the backend")
        }
        return kibibytes << 10
    }

    func kill() {
        if process.isRunning { Glibc.kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// What `GET /api/health` answers; empty while it can't be reached.
    private func health() throws -> String {
        guard process.isRunning else { throw BenchError("the backend ended; its log is \(logFile)") }
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(truncatingIfNeeded: ports["webserver_port"] ?? 0).bigEndian)
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return "" }
        let request = Array("GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        guard send(socket, request, request.count, 0) == request.count else { return "" }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        return String(decoding: answer, as: UTF8.self)
    }
}
