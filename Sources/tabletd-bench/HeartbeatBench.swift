internal import Foundation
internal import Glibc
internal import Platform
internal import TabletModel
internal import ThriftRPC

/// Heartbeats over loopback from this process to a backend in another, one at a time on one connection.
///
/// What it measures: the real client (`ThriftBackendConnector`), wire server and heartbeat service, both sides' encoding
/// and decoding, and the kernel's loopback. What it leaves out: the engine, which has no tablets and a known cluster id.
struct HeartbeatBench {
    static let idleConnections = 2000
    /// Heartbeats of one round: enough for its 99th percentile to be of 200 values.
    static let roundCalls = 20_000
    private static let warmUpCalls = 2000

    private let connection: any BackendConnection
    private let port: Int32
    private let master = MasterInfo(
        address: NetworkAddress(host: "127.0.0.1", port: 9020), clusterID: 1, epoch: 1,
        token: "0f1e2d3c4b5a69788796a5b4c3d2e1f0", backendIP: "127.0.0.1", httpPort: 8030, flags: 0,
        backendID: 10_001, tabletReportInactiveMs: 300_000)

    /// Latencies of one round, ascending, in nanoseconds.
    private struct Round {
        var latencies: [Int64]
        var callsPerSecond: Double
        func microseconds(_ share: Double) -> Double { Double(percentile(share, ofSorted: latencies)) / 1000 }
    }

    /// Alternates rounds without and with idle connections, so that both meet the same neighbours on the machine.
    static func run(runs: Int) throws -> [Figure] {
        try Descriptors.allow(idleConnections + 200)
        let server = try ServerOfItsOwn("heartbeat-server")
        defer { server.stop() }
        let bench = HeartbeatBench(port: Int32(server.port))
        _ = try bench.round(calls: warmUpCalls)
        var quiet: [Round] = []
        var crowded: [Round] = []
        for _ in 0..<max(runs, 1) {
            quiet.append(try bench.round(calls: roundCalls))
            let idle = try IdleConnections(idleConnections, port: bench.port)
            defer { idle.close() }
            crowded.append(try bench.round(calls: roundCalls))
        }
        let p99 = median(quiet.map { $0.microseconds(0.99) })
        return [
            Figure(key: "rpcs_per_s", value: median(quiet.map(\.callsPerSecond)), goal: .atLeast(15_000)),
            Figure(key: "p50_us", value: median(quiet.map { $0.microseconds(0.5) })),
            Figure(key: "p99_us", value: p99),
            Figure(
                key: "p99_us_with_2000_idle", value: median(crowded.map { $0.microseconds(0.99) }),
                goal: .atMost(2 * p99)),
        ]
    }

    /// Heartbeats a second, plain and over TLS, in rounds by turns.
    static func plainAndTLS(_ certificates: BenchCertificates, runs: Int) throws -> (plain: Double, tls: Double) {
        let plainServer = try ServerOfItsOwn("heartbeat-server")
        defer { plainServer.stop() }
        let files = TLSFiles(
            certificate: certificates.certificate, key: certificates.key, authorities: certificates.authority)
        let tlsServer = try ServerOfItsOwn(
            "heartbeat-server",
            ["--certificate", certificates.certificate, "--key", certificates.key, "--ca", certificates.authority])
        defer { tlsServer.stop() }
        let plain = HeartbeatBench(port: Int32(plainServer.port))
        let tls = HeartbeatBench(port: Int32(tlsServer.port), tls: try ThriftTLS(files))
        var rates: (plain: [Double], tls: [Double]) = ([], [])
        for bench in [plain, tls] { _ = try bench.round(calls: warmUpCalls) }
        for _ in 0..<max(runs, 3) {
            rates.plain.append(try plain.round(calls: roundCalls).callsPerSecond)
            rates.tls.append(try tls.round(calls: roundCalls).callsPerSecond)
        }
        return (median(rates.plain), median(rates.tls))
    }

    private init(port: Int32, tls: ThriftTLS? = nil) {
        self.port = port
        connection = ThriftBackendConnector(tls: tls).connection(
            heartbeat: NetworkAddress(host: "127.0.0.1", port: port), agent: nil)
    }

    private func round(calls: Int) throws -> Round {
        var latencies: [Int64] = []
        latencies.reserveCapacity(calls)
        let clock = ContinuousClock()
        let began = clock.now
        var last = began
        for _ in 0..<calls {
            let reply = try connection.heartbeat(master)
            guard reply.status.isOK else { throw BenchError("the backend refused a heartbeat: \(reply.status)") }
            let now = clock.now
            latencies.append((now - last).wholeNanoseconds)
            last = now
        }
        latencies.sort()
        return Round(latencies: latencies, callsPerSecond: Double(calls) / seconds(last - began))
    }
}

/// Connections on which nothing is ever sent.
private final class IdleConnections {
    private var sockets: [Int32] = []

    init(_ count: Int, port: Int32) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
        for _ in 0..<count {
            let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            sockets.append(socket)
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard result == 0 else {
                close()
                throw BenchError("can't open \(count) idle connections: error \(errno)")
            }
        }
    }

    func close() {
        for socket in sockets where socket >= 0 { Glibc.close(socket) }
        sockets = []
    }
}
