internal import Foundation
internal import Synchronization

/// A backend of one year as the contract describes it, for a real frontend: it answers heartbeats, takes tasks strictly,
/// reports, and ends where a Doris BE's process would.
///
/// Rows it has none: a load of a scan range only notes that the tablet was written.
public final class DorisBackend: Sendable {
    public let findings = Findings()
    public let year: PeerYear
    let pace: PeerPace
    let startMs: Int64
    let state: Mutex<BackendState>
    private let servers = Mutex<[PeerServer]>([])
    private let frontend = Mutex<(port: Int32, client: PeerClient)?>(nil)

    public init(_ year: PeerYear, pace: PeerPace = PeerPace()) throws {
        self.year = year
        self.pace = pace
        let now = Date().timeIntervalSince1970
        startMs = Int64(now * 1000)
        state = Mutex(BackendState(reportVersion: Int64(now) * (year.isLate ? 100_000 : 10_000)))
        let schema = year.schema
        let heartbeats = try PeerServer("HeartbeatService", schema: { schema }, findings: findings) {
            [weak self] _, arguments in
            self?.heartbeat(arguments.record("master_info")) ?? .processEnds
        }
        let agent = try PeerServer("BackendService", schema: { schema }, findings: findings) {
            [weak self] method, arguments in
            self?.answer(method, arguments) ?? .processEnds
        }
        servers.withLock { $0 = [heartbeats, agent] }
        Self.agentPorts.withLock { _ = $0.insert(agent.port) }
        every(pace.taskReport) { $0.reportTasks() }
        every(pace.tabletReport) { $0.reportDisks() }
        every(pace.tabletReport) { $0.reportTablets() }
        every(pace.daemons) { $0.callFrontend() }
    }

    deinit { stop() }

    public func stop() {
        state.withLock { $0.isStopped = true }
        for server in servers.withLock({ $0 }) { server.stop() }
    }

    public var heartbeatPort: Int32 { servers.withLock { $0.first?.port ?? 0 } }
    public var agentPort: Int32 { servers.withLock { $0.last?.port ?? 0 } }

    /// The process dies: nobody answers any more.
    func end(because reason: String) {
        findings.record(.processEnd, "backend", reason)
        state.withLock { $0.hasEnded = reason }
        stop()
    }

    private func every(_ seconds: Double, _ body: @escaping @Sendable (DorisBackend) -> Void) {
        PeerServer.start("peer-backend") { [weak self] in
            while let self, !self.state.withLock({ $0.isStopped }) {
                // Reports wait for the first heartbeat.
                if self.state.withLock({ $0.frontendPort != 0 }) { body(self) }
                Thread.sleep(forTimeInterval: seconds)
            }
        }
    }

    static var now: Double { ProcessInfo.processInfo.systemUptime }

    /// - Throws: `CallFailure`.
    @discardableResult
    func call(_ method: String, _ arguments: [String: WireValue?] = [:]) throws -> WireValue? {
        let port = state.withLock { $0.frontendPort }
        let client = frontend.withLock { kept in
            if let kept, kept.port == port { return kept.client }
            let made = PeerClient("FrontendService", port: port, findings: findings)
            kept = (port, made)
            return made
        }
        return try client.call(method, arguments, year.schema)
    }

    var place: WireRecord {
        WireRecord("TBackend", ["host": "127.0.0.1", "be_port": .number(Int64(agentPort)), "http_port": 8040])
    }

    // MARK: Heartbeats

    /// §1 of the contract, the checks in its order.
    private func heartbeat(_ master: WireRecord?) -> PeerAnswer {
        guard let master else { return refused("no master_info") }
        let reason = state.withLock { state -> String? in
            if let ip = master.text("backend_ip"), ip != "127.0.0.1" { return "backend_ip is \(ip)" }
            let cluster = master.number("cluster_id") ?? -1
            guard state.clusterID == -1 || state.clusterID == cluster else { return "cluster_id is \(cluster)" }
            state.clusterID = cluster
            let port = Int32(truncatingIfNeeded: master.number("network_address.port") ?? 0)
            let epoch = master.number("epoch") ?? 0
            if port != state.frontendPort, epoch <= state.epoch { return "epoch \(epoch) of another master" }
            state.epoch = max(state.epoch, epoch)
            if let token = master.text("token") {
                guard state.token == nil || state.token == token else { return "another token" }
                state.token = token
            }
            state.frontendPort = port
            state.backendID = master.number("backend_id") ?? 0
            state.heartbeats += 1
            return nil
        }
        if let reason { return refused(reason) }
        let heartbeats = state.withLock { $0.heartbeats }
        if year.isLate, heartbeats > 3, master.list("frontend_infos").isEmpty {
            findings.record(.conduct, "heartbeat.master_info.frontend_infos", "a 2026 BE warns each time without it")
        }
        return .value(.record(result(.status(0), info)))
    }

    private func refused(_ reason: String) -> PeerAnswer {
        findings.record(.conduct, "heartbeat", "refused: \(reason)")
        return .value(.record(result(.status(6, reason), WireRecord("TBackendInfo", ["be_port": 0, "http_port": 0]))))
    }

    private func result(_ status: WireRecord, _ info: WireRecord) -> WireRecord {
        WireRecord("THeartbeatResult", ["status": .record(status), "backend_info": .record(info)])
    }

    private var info: WireRecord {
        var info = WireRecord(
            "TBackendInfo",
            [
                "be_port": .number(Int64(agentPort)), "http_port": 8040, "be_rpc_port": -1, "brpc_port": 8060,
                "version": .text(year.backendVersion), "be_start_time": .number(startMs), "be_node_role": "mix",
            ])
        guard year.isLate else { return info }
        info.members["is_shutdown"] = false
        info.members["arrow_flight_sql_port"] = 8070
        info.members["be_mem"] = 34_359_738_368
        info.members["fragment_executing_count"] = 0
        info.members["fragment_last_active_time"] = 0
        return info
    }
}
