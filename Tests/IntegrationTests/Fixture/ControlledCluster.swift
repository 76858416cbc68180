import Foundation
import ServerFixtures

/// A cluster as a person has it in hand: `tabletctl`, tables and rows.
protocol ControlledCluster {
    var folder: TemporaryFolder { get }
    /// What `--fe` names.
    var frontendAddress: String { get }
}

/// What `--checksum` prints.
struct RowSummary: Decodable, Hashable {
    var rows: Int64
    var checksum: String
}

extension ControlledCluster {
    /// Of a frontend on free ports of loopback that waits for nothing, and takes data however full the disk is.
    static func frontendSettings(home: String) -> [String: String] {
        [
            "meta_dir": "\(home)/meta", "load_spool_dir": "\(home)/spool", "http_port": "0", "rpc_port": "0",
            "query_port": "0",
            "advertised_host": "127.0.0.1", "bind_host": "127.0.0.1", "allow_replica_on_same_host": "true",
            "heartbeat_interval_second": "1", "cooldown_job_interval_seconds": "1",
            "storage_high_watermark_usage_percent": "100", "storage_flood_stage_usage_percent": "100",
            "storage_min_left_capacity_bytes": "0", "shutdown_drain_seconds": "5",
            "agent_task_resend_wait_time_ms": "1000",
        ]
    }

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

    func control(_ arguments: [String], environment: [String: String] = [:]) throws -> String {
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

    typealias Summary = RowSummary

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
}
