internal import ClusterMembership
internal import ClusterMetadata
public import HTTPAPI
internal import Logging
internal import MasterServices
public import TabletModel

extension Master {
    public func addFrontend(_ request: AddFrontendRequest) throws -> FrontendView {
        guard !environment.configuration.isAlone else {
            throw MasterError(
                .conflict,
                "this frontend keeps its edit log in its own meta_dir (journal_type = embedded), where no other can follow it",
                nextStep:
                    "stop it, carry the edit log over (`tabletctl meta move-journal --to etcd`), and start it with journal_type = etcd"
            )
        }
        let asked = NetworkAddress(host: request.host, port: request.port)
        let (address, httpPort): (NetworkAddress, Int32)
        do {
            address = try asked.checked()
            httpPort = try NetworkAddress(host: request.host, port: request.httpPort ?? ownAddress.httpPort).checked()
                .port
        } catch {
            throw MasterError(.invalidArgument, "\(error)", nextStep: "give the frontend's host and rpc_port")
        }
        let frontend = try environment.refused {
            try environment.store.addFrontend(
                address, role: request.role, httpPort: httpPort, now: environment.wallNow)
        }
        environment.logger.notice(
            "frontend added", metadata: ["frontend": "\(frontend.nodeName)", "role": "\(frontend.role)"])
        frontendHeartbeats?.pingNow(frontend)
        return view(of: frontend)
    }

    public func dropFrontend(_ address: NetworkAddress, role: FrontendRole) throws {
        let frontend = try environment.refused { try environment.store.dropFrontend(address, role: role) }
        environment.logger.notice(
            "frontend dropped", metadata: ["frontend": "\(frontend.nodeName)", "role": "\(frontend.role)"])
    }

    public func frontends() throws -> [FrontendView] {
        environment.store.read { $0.frontends.all }.map { view(of: $0) }
    }

    /// Where this FE is reached; journaled at its start, or as soon as that is possible.
    func registerSelf() {
        do {
            try environment.refused {
                try environment.store.registerMaster(at: ownAddress, now: environment.wallNow)
            }
        } catch {
            environment.logger.error("this frontend is not registered yet", metadata: ["error": "\(error)"])
        }
    }

    private var ownAddress: MasterAddress {
        let own = environment.configuration
        return MasterAddress(host: own.host, httpPort: own.httpPort, rpcPort: own.rpcPort)
    }

    private func view(of frontend: Frontend) -> FrontendView {
        let store = environment.store
        let (status, master) = store.read { ($0.status(ofFrontend: frontend.nodeName), $0.frontends.master) }
        // Nobody pings itself.
        let isCurrent = frontend.nodeName == store.identity.nodeName
        let heardAt = isCurrent ? environment.wallNow : status.lastHeartbeatAt
        return FrontendView(
            name: frontend.nodeName, host: frontend.host, editLogPort: frontend.editLogPort,
            httpPort: frontend.httpPort, rpcPort: frontend.rpcPort, role: frontend.role,
            isMaster: master?.host == frontend.host && master?.rpcPort == frontend.rpcPort,
            clusterID: store.identity.clusterID, hasJoined: heardAt != nil, isAlive: isCurrent || status.isAlive,
            replayedJournalID: isCurrent ? store.lastLogID : status.replayedLogID,
            lastHeartbeatMs: heardAt?.milliseconds ?? 0, isHelper: frontend.role == .follower,
            error: status.error, version: isCurrent ? environment.configuration.version : status.version,
            isCurrent: isCurrent, joinedMs: frontend.joinedAt.milliseconds)
    }
}
