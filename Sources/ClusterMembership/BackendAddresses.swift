public import ClusterMetadata
internal import HTTPAPI
public import TabletModel

/// Who answers at an address that a person gave, before it is registered. Why addresses change by a person's word alone:
/// a machine that moved and a copy of its disks look the same from here. Taken over by itself, the copy would be served
/// next to the original as soon as that is away for a moment.
public struct BackendAddresses: Sendable {
    let store: MetadataStore
    /// One heartbeat to any address.
    let probe: @Sendable (NetworkAddress) -> LivenessTransition.Outcome

    public init(store: MetadataStore, probe: @escaping @Sendable (NetworkAddress) -> LivenessTransition.Outcome) {
        self.store = store
        self.probe = probe
    }

    /// - Throws: `MasterError` `.alreadyExists` when the address, or the backend that answers there, is registered.
    public func add(_ given: NetworkAddress) throws -> Backend {
        let address = try checked(given)
        if let known = store.read({ $0.backend(heartbeat: address) }) { throw MasterError.isRegistered(address, known) }
        // One that does not answer yet is judged by its heartbeats.
        guard case .answered(let info) = probe(address) else { return try store.addBackend(address) }
        return try store.addBackend(address, uuid: info.uuid)
    }

    /// Backends that have taken each other's addresses change places.
    public func move(_ address: NetworkAddress, to given: NetworkAddress) throws -> Backend {
        let new = try checked(given)
        let backend = try store.read { try $0.registered(address) }
        guard new != backend.heartbeatAddress else { return backend }
        guard let uuid = backend.uuid else {
            throw MasterError(
                .conflict, "backend \(backend.id) at \(address) has told no uuid to know it by at another address",
                nextStep: "add the new address as a backend of its own, and drop the old one when it is drained")
        }
        let found = try answer(at: new, of: backend, uuid)
        if case .answered(let old) = probe(backend.heartbeatAddress), old.uuid == uuid,
            old.startTime != found.startTime
        {
            throw MasterError(
                .conflict,
                "another process answers as backend \(backend.id) at its old address \(address): one of the two runs on a "
                    + "copy of the other's data dirs",
                nextStep: "stop the copy; to use its machine, start it on data dirs of its own and add it")
        }
        return try store.moveBackend(backend.id, uuid, to: new)
    }

    private func answer(at new: NetworkAddress, of backend: Backend, _ uuid: BackendUUID) throws -> BackendInfo {
        let reason: String
        switch probe(new) {
        case .answered(let info):
            if info.uuid == uuid { return info }
            reason = "what answers there has other data dirs (\(info.uuid?.description ?? "it tells no uuid"))"
        case .answeredAs(let other, _): reason = "what answers there is backend \(other)"
        case .refused(let status): reason = "it refused the heartbeat: \(status)"
        case .failed(let text): reason = text
        }
        throw MasterError(
            .conflict, "backend \(backend.id) (uuid \(uuid)) does not answer at \(new): \(reason)",
            nextStep: "start it there, then move it")
    }

    private func checked(_ given: NetworkAddress) throws -> NetworkAddress {
        do {
            return try given.checked()
        } catch {
            throw MasterError(
                .invalidArgument, "\(given) is no address of a backend: \(error)",
                nextStep: "give HOST:PORT with the backend's heartbeat_service_port, such as be1:9050")
        }
    }
}

extension MasterError {
    static func isRegistered(_ address: NetworkAddress, _ known: Backend) -> MasterError {
        if known.heartbeatAddress == address {
            return MasterError(
                .alreadyExists, "\(address) is backend \(known.id) already",
                nextStep: "drop that one first if this is a new machine")
        }
        return MasterError(
            .alreadyExists, "\(address) is backend \(known.id), already registered as \(known.heartbeatAddress)",
            nextStep: "nothing is to be done for a second address; if it has moved, stop it at the old address and use "
                + "`tabletctl move-backend \(known.heartbeatAddress) \(address)`; if this is a copy of its data dirs, start "
                + "it on data dirs of its own")
    }
}
