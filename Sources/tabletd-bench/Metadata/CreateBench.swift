internal import CurlHTTP
internal import Foundation
internal import Glibc
internal import TabletModel

/// A large table made and dropped through the API of a real frontend, on three real backends: everything from the request to
/// the last replica's end, on one machine.
struct CreateBench {
    static let backends = 3

    let buckets: Int
    let frontend: String
    let backend: String
    let folder: String

    func run() throws -> [Figure] {
        let backends = try (0..<Self.backends).map { try startBackend($0) }
        defer { for backend in backends { backend.kill() } }
        let daemon = try MeasuredDaemon(frontend, folder: folder + "/fe", settings: settings)
        defer { daemon.kill() }
        let api = try FrontendAPI(port: daemon.ports["http_port"] ?? 0)
        for backend in backends {
            let port = backend.ports["heartbeat_service_port"] ?? 0
            _ = try api.send(.post, "/api/backends", #"{"host": "127.0.0.1", "port": \#(port)}"#)
        }
        try waitUntil("the backends to live", within: 60) {
            try api.backends().filter(\.isAlive).count == Self.backends
        }
        try api.makeDatabase("default")
        let created = try secondsOf { try create(api) }
        let replicas = Double(buckets * Self.backends)
        let pause = try longestPause(api) { _ = try api.send(.delete, "/api/tables/default/big") }
        try waitUntil("the table to go", within: 60) { try api.status().tablets == 0 }
        return [
            Figure(key: "create_replicas_per_s", value: replicas / created, goal: .atLeast(15_000)),
            Figure(key: "create_fe_peak_mib", value: try daemon.peakMiB()),
            Figure(key: "drop_pause_ms", value: pause, goal: .atMost(50)),
        ]
    }

    private func create(_ api: FrontendAPI) throws {
        let request = """
            {"name": {"database": "default", "table": "big"}, "buckets": \(buckets), "replicas": \(Self.backends),
             "columns": [], "distributionColumn": 0, "delimiter": ",", "hasHeader": false, "timeoutMs": 1800000}
            """
        var job: FrontendAPI.Job = try api.call(.post, "/api/tables", request)
        while job.state == "running" {
            usleep(50_000)
            job = try api.get("/api/jobs/\(job.id)")
        }
        guard job.state == "finished" else { throw BenchError("the table was not created: \(job.message)") }
    }

    /// How long one of the small edits that somebody else makes during the call takes at most.
    private func longestPause(_ api: FrontendAPI, during body: () throws -> Void) throws -> Double {
        let pauses = Pauses()
        let editor = WriterThreads(1) { number in
            try pauses.time { try api.makeDatabase("d\(number)") }
        }
        usleep(300_000)
        pauses.begin()
        try body()
        usleep(300_000)
        pauses.end()
        try editor.stop()
        return pauses.longestMs
    }

    private func startBackend(_ number: Int) throws -> MeasuredDaemon {
        let home = "\(folder)/be\(number)"
        try FileManager.default.createDirectory(atPath: home + "/storage", withIntermediateDirectories: true)
        return try MeasuredDaemon(
            backend, folder: home, settings: MeasuredDaemon.backendSettings(storage: home + "/storage"))
    }

    private var settings: [String: String] {
        [
            "meta_dir": folder + "/meta", "load_spool_dir": folder + "/spool", "http_port": "0", "rpc_port": "0",
            "query_port": "0",
            "bind_host": "127.0.0.1", "advertised_host": "127.0.0.1", "sys_log_level": "WARNING",
            "heartbeat_interval_second": "1", "allow_replica_on_same_host": "true",
        ]
    }
}
