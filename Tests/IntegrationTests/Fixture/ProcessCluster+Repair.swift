import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel

extension ProcessCluster {
    /// A cluster that looks at its tablets often and waits for nothing.
    static func runQuickToRepair(
        backends: Int = 3, frontend: [String: String] = [:], backend: [String: String] = [:],
        _ body: (ProcessCluster) throws -> Void
    ) throws {
        let quick = [
            "tablet_checker_interval_ms": "200", "tablet_schedule_interval_ms": "100",
            "replica_catch_up_delay_seconds": "1", "surplus_replica_drop_delay_seconds": "1",
        ]
        let keen = ["version_miss_grace_seconds": "1", "disable_auto_compaction": "true"]
        try run(
            backends: backends, frontend: quick.merging(frontend) { $1 }, backend: keen.merging(backend) { $1 }, body)
    }

    /// Loads a new file of rows, again under another label where a dying backend took a load with it.
    /// - Returns: the file.
    func loadRows(_ table: String, count: Int = 500, seed: UInt64) throws -> String {
        let file = try makeRows("\(table)-\(seed).csv", count: count, seed: seed)
        for attempt in 0..<20 {
            let label = "\(table)-\(seed)-\(attempt)"
            if try load(table, file, as: label) { return file }
        }
        throw FixtureError("\(file) could not be loaded")
    }

    private func load(_ table: String, _ file: String, as label: String) throws -> Bool {
        if try attempt(["load", table, "--file", file, "--label", label]).status == 0 { return true }
        return try outcome(ofLoad: label) == .visible
    }

    /// How a load ended whose command failed: nothing is counted twice or not at all.
    func outcome(ofLoad label: String) throws -> LoadView.State {
        try eventually("end of load \(label)") {
            guard let load = try decode([LoadView].self, "loads").first(where: { $0.label == label }) else {
                return .aborted
            }
            return load.state == .visible || load.state == .aborted ? load.state : nil
        }
    }

    /// Rows and checksum of several files together.
    func checksum(files: [String]) throws -> Summary {
        let path = "\(folder.path)/all-\(UUID().uuidString).csv"
        try files.map { try String(contentsOfFile: $0, encoding: .utf8) }.joined()
            .write(toFile: path, atomically: false, encoding: .utf8)
        return try checksum(file: path)
    }

    /// As the FE numbers it.
    func id(of backend: BackendProcess) throws -> BackendID {
        let port = backend.heartbeatAddress.port
        guard let view = try decode([BackendView].self, "backends").first(where: { $0.heartbeatPort == port }) else {
            throw FixtureError("\(backend.daemon.name) is not known to the FE")
        }
        return view.id
    }

    func unhealthyReplicas() throws -> [UnhealthyReplicaView] {
        let ended = try attempt(["replicas", "--unhealthy", "--json"])
        guard ended.status == 0 || ended.status == 6 else { throw FixtureError("replicas: \(ended.error)") }
        let found = try JSONDecoder().decode([UnhealthyReplicaView].self, from: Data(ended.output.utf8))
        guard found.isEmpty == (ended.status == 0) else {
            throw FixtureError("replicas ended with \(ended.status) for \(found.count) replicas")
        }
        return found
    }

    /// Until the FE knows a version for every replica, and all are healthy.
    func waitUntilHealthy(_ table: String, timeout: Int = 60) throws {
        do {
            _ = try control("repair", "--table", table, "--wait", "--timeout", "\(timeout)")
        } catch {
            print(try control("scheduler"))
            throw error
        }
    }

    /// The rows of each backend that has a replica of every tablet, and the FE's comparison of all replicas.
    func expectEverywhere(_ table: String, _ wanted: Summary, on some: [BackendProcess]) throws {
        for backend in some {
            let read = try readChecksum(table, "--backend", "\(try id(of: backend))")
            guard read == wanted else { throw FixtureError("\(backend.daemon.name) has \(read), not \(wanted)") }
        }
        _ = try control("check", "--table", table)
    }
}
