public import Platform
public import TabletModel

/// A term's lines to the backends: no call leaves once the term may not act, so that a deposed master, or one that was stopped for
/// longer than its lease, sends not one task and no heartbeat of its old epoch.
public struct FencedConnector: BackendConnector {
    private let base: any BackendConnector
    private let mayAct: @Sendable () -> Bool

    /// - Parameter mayAct: asked before each call.
    public init(_ base: any BackendConnector, mayAct: @escaping @Sendable () -> Bool) {
        self.base = base
        self.mayAct = mayAct
    }

    public func connection(heartbeat: NetworkAddress, agent: NetworkAddress?) -> any BackendConnection {
        FencedConnection(
            base: base.connection(heartbeat: heartbeat, agent: agent), peer: agent ?? heartbeat, mayAct: mayAct)
    }
}

private struct FencedConnection: BackendConnection {
    let base: any BackendConnection
    let peer: NetworkAddress
    let mayAct: @Sendable () -> Bool

    func heartbeat(_ master: MasterInfo) throws -> HeartbeatReply {
        try check("heartbeat")
        return try base.heartbeat(master)
    }

    func submitTasks(_ tasks: [AgentTask]) throws -> RPCStatus {
        try check("submit_tasks")
        return try base.submitTasks(tasks)
    }

    func tabletStats() throws -> [TabletStat] {
        try check("get_tablet_stat")
        return try base.tabletStats()
    }

    private func check(_ method: String) throws(RPCError) {
        guard !mayAct() else { return }
        throw RPCError(
            .other, method: method, peer: peer, message: "this FE is not the master any more: it was not sent",
            mayHaveRun: false)
    }
}
