internal import Foundation
internal import Synchronization

/// A frontend of one year as the contract describes it, for real backends: it sends heartbeats and tasks, reads their
/// reports strictly, and repeats itself where a Doris FE would.
///
/// It holds the metadata of a few tablets. What a test does (create, load, alter) goes the way of a statement; what the
/// frontend does by itself (resend, compare, push again) is counted with its cause, so that a test sees what has no end.
public final class DorisFrontend: Sendable {
    public let findings = Findings()
    public let pace: PeerPace
    public let token = "peer-token"
    let clusterID: Int64 = 1_234_567
    let state: Mutex<FrontendState>
    private let server = Mutex<PeerServer?>(nil)
    private let clients = Mutex<[Int32: PeerClient]>([:])
    private let isRunning = Mutex(true)

    public init(_ year: PeerYear, pace: PeerPace = PeerPace()) throws {
        self.pace = pace
        state = Mutex(FrontendState(year: year))
        let made = try PeerServer(
            "FrontendService", schema: { [weak self] in self?.year.schema ?? year.schema }, findings: findings
        ) { [weak self] method, arguments in
            self?.answer(method, arguments) ?? .processEnds
        }
        server.withLock { $0 = made }
        every(pace.heartbeat, "peer-heartbeats") { $0.sendHeartbeats() }
        every(pace.daemons, "peer-daemons") { $0.runDaemons() }
        every(pace.topics, "peer-topics") { $0.publishTopics() }
        every(pace.polls, "peer-polls") { $0.poll() }
    }

    deinit { stop() }

    public func stop() {
        isRunning.withLock { $0 = false }
        server.withLock { $0.take() }?.stop()
    }

    public var year: PeerYear { state.withLock { $0.year } }
    public var rpcPort: Int32 { server.withLock { $0?.port ?? 0 } }

    /// The process is replaced by one of another year: a new epoch, the same metadata, and a queue with the publishes alone
    /// that are not done. What is counted begins anew with `startCounting`.
    public func become(_ year: PeerYear) {
        let again = state.withLock { state in
            state.year = year
            state.epoch += 1
            state.queue = [:]
            state.cooldownJobs = []
            state.cooldownUpdates = []
            let waiting = state.transactions.values.filter { $0.version > 0 && !$0.isVisible && !$0.isAborted }
            return waiting.flatMap { state.publishing($0) }
        }
        server.withLock { $0?.cutConnections() }
        enqueue(again)
    }

    /// Forgets what was found and counted so far.
    public func startCounting() {
        findings.clear()
        state.withLock { state in
            state.sent = [:]
            state.corrections = []
            state.journal = [:]
            state.ends = [:]
        }
    }

    /// - Returns: the id that it gets.
    public func addBackend(heartbeatPort: Int32) -> Int64 {
        state.withLock { state in
            let id = Int64(10_001 + state.backends.count)
            state.backends[id] = PeerBackend(heartbeatPort: heartbeatPort)
            return id
        }
    }

    /// Runs a round again and again on a thread of its own, for as long as this frontend is there.
    private func every(_ seconds: Double, _ name: String, _ body: @escaping @Sendable (DorisFrontend) -> Void) {
        PeerServer.start(name) { [weak self] in
            while let self, self.isRunning.withLock({ $0 }) {
                body(self)
                Thread.sleep(forTimeInterval: seconds)
            }
        }
    }

    static var now: Double { ProcessInfo.processInfo.systemUptime }

    /// - Throws: `CallFailure`.
    @discardableResult
    func call(
        _ service: String, _ port: Int32, _ method: String, _ arguments: [String: WireValue?] = [:]
    ) throws -> WireValue? {
        let client = clients.withLock { clients in
            if let known = clients[port] { return known }
            let made = PeerClient(service, port: port, findings: findings)
            clients[port] = made
            return made
        }
        return try client.call(method, arguments, year.schema)
    }

    // MARK: Heartbeats

    func heartbeat(_ state: FrontendState, _ id: Int64) -> WireRecord {
        var master = WireRecord(
            "TMasterInfo",
            [
                "network_address": .record(address(port: rpcPort)), "cluster_id": .number(clusterID),
                "epoch": .number(state.epoch), "token": .text(token), "backend_ip": "127.0.0.1", "http_port": 8030,
                "heartbeat_flags": 1, "backend_id": .number(id),
            ])
        guard state.year.isLate else { return master }
        let frontend = WireRecord(
            "TFrontendInfo",
            ["coordinator_address": .record(address(port: rpcPort)), "process_uuid": .number(state.epoch)])
        master.members["frontend_infos"] = [.record(frontend)]
        master.members["tablet_report_inactive_duration_ms"] = 0
        // It rotates; the one before stays good.
        master.members["auth_token"] = .text("auth-\((state.backends[id]?.heartbeats ?? 0) / 50)")
        return master
    }

    func address(port: Int32) -> WireRecord {
        WireRecord("TNetworkAddress", ["hostname": "127.0.0.1", "port": .number(Int64(port))])
    }

    private func sendHeartbeats() {
        let state = self.state.withLock { $0 }
        for (id, backend) in state.backends {
            do {
                let arguments = ["master_info": WireValue.record(heartbeat(state, id))]
                let answer = try call("HeartbeatService", backend.heartbeatPort, "heartbeat", arguments)
                take(answer?.record, from: id)
            } catch {
                if isRunning.withLock({ $0 }) {
                    findings.record(.conduct, "heartbeat", "backend \(id) is dead to this frontend: \(error)")
                }
            }
        }
    }

    private func take(_ answer: WireRecord?, from id: Int64) {
        guard let answer, answer.number("status.status_code") == 0 else {
            findings.record(.conduct, "heartbeat", "refused: \(answer?.list("status.error_msgs") ?? [])")
            return
        }
        let restarted = state.withLock { state in
            guard var backend = state.backends[id] else { return false }
            let startMs = answer.number("backend_info.be_start_time") ?? 0
            let restarted = backend.startMs != 0 && backend.startMs != startMs && !backend.allowsRestart
            backend.bePort = Int32(answer.number("backend_info.be_port") ?? 0)
            backend.httpPort = Int32(answer.number("backend_info.http_port") ?? 0)
            backend.startMs = startMs
            backend.heartbeats += 1
            state.backends[id] = backend
            return restarted
        }
        if restarted { findings.record(.processEnd, "heartbeat", "backend \(id) has started again") }
    }
}
