public import Platform
public import TabletModel

/// A BE's connections to masters of a `DirectNetwork`. Reports are encoded and decoded as on the wire.
public struct DirectMasterConnector: MasterConnector {
    let network: DirectNetwork
    let caller: String

    public func connection(to address: NetworkAddress) -> any MasterConnection {
        DirectMasterConnection(network: network, caller: caller, address: address)
    }
}

struct DirectMasterConnection: MasterConnection {
    let network: DirectNetwork
    let caller: String
    let address: NetworkAddress

    func finishTask(_ request: FinishTaskRequest) throws -> RPCStatus {
        try call("finishTask") { $0.finishTask(request) }
    }

    /// They go together, and get their answers together or not at all.
    func finishTasks(_ requests: [FinishTaskRequest]) -> [Result<RPCStatus, any Error>] {
        do {
            return try call("finishTask") { $0.finishTasks(requests) }.map { .success($0) }
        } catch {
            return [.failure(error)]
        }
    }

    func report(_ report: OutgoingReport) throws -> RPCStatus {
        let incoming = try wireCopy(of: report)
        return try call("report") { $0.report(incoming) }
    }

    func refreshStoragePolicies(in dialect: WireDialect) throws -> (status: RPCStatus, rules: StorageRules) {
        let (status, rules) = try call("refreshStoragePolicy") { $0.storageRules() }
        return (status, rules.spoken(in: dialect))
    }

    func confirmUnusedRemoteFiles(_ tablets: [TabletCooldownState]) throws -> [TabletID] {
        try call("confirmUnusedRemoteFiles") { $0.confirmUnusedRemoteFiles(tablets) }
    }

    func snapshotLoaderReport(_ progress: LoaderProgress) throws -> RPCStatus {
        try call("snapshotLoaderReport") { $0.snapshotLoaderReport(progress) }
    }

    private func call<Reply>(_ method: String, _ body: (any FrontendHandler) throws -> Reply) throws -> Reply {
        try network.call(method, from: caller, to: address, { $0.frontend(address) }, body)
    }
}

/// The FE's connections to BEs of a `DirectNetwork`.
public struct DirectBackendConnector: BackendConnector {
    let network: DirectNetwork
    let caller: String

    public func connection(heartbeat: NetworkAddress, agent: NetworkAddress?) -> any BackendConnection {
        DirectBackendConnection(network: network, caller: caller, heartbeatAddress: heartbeat, agentAddress: agent)
    }
}

struct DirectBackendConnection: BackendConnection {
    let network: DirectNetwork
    let caller: String
    let heartbeatAddress: NetworkAddress
    let agentAddress: NetworkAddress?

    func heartbeat(_ master: MasterInfo) throws -> HeartbeatReply {
        try network.call(
            "heartbeat", from: caller, to: heartbeatAddress, { $0.heartbeat(heartbeatAddress) },
            { $0.heartbeat(master, from: CallerHost(caller)) })
    }

    func submitTasks(_ tasks: [AgentTask]) throws -> RPCStatus {
        try agentCall("submit_tasks") { $0.submitTasks(tasks, from: CallerHost(caller)) }
    }

    func tabletStats() throws -> [TabletStat] {
        try agentCall("get_tablet_stat") { $0.tabletStats() }
    }

    private func agentCall<Reply>(_ method: String, _ body: (any BackendHandler) throws -> Reply) throws -> Reply {
        guard let agentAddress else {
            throw RPCError(
                .connect, method: method, peer: heartbeatAddress, message: "the agent port is not known yet",
                mayHaveRun: false)
        }
        return try network.call(method, from: caller, to: agentAddress, { $0.backend(agentAddress) }, body)
    }
}

/// A BE's connections to other BEs of a `DirectNetwork`.
public struct DirectPeerConnector: PeerConnector {
    let network: DirectNetwork
    let caller: String

    public func connection(to agent: NetworkAddress) -> any PeerConnection {
        DirectPeerConnection(network: network, caller: caller, address: agent)
    }
}

struct DirectPeerConnection: PeerConnection {
    let network: DirectNetwork
    let caller: String
    let address: NetworkAddress

    func makeSnapshot(_ request: SnapshotRequest) throws -> AgentResult {
        try network.call("make_snapshot", from: caller, to: address, { $0.backend(address) }) {
            $0.makeSnapshot(request)
        }
    }

    func releaseSnapshot(path: String) throws -> RPCStatus {
        try network.call("release_snapshot", from: caller, to: address, { $0.backend(address) }) {
            $0.releaseSnapshot(path: path).status
        }
    }
}

/// An FE's connections to other FEs of a `DirectNetwork`.
public struct DirectFrontendConnector: FrontendConnector {
    let network: DirectNetwork
    let caller: String

    public func connection(to rpc: NetworkAddress) -> any FrontendConnection {
        DirectFrontendConnection(network: network, caller: caller, address: rpc)
    }
}

struct DirectFrontendConnection: FrontendConnection {
    let network: DirectNetwork
    let caller: String
    let address: NetworkAddress

    func ping(_ request: PingRequest) throws -> PingReply {
        try network.call("ping", from: caller, to: address, { $0.frontend(address) }, { $0.ping(request) })
    }
}
