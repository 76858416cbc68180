internal import ArgumentParser
internal import BackendCore
internal import Foundation
internal import Glibc
internal import Logging
internal import NodeMetrics
internal import Platform
internal import TabletModel
internal import ThreadRuntime
internal import ThriftRPC

/// The backend's side of the heartbeat bench, a process of its own: the real wire server and heartbeat service over an
/// engine without tablets. Prints its port, and ends when its standard input does: it never outlives the bench.
struct HeartbeatServerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "heartbeat-server", abstract: "The server that `heartbeat` starts for itself.",
        shouldDisplay: false)

    @Option(help: "PEM file; with it the port speaks TLS alone.") var certificate: String?
    @Option(help: "PEM file of the certificate's key.") var key: String?
    @Option(help: "PEM file of the authority.") var ca: String?

    func run() throws {
        try Descriptors.allow(HeartbeatBench.idleConnections + 200)
        let scheduler = ThreadScheduler()
        let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        let node = BackendNode(
            options: BackendOptions(),
            identity: BackendIdentity(
                host: "127.0.0.1", bePort: 9060, httpPort: 8040, version: "bench", startTime: scheduler.wallNow),
            engine: IdleEngine(), connector: AbsentMaster(), scheduler: scheduler, random: SystemRandomSource(),
            logger: logger, metrics: MetricsRegistry())
        let keys = try certificate.map {
            try ThriftTLS(TLSFiles(certificate: $0, key: key, authorities: ca))
        }
        let server = ThriftServer(
            .heartbeat(node.heartbeatHandler), address: "127.0.0.1", port: 0, tls: keys.map { ServerTLS($0) },
            logger: logger)
        try server.start()
        FileHandle.standardOutput.write(Data("\(server.boundPort)\n".utf8))
        while readLine() != nil {}
        server.stop()
        node.stop {}
        _ = scheduler.shutdown(drainingFor: .seconds(5))
    }
}

/// A master that takes whatever it is sent; the node's loops are not started, so it is sent nothing.
private struct AbsentMaster: MasterConnector, MasterConnection {
    func connection(to address: NetworkAddress) -> any MasterConnection { self }
    func finishTask(_ request: FinishTaskRequest) throws -> RPCStatus { .ok }
    func report(_ report: OutgoingReport) throws -> RPCStatus { .ok }
    func refreshStoragePolicies(in _: WireDialect) throws -> (status: RPCStatus, rules: StorageRules) {
        (.ok, StorageRules())
    }
    func confirmUnusedRemoteFiles(_ tablets: [TabletCooldownState]) throws -> [TabletID] { [] }
    func snapshotLoaderReport(_ progress: LoaderProgress) throws -> RPCStatus { .ok }
}

/// The process' limit of open descriptors.
enum Descriptors {
    /// Raises the limit to at least `count`.
    static func allow(_ count: Int) throws {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        guard limit.rlim_cur < rlim_t(count) else { return }
        limit.rlim_cur = min(limit.rlim_max, rlim_t(count))
        guard limit.rlim_cur == rlim_t(count), setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        else { throw BenchError("\(count) open files are needed; allow them with `ulimit -n \(count)`") }
    }
}

/// Why a bench could not be run.
struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
