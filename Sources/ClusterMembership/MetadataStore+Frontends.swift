public import ClusterMetadata
internal import HTTPAPI
public import TabletModel

// Which frontends belong to the cluster. Errors are `MasterError`s, or the journal's.
extension MetadataStore {
    /// Journals where this FE is reached, which is master now, and registers it if it is the first of the cluster: metadata of an
    /// earlier build know of none. Nothing is written when nothing has changed.
    public func registerMaster(at master: MasterAddress, now: UnixTime) throws {
        try commit { state in (state.registration(of: identity.nodeName, at: master, now: now), ()) }
    }

    /// Registers an FE that is to join: it gets its name from here.
    public func addFrontend(
        _ address: NetworkAddress, role: FrontendRole, httpPort: Int32, now: UnixTime
    ) throws -> Frontend {
        try commit { state in
            if let known = state.frontends.at(address) {
                throw MasterError(
                    .alreadyExists, "\(known.role) \(known.nodeName) is registered at \(address)",
                    nextStep: known.role == role
                        ? "start it with --helper HOST:PORT of any frontend"
                        : "drop it first to give it another role: its meta_dir begins anew then")
            }
            let name = Frontend.newName(address, at: now)
            guard state.frontends[name] == nil, !state.frontends.removedNames.contains(name) else {
                throw MasterError(.unavailable, "the name \(name) was given already", nextStep: "try again in a moment")
            }
            let frontend = Frontend(
                nodeName: name, role: role, host: address.host, editLogPort: address.port, httpPort: httpPort,
                rpcPort: address.port, joinedAt: now)
            return ([.addFrontend(frontend)], frontend)
        }
    }

    /// An FE says that it listens on another HTTP port than is registered. Nothing is written when it is the same, or is gone.
    public func correctFrontend(_ nodeName: String, httpPort: Int32) throws {
        try commit { state in
            guard var frontend = state.frontends[nodeName], frontend.httpPort != httpPort else { return ([], ()) }
            frontend.httpPort = httpPort
            return ([.addFrontend(frontend)], ())
        }
    }

    /// Takes an FE out of the cluster. Its name is not given again: what was dropped joins with an empty meta_dir.
    public func dropFrontend(_ address: NetworkAddress, role: FrontendRole) throws -> Frontend {
        try commit { state in
            let frontend = try state.registeredFrontend(address)
            guard frontend.role == role else {
                throw MasterError(
                    .conflict, "\(frontend.nodeName) at \(address) is no \(role), it is \(frontend.role)",
                    nextStep: "say --role \(frontend.role.rawValue.lowercased()) if that is the one you mean")
            }
            guard frontend.nodeName != identity.nodeName else {
                throw MasterError(
                    .conflict, "\(frontend.nodeName) is the master, and the one that you ask",
                    nextStep: "stop it so that another follower becomes master, and ask that one")
            }
            let left = state.frontends.all.filter { $0.role == .follower && $0.nodeName != frontend.nodeName }
            guard !left.isEmpty else {
                throw MasterError(
                    .conflict, "\(frontend.nodeName) is the last follower: nobody could be master without it",
                    nextStep: "add another follower first")
            }
            return ([.removeFrontend(frontend.nodeName)], frontend)
        }
    }
}

extension ClusterState {
    /// The entries that make true what `MetadataStore.registerMaster` says.
    public func registration(of nodeName: String, at master: MasterAddress, now: UnixTime) -> [JournalEntry] {
        var entries: [JournalEntry] = []
        if var own = frontends[nodeName] {
            let before = own
            (own.host, own.editLogPort) = (master.host, master.rpcPort)
            (own.httpPort, own.rpcPort) = (master.httpPort, master.rpcPort)
            if own != before { entries.append(.addFrontend(own)) }
        } else if frontends.isEmpty {
            entries.append(
                .addFirstFrontend(
                    Frontend(
                        nodeName: nodeName, role: .follower, host: master.host, editLogPort: master.rpcPort,
                        httpPort: master.httpPort, rpcPort: master.rpcPort, joinedAt: now)))
        }
        if frontends.master != master { entries.append(.masterInfoChange(master)) }
        return entries
    }

    fileprivate func registeredFrontend(_ address: NetworkAddress) throws -> Frontend {
        guard let frontend = frontends.at(address) else {
            throw MasterError(
                .notFound, "no frontend is registered at \(address)",
                nextStep: "list the frontends for the addresses that are registered")
        }
        return frontend
    }
}
