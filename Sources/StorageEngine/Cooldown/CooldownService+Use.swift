public import TabletModel

extension CooldownService {
    /// Failures told at most; those that stand longest come first.
    private static let maxFailures = 50

    /// What this backend has with each storage resource, and which tablets fail to cool. Walks all tablets and garbage
    /// records. Any thread.
    public func storageUse() -> StorageUse {
        var uses: [String: ResourceUse] = [:]
        for (key, version) in policies.resourceVersions {
            uses[key] = ResourceUse(resource: key, isKnown: true, version: version)
        }
        func count(_ name: String, _ body: (inout ResourceUse) -> Void) {
            let key = policies.resourceKey(for: name)
            body(&uses[key ?? name, default: ResourceUse(resource: key ?? name, isKnown: key != nil)])
        }
        for (name, tablets) in resourcesInUse() { count(name) { $0.tablets += tablets } }
        for (name, records) in garbageRecords() { count(name) { $0.garbage += records } }
        for (request, error) in policies.errors.all {
            count(request.resource) { use in
                if use.error.map({ $0.lastAt < error.lastAt }) ?? true { use.error = error }
            }
        }
        let failures = memory.failures.all.map { CooldownFailure(tabletID: $0.key, error: $0.value) }
            .sorted { ($0.error.since, $0.tabletID) < ($1.error.since, $1.tabletID) }
        return StorageUse(
            resources: uses.values.sorted { $0.resource < $1.resource },
            failures: Array(failures.prefix(Self.maxFailures)))
    }
}
