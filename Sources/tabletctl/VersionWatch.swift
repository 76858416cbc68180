import HTTPAPI
import TabletModel

extension APIClient {
    /// Asks a replica's backend which versions it holds: the FE knows only the newest, and whether some are missing.
    func askVersions(of replica: ReplicaView, tablet: TabletID) -> ReplicaPicture {
        do {
            return ReplicaPicture(of: replica, try versions(of: replica, tablet: tablet))
        } catch {
            return ReplicaPicture(of: replica, problem: (error as? CLIError)?.message ?? "\(error)")
        }
    }

    /// What unhealthy replicas lack, as far as their backends tell. At most `limit` are asked, and none of a backend that
    /// does not answer.
    func askMissing(in found: [UnhealthyReplicaView], limit: Int = 200) -> [ReplicaID: VersionSet] {
        var missing: [ReplicaID: VersionSet] = [:]
        var silent: Set<BackendID> = []
        for one in found.prefix(limit) where !silent.contains(one.replica.backendID) {
            do {
                let graph = try versions(of: one.replica, tablet: one.tabletID)
                missing[one.replica.id] = ReplicaPicture(of: one.replica, graph).graph?.gaps(
                    upTo: one.visibleVersion.rawValue)
            } catch let error as CLIError where error.isUnreachable {
                silent.insert(one.replica.backendID)
            } catch {
                // The tablet is not there, or the answer is none of ours: nobody knows what it lacks.
                continue
            }
        }
        return missing
    }

    private func versions(of replica: ReplicaView, tablet: TabletID) throws -> VersionGraphView {
        try decode(
            VersionGraphView.self,
            try getBackend(replica.host, replica.httpPort, "/api/tablets/\(tablet)/versions"))
    }
}

extension ReplicaPicture {
    init(of replica: ReplicaView, _ graph: VersionGraphView) {
        self.init(
            replicaID: replica.id.rawValue, backendID: replica.backendID.rawValue,
            address: "\(replica.host):\(replica.httpPort)", graph: graph)
    }

    init(of replica: ReplicaView, problem: String) {
        self.init(
            replicaID: replica.id.rawValue, backendID: replica.backendID.rawValue,
            address: "\(replica.host):\(replica.httpPort)", problem: problem)
    }
}
