internal import StoredFormats
internal import TabletModel

/// The storage policies and resources that a backend knows, and what each name in a rowset stands for: pure.
///
/// A rowset names its resource by a key: the id in digits, or its place (`S3Resource.placeName`) where the master gave it no
/// id. Older builds wrote a policy's name. `resource(for:)` resolves all of them, so that no rowset need be written anew.
///
/// A policy's key is its name, or the id in digits from an FE that pushes policies by id (`StorageCatalog+Pushed`).
struct StorageCatalog {
    private(set) var policies: [String: StoragePolicyRecord] = [:]
    /// By key.
    private(set) var resources: [String: StorageResourceRecord] = [:]

    /// What changes, and what was refused.
    struct Changes {
        var policies: [StoragePolicyRecord] = []
        var resources: [StorageResourceRecord] = []
        /// Keys of resources whose place an identified one has taken.
        var superseded: [String] = []
        /// Keys of policies that are gone.
        var dropped: [String] = []
        /// For a log: a resource that would move rowsets to another bucket.
        var refusals: [String] = []

        var isEmpty: Bool { policies.isEmpty && resources.isEmpty && superseded.isEmpty && dropped.isEmpty }
    }

    // MARK: Names

    /// What a rowset's name stands for; nil when that is unknown, or could be two.
    func resource(for name: String) -> StorageResourceRecord? {
        if let exact = resources[name] {
            return exact.isIdentified ? exact : identified(at: exact.s3) ?? exact
        }
        // What this backend knew itself goes before what the master says; a guess would read from the wrong bucket.
        for names in [\StorageResourceRecord.formerNames, \StorageResourceRecord.policyNames] {
            let found = resources.values.filter { $0[keyPath: names].contains(name) }
            // A data dir that was away may bring back a place that an identified resource has taken.
            let identified = found.filter(\.isIdentified)
            if identified.count == 1 { return identified.first }
            if let one = found.first { return found.count == 1 ? one : nil }
        }
        if let place = resources.values.first(where: { $0.isIdentified && $0.s3.placeName == name }) { return place }
        return policies[name]?.resource.flatMap { $0 == name ? nil : resource(for: $0) }
    }

    private func identified(at s3: S3Resource) -> StorageResourceRecord? {
        let found = resources.values.filter { $0.isIdentified && $0.s3.placeName == s3.placeName }
        return found.count == 1 ? found.first : nil
    }

    /// Where the policy cools to.
    func resource(ofPolicy name: String) -> StorageResourceRecord? {
        policies[name]?.resource.flatMap { resource(for: $0) }
    }

    // MARK: Records

    /// Takes in what a data dir has kept; of two records the one with the higher revision stays.
    mutating func restore(_ record: StoragePolicyRecord) {
        if let present = policies[record.name], present.revision >= record.revision { return }
        policies[record.name] = record
    }

    mutating func restore(_ record: StorageResourceRecord) {
        if let present = resources[record.key], present.revision >= record.revision { return }
        resources[record.key] = record
    }

    /// A policy of a build that kept the resource with it, and named rowsets after it.
    mutating func restore(_ policy: StoragePolicyRecord, at s3: S3Resource?) {
        var policy = policy
        policy.resource = s3?.placeName
        if let s3 {
            var resource = StorageResourceRecord(key: s3.placeName, s3: s3, revision: policy.revision)
            let known = resources[resource.key]
            resource.formerNames = (known?.formerNames ?? []).with([policy.name])
            if let known, known.revision >= resource.revision {
                resource.s3 = known.s3
                resource.revision = known.revision
            }
            resources[resource.key] = resource
        }
        restore(policy)
    }

    // MARK: Changes

    /// - Parameter isWhole: the master's answer to a refresh, which counts as it is; a single task may be an old one.
    func changes(by rules: StorageRules, isWhole: Bool) -> Changes {
        var after = self
        var changes = Changes()
        for entry in rules.resources {
            let told = StorageResourceRecord(
                key: String(entry.id), name: entry.name, version: entry.version, s3: entry.s3,
                policyNames: entry.policyNames.sorted())
            after.take(told, isWhole: isWhole, &changes)
        }
        for entry in rules.policies { after.take(entry, isWhole: isWhole, &changes) }
        return changes
    }

    mutating func apply(_ changes: Changes) {
        for key in changes.superseded { resources[key] = nil }
        for record in changes.resources { resources[record.key] = record }
        for record in changes.policies { policies[record.name] = record }
        for key in changes.dropped { policies[key] = nil }
    }

    mutating func put(_ record: StoragePolicyRecord, _ changes: inout Changes) {
        policies[record.name] = record
        changes.policies.removeAll { $0.name == record.name }
        changes.policies.append(record)
    }

    mutating func drop(_ key: String, _ changes: inout Changes) {
        guard policies.removeValue(forKey: key) != nil else { return }
        changes.dropped.append(key)
    }

    mutating func forget(_ key: String) { resources[key] = nil }

    private mutating func take(_ entry: StoragePolicyEntry, isWhole: Bool, _ changes: inout Changes) {
        var key: String?
        if let s3 = entry.resource {
            key = entry.resourceID.map(String.init) ?? s3.placeName
            var told = StorageResourceRecord(key: key ?? "", version: entry.resourceVersion, s3: s3)
            if let known = key.flatMap({ resources[$0] }) {
                (told.name, told.policyNames) = (known.name, known.policyNames)
            }
            take(told, isWhole: isWhole, &changes)
        }
        // Without a name it told of a resource alone.
        guard !entry.name.isEmpty else { return }
        var told = StoragePolicyRecord(
            name: entry.name, cooldownAt: entry.cooldownAt, cooldownTTLSeconds: entry.cooldownTTLSeconds,
            checksum: entry.checksum, resource: key, revision: 1)
        if let present = policies[entry.name] {
            told.revision = present.revision
            if told == present { return }
            // Without a checksum only the content tells.
            if !told.checksum.isEmpty, told.checksum == present.checksum, told.resource == present.resource { return }
            told.revision += 1
        }
        policies[told.name] = told
        changes.policies.append(told)
    }

    mutating func take(_ told: StorageResourceRecord, isWhole: Bool, _ changes: inout Changes) {
        var told = told
        if let known = resources[told.key] {
            guard known.s3.isSameBucket(as: told.s3) else {
                changes.refusals.append(
                    "storage resource \(told.key) is bucket \(known.s3.placeName) here, the master says "
                        + "\(told.s3.placeName): its rowsets would be lost; is the master's metadata older than this backend?"
                )
                return
            }
            if !isWhole, told.version < known.version { return }
            told.formerNames = known.formerNames
            told.revision = known.revision
            if told == known { return }
        }
        if told.isIdentified { supersede(by: &told, &changes) }
        told.revision += 1
        resources[told.key] = told
        changes.resources.removeAll { $0.key == told.key }
        changes.resources.append(told)
    }

    /// A resource without an id at the same place is this one: its names go over, its keys are forgotten.
    private mutating func supersede(by told: inout StorageResourceRecord, _ changes: inout Changes) {
        for other in resources.values where !other.isIdentified && other.s3.isSameBucket(as: told.s3) {
            let isNamed = other.formerNames.contains { told.policyNames.contains($0) }
            guard other.key == told.s3.placeName || isNamed else { continue }
            told.formerNames = told.formerNames.with(other.formerNames + [other.key])
            told.revision = max(told.revision, other.revision)
            resources[other.key] = nil
            changes.resources.removeAll { $0.key == other.key }
            changes.superseded.append(other.key)
        }
    }
}

extension StorageResourceRecord {
    /// The master gave it an id.
    var isIdentified: Bool { Int64(key) != nil }
}

extension [String] {
    /// Sorted, each once.
    fileprivate func with(_ others: [String]) -> [String] { Set(self).union(others).sorted() }
}
