import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel

/// One `tabletd-fe`, some `tabletd-be` and, when asked for, an S3 server, on loopback and under a temporary folder.
final class ProcessCluster: ControlledCluster, Sendable {
    let folder: TemporaryFolder
    let frontend: DaemonProcess
    let backends: [BackendProcess]

    private init(
        backends count: Int, dataDirs: Int, _ frontendSettings: [String: String], _ backendSettings: [String: String]
    ) throws {
        folder = try TemporaryFolder()
        frontend = try DaemonProcess(
            "fe", program: "tabletd-fe", in: folder.path,
            settings: Self.frontendSettings(home: "\(folder.path)/fe").merging(frontendSettings) { $1 })
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

    var frontendAddress: String { "127.0.0.1:\(frontend.port("http_port"))" }

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
