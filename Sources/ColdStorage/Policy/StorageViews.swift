public import ClusterMetadata
public import HTTPAPI
internal import MasterServices
internal import TabletModel

extension StorageResourceView {
    public init(_ resource: StorageResource, in state: ClusterState) {
        let s3 = resource.s3
        let users = ResourceUsers(of: resource, in: state)
        self.init(
            id: resource.id, name: resource.name, version: resource.version, endpoint: s3.endpoint, region: s3.region,
            bucket: s3.bucket, rootPath: s3.rootPath, usePathStyle: s3.usePathStyle, accessKey: s3.accessKey,
            maxConnections: s3.maxConnections, requestTimeoutMs: s3.requestTimeoutMs,
            connectTimeoutMs: s3.connectTimeoutMs, usedByPolicies: users.policies, usedByTables: users.tables,
            coldReplicas: users.tablets, garbageRecords: users.garbage, backends: Self.backends(resource, in: state))
    }

    private static func backends(_ resource: StorageResource, in state: ClusterState) -> [BackendUse] {
        state.backends.compactMap { backend in
            guard let storage = state.status(of: backend.id).storage else { return nil }
            let use = storage.resources.first { $0.resource == String(resource.id) }
            return BackendUse(
                backendID: backend.id, knownVersion: use.flatMap { $0.isKnown ? $0.version : nil },
                coldReplicas: use?.tablets ?? 0, garbageRecords: use?.garbage ?? 0,
                error: use?.error?.message ?? "", errorAtMs: use?.error?.lastAt.milliseconds ?? 0,
                errorSinceMs: use?.error?.since.milliseconds ?? 0)
        }
    }
}

extension CooldownFailureView {
    /// Those that stand longest first.
    public static func all(in state: ClusterState) -> [CooldownFailureView] {
        let all = state.backends.flatMap { backend in
            (state.status(of: backend.id).storage?.failures ?? []).map { failure in
                CooldownFailureView(
                    tabletID: failure.tabletID, backendID: backend.id, message: failure.error.message,
                    sinceMs: failure.error.since.milliseconds, lastAtMs: failure.error.lastAt.milliseconds)
            }
        }
        return all.sorted { ($0.sinceMs, $0.tabletID, $0.backendID) < ($1.sinceMs, $1.tabletID, $1.backendID) }
    }
}

extension StoragePolicyView {
    public init(_ policy: StoragePolicy, in state: ClusterState) {
        self.init(
            id: policy.id, name: policy.name, resource: policy.resource,
            cooldownTTLSeconds: policy.cooldownTTLSeconds, cooldownDatetimeSeconds: policy.cooldownAt?.seconds,
            checksum: PolicyEntries.entry(policy, in: state)?.checksum ?? "",
            usedByTables: state.tables.filter { $0.storagePolicy == policy.name }.map { state.name(of: $0) })
    }
}

extension CooldownTableView {
    /// nil for a table without a policy.
    public init?(_ table: Table, in state: ClusterState) {
        guard let policy = table.storagePolicy else { return nil }
        self.init(
            table: state.name(of: table), storagePolicy: policy, tablets: 0, tabletsWithConf: 0, replicas: 0,
            coldReplicas: 0, localBytes: 0, remoteBytes: 0, uploadedTablets: 0, alignedTablets: 0)
        for id in table.readableTabletIDs {
            if let tablet = state.tablets.tablet(id) { add(tablet, state.tablets.replicas(of: id)) }
        }
    }

    private mutating func add(_ tablet: Tablet, _ all: [Replica]) {
        tablets += 1
        replicas += Int64(all.count)
        localBytes = all.reduce(localBytes) { $0.addingClamped($1.dataSizeBytes) }
        remoteBytes = all.reduce(remoteBytes) { $0.addingClamped($1.remoteSizeBytes) }
        coldReplicas += Int64(all.count { $0.isCold(hasPolicy: true) })
        guard tablet.cooldownReplicaID > 0, !all.isEmpty else { return }
        if all.allSatisfy({ $0.reportedCooldownTerm == tablet.cooldownTerm }) { tabletsWithConf += 1 }
        guard let meta = all.first(where: { $0.id == tablet.cooldownReplicaID })?.cooldownMetaID else { return }
        uploadedTablets += 1
        if all.allSatisfy({ $0.cooldownMetaID == meta }) { alignedTablets += 1 }
    }
}
