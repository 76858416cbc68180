internal import CThrift
public import Platform
public import TabletModel

/// The frontend's lines to its backends.
public struct ThriftBackendConnector: BackendConnector {
    private let heartbeats: ChannelPool
    private let agents: ChannelPool

    /// Nothing is connected until the first call.
    public init(
        heartbeat: ClientSettings = .heartbeatDefault, agent: ClientSettings = .agentDefault, tls: ThriftTLS? = nil
    ) {
        heartbeats = ChannelPool(heartbeat, tls)
        agents = ChannelPool(agent, tls)
    }

    public func connection(heartbeat: NetworkAddress, agent: NetworkAddress?) -> any BackendConnection {
        ThriftBackendConnection(
            heartbeat: heartbeats.channel(to: heartbeat), agent: agent.map { agents.channel(to: $0) })
    }
}

struct ThriftBackendConnection: BackendConnection {
    let heartbeat: ClientChannel
    let agent: ClientChannel?

    func heartbeat(_ master: MasterInfo) throws -> HeartbeatReply {
        var result = wire.THeartbeatResult()
        let request = master.wireValue
        try heartbeat.call("heartbeat") { wire.callHeartbeat($0, request, &result) }
        return HeartbeatReply(result)
    }

    func submitTasks(_ tasks: [AgentTask]) throws -> RPCStatus {
        let channel = try agentChannel("submit_tasks")
        var list = wire.TaskList()
        list.reserve(tasks.count)
        for task in tasks { list.push_back(task.wireValue) }
        var result = wire.TAgentResult()
        try channel.call("submit_tasks") { wire.callSubmitTasks($0, list, &result) }
        return RPCStatus(result.status)
    }

    func tabletStats() throws -> [TabletStat] {
        let channel = try agentChannel("get_tablet_stat")
        var result = wire.TTabletStatResult()
        try channel.call("get_tablet_stat") { wire.callGetTabletStat($0, &result) }
        return wire.statsOf(result).map { TabletStat($0) }
    }

    private func agentChannel(_ method: String) throws(RPCError) -> ClientChannel {
        guard let agent else {
            throw RPCError(
                .connect, method: method, peer: heartbeat.address,
                message: "the agent port is not known before the first answered heartbeat", mayHaveRun: false)
        }
        return agent
    }
}

/// A backend's lines to other backends.
public struct ThriftPeerConnector: PeerConnector {
    private let agents: ChannelPool

    /// Nothing is connected until the first call.
    public init(_ settings: ClientSettings = .agentDefault, tls: ThriftTLS? = nil) {
        agents = ChannelPool(settings, tls)
    }

    public func connection(to agent: NetworkAddress) -> any PeerConnection {
        ThriftPeerConnection(agent: agents.channel(to: agent))
    }
}

struct ThriftPeerConnection: PeerConnection {
    let agent: ClientChannel

    func makeSnapshot(_ request: SnapshotRequest) throws -> AgentResult {
        let request = request.wireValue
        var result = wire.TAgentResult()
        try agent.call("make_snapshot") { wire.callMakeSnapshot($0, request, &result) }
        return AgentResult(result)
    }

    func releaseSnapshot(path: String) throws -> RPCStatus {
        let path = text(path)
        var result = wire.TAgentResult()
        try agent.call("release_snapshot") { wire.callReleaseSnapshot($0, path, &result) }
        return RPCStatus(result.status)
    }
}
