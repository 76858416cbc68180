internal import ByteText
internal import Checksums
public import ClusterMetadata
public import TabletModel

/// Storage policies as backends get them: with their resource, its secret and a checksum.
public enum PolicyEntries {
    /// Policies that a table has, by name. One whose resource is gone is left out.
    static func inUse(in state: ClusterState) -> [StoragePolicyEntry] {
        let used = Set(state.tables.compactMap(\.storagePolicy))
        return state.policies.filter { used.contains($0.name) }.compactMap { entry($0, in: state) }
    }

    static func entry(_ policy: StoragePolicy, in state: ClusterState) -> StoragePolicyEntry? {
        guard let resource = state.resource(named: policy.resource) else { return nil }
        return StoragePolicyEntry(
            name: policy.name, cooldownAt: policy.cooldownAt, cooldownTTLSeconds: policy.cooldownTTLSeconds,
            resource: resource.s3, resourceID: resource.id, resourceVersion: resource.version,
            checksum: checksum(policy, resource))
    }

    /// A resource alone, for a backend of ours: an entry without a policy's name.
    static func entry(_ resource: StorageResource) -> StoragePolicyEntry {
        StoragePolicyEntry(
            name: "", resource: resource.s3, resourceID: resource.id, resourceVersion: resource.version)
    }

    /// What a backend that asks is told: every resource, since rowsets may name one that no policy points to any longer.
    public static func rules(in state: ClusterState) -> StorageRules {
        StorageRules(
            policies: inUse(in: state),
            resources: state.resources.map { resource in
                StorageResourceEntry(
                    id: resource.id, name: resource.name, version: resource.version, s3: resource.s3,
                    policyNames: resource.policyNames)
            },
            droppedResources: state.droppedResources)
    }

    /// 32 hexadecimal digits that change whenever anything of the policy or its resource does, the secret included, and
    /// that tell nothing of it. Backends only compare them (Doris sends an MD5 in the same place).
    static func checksum(_ policy: StoragePolicy, _ resource: StorageResource) -> String {
        let s3 = resource.s3
        let fields: [String] = [
            policy.name, String(policy.version), policy.resource, policy.cooldownAt?.description ?? "-",
            policy.cooldownTTLSeconds.map(String.init) ?? "-", String(resource.version), s3.endpoint, s3.region,
            s3.accessKey, s3.secretKey, s3.sessionToken ?? "-", s3.bucket, s3.rootPath, String(s3.usePathStyle),
            String(s3.maxConnections), String(s3.requestTimeoutMs), String(s3.connectTimeoutMs),
        ]
        var bytes: [UInt8] = []
        for field in fields {
            bytes += Array(field.utf8)
            bytes.append(0)
        }
        let halves = [UInt64(1), 2].map { seed in bytes.withUnsafeBytes { XXHash64.hash($0, seed: seed) } }
        return halves.map { Hexadecimal.text($0) }.joined()
    }
}
