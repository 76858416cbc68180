internal import ByteText
internal import Checksums
internal import TabletModel

/// Storage policies as backends get them: with their resource, its secret and a checksum.
enum PolicyEntries {
    /// Policies that a table has, by name. One whose resource is gone is left out.
    static func inUse(in state: ClusterState) -> [StoragePolicyEntry] {
        let used = Set(state.tables.compactMap(\.storagePolicy))
        return state.policies.filter { used.contains($0.name) }.compactMap { entry($0, in: state) }
    }

    static func entry(_ policy: StoragePolicy, in state: ClusterState) -> StoragePolicyEntry? {
        guard let resource = state.resource(named: policy.resource) else { return nil }
        return StoragePolicyEntry(
            name: policy.name, cooldownAt: policy.cooldownAt, cooldownTTLSeconds: policy.cooldownTTLSeconds,
            resource: resource.s3, checksum: checksum(policy, resource))
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
