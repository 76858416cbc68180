import CurlHTTP
import Logging
import Platform
import ServerFixtures
import Synchronization
import TabletModel
import ThriftRPC

/// A peer to clone from that stands before a real one: snapshots are the real one's, and so are their files, until a test
/// says what happens to one of them on the way.
final class FaultySource: BackendHandler {
    /// What one request for a file is answered, given what the real peer answered; nil hands that on.
    typealias Fault = @Sendable (_ file: String, _ answer: HTTPResponse) -> FaultyAnswer?

    private let peer: any PeerConnection
    private let origin: NetworkAddress
    private let client: HTTPClient
    private let state = Mutex(State())
    private let http = Mutex<FaultyHTTPServer?>(nil)
    private let agent = Mutex<ThriftServer?>(nil)

    private struct State {
        var fault: Fault?
        var files: [String] = []
        var snapshots: [SnapshotRequest] = []
    }

    init(before backend: BackendProcess) throws {
        peer = ThriftPeerConnector().connection(to: backend.agentAddress)
        origin = backend.httpAddress
        client = try HTTPClient()
        let files = try FaultyHTTPServer { [weak self] in self?.answer($0) ?? .reset }
        http.withLock { $0 = files }
        let logger = Logger(label: "faulty-source") { _ in SwiftLogNoOpLogHandler() }
        let server = ThriftServer(.agent(self), address: "127.0.0.1", port: 0, logger: logger)
        try server.start()
        agent.withLock { $0 = server }
    }

    /// Its ports are closed from now on. The servers refer to this object until then.
    func stop() {
        http.withLock { $0.take() }?.stop()
        agent.withLock { $0.take() }?.stop()
        client.shutdown()
    }

    var address: BackendAddress {
        BackendAddress(
            host: "127.0.0.1", bePort: agent.withLock { $0?.boundPort ?? 0 },
            httpPort: Int32(http.withLock { $0?.port ?? 0 }))
    }

    /// From now on; nil hands everything on.
    func setFault(_ fault: Fault?) { state.withLock { $0.fault = fault } }

    /// Names of files asked for so far; folders are "list". A name again means another request.
    var requestedFiles: [String] { state.withLock { $0.files } }
    var requestedSegments: [String] { requestedFiles.filter { $0.hasSuffix(".dat") } }
    var requestedSnapshots: [SnapshotRequest] { state.withLock { $0.snapshots } }

    // MARK: HTTP

    private func answer(_ request: ReceivedRequest) -> FaultyAnswer {
        let last = request.target.split(separator: "/").last.map(String.init) ?? ""
        let file = last.hasSuffix(".dat") || last.hasSuffix(".hdr") ? last : "list"
        let fault = state.withLock { state in
            state.files.append(file)
            return state.fault
        }
        do {
            let headers = request.headers["range"].map { [HTTPHeader("Range", $0)] } ?? []
            let answer = try client.execute(
                HTTPRequest(.get, "http://\(origin)\(request.target)", headers: headers, responseLimitBytes: 64 << 20))
            if let answered = fault?(file, answer) { return answered }
            let range = answer.header("Content-Range").map { ["Content-Range": $0] } ?? [:]
            return .respond(status: answer.status, headers: range, body: answer.body)
        } catch {
            return .reset
        }
    }

    // MARK: Thrift

    func makeSnapshot(_ request: SnapshotRequest) -> AgentResult {
        state.withLock { $0.snapshots.append(request) }
        do {
            return try peer.makeSnapshot(request)
        } catch {
            return AgentResult(status: RPCStatus(.internalError, "\(error)"))
        }
    }

    func releaseSnapshot(path: String) -> AgentResult {
        do {
            return AgentResult(status: try peer.releaseSnapshot(path: path))
        } catch {
            return AgentResult(status: RPCStatus(.internalError, "\(error)"))
        }
    }

    func submitTasks(_ tasks: [AgentTask], from _: CallerHost) -> RPCStatus {
        RPCStatus(.notImplementedError, "a source only")
    }
    func publishClusterState(from caller: CallerHost) -> AgentResult { AgentResult(status: .ok) }
    func tabletStats() -> [TabletStat] { [] }
    func trashUsedBytes() -> Int64 { 0 }
    func diskTrash() -> [DiskTrash] { [] }
    func cleanTrash(from caller: CallerHost) {}
    func checkStorageFormat() -> (v1: [TabletID], v2: [TabletID]) { ([], []) }
}
