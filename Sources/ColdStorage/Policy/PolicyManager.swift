internal import AgentTasks
public import ClusterMetadata
public import HTTPAPI
internal import Logging
public import MasterServices
internal import Synchronization
public import TabletModel

/// Storage resources and policies, and which tables have one. Backends learn a policy's content by asking
/// (`refreshStoragePolicy`) or, those of 2026, by PUSH_STORAGE_POLICY, and which tablets have it by UPDATE_TABLET_META_INFO.
/// Any thread.
public final class PolicyManager: Sendable {
    /// Tablets in one UPDATE_TABLET_META_INFO task.
    private static let tabletsPerTask = 1000

    let environment: MasterEnvironment
    /// Policies attached by this FE.
    private let attachments = Atomic<UInt64>(0)

    public init(environment: MasterEnvironment) { self.environment = environment }

    // MARK: Resources

    public func createResource(_ request: CreateStorageResourceRequest) throws -> StorageResource {
        try TableRequestCheck.name(request.name, of: "storage resource")
        try ResourceCheck.check(request)
        return try environment.commit { state, ids in
            try state.checkNotOlder()
            guard state.resource(named: request.name) == nil else {
                throw MasterError(
                    .alreadyExists, "storage resource \(request.name) exists", nextStep: "choose another name")
            }
            let resource = StorageResource(id: ids.take(), name: request.name, s3: request.s3)
            return ([.createResource(resource)], resource)
        }
    }

    /// - Parameter givesUpGarbage: objects that backends still want to delete there are left in the bucket, and backends that
    ///   have not told whether they have any are not waited for. What tables name is never given up.
    public func dropResource(_ name: String, givesUpGarbage: Bool) throws {
        try environment.commit { state, _ in
            try state.checkNotOlder()
            let resource = try state.requireResource(name)
            if let refusal = ResourceUsers(of: resource, in: state).refusal(givesUpGarbage: givesUpGarbage) {
                throw refusal
            }
            return ([.dropResource(name)], ())
        }
        environment.logger.notice(
            "storage resource dropped", metadata: ["resource": "\(name)", "gives_up_garbage": "\(givesUpGarbage)"])
    }

    /// Journaled on return; backends are told at once, and take the new keys without a restart.
    public func alterResource(_ name: String, _ request: AlterStorageResourceRequest) throws -> StorageResource {
        let resource = try environment.commit { state, _ in
            let old = try state.requireResource(name)
            let new = try request.applied(to: old)
            return (entries: new == old ? [] : [.alterResource(new)], result: new)
        }
        environment.logger.notice(
            "storage resource altered", metadata: ["resource": "\(name)", "version": "\(resource.version)"])
        tell(resource: resource)
        return resource
    }

    private func tell(resource: StorageResource) {
        let (backends, policies) = environment.store.read { state in
            let inUse = PolicyEntries.inUse(in: state).filter { $0.resourceID == resource.id }
            return (state.backends, inUse)
        }
        for backend in backends {
            if backend.dialect?.isToldPolicies == true {
                push(PushedPolicies.rules(of: resource), to: backend.id)
                continue
            }
            // To one of ours the resource by itself; another knows it by its policies only.
            for entry in backend.isOurs ? [PolicyEntries.entry(resource)] : policies {
                environment.dispatcher.sendOnce(
                    AgentTask(type: .notifyUpdateStoragePolicy, signature: -1, payload: .storagePolicy(entry)),
                    to: backend.id)
            }
        }
    }

    // MARK: Policies

    public func createPolicy(_ request: CreateStoragePolicyRequest) throws -> StoragePolicy {
        try TableRequestCheck.name(request.name, of: "storage policy")
        try PolicyTimes.check(request.cooldownTTLSeconds, request.cooldownDatetimeSeconds)
        return try environment.commit { state, ids in
            guard state.policy(named: request.name) == nil else {
                throw MasterError(
                    .alreadyExists, "storage policy \(request.name) exists", nextStep: "choose another name")
            }
            guard state.resource(named: request.resource) != nil else {
                throw MasterError(
                    .notFound, "there is no storage resource \(request.resource)", nextStep: "create it first")
            }
            // Rowsets that older builds cooled name a policy, and would mean another bucket from now on (found A6).
            if let other = state.resources.first(where: {
                $0.name != request.resource && $0.policyNames.contains(request.name)
            }) {
                throw MasterError(
                    .conflict,
                    "a storage policy \(request.name) pointed to resource \(other.name) before: rowsets may mean that by it",
                    nextStep: "choose another name")
            }
            let policy = StoragePolicy(
                id: ids.take(), name: request.name, resource: request.resource,
                cooldownAt: request.cooldownDatetimeSeconds.map { UnixTime(seconds: $0) },
                cooldownTTLSeconds: request.cooldownTTLSeconds)
            return ([.createPolicy(policy)], policy)
        }
    }

    public func dropPolicy(_ name: String) throws {
        try environment.commit { state, _ in
            try state.checkNotOlder()
            _ = try state.requirePolicy(name)
            let users = state.tables.filter { $0.storagePolicy == name }.map { state.name(of: $0).description }
            guard users.isEmpty else {
                throw MasterError(
                    .conflict, "storage policy \(name) is used by \(users.joined(separator: ", "))",
                    nextStep: "attach another policy to these tables, or drop them")
            }
            return ([.dropPolicy(name)], ())
        }
    }

    // MARK: Tables

    /// Journaled on return; backends are told from then on until all know.
    public func attach(_ policy: String?, to name: TableName) throws -> TableID {
        let id = try environment.commit { state, _ in
            let table = try state.requireTable(name)
            try state.checkNotOlder(table.id)
            if table.storagePolicy == policy { return (entries: [JournalEntry](), result: table.id) }
            guard let policy else {
                // TTabletMetaInfo of a Doris BE has no way to say "none": an empty name means "leave it".
                if let backend = state.backendThatKeepsPolicy(of: table) {
                    throw MasterError(
                        .conflict,
                        "\(name) has replicas on backend \(backend.id) (\(backend.version)), which can't take a policy off",
                        nextStep: "attach a policy of the same resource with a long ttl instead")
                }
                return (entries: [.setTablePolicy(table.id, policy: nil)], result: table.id)
            }
            let new = try state.requirePolicy(policy)
            let id = state.resource(named: new.resource)?.id
            if let old = table.storageResources.first(where: { $0 != id }), let old = state.resource(old) {
                throw MasterError(
                    .conflict, "\(name) may have data in resource \(old.name), policy \(policy) is for \(new.resource)",
                    nextStep: "attach a policy of the same resource")
            }
            return (entries: [.setTablePolicy(table.id, policy: policy)], result: table.id)
        }
        attachments.wrappingAdd(1, ordering: .relaxed)
        environment.logger.info(
            policy == nil ? "storage policy taken off" : "storage policy attached",
            metadata: ["table": "\(name)", "policy": "\(policy ?? "")"])
        tell(table: id)
        return id
    }

    /// Tells every replica of the table its policy, and backends to ask for it.
    func tell(table id: TableID) {
        let (policy, tabletsByBackend) = environment.store.read { state -> (String?, [BackendID: [TabletID]]) in
            guard let table = state.table(id) else { return (nil, [:]) }
            var tablets: [BackendID: [TabletID]] = [:]
            for tablet in table.tabletIDs {
                for replica in state.tablets.replicas(of: tablet) {
                    tablets[replica.backendID, default: []].append(tablet)
                }
            }
            return (table.storagePolicy, tablets)
        }
        for backend in tabletsByBackend.keys.sorted() {
            if let policy { announce(policy, to: backend) }
            tell(tabletsByBackend[backend] ?? [], policy, to: backend)
        }
    }

    /// A backend's report shows tablets without the policy of their table, or with one where the table has none.
    public func reported(_ tablets: [TabletID], by backend: BackendID) {
        let (byPolicy, takesNone) = environment.store.read { state in
            let known = tablets.filter { state.tablets.tablet($0) != nil }
            let byPolicy = Dictionary(grouping: known) { id in
                state.tablets.tablet(id).flatMap { state.table($0.tableID)?.storagePolicy } ?? ""
            }
            return (byPolicy, state.backend(backend)?.canTakePolicyOff == true)
        }
        for policy in byPolicy.keys.sorted() where !policy.isEmpty || takesNone {
            tell(byPolicy[policy] ?? [], policy.isEmpty ? nil : policy, to: backend)
        }
    }

    /// A backend of 2026 says what it has: what it lacks, or has an older version of, goes to it. Once for each report that
    /// shows it.
    public func reported(_ known: KnownRules, by backend: BackendID) {
        let rules = environment.store.read { state -> PushedRules? in
            guard state.backend(backend)?.dialect?.isToldPolicies == true else { return nil }
            return PushedPolicies.difference(from: known, in: state)
        }
        if let rules, !rules.isEmpty { push(rules, to: backend) }
    }

    /// After a restart of the FE nobody remembers which backends were told of a change. One table after the other, so
    /// that the tasks of a large cluster are not all in memory at once; reports show tablets that have no policy at
    /// all.
    public func tellAll() {
        let tables = environment.store.read { $0.tables.filter { $0.storagePolicy != nil }.map(\.id) }
        environment.after(.seconds(30)) { [self] in tellNext(tables[...]) }
    }

    private func tellNext(_ tables: ArraySlice<TableID>) {
        guard let table = tables.first else { return }
        tell(table: table)
        environment.after(.milliseconds(100)) { [self] in tellNext(tables.dropFirst()) }
    }

    /// - Parameter policy: nil takes it off.
    private func tell(_ tablets: [TabletID], _ policy: String?, to backend: BackendID) {
        let id = policy.flatMap { name in environment.store.read { $0.policy(named: name)?.id } } ?? 0
        var rest = tablets.sorted()[...]
        while !rest.isEmpty {
            let updates = rest.prefix(Self.tabletsPerTask).map {
                TabletMetaUpdate(
                    tabletID: $0, metaType: 1, storagePolicy: policy, removesStoragePolicy: policy == nil,
                    storagePolicyID: id)
            }
            rest = rest.dropFirst(Self.tabletsPerTask)
            environment.dispatcher.send(
                AgentTask(
                    type: .updateTabletMetaInfo, signature: signature(updates),
                    payload: .updateTabletMeta(updates)), to: backend)
        }
    }

    /// The same for the same updates, so that they are not queued twice; another one once a policy was attached, so that the
    /// late end of an update to a policy that was attached before is not that of the newest.
    private func signature(_ updates: [TabletMetaUpdate]) -> Int64 {
        let epoch = environment.store.read { UInt64(bitPattern: $0.epoch) }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for salt in [epoch, attachments.load(ordering: .relaxed)] {
            withUnsafeBytes(of: salt.littleEndian) { $0.forEach(mix) }
        }
        for update in updates {
            withUnsafeBytes(of: update.tabletID.rawValue.littleEndian) { $0.forEach(mix) }
            (update.storagePolicy ?? "").utf8.forEach(mix)
        }
        return Int64(hash >> 1)
    }

    func announce(_ policy: String, to backend: BackendID) {
        let (entry, rules) = environment.store.read { state -> (StoragePolicyEntry?, PushedRules?) in
            guard let policy = state.policy(named: policy) else { return (nil, nil) }
            guard state.backend(backend)?.dialect?.isToldPolicies == true else {
                return (PolicyEntries.entry(policy, in: state), nil)
            }
            return (nil, PushedPolicies.rules(of: policy, in: state))
        }
        if let rules { return push(rules, to: backend) }
        guard let entry else { return }
        environment.dispatcher.sendOnce(
            AgentTask(type: .notifyUpdateStoragePolicy, signature: -1, payload: .storagePolicy(entry)), to: backend)
    }

    private func push(_ rules: PushedRules, to backend: BackendID) {
        environment.dispatcher.sendOnce(
            AgentTask(type: .pushStoragePolicy, signature: -1, payload: .pushedRules(rules)), to: backend)
    }
}
