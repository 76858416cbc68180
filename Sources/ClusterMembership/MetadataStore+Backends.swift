public import ClusterMetadata
internal import HTTPAPI
public import TabletModel

// Which backends belong to the cluster. Errors are `MasterError`s, or the journal's.
extension MetadataStore {
    /// Registers a backend under an address that must be new. It is dead until its first heartbeat was answered.
    /// - Parameter uuid: whose data dirs answer there; nil while that is not known. Must be new, too.
    public func addBackend(_ address: NetworkAddress, uuid: BackendUUID? = nil) throws -> Backend {
        try commit { state, ids in
            if let known = state.backend(heartbeat: address) ?? uuid.flatMap({ state.backend(uuid: $0) }) {
                throw MasterError.isRegistered(address, known)
            }
            let backend = Backend(
                id: BackendID(ids.take()), host: address.host, heartbeatPort: address.port, uuid: uuid)
            guard backend.id <= Replica.maxBackendID else {
                throw MasterError(
                    .tooLarge,
                    "the id generator is at \(backend.id), a backend's id may be \(Replica.maxBackendID) at most",
                    nextStep: "move to a new cluster: this one has used up its ids")
            }
            return ([.addBackend(backend)], backend)
        }
    }

    /// The backend has another address from now on. A backend that is registered there gets its old one.
    func moveBackend(_ id: BackendID, _ uuid: BackendUUID, to address: NetworkAddress) throws -> Backend {
        try commit { state in
            guard var backend = state.backend(id), backend.uuid == uuid else {
                throw MasterError(
                    .conflict, "backend \(id) was dropped, or its data dirs were replaced, meanwhile",
                    nextStep: "list the backends")
            }
            var entries: [JournalEntry] = []
            if var other = state.backend(heartbeat: address), other.id != id {
                (other.host, other.heartbeatPort) = (backend.host, backend.heartbeatPort)
                entries.append(.backendStateChange(other))
            }
            (backend.host, backend.heartbeatPort) = (address.host, address.port)
            entries.append(.backendStateChange(backend))
            return (entries, backend)
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
    func registered(_ address: NetworkAddress) throws -> Backend {
        // As it was registered by an earlier build, or in the one spelling of this one.
        if let backend = backend(heartbeat: address) { return backend }
        if let backend = (try? address.checked()).flatMap({ backend(heartbeat: $0) }) { return backend }
        throw MasterError(
            .notFound, "no backend has the heartbeat address \(address)",
            nextStep: "list the backends for the addresses that are registered")
    }
}
