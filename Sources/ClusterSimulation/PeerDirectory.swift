internal import BackendCore
internal import ClusterTestKit
internal import Platform
internal import StorageEngine
internal import Synchronization

/// Where downloads from backends end up: the running backends by host, and the machines that they run on.
final class PeerDirectory: Sendable {
    /// A backend's HTTP port, as far as peers use it.
    struct Server: Sendable {
        let snapshots: SnapshotService
        let accepts: @Sendable (String) -> Bool?
    }

    private struct State {
        var servers: [String: Server] = [:]
        var plans: [String: FaultPlan] = [:]
        var sent: [SentFile] = []
    }

    private let state = Mutex(State())

    /// - Parameter plan: of the machine that has this address; nil when none has it any more.
    func install(_ host: String, _ plan: FaultPlan?) { state.withLock { $0.plans[host] = plan } }

    /// Opens the port or, with nil, closes it.
    func listen(_ host: String, _ server: Server?) { state.withLock { $0.servers[host] = server } }

    func server(_ host: String) -> Server? { state.withLock { $0.servers[host] } }
    func plan(_ host: String) -> FaultPlan? { state.withLock { $0.plans[host] } }

    func note(_ file: SentFile) { state.withLock { $0.sent.append(file) } }
    /// Files that backends fetched from backends, in order.
    var sent: [SentFile] { state.withLock { $0.sent } }
}

/// A file, or a part of it, that one backend gave another.
public struct SentFile: Hashable, Sendable {
    public var source: String
    public var destination: String
    public var name: String
    /// That arrived.
    public var bytes: Int64
    /// The rest came, too.
    public var isWhole: Bool
    /// A segment, and neither a list nor a header.
    public var isSegment: Bool { name.hasSuffix(".dat") }
}
