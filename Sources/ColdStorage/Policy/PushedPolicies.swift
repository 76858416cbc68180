internal import ClusterMetadata
internal import MasterServices
internal import TabletModel

/// Policies and resources in the words of backends of 2026, which don't ask but are told (task 29), and say in reports what
/// they have.
enum PushedPolicies {
    /// Policies never change here: whoever has one has the only version of it.
    private static let version: Int64 = 0

    /// What the backend lacks or has an older version of, and the policies that are gone; empty when there is nothing to say.
    static func difference(from known: KnownRules, in state: ClusterState) -> PushedRules {
        let all = everything(in: state)
        let isHeld = state.older.isClusterHeld
        let ids = Set(state.policies.map(\.id))
        return PushedRules(
            policies: all.policies.filter { (known.policies[$0.id] ?? -1) < $0.version },
            resources: all.resources.filter { (known.resources[$0.id] ?? -1) < $0.version },
            // What metadata that may be older don't know may be there all the same.
            droppedPolicies: isHeld ? [] : known.policies.keys.filter { !ids.contains($0) }.sorted())
    }

    /// One policy with its resource; nil when that is gone.
    static func rules(of policy: StoragePolicy, in state: ClusterState) -> PushedRules? {
        guard let resource = state.resource(named: policy.resource) else { return nil }
        return PushedRules(policies: [pushed(policy, resource)], resources: [entry(resource)])
    }

    static func rules(of resource: StorageResource) -> PushedRules { PushedRules(resources: [entry(resource)]) }

    /// Policies that a table has, and all resources: rowsets may name one that no policy points to any longer.
    private static func everything(in state: ClusterState) -> PushedRules {
        let used = Set(state.tables.compactMap(\.storagePolicy))
        let policies = state.policies.filter { used.contains($0.name) }.compactMap { policy in
            state.resource(named: policy.resource).map { pushed(policy, $0) }
        }
        return PushedRules(policies: policies, resources: state.resources.map { entry($0) })
    }

    private static func pushed(_ policy: StoragePolicy, _ resource: StorageResource) -> PushedPolicy {
        PushedPolicy(
            id: policy.id, name: policy.name, version: version, cooldownAt: policy.cooldownAt,
            cooldownTTLSeconds: policy.cooldownTTLSeconds, resourceID: resource.id)
    }

    private static func entry(_ resource: StorageResource) -> StorageResourceEntry {
        StorageResourceEntry(
            id: resource.id, name: resource.name, version: resource.version, s3: resource.s3,
            policyNames: resource.policyNames)
    }
}
