internal import Foundation

/// A real `tabletd-fe` over the big cluster: how soon it serves, what it takes at rest, with three backends that report every
/// tablet, and when a checker's round and checkpoints come on top.
struct FrontendBench {
    let cluster: BigCluster
    let program: String
    let folder: String

    func run() throws -> [Figure] {
        let backends = try (0..<BigCluster.replicas).map { try ReportingBackend($0, of: cluster) }
        defer { for backend in backends { backend.stop() } }
        try MetadataFolder(path: folder + "/meta").make(cluster, ports: backends.map(\.heartbeatPort))
        let frontend = try MeasuredDaemon(program, folder: folder + "/fe", settings: settings)
        defer { frontend.kill() }
        let api = try FrontendAPI(port: frontend.ports["http_port"] ?? 0)
        let status = try api.status()
        guard status.tablets == cluster.tablets, status.replicas == cluster.tablets * BigCluster.replicas else {
            throw BenchError("the FE has \(status.tablets) tablets and \(status.replicas) replicas")
        }
        let atRest = try frontend.residentMiB()

        for backend in backends { backend.start() }
        try frontend.forgetPeak()
        try waitForReports(after: 0, api)
        try strain(api)
        let peak = try frontend.peakMiB()
        for backend in backends { backend.stop() }
        let after = try frontend.residentMiB()
        return [
            Figure(key: "start_s", value: frontend.startSeconds, goal: .atMost(2)),
            Figure(key: "resident_mib", value: atRest, goal: .atMost(240)),
            Figure(key: "resident_mib_after_reports", value: after, goal: .atMost(280)),
            Figure(key: "peak_mib", value: peak, goal: .atMost(400)),
        ]
    }

    /// Reports of all three, a round of the checker and images, all at once and again and again.
    private func strain(_ api: FrontendAPI) throws {
        for round in 0..<3 {
            let before = try newestReport(api)
            try api.makeDatabase("round\(round)")
            try api.checkpoint()
            try waitForReports(after: before, api)
        }
        // Backends that answer and whose tablets are as they should be: what was measured is a cluster at work.
        try waitUntil("the checker to find every tablet whole", within: 60) {
            let status = try api.status()
            return status.aliveBackends == BigCluster.replicas && status.unhealthyTablets == 0
        }
    }

    private func newestReport(_ api: FrontendAPI) throws -> Int64 {
        try api.backends().map(\.lastTabletReportMs).max() ?? 0
    }

    private func waitForReports(after moment: Int64, _ api: FrontendAPI) throws {
        try waitUntil("three reports of \(cluster.tablets) tablets", within: 120) {
            try api.backends().filter { $0.lastTabletReportMs > moment }.count == BigCluster.replicas
        }
    }

    private var settings: [String: String] {
        [
            "meta_dir": folder + "/meta", "load_spool_dir": folder + "/spool", "http_port": "0", "rpc_port": "0",
            "query_port": "0",
            "bind_host": "127.0.0.1", "advertised_host": "127.0.0.1", "sys_log_level": "WARNING", "cluster_id": "1",
            "heartbeat_interval_second": "1", "tablet_checker_interval_ms": "1000",
            "checkpoint_interval_seconds": "86400",
            "edit_log_roll_num": "10000000",
        ]
    }
}
