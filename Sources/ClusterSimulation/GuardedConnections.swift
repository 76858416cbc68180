internal import ClusterTestKit
internal import Platform
internal import TabletModel

/// Calls end with an error when either side's machine goes down in the middle of them: a daemon that is dead neither hears
/// nor says anything more, although its job runs to its end.
struct CrashGuard: Sendable {
    let caller: FaultPlan
    let callee: FaultPlan?
    let peer: NetworkAddress

    func call<Reply>(_ method: String, _ body: () throws -> Reply) throws -> Reply {
        guard !caller.hasCrashed, callee?.hasCrashed != true else { throw closed(method, mayHaveRun: false) }
        let reply = try body()
        guard !caller.hasCrashed, callee?.hasCrashed != true else { throw closed(method, mayHaveRun: true) }
        return reply
    }

    private func closed(_ method: String, mayHaveRun: Bool) -> RPCError {
        RPCError(.closed, method: method, peer: peer, message: "the connection was closed", mayHaveRun: mayHaveRun)
    }
}

/// A BE's connections to FEs, which are told apart by host.
struct GuardedMasterConnector: MasterConnector {
    let base: any MasterConnector
    let caller: FaultPlan
    let peers: PeerDirectory

    func connection(to address: NetworkAddress) -> any MasterConnection {
        Connection(
            base: base.connection(to: address),
            guardian: CrashGuard(caller: caller, callee: peers.plan(address.host), peer: address))
    }

    private struct Connection: MasterConnection {
        let base: any MasterConnection
        let guardian: CrashGuard

        func finishTask(_ request: FinishTaskRequest) throws -> RPCStatus {
            try guardian.call("finishTask") { try base.finishTask(request) }
        }
        func report(_ report: OutgoingReport) throws -> RPCStatus {
            try guardian.call("report") { try base.report(report) }
        }
        func refreshStoragePolicies(in dialect: WireDialect) throws -> (status: RPCStatus, rules: StorageRules) {
            try guardian.call("refreshStoragePolicy") { try base.refreshStoragePolicies(in: dialect) }
        }
        func confirmUnusedRemoteFiles(_ tablets: [TabletCooldownState]) throws -> [TabletID] {
            try guardian.call("confirmUnusedRemoteFiles") { try base.confirmUnusedRemoteFiles(tablets) }
        }
        func snapshotLoaderReport(_ progress: LoaderProgress) throws -> RPCStatus {
            try guardian.call("snapshotLoaderReport") { try base.snapshotLoaderReport(progress) }
        }
    }
}

/// The FE's connections to BEs, which are told apart by host.
struct GuardedBackendConnector: BackendConnector {
    let base: any BackendConnector
    let caller: FaultPlan
    let peers: PeerDirectory
    let watch: RepairWatch
    let confLoss: ConfLoss

    func connection(heartbeat: NetworkAddress, agent: NetworkAddress?) -> any BackendConnection {
        Connection(
            base: base.connection(heartbeat: heartbeat, agent: agent),
            guardian: CrashGuard(caller: caller, callee: peers.plan(heartbeat.host), peer: heartbeat), watch: watch,
            confLoss: confLoss)
    }

    private struct Connection: BackendConnection {
        let base: any BackendConnection
        let guardian: CrashGuard
        let watch: RepairWatch
        let confLoss: ConfLoss

        func heartbeat(_ master: MasterInfo) throws -> HeartbeatReply {
            try guardian.call("heartbeat") { try base.heartbeat(master) }
        }
        func submitTasks(_ tasks: [AgentTask]) throws -> RPCStatus {
            try guardian.call("submit_tasks") {
                for task in tasks { watch.sees(task, to: guardian.peer.host) }
                let kept = tasks.filter { !confLoss.loses($0) }
                return kept.isEmpty && !tasks.isEmpty ? .ok : try base.submitTasks(kept)
            }
        }
        func tabletStats() throws -> [TabletStat] {
            try guardian.call("get_tablet_stat") { try base.tabletStats() }
        }
    }
}

/// A BE's connections to other BEs, which are told apart by host.
struct GuardedPeerConnector: PeerConnector {
    let base: any PeerConnector
    let caller: FaultPlan
    let peers: PeerDirectory

    func connection(to agent: NetworkAddress) -> any PeerConnection {
        Connection(
            base: base.connection(to: agent),
            guardian: CrashGuard(caller: caller, callee: peers.plan(agent.host), peer: agent))
    }

    private struct Connection: PeerConnection {
        let base: any PeerConnection
        let guardian: CrashGuard

        func makeSnapshot(_ request: SnapshotRequest) throws -> AgentResult {
            try guardian.call("make_snapshot") { try base.makeSnapshot(request) }
        }
        func releaseSnapshot(path: String) throws -> RPCStatus {
            try guardian.call("release_snapshot") { try base.releaseSnapshot(path: path) }
        }
    }
}
