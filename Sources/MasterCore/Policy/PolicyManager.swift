internal import HTTPAPI
internal import Logging
internal import Synchronization
internal import TabletModel

/// Storage resources and policies, and which tables have one. Backends learn a policy's content by asking
/// (`refreshStoragePolicy`), and which tablets have it by UPDATE_TABLET_META_INFO. Any thread.
final class PolicyManager: Sendable {
    /// Tablets in one UPDATE_TABLET_META_INFO task.
    private static let tabletsPerTask = 1000

    private let environment: MasterEnvironment
    /// Policies attached by this FE.
    private let attachments = Atomic<UInt64>(0)

    init(environment: MasterEnvironment) { self.environment = environment }

    // MARK: Resources

    func createResource(_ request: CreateStorageResourceRequest) throws -> StorageResource {
        try TableRequestCheck.name(request.name, of: "storage resource")
        guard !request.s3.endpoint.isEmpty, !request.s3.bucket.isEmpty else {
            throw MasterError(
                .invalidArgument, "a storage resource needs an endpoint and a bucket", nextStep: "give both")
        }
        return try environment.commit { state, ids in
            guard state.resource(named: request.name) == nil else {
                throw MasterError(
                    .alreadyExists, "storage resource \(request.name) exists", nextStep: "choose another name")
            }
            let resource = StorageResource(id: ids.take(), name: request.name, s3: request.s3)
            return ([.createResource(resource)], resource)
        }
    }

    func dropResource(_ name: String) throws {
        try environment.commit { state, _ in
            guard state.resource(named: name) != nil else {
                throw MasterError(
                    .notFound, "there is no storage resource \(name)", nextStep: "list storage resources")
            }
            let users = state.policies.filter { $0.resource == name }.map(\.name)
            guard users.isEmpty else {
                throw MasterError(
                    .conflict, "storage resource \(name) is used by \(users.joined(separator: ", "))",
                    nextStep: "drop these policies first")
            }
            return ([.dropResource(name)], ())
        }
    }

    // MARK: Policies

    func createPolicy(_ request: CreateStoragePolicyRequest) throws -> StoragePolicy {
        try TableRequestCheck.name(request.name, of: "storage policy")
        guard request.cooldownTTLSeconds != nil || request.cooldownDatetimeSeconds != nil else {
            throw MasterError(
                .invalidArgument, "a storage policy needs a ttl or a datetime",
                nextStep: "say when rowsets cool, such as a ttl of 86400 seconds")
        }
        let greatest = UnixTime.plausible.upperBound.milliseconds / 1000
        guard (0...greatest).contains(request.cooldownTTLSeconds ?? 0),
            (1...greatest).contains(request.cooldownDatetimeSeconds ?? 1)
        else {
            throw MasterError(
                .invalidArgument, "a ttl or datetime is out of range",
                nextStep: "give a ttl of 0 to \(greatest) seconds, a datetime of 1 to \(greatest)")
        }
        return try environment.commit { state, ids in
            guard state.policy(named: request.name) == nil else {
                throw MasterError(
                    .alreadyExists, "storage policy \(request.name) exists", nextStep: "choose another name")
            }
            guard state.resource(named: request.resource) != nil else {
                throw MasterError(
                    .notFound, "there is no storage resource \(request.resource)", nextStep: "create it first")
            }
            let policy = StoragePolicy(
                id: ids.take(), name: request.name, resource: request.resource,
                cooldownAt: request.cooldownDatetimeSeconds.map { UnixTime(seconds: $0) },
                cooldownTTLSeconds: request.cooldownTTLSeconds)
            return ([.createPolicy(policy)], policy)
        }
    }

    func dropPolicy(_ name: String) throws {
        try environment.commit { state, _ in
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
    func attach(_ policy: String?, to name: TableName) throws -> TableID {
        let id = try environment.commit { state, _ in
            let table = try state.requireTable(name)
            if table.storagePolicy == policy { return (entries: [JournalEntry](), result: table.id) }
            guard let policy else {
                // TTabletMetaInfo has no way to say "none": an empty name means "leave it".
                throw MasterError(
                    .conflict, "\(name) has the policy \(table.storagePolicy ?? ""), which can't be taken off",
                    nextStep: "attach another policy instead")
            }
            let new = try state.requirePolicy(policy)
            if let old = table.storagePolicy.flatMap({ state.policy(named: $0) }), old.resource != new.resource {
                throw MasterError(
                    .conflict,
                    "\(name) may have data in resource \(old.resource), policy \(policy) is for \(new.resource)",
                    nextStep: "attach a policy of the same resource")
            }
            return (entries: [.setTablePolicy(table.id, policy: policy)], result: table.id)
        }
        attachments.wrappingAdd(1, ordering: .relaxed)
        environment.logger.info(
            "storage policy attached", metadata: ["table": "\(name)", "policy": "\(policy ?? "")"])
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
        guard let policy else { return }
        for backend in tabletsByBackend.keys.sorted() {
            announce(policy, to: backend)
            tell(tabletsByBackend[backend] ?? [], policy, to: backend)
        }
    }

    /// A backend's report shows tablets without the policy of their table.
    func reported(_ tablets: [TabletID], by backend: BackendID) {
        let byPolicy = environment.store.read { state in
            Dictionary(grouping: tablets) { id in
                state.tablets.tablet(id).flatMap { state.table($0.tableID)?.storagePolicy } ?? ""
            }
        }
        for policy in byPolicy.keys.sorted() where !policy.isEmpty {
            tell(byPolicy[policy] ?? [], policy, to: backend)
        }
    }

    /// After a restart of the FE nobody remembers which backends were told of a change. One table after the other, so
    /// that the tasks of a large cluster are not all in memory at once; reports show tablets that have no policy at
    /// all.
    func tellAll() {
        let tables = environment.store.read { $0.tables.filter { $0.storagePolicy != nil }.map(\.id) }
        environment.after(.seconds(30)) { [self] in tellNext(tables[...]) }
    }

    private func tellNext(_ tables: ArraySlice<TableID>) {
        guard let table = tables.first else { return }
        tell(table: table)
        environment.after(.milliseconds(100)) { [self] in tellNext(tables.dropFirst()) }
    }

    private func tell(_ tablets: [TabletID], _ policy: String, to backend: BackendID) {
        var rest = tablets.sorted()[...]
        while !rest.isEmpty {
            let updates = rest.prefix(Self.tabletsPerTask).map {
                TabletMetaUpdate(tabletID: $0, metaType: 1, storagePolicy: policy)
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

    private func announce(_ policy: String, to backend: BackendID) {
        let entry = environment.store.read { state in
            state.policy(named: policy).flatMap { PolicyEntries.entry($0, in: state) }
        }
        guard let entry else { return }
        environment.dispatcher.sendOnce(
            AgentTask(type: .notifyUpdateStoragePolicy, signature: -1, payload: .storagePolicy(entry)), to: backend)
    }
}
