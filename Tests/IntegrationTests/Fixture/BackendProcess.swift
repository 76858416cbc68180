import AccessControl
import CurlHTTP
import Foundation
import ServerFixtures
import TabletModel

/// A running `tabletd-be` and what its HTTP port tells.
final class BackendProcess: Sendable {
    let daemon: DaemonProcess
    private let client: HTTPClient

    /// - Parameter storage: nil = one data dir, which is made.
    init(_ name: String, in folder: String, storage: String? = nil, settings: [String: String] = [:]) throws {
        client = try HTTPClient()
        var all = [
            "storage_root_path": storage ?? "\(folder)/\(name)/storage", "heartbeat_service_port": "0", "be_port": "0",
            "webserver_port": "0", "bind_host": "127.0.0.1", "report_task_interval_seconds": "1",
            "report_disk_state_interval_seconds": "1", "report_tablet_interval_seconds": "1", "report_jitter_ms": "50",
            "storage_refresh_storage_policy_task_interval_seconds": "1", "generate_cooldown_task_interval_sec": "1",
            "shutdown_drain_seconds": "5", "storage_flood_stage_left_capacity_bytes": "0",
            "storage_flood_stage_usage_percent": "100",
        ]
        all.merge(settings) { $1 }
        daemon = try DaemonProcess(name, program: "tabletd-be", in: folder, settings: all)
        if storage == nil {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(name)/storage", withIntermediateDirectories: true)
        }
    }

    deinit { client.shutdown() }

    var heartbeatAddress: NetworkAddress {
        NetworkAddress(host: "127.0.0.1", port: daemon.port("heartbeat_service_port"))
    }
    var agentAddress: NetworkAddress { NetworkAddress(host: "127.0.0.1", port: daemon.port("be_port")) }
    var storageFolder: String { "\(daemon.folder)/storage" }

    /// Starts it, and waits until its tablets are loaded.
    func start() throws {
        try daemon.start()
        try eventually("health of \(daemon.name)") { try get("/api/health").status == 200 }
    }

    func restart() throws {
        daemon.kill()
        try start()
    }

    func get(_ path: String) throws -> HTTPResponse { try request(.get, path) }

    func request(_ method: HTTPMethod, _ path: String, headers: [HTTPHeader] = []) throws -> HTTPResponse {
        try client.execute(
            HTTPRequest(
                method, "http://127.0.0.1:\(daemon.port("webserver_port"))\(path)", headers: headers,
                responseLimitBytes: 64 << 20))
    }

    func json<Value: Decodable>(_ path: String, as type: Value.Type) throws -> Value {
        let answer = try get(path)
        guard answer.isSuccess else {
            throw FixtureError(
                "GET \(path) of \(daemon.name): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
        }
        return try JSONDecoder().decode(type, from: Data(answer.body))
    }

    // MARK: What it tells

    struct Tablet: Decodable {
        struct Header: Decodable {
            var schemaHash: Int32
            var maxVersion: Int64
            var isComplete: Bool
            var localBytes: Int64
            var remoteBytes: Int64
            var cooldownReplicaID: Int64
            var cooldownTerm: Int64
            var storagePolicy: String
        }
        struct Rowset: Decodable {
            var startVersion: Int64
            var endVersion: Int64
            var rows: Int64
            var location: String
        }
        var tablet: Header
        var rowsets: [Rowset]

        var isCold: Bool { rowsets.allSatisfy { $0.location != "local" } }
    }

    /// nil when it is not there.
    func tablet(_ id: TabletID) throws -> Tablet? {
        try get("/api/tablets/\(id)").status == 404 ? nil : json("/api/tablets/\(id)", as: Tablet.self)
    }

    /// The rows as the BE answers them to somebody whom its master (one of the tests) gave a token.
    func read(_ id: TabletID, version: Version? = nil) throws -> HTTPResponse {
        let now = UnixTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        let token = RowToken.make(
            tablet: id, version: version, until: now + RowToken.lifetime, secret: FakeFrontend.token)
        return try request(
            .get, "/api/_tablet/_read?tablet_id=\(id)" + (version.map { "&version=\($0)" } ?? ""),
            headers: [HTTPHeader("token", token)])
    }

    /// Rows of a tablet as one text of lines.
    func rows(_ id: TabletID, version: Version? = nil) throws -> String {
        let answer = try read(id, version: version)
        let text = String(decoding: answer.body, as: UTF8.self)
        guard answer.isSuccess else { throw FixtureError("read of tablet \(id): \(answer.status) \(text)") }
        return text
    }

    struct Status: Decodable {
        struct Pool: Decodable {
            var name: String
            var waiting: Int
            var running: Int
        }
        struct Disk: Decodable {
            var rootPath: String
            var isUsed: Bool
        }
        var pools: [Pool]
        var disks: [Disk]
        var clusterID: Int32?
        var masterEpoch: Int64
        var taskCount: Int
        var unacknowledgedTasks: Int
    }

    func status() throws -> Status { try json("/api/status", as: Status.self) }

    /// Tasks that run in a pool now.
    func running(_ pool: String) throws -> Int { try status().pools.first { $0.name == pool }?.running ?? 0 }

    /// Sum of a metric over its labels.
    func metric(_ name: String) throws -> Double {
        let text = String(decoding: try get("/metrics").body, as: UTF8.self)
        return text.split(separator: "\n").reduce(0) { sum, line in
            let words = line.split(separator: " ")
            guard words.count == 2, words[0].prefix(while: { $0 != "{" }) == name else { return sum }
            return sum + (Double(words[1]) ?? 0)
        }
    }

    /// Segment files in its data dirs.
    func segmentFiles() throws -> [String] {
        let root = storageFolder + "/data"
        return (FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? [])
            .filter { $0.hasSuffix(".dat") }
    }
}
