import Foundation

@testable import PeerKit

/// A backend that does what a test says, under a frontend of the kit. It may know more or less than its frontend's year.
final class ScriptedBackend: Sendable {
    typealias Script = @Sendable (ScriptedBackend, WireRecord) -> Void

    let findings = Findings()
    let schema: WireSchema
    private let servers: [PeerServer]
    private let client: PeerClient
    let agentPort: Int32

    /// - Parameter onTask: called for each task that comes, on a thread of its own.
    init(frontend: Int32, schema: WireSchema, onTask: @escaping Script) throws {
        self.schema = schema
        client = PeerClient("FrontendService", port: frontend, findings: findings)
        let box = Box()
        let agent = try PeerServer("BackendService", schema: { schema }, findings: findings) { method, arguments in
            guard method == "submit_tasks" else { return .value(nil) }
            for task in arguments.records("tasks") {
                PeerServer.start("script") { box.backend.map { onTask($0, task) } }
            }
            return .value(.record(WireRecord("TAgentResult", ["status": .record(.status(0))])))
        }
        agentPort = agent.port
        let port = Int64(agent.port)
        let heartbeats = try PeerServer("HeartbeatService", schema: { schema }, findings: findings) { _, _ in
            let info = WireRecord("TBackendInfo", ["be_port": .number(port), "http_port": 1, "be_start_time": 1])
            return .value(
                .record(
                    WireRecord("THeartbeatResult", ["status": .record(.status(0)), "backend_info": .record(info)])))
        }
        servers = [heartbeats, agent]
        box.backend = self
    }

    var heartbeatPort: Int32 { servers[0].port }
    var place: WireValue {
        .record(WireRecord("TBackend", ["host": "127.0.0.1", "be_port": .number(Int64(agentPort)), "http_port": 1]))
    }

    func stop() { servers.forEach { $0.stop() } }

    @discardableResult
    func call(_ method: String, _ request: WireRecord) throws -> WireRecord? {
        try client.call(method, ["request": .record(request)], schema)?.record
    }

    /// The end of a task.
    @discardableResult
    func finish(_ task: WireRecord, code: Int64 = 0, _ more: [String: WireValue] = [:]) throws -> Int64? {
        var members = more
        members["backend"] = place
        members["task_type"] = task["task_type"]
        members["signature"] = task["signature"]
        members["task_status"] = .record(.status(code))
        return try call("finishTask", WireRecord("TFinishTaskRequest", members))?.number("status.status_code")
    }

    func info(_ tablet: Int64, _ more: [String: WireValue] = [:]) -> WireRecord {
        var members: [String: WireValue?] = [
            "tablet_id": .number(tablet), "schema_hash": 4711, "version": 1, "version_hash": 0, "row_count": 0,
            "data_size": 0, "path_hash": 7,
        ]
        for (name, value) in more { members[name] = value }
        return WireRecord("TTabletInfo", members)
    }

    /// A tablet report.
    func report(_ infos: [WireRecord], version: Int64 = 100) throws {
        let tablets = infos.map { info in
            (
                WireValue.number(info.number("tablet_id") ?? 0),
                WireValue.record(WireRecord("TTablet", ["tablet_infos": [.record(info)]]))
            )
        }
        try call(
            "report",
            WireRecord(
                "TReportRequest",
                [
                    "backend": place, "report_version": .number(version),
                    "tablets": .map(Dictionary(uniqueKeysWithValues: tablets)),
                ]))
    }

    /// Unchecked: set once, before the first task can come.
    private final class Box: @unchecked Sendable {
        weak var backend: ScriptedBackend?
    }
}
