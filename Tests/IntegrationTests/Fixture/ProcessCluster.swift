import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel

/// One `tabletd-fe`, some `tabletd-be` and, when asked for, an S3 server, on loopback and under a temporary folder.
final class ProcessCluster: Sendable {
    let folder: TemporaryFolder
    let frontend: DaemonProcess
    let backends: [BackendProcess]

    private init(
        backends count: Int, dataDirs: Int, _ frontendSettings: [String: String], _ backendSettings: [String: String]
    ) throws {
        folder = try TemporaryFolder()
        frontend = try DaemonProcess(
            "fe", program: "tabletd-fe", in: folder.path,
            settings: [
                "meta_dir": "\(folder.path)/fe/meta", "load_spool_dir": "\(folder.path)/fe/spool", "http_port": "0",
                "rpc_port": "0", "advertised_host": "127.0.0.1", "bind_host": "127.0.0.1",
                "allow_replica_on_same_host": "true", "heartbeat_interval_second": "1",
                "cooldown_job_interval_seconds": "1", "storage_high_watermark_usage_percent": "100",
                "storage_flood_stage_usage_percent": "100", "storage_min_left_capacity_bytes": "0",
                "shutdown_drain_seconds": "5",
                "agent_task_resend_wait_time_ms": "1000",
            ].merging(frontendSettings) { $1 })
        backends = try (0..<count).map { [folder] in
            let name = "be\($0 + 1)"
            guard dataDirs > 1 else { return try BackendProcess(name, in: folder.path, settings: backendSettings) }
            let dirs = try (1...dataDirs).map { try folder.makeDirectory("\(name)-d\($0)") }
            return try BackendProcess(
                name, in: folder.path, storage: dirs.joined(separator: ";"), settings: backendSettings)
        }
    }

    /// The data dir of a backend, both counted from 1, of a cluster whose backends have several.
    func dataDir(_ number: Int, ofBackend backend: Int = 1) -> String { "\(folder.path)/be\(backend)-d\(number)" }

    /// Runs `body` with a cluster whose backends are alive; ends every process after it, whatever happened.
    /// - Parameters:
    ///   - frontend: settings of the FE beside the usual ones, or in their place.
    ///   - backend: the same, of every backend.
    static func run(
        backends: Int = 1, dataDirs: Int = 1, frontend: [String: String] = [:], backend: [String: String] = [:],
        _ body: (ProcessCluster) throws -> Void
    ) throws {
        let cluster = try ProcessCluster(backends: backends, dataDirs: dataDirs, frontend, backend)
        defer { cluster.kill() }
        do {
            for backend in cluster.backends { try backend.start() }
            try cluster.frontend.start()
            for backend in cluster.backends {
                _ = try cluster.control("add-backend", backend.heartbeatAddress.description, "--wait")
            }
            try body(cluster)
        } catch {
            cluster.printLogs()
            throw error
        }
    }

    private func kill() {
        frontend.kill()
        for backend in backends { backend.daemon.kill() }
    }

    func printLogs() { print(([frontend] + backends.map(\.daemon)).map { $0.tail() }.joined()) }

    /// SIGTERM to all. - Returns: their exit codes.
    func stop() throws -> [Int32] {
        let frontendCode = try frontend.stop()
        return [frontendCode] + (try backends.map { try $0.daemon.stop() })
    }

    func waitForAliveBackends() throws {
        try eventually("all backends alive") {
            try self.decode(MasterStatusView.self, "status").aliveBackends == Int64(backends.count)
        }
    }

    // MARK: tabletctl

    var frontendAddress: String { "127.0.0.1:\(frontend.port("http_port"))" }

    func start(_ arguments: String..., environment: [String: String] = [:]) throws -> Command {
        try Command("tabletctl", arguments + ["--fe", frontendAddress], environment: environment, in: folder.path)
    }

    /// As a person runs it; any exit code.
    func attempt(_ arguments: [String], environment: [String: String] = [:]) throws -> Command.Result {
        try Command("tabletctl", arguments + ["--fe", frontendAddress], environment: environment, in: folder.path)
            .wait()
    }

    /// - Throws: `FixtureError` when it does not end in 0.
    func control(_ arguments: String..., environment: [String: String] = [:]) throws -> String {
        try control(arguments, environment: environment)
    }

    private func control(_ arguments: [String], environment: [String: String] = [:]) throws -> String {
        let ended = try attempt(arguments, environment: environment)
        guard ended.status == 0 else {
            throw FixtureError(
                "`tabletctl \(arguments.joined(separator: " "))` ended with \(ended.status): \(ended.error)")
        }
        return ended.output
    }

    /// The answer of a command with `--json`.
    func decode<Value: Decodable>(_ type: Value.Type, _ arguments: String...) throws -> Value {
        try JSONDecoder().decode(type, from: Data(try control(arguments + ["--json"]).utf8))
    }

    // MARK: Tables and rows

    /// What `--checksum` prints.
    struct Summary: Decodable, Hashable {
        var rows: Int64
        var checksum: String
    }

    func createTable(_ name: String, buckets: Int, replicas: Int) throws {
        _ = try control(
            "create-table", name, "--columns", "key,number,text", "--buckets", "\(buckets)", "--replicas",
            "\(replicas)",
            "--distribute-by", "key")
    }

    /// Writes a file of rows that compress badly enough to be worth storing.
    func makeRows(_ file: String, count: Int, seed: UInt64 = 1) throws -> String {
        var text = ""
        text.reserveCapacity(count * 48)
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        for row in 0..<count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            text += "k\(row % 5003),\(row),\(String(state, radix: 36))\n"
        }
        let path = "\(folder.path)/\(file)"
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        return path
    }

    func checksum(file: String) throws -> Summary { try decode(Summary.self, "checksum", "--file", file) }

    func readChecksum(_ table: String, _ options: String...) throws -> Summary {
        let arguments = ["read", table, "--checksum", "--json"] + options
        return try JSONDecoder().decode(Summary.self, from: Data(try control(arguments).utf8))
    }

    // MARK: Cooldown

    func createPolicy(
        _ name: String, on server: RcloneS3Server, bucket: String = "bucket", secret: String? = nil
    ) throws {
        let keys = ["AWS_ACCESS_KEY_ID": server.accessKey, "AWS_SECRET_ACCESS_KEY": secret ?? server.secretKey]
        _ = try control(
            "create-resource", "\(name)-s3", "--endpoint", server.endpoint, "--bucket", bucket, "--region", "us-east-1",
            "--root-path", "it", environment: keys)
        _ = try control("create-policy", name, "--resource", "\(name)-s3", "--ttl", "0")
    }

    func waitUntilCold(_ table: String) throws { _ = try control("cooldown", "--wait", table, "--timeout", "90") }

    func sum(_ metric: String) throws -> Double { try backends.reduce(0) { try $0 + $1.metric(metric) } }
}
