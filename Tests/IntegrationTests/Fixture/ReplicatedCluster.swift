import CurlHTTP
import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel

/// Several `tabletd-fe` over a real etcd, and some `tabletd-be`, on loopback and under a temporary folder.
final class ReplicatedCluster: Sendable {
    let folder: TemporaryFolder
    let etcd: EtcdServers
    let backends: [BackendProcess]
    /// Electable ones first, then observers.
    let frontends: [DaemonProcess]
    /// Of a cluster with a network that can be cut: before each member of etcd for each FE, by its place, and before each backend
    /// for all of them.
    let toEtcd: [[TCPRelay]]
    let toBackends: [TCPRelay]
    private let http: HTTPClient

    /// The least that can be set, so that a test waits as little as can be.
    static let leaseSeconds = 2

    private init(
        members: Int, followers: Int, observers: Int, backends: Int, isRelayed: Bool, _ settings: [String: String],
        _ own: [Int: [String: String]]
    ) throws {
        let (folder, etcd) = (try TemporaryFolder(), try EtcdServers(count: members))
        self.folder = folder
        self.etcd = etcd
        http = try HTTPClient()
        let started = try (0..<backends).map { try BackendProcess("be\($0 + 1)", in: folder.path) }
        for backend in started { try backend.start() }
        self.backends = started
        let places = 0..<followers + observers
        toEtcd = try isRelayed ? places.map { _ in try etcd.ports.map { try TCPRelay(to: $0) } } : []
        toBackends = try isRelayed ? started.map { try TCPRelay(to: UInt16($0.heartbeatAddress.port)) } : []
        let relayed = toEtcd.map { relays in
            ["etcd_endpoints": relays.map { "http://127.0.0.1:\($0.port)" }.joined(separator: ",")]
        }
        frontends = try places.map { place in
            try Self.makeFrontend(
                "fe\(place + 1)", in: folder, over: etcd,
                settings.merging(isRelayed ? relayed[place] : [:]) { $1 }.merging(own[place] ?? [:]) { $1 })
        }
    }

    /// Runs `body` with a cluster in which all live and the first FE leads; ends every process after it, whatever happened.
    /// - Parameters:
    ///   - members: of etcd.
    ///   - isRelayed: the network can be cut: see `toEtcd` and `toBackends`.
    ///   - settings: of every FE beside the usual ones, or in their place.
    ///   - own: the same, of one FE, by its place.
    static func run(
        members: Int = 1, followers: Int = 3, observers: Int = 0, backends: Int = 0, isRelayed: Bool = false,
        settings: [String: String] = [:], own: [Int: [String: String]] = [:],
        _ body: (ReplicatedCluster) throws -> Void
    ) throws {
        let cluster = try ReplicatedCluster(
            members: members, followers: followers, observers: observers, backends: backends, isRelayed: isRelayed,
            settings, own)
        defer { cluster.kill() }
        do {
            try cluster.frontends[0].start()
            let first = try cluster.master()
            for (place, frontend) in cluster.frontends.enumerated().dropFirst() {
                try cluster.add(frontend, as: place < followers ? .follower : .observer)
                try frontend.start(cluster.helper)
            }
            for (place, backend) in cluster.backends.enumerated() {
                let port = isRelayed ? Int32(cluster.toBackends[place].port) : backend.heartbeatAddress.port
                _ = try cluster.at(first).control("add-backend", "127.0.0.1:\(port)", "--wait")
            }
            try body(cluster)
        } catch {
            cluster.printLogs()
            throw error
        }
    }

    private func kill() {
        for frontend in frontends { frontend.kill() }
        for backend in backends { backend.daemon.kill() }
        for relay in toEtcd.flatMap({ $0 }) + toBackends { relay.stop() }
        etcd.stop()
    }

    func printLogs() { print((frontends + backends.map(\.daemon)).map { $0.tail(lines: 40) }.joined()) }

    // MARK: Frontends

    /// On ports of its own: others know an FE by them before it runs.
    private static func makeFrontend(
        _ name: String, in folder: TemporaryFolder, over etcd: EtcdServers, _ settings: [String: String]
    ) throws -> DaemonProcess {
        let own = [
            "http_port": "\(try LoopbackSocket.quietPort())", "rpc_port": "\(try LoopbackSocket.quietPort())",
            "query_port": "0",
            "journal_type": "etcd", "etcd_endpoints": etcd.endpoints.joined(separator: ","), "etcd_prefix": "/it",
            "leader_lease_seconds": "\(leaseSeconds)",
        ]
        let usual = FrontendInHand.frontendSettings(home: "\(folder.path)/\(name)")
        return try DaemonProcess(
            name, program: "tabletd-fe", in: folder.path,
            settings: usual.merging(own) { $1 }.merging(settings) { $1 })
    }

    /// One more, which is not started, and not added.
    func makeFrontend(_ name: String, _ settings: [String: String] = [:]) throws -> DaemonProcess {
        try Self.makeFrontend(name, in: folder, over: etcd, settings)
    }

    /// As the first FE's companions begin.
    var helper: [String] { ["--helper", address(frontends[0])] }

    func address(_ frontend: DaemonProcess) -> String {
        "\(frontend.settings["bind_host"] ?? ""):\(frontend.settings["http_port"] ?? "")"
    }

    func add(_ frontend: DaemonProcess, as role: FrontendRole, through other: DaemonProcess? = nil) throws {
        _ = try at(other ?? frontends[0]).control(
            "add-frontend", "127.0.0.1:\(frontend.settings["rpc_port"] ?? "")", "--role", role.rawValue.lowercased(),
            "--http-port", frontend.settings["http_port"] ?? "")
    }

    /// Who leads, as its log says, once somebody does.
    func master(
        otherThan old: DaemonProcess? = nil, among some: [DaemonProcess]? = nil, within seconds: Double = 60
    ) throws -> DaemonProcess {
        try eventually("a master", within: seconds) {
            (some ?? frontends).first { $0 !== old && $0.isRunning && Self.state($0) == "MASTER" }
        }
    }

    /// As its log says since its last start; nil before the first transfer.
    static func state(_ frontend: DaemonProcess) -> String? {
        let life = frontend.log(from: 0).components(separatedBy: "metadata loaded").last ?? ""
        let transfer = life.split(separator: "\n").last { $0.contains("transfer from ") }
        return transfer.flatMap { $0.components(separatedBy: " to ").dropFirst().first }
            .map { String($0.prefix { $0 != " " }) }
    }

    // MARK: What a person does

    /// `tabletctl` at one FE.
    struct FrontendInHand: ControlledCluster {
        let folder: TemporaryFolder
        let frontendAddress: String
    }

    func at(_ frontend: DaemonProcess) -> FrontendInHand {
        FrontendInHand(folder: folder, frontendAddress: address(frontend))
    }

    func send(
        _ method: HTTPMethod, _ path: String, _ body: String = "", to frontend: DaemonProcess
    ) throws -> HTTPResponse {
        var request = HTTPRequest(
            method, "http://\(address(frontend))\(path)", headers: [HTTPHeader("Content-Type", "application/json")],
            responseLimitBytes: 16 << 20)
        if !body.isEmpty { request.body = .bytes(Array(body.utf8)) }
        request.mayBeSentAgain = false
        request.timeouts.connect = .seconds(2)
        request.timeouts.answer = .seconds(20)
        return try http.execute(request)
    }

    /// A small change. - Returns: the answer, whatever it is.
    func makeDatabase(_ name: String, at frontend: DaemonProcess) throws -> HTTPResponse {
        try send(.post, "/api/databases", #"{"name": "\#(name)"}"#, to: frontend)
    }

    /// - Throws: `FixtureError` when the FE gives no such answer.
    func databases(at frontend: DaemonProcess) throws -> Set<String> {
        let answer = try send(.get, "/api/databases", to: frontend)
        guard answer.isSuccess else {
            throw FixtureError("\(frontend.name): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
        }
        return Set(try JSONDecoder().decode([DatabaseView].self, from: Data(answer.body)).map(\.name))
    }

    /// What this FE itself knows, wherever the master is.
    func ownMetric(_ name: String, of frontend: DaemonProcess) throws -> Int64 {
        let text = String(decoding: try send(.get, "/metrics", to: frontend).body, as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        guard let value = line.flatMap({ Double($0.dropFirst(name.count + 1)) }) else {
            throw FixtureError("\(frontend.name) has no \(name)")
        }
        return Int64(value)
    }

    /// Log id up to which this FE knows the changes.
    func knownLogID(of frontend: DaemonProcess) throws -> Int64 {
        try ownMetric("doris_fe_max_journal_id", of: frontend)
    }

    /// Until every FE that runs knows what the master has made so far.
    func awaitReplayed(from master: DaemonProcess) throws {
        let wanted = try knownLogID(of: master)
        for frontend in frontends where frontend.isRunning {
            try eventually("\(frontend.name) at \(wanted)") { try knownLogID(of: frontend) >= wanted }
        }
    }
}
