internal import BackendCore
internal import Foundation
internal import Logging
internal import NodeMetrics
internal import Platform
internal import TabletModel
internal import ThreadRuntime
internal import ThriftRPC

/// A backend as its frontend sees it: the real node, heartbeats, agent port and reports, over an engine that has nothing but
/// the rows of its report.
final class ReportingBackend {
    let heartbeatPort: Int32
    private let scheduler = ThreadScheduler()
    private let node: BackendNode
    private let servers: [ThriftServer]

    init(_ number: Int, of cluster: BigCluster) throws {
        let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        var options = BackendOptions()
        options.tabletReportInterval = .seconds(2)
        options.reportJitter = .milliseconds(100)
        node = BackendNode(
            options: options,
            identity: BackendIdentity(
                host: "127.0.0.1", bePort: 0, httpPort: 8040, version: "tabletd-bench", startTime: scheduler.wallNow,
                uuid: BackendUUID(text: UUID().uuidString.lowercased())),
            engine: IdleEngine(tablets: BigCluster.Report(cluster: cluster, backend: number)),
            connector: ThriftMasterConnector(), scheduler: scheduler, random: SystemRandomSource(), logger: logger,
            metrics: MetricsRegistry())
        let agent = ThriftServer(.agent(node.backendHandler), address: "127.0.0.1", port: 0, logger: logger)
        let heartbeat = ThriftServer(.heartbeat(node.heartbeatHandler), address: "127.0.0.1", port: 0, logger: logger)
        try agent.start()
        node.announce(bePort: agent.boundPort, httpPort: 8040)
        try heartbeat.start()
        servers = [heartbeat, agent]
        heartbeatPort = heartbeat.boundPort
    }

    /// From now on it reports to whoever sends heartbeats.
    func start() { node.start() }

    func stop() {
        node.stop {}
        for server in servers { server.stop() }
        _ = scheduler.shutdown(drainingFor: .seconds(5))
    }
}
