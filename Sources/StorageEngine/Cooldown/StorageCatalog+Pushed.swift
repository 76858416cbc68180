internal import StoredFormats
internal import TabletModel

// Policies and resources as an FE of 2026 pushes them (task 29): by id, each with a version that rises.

extension StorageCatalog {
    /// What is newer than what is here, and the policies that are gone. A resource of a policy that is gone stays: rowsets may
    /// name it.
    func changes(by pushed: PushedRules) -> Changes {
        var after = self
        var changes = Changes()
        for entry in pushed.resources where (resources[String(entry.id)]?.version ?? -1) < entry.version {
            let told = StorageResourceRecord(
                key: String(entry.id), name: entry.name, version: entry.version, s3: entry.s3,
                policyNames: entry.policyNames.sorted())
            after.take(told, isWhole: false, &changes)
        }
        for policy in pushed.policies { after.take(policy, &changes) }
        for id in pushed.droppedPolicies { after.drop(PushedPolicy.key(id), &changes) }
        return changes
    }

    /// Versions by id, of what an FE pushed or our own one told with an id.
    var known: KnownRules {
        KnownRules(
            policies: Dictionary(
                policies.values.compactMap { record in
                    guard let id = Int64(record.name), let version = record.version else { return nil }
                    return (id, version)
                }, uniquingKeysWith: max),
            resources: Dictionary(
                resources.values.compactMap { record in Int64(record.key).map { ($0, record.version) } },
                uniquingKeysWith: max))
    }

    private mutating func take(_ pushed: PushedPolicy, _ changes: inout Changes) {
        let present = policies[pushed.key]
        guard (present?.version ?? -1) < pushed.version else { return }
        let record = StoragePolicyRecord(
            name: pushed.key, cooldownAt: pushed.cooldownAt, cooldownTTLSeconds: pushed.cooldownTTLSeconds,
            resource: pushed.resourceID.map(String.init), revision: (present?.revision ?? 0) + 1,
            version: pushed.version, label: pushed.name)
        put(record, &changes)
        followByName(record, &changes)
    }

    /// Tablets that had the policy before its FE was upgraded name it by its name: they follow it, in the same bucket. Should
    /// the FE go back, what it says of the name counts again.
    private mutating func followByName(_ record: StoragePolicyRecord, _ changes: inout Changes) {
        guard var named = policies[record.label], named.version == nil, let new = resource(ofPolicy: record.name),
            let old = resource(ofPolicy: named.name), old.s3.isSameBucket(as: new.s3)
        else { return }
        named.cooldownAt = record.cooldownAt
        named.cooldownTTLSeconds = record.cooldownTTLSeconds
        named.resource = record.resource
        named.checksum = ""
        named.revision += 1
        put(named, &changes)
    }
}
