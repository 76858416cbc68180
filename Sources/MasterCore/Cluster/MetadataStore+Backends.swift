internal import HTTPAPI
public import TabletModel

// Which backends belong to the cluster. Errors are `MasterError`s, or the journal's.
extension MetadataStore {
    /// Registers a backend under an address that must be new. It is dead until its first heartbeat was answered.
    public func addBackend(_ address: NetworkAddress) throws -> Backend {
        guard !address.host.isEmpty, (1...65_535).contains(address.port) else {
            throw MasterError(
                .invalidArgument, "\(address) is no address of a heartbeat port",
                nextStep: "give HOST:PORT with the backend's heartbeat_service_port, such as be1:9050")
        }
        return try commit { state, ids in
            if let known = state.backend(heartbeat: address) {
                throw MasterError(
                    .alreadyExists, "\(address) is backend \(known.id) already",
                    nextStep: "drop that one first if this is a new machine")
            }
            let backend = Backend(id: BackendID(ids.take()), host: address.host, heartbeatPort: address.port)
            guard backend.id <= Replica.maxBackendID else {
                throw MasterError(
                    .tooLarge,
                    "the id generator is at \(backend.id), a backend's id may be \(Replica.maxBackendID) at most",
                    nextStep: "move to a new cluster: this one has used up its ids")
            }
            return ([.addBackend(backend)], backend)
        }
    }

    /// Forgets a backend. One that holds replicas needs `force`, which forgets these too.
    public func dropBackend(_ address: NetworkAddress, force: Bool) throws -> Backend {
        try commit { state in
            let backend = try state.registered(address)
            let held = state.tablets.tablets(on: backend.id).count
            guard held == 0 || force else {
                throw MasterError(
                    .conflict, "backend \(backend.id) at \(address) still holds \(held) replicas",
                    nextStep: "decommission it and wait, or drop it with force, which loses these replicas")
            }
            return ([.dropBackend(backend.id)], backend)
        }
    }

    /// A decommissioned backend gets no new replicas.
    public func setDecommissioned(_ address: NetworkAddress, _ decommissioned: Bool) throws -> Backend {
        try commit { state in
            var backend = try state.registered(address)
            if backend.isDecommissioned == decommissioned { return ([], backend) }
            backend.isDecommissioned = decommissioned
            return ([.backendStateChange(backend)], backend)
        }
    }
}

extension ClusterState {
    fileprivate func registered(_ address: NetworkAddress) throws -> Backend {
        if let backend = backend(heartbeat: address) { return backend }
        throw MasterError(
            .notFound, "no backend has the heartbeat address \(address)",
            nextStep: "list the backends for the addresses that are registered")
    }
}
