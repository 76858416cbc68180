public import TabletModel

/// A BE's line to the FE master (`FrontendService`). Blocking, with a deadline per call; any thread. Reconnects by itself.
/// Throws `RPCError` when no answer came; an answer of any status is returned.
public protocol MasterConnection: Sendable {
    func finishTask(_ request: FinishTaskRequest) throws -> RPCStatus
    /// Several ends, one message each, which may be on their way together: for a master of ours. Their answers, in order. A request
    /// that can't be written (`UnspeakableTask`) fails alone. Behind one that got no answer nothing is told: the master may have
    /// heard of those, and they have to be sent again.
    func finishTasks(_ requests: [FinishTaskRequest]) -> [Result<RPCStatus, any Error>]
    func report(_ report: OutgoingReport) throws -> RPCStatus
    /// - Parameter dialect: of the FE: one of ours is told that the backend is, and adds what is ours.
    func refreshStoragePolicies(in dialect: WireDialect) throws -> (status: RPCStatus, rules: StorageRules)
    /// Late FEs only: which of these tablets' superseded remote files may go. An older FE answers unknown method.
    func confirmUnusedRemoteFiles(_ tablets: [TabletCooldownState]) throws -> [TabletID]
    /// An answer that is not OK ends the upload or download: nobody wants it any more.
    func snapshotLoaderReport(_ progress: LoaderProgress) throws -> RPCStatus
    /// Nobody waits any longer for what is sent on this line: calls that are out fail as `closed`, at once, and so do those that
    /// are begun later. A master that hangs would keep the threads that tell the next one.
    func abandon()
}

extension MasterConnection {
    /// For lines whose calls are answered at once.
    public func abandon() {}

    /// One after the other.
    public func finishTasks(_ requests: [FinishTaskRequest]) -> [Result<RPCStatus, any Error>] {
        var answers: [Result<RPCStatus, any Error>] = []
        for request in requests {
            answers.append(Result { try finishTask(request) })
            if case .failure(let error) = answers[answers.count - 1], !(error is UnspeakableTask) { break }
        }
        return answers
    }
}

/// `TTabletCooldownInfo`: what one replica says its remote state is, when it asks to delete superseded objects.
public struct TabletCooldownState: Hashable, Sendable {
    public var tabletID: TabletID
    public var cooldownReplicaID: ReplicaID
    public var cooldownMetaID: UniqueID
    public init(tabletID: TabletID, cooldownReplicaID: ReplicaID, cooldownMetaID: UniqueID) {
        self.tabletID = tabletID
        self.cooldownReplicaID = cooldownReplicaID
        self.cooldownMetaID = cooldownMetaID
    }
}

/// Gives lines to the master at an address. Each is one of its own, to be kept for as long as that one is the master.
public protocol MasterConnector: Sendable {
    func connection(to address: NetworkAddress) -> any MasterConnection
}

/// The FE's line to a BE: heartbeat port and agent port are separate services.
public protocol BackendConnection: Sendable {
    /// To the heartbeat port.
    func heartbeat(_ master: MasterInfo) throws -> HeartbeatReply
    /// To the agent port. Doris' FE ignores the result; ours logs it.
    func submitTasks(_ tasks: [AgentTask]) throws -> RPCStatus
    func tabletStats() throws -> [TabletStat]
}

public protocol BackendConnector: Sendable {
    /// - Parameter agent: nil until the first heartbeat told the agent port.
    func connection(heartbeat: NetworkAddress, agent: NetworkAddress?) -> any BackendConnection
}

/// An FE's line to the rpc port of another FE. Blocking, with a deadline per call; any thread. Throws `RPCError`.
public protocol FrontendConnection: Sendable {
    func ping(_ request: PingRequest) throws -> PingReply
}

public protocol FrontendConnector: Sendable {
    func connection(to rpc: NetworkAddress) -> any FrontendConnection
}

/// A BE's line to the agent port of another BE, from which it clones. Blocking, with a deadline per call; any thread.
public protocol PeerConnection: Sendable {
    /// The peer keeps the snapshot until `releaseSnapshot` or its timeout.
    func makeSnapshot(_ request: SnapshotRequest) throws -> AgentResult
    func releaseSnapshot(path: String) throws -> RPCStatus
}

public protocol PeerConnector: Sendable {
    /// - Parameter agent: host and agent port (`be_port`) of the peer.
    func connection(to agent: NetworkAddress) -> any PeerConnection
}

/// No usable answer: the peer is away, slow, or does not speak the protocol.
public struct RPCError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable {
        case connect, timeout, closed, unknownMethod, protocolError, tooLarge, other
    }
    public var code: Code
    public var method: String
    public var peer: NetworkAddress
    public var message: String
    /// True when the request may have been carried out although no answer came.
    public var mayHaveRun: Bool

    public init(_ code: Code, method: String, peer: NetworkAddress, message: String, mayHaveRun: Bool) {
        self.code = code
        self.method = method
        self.peer = peer
        self.message = message
        self.mayHaveRun = mayHaveRun
    }

    public var description: String { "\(method) to \(peer): \(message) (\(code.rawValue))" }
}
