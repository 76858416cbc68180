internal import ClusterMetadata
public import HTTPAPI
internal import Logging
internal import MasterServices
internal import TabletModel

extension Master {
    public func clusters() throws -> [ClusterView] {
        environment.store.read { state in state.clusterNames.compactMap { ClusterView($0, in: state) } }
    }

    public func placeBackends(_ request: PlaceBackendsRequest, inCluster name: String) throws -> [ClusterView] {
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw MasterError(
                .invalidArgument, "'\(name.prefix(80))' is no name of a cluster",
                nextStep: "use 1 to 64 characters of ASCII")
        }
        guard !request.backends.isEmpty else {
            throw MasterError(.invalidArgument, "no backend is named", nextStep: "name them: 'host:heartbeat_port', …")
        }
        let place = request.shard.map { ShardPlace(cluster: name, shard: $0) }
        try environment.commit { state, _ in
            let moved = try request.backends.compactMap { try state.member($0, of: name, goingTo: place) }
            let unique = Set(moved).sorted()
            return (unique.isEmpty ? [] : [.placeBackends(PlacedBackends(unique, at: place))], ())
        }
        environment.logger.notice(
            "backends placed",
            metadata: [
                "cluster": "\(name)", "shard": "\(request.shard.map(String.init) ?? "none")",
                "backends": "\(request.backends.map(\.description).joined(separator: ", "))",
            ])
        return try clusters()
    }
}

extension ClusterState {
    /// nil: it is there already.
    fileprivate func member(
        _ address: NetworkAddress, of cluster: String, goingTo place: ShardPlace?
    ) throws -> BackendID? {
        guard let backend = backend(heartbeat: address) else {
            throw MasterError(
                .notFound, "no backend is registered at \(address)",
                nextStep: "look at SHOW BACKENDS; add it first: ALTER SYSTEM ADD BACKEND '\(address)'")
        }
        guard backend.place != place else { return nil }
        guard let place else {
            guard backend.place?.cluster == cluster else {
                throw MasterError(
                    .notFound, "backend \(address) is no member of cluster \(cluster)",
                    nextStep: "look at SHOW CLUSTERS")
            }
            return backend.id
        }
        if let now = backend.place {
            throw MasterError(
                .conflict, "backend \(address) is in \(now)",
                nextStep: "take it out first: ALTER CLUSTER \(now.cluster) DROP BACKENDS '\(address)'")
        }
        guard isAlive(backend.id) else {
            throw MasterError(
                .unavailable, "backend \(address) is dead: nobody knows whether it could hold a replica of \(place)",
                nextStep: "start it, and try again once SHOW BACKENDS shows it alive")
        }
        return backend.id
    }
}
