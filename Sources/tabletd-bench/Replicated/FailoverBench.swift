internal import CurlHTTP
internal import Foundation
internal import Glibc
internal import ServerFixtures
internal import Synchronization

/// Three real frontends over three real etcd: from the last change that a master acknowledged before it was killed to the next
/// one's first.
struct FailoverBench {
    private static let frontends = 3
    private static let writers = 4

    let program: String
    let folder: String
    let leaseSeconds: Int

    func run(kills: Int) throws -> [Figure] {
        let etcd = try EtcdServers(count: 3)
        defer { etcd.stop() }
        var cluster = try Cluster(self, etcd)
        defer { cluster.stop() }
        let apis = cluster.apis
        let acknowledged = Mutex<[ContinuousClock.Instant]>([])
        let writers = WriterThreads(Self.writers) { number in
            // What is refused is not made, and what has no answer nobody counts on.
            guard (try? apis[number % apis.count].makeDatabase("d\(number)")) != nil else {
                usleep(5000)
                return
            }
            acknowledged.withLock { $0.append(.now) }
        }
        func awaitAcknowledged(_ more: Int) throws {
            let before = acknowledged.withLock { $0.count }
            try waitUntil("changes to be acknowledged", within: 60) {
                acknowledged.withLock { $0.count } >= before + more
            }
        }
        var gaps: [Double] = []
        for _ in 0..<kills {
            try awaitAcknowledged(20)
            let master = try cluster.master()
            acknowledged.withLock { $0.removeFirst($0.count - 1) }
            cluster.kill(master)
            try awaitAcknowledged(20)
            let times = acknowledged.withLock { $0.sorted() }
            gaps.append(zip(times, times.dropFirst()).map { seconds($1 - $0) }.max() ?? 0)
            try cluster.start(master)
        }
        try writers.stop()
        return [
            Figure(key: "failover_s", value: median(gaps), goal: .atMost(3)),
            Figure(key: "failover_worst_s", value: gaps.max() ?? 0, goal: .atMost(6)),
            Figure(key: "failover_lease_s", value: Double(leaseSeconds)),
        ]
    }

    /// The processes.
    private struct Cluster {
        let apis: [FrontendAPI]
        private let program: String
        private let folder: String
        private let settings: [[String: String]]
        private var daemons: [MeasuredDaemon?]

        private struct Listed: Decodable {
            var httpPort: Int
            var isMaster: Bool
        }

        init(_ bench: FailoverBench, _ etcd: EtcdServers) throws {
            program = bench.program
            folder = bench.folder
            let ports = try (0..<frontends).map { _ in
                (http: Int(try LoopbackSocket.quietPort()), rpc: Int(try LoopbackSocket.quietPort()))
            }
            settings = ports.enumerated().map { number, port in
                [
                    "meta_dir": "\(bench.folder)/fe\(number)/meta",
                    "load_spool_dir": "\(bench.folder)/fe\(number)/spool",
                    "http_port": "\(port.http)", "rpc_port": "\(port.rpc)", "query_port": "0", "bind_host": "127.0.0.1",
                    "advertised_host": "127.0.0.1", "sys_log_level": "WARNING", "journal_type": "etcd",
                    "etcd_endpoints": etcd.endpoints.joined(separator: ","), "etcd_prefix": "/tabletd/bench",
                    "leader_lease_seconds": "\(bench.leaseSeconds)",
                ]
            }
            apis = try ports.map { try FrontendAPI(port: $0.http) }
            daemons = Array(repeating: nil, count: frontends)
            try start(0)
            for (number, port) in ports.enumerated().dropFirst() {
                let added =
                    #"{"host": "127.0.0.1", "port": \#(port.rpc), "role": "FOLLOWER", "httpPort": \#(port.http)}"#
                let api = apis[0]
                try waitUntil("a master", within: 60) { (try? api.send(.post, "/api/frontends", added)) != nil }
                try start(number, ["--helper", "127.0.0.1:\(ports[0].http)"])
            }
        }

        mutating func start(_ number: Int, _ arguments: [String] = []) throws {
            daemons[number] = try MeasuredDaemon(
                program, folder: "\(folder)/fe\(number)", settings: settings[number], arguments: arguments)
        }

        mutating func kill(_ number: Int) { daemons[number] = nil }

        mutating func stop() { for number in daemons.indices { kill(number) } }

        /// Which one leads, as it says itself.
        func master() throws -> Int {
            var found: Int?
            try waitUntil("a master", within: 60) {
                found = settings.indices.first { number in
                    let listed: [Listed]? = try? apis[number].get("/api/frontends")
                    let master = listed?.first(where: \.isMaster)?.httpPort
                    return master.map { settings[number]["http_port"] == "\($0)" } ?? false
                }
                return found != nil
            }
            return found ?? 0
        }
    }
}
