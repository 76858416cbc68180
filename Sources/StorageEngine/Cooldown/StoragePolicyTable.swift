internal import Logging
internal import Platform
internal import StoredFormats
internal import Synchronization
public import TabletModel

extension MetaKeys {
    /// `sp_{policy name}`: a storage policy (StoragePolicyRecord).
    static let storagePolicies: [UInt8] = Array("sp_".utf8)
    static func storagePolicy(_ name: String) -> [UInt8] { storagePolicies + Array(name.utf8) }
    /// `sr_{resource key}`: a storage resource (StorageResourceRecord).
    static let storageResources: [UInt8] = Array("sr_".utf8)
    static func storageResource(_ key: String) -> [UInt8] { storageResources + Array(key.utf8) }
}

/// The storage policies and resources that the master has told of: in memory, and in every data dir so that they survive a
/// restart (Doris keeps them in memory only, and can't read cold rowsets until its FE has answered). Thread-safe.
public final class StoragePolicyTable: Sendable {
    private let dataDirs: [DataDir]
    private let stores: any ObjectStoreProvider
    private let time: any TimeSource
    private let logger: Logger
    /// Of requests to resources, until the like succeeds. A resource has a few kinds of them.
    let errors = StandingErrors<ResourceRequest>(limit: 1000)
    private let catalog = Mutex(StorageCatalog())
    /// Keys of resources that a person had dropped, as the master said last.
    private let dropped = Mutex<Set<String>>([])
    /// Changes are persisted one after the other.
    private let turn = Mutex<Void>(())

    /// Reads what the data dirs have. A record that can't be read is logged and left out: the master sends it again.
    init(dataDirs: [DataDir], stores: any ObjectStoreProvider, time: any TimeSource, logger: Logger) {
        self.dataDirs = dataDirs
        self.stores = stores
        self.time = time
        self.logger = logger
        var hasFixed = false
        for dir in dataDirs where dir.isUsable {
            restore(MetaKeys.storageResources, in: dir, "storage resource") { value, name in
                let record = try StorageResourceRecord(decoding: value, name: name)
                catalog.withLock { $0.restore(record) }
            }
            restore(MetaKeys.storagePolicies, in: dir, "storage policy") { value, name in
                if FixedStoragePolicyRecord.isOne(value) {
                    let (policy, s3) = try FixedStoragePolicyRecord.decode(value, name: name)
                    catalog.withLock { $0.restore(policy, at: s3) }
                    hasFixed = true
                } else {
                    let record = try StoragePolicyRecord(decoding: value, name: name)
                    catalog.withLock { $0.restore(record) }
                }
            }
        }
        if hasFixed { rewriteFixed() }
    }

    private func restore(
        _ prefix: [UInt8], in dir: DataDir, _ what: String,
        _ take: (UnsafeRawBufferPointer, String) throws -> Void
    ) {
        do {
            try dir.scanMeta(prefix: prefix) { key, value in
                let name = String(decoding: key.dropFirst(prefix.count), as: UTF8.self)
                do {
                    try take(value, name)
                } catch {
                    logger.error("\(what) not read", metadata: ["data_dir": "\(dir.path)", "error": "\(error)"])
                }
                return true
            }
        } catch {
            logger.error("\(what) records not read", metadata: ["data_dir": "\(dir.path)", "error": "\(error)"])
        }
    }

    /// Records of the older format become records of this one. What can't be done now is done at the next start.
    private func rewriteFixed() {
        let (policies, resources) = catalog.withLock { (Array($0.policies.values), Array($0.resources.values)) }
        do {
            try persist(StorageCatalog.Changes(policies: policies, resources: resources))
        } catch {
            logger.warning("storage policies of an older build not rewritten yet", metadata: ["error": "\(error)"])
        }
    }

    // MARK: What is known

    /// The policy with the resource it points to, if that is known.
    public func entry(_ name: String) -> StoragePolicyEntry? { catalog.withLock { $0.entry(name) } }

    /// Sorted by name.
    public var entries: [StoragePolicyEntry] {
        catalog.withLock { catalog in catalog.policies.keys.sorted().compactMap { catalog.entry($0) } }
    }

    /// The key by which new rowsets name where the policy cools to; nil when that is not known.
    func resourceKey(ofPolicy name: String) -> String? { catalog.withLock { $0.resource(ofPolicy: name)?.key } }

    /// The key of what a rowset names, which may be an older name of it; nil when it is not known.
    func resourceKey(for name: String) -> String? { catalog.withLock { $0.resource(for: name)?.key } }

    /// All that are known: key and version.
    var resourceVersions: [String: Int64] { catalog.withLock { $0.resources.mapValues(\.version) } }

    func isDropped(_ key: String) -> Bool { dropped.withLock { $0.contains(key) } }
    var droppedKeys: Set<String> { dropped.withLock { $0 } }

    // MARK: Changes

    /// As `apply` of rules that hold these policies alone.
    @discardableResult
    public func apply(_ entries: [StoragePolicyEntry]) throws -> [String] {
        try apply(StorageRules(policies: entries), isWhole: false)
    }

    /// Adds what is new and replaces what changed; what is not named stays, since cold rowsets may still name it. On return
    /// the changes are in every usable data dir, and visible.
    ///
    /// - Parameter isWhole: a master's whole answer; otherwise a resource of an older version is passed over.
    /// - Returns: names of policies, then keys of resources without a policy among them, that changed.
    /// - Throws: when no data dir could keep the changes; nothing has changed then.
    @discardableResult
    public func apply(_ rules: StorageRules, isWhole: Bool) throws -> [String] {
        try turn.withLock { _ in
            if isWhole { dropped.withLock { $0 = Set(rules.droppedResources.map(String.init)) } }
            return try carryOut(catalog.withLock { $0.changes(by: rules, isWhole: isWhole) })
        }
    }

    /// Takes in what an FE pushed: what is newer, and which policies are gone. Durable and visible as with `apply`.
    /// - Returns: as `apply`, with the keys of policies that are gone.
    /// - Throws: when no data dir could keep the changes; nothing has changed then.
    @discardableResult
    public func apply(_ pushed: PushedRules) throws -> [String] {
        try turn.withLock { _ in try carryOut(catalog.withLock { $0.changes(by: pushed) }) }
    }

    /// What the master can compare with what it pushed.
    public var known: KnownRules { catalog.withLock { $0.known } }

    /// Under the turn.
    private func carryOut(_ changes: StorageCatalog.Changes) throws -> [String] {
        for refusal in changes.refusals {
            logger.error("storage resource refused", metadata: ["reason": "\(refusal)"])
        }
        guard !changes.isEmpty else { return [] }
        try persist(changes)
        return catalog.withLock { catalog in
            catalog.apply(changes)
            let policies = changes.policies.map(\.name)
            let named = Set(policies.compactMap { catalog.policies[$0]?.resource })
            let touched = changes.resources.filter { !named.contains($0.key) }.flatMap { resource in
                let users = catalog.policies.values.filter { $0.resource == resource.key }.map(\.name).sorted()
                return users.isEmpty ? [resource.key] : users
            }
            return policies + touched.filter { !policies.contains($0) } + changes.dropped
        }
    }

    /// Forgets a dropped resource with its keys, once nothing here names it.
    func forget(_ key: String) throws {
        try turn.withLock { _ in
            try persist(StorageCatalog.Changes(superseded: [key]))
            catalog.withLock { $0.forget(key) }
            errors.keep { $0.resource != key }
        }
    }

    private func persist(_ changes: StorageCatalog.Changes) throws {
        var batch = WriteBatch()
        for key in changes.superseded { batch.delete(MetaKeys.storageResource(key)) }
        for record in changes.resources { batch.put(MetaKeys.storageResource(record.key), try record.encoded()) }
        for record in changes.policies { batch.put(MetaKeys.storagePolicy(record.name), try record.encoded()) }
        for key in changes.dropped { batch.delete(MetaKeys.storagePolicy(key)) }
        var failure: (any Error)?
        var isKept = false
        for dir in dataDirs {
            do {
                try dir.writeMeta(batch)
                isKept = true
            } catch {
                // The dir is out of use from here on, and says so itself.
                failure = failure ?? error
            }
        }
        if let failure, !isKept { throw failure }
    }

    // MARK: Stores

    /// A store that is only tried.
    func open(_ s3: S3Resource) throws -> any ObjectStore { try stores.store(for: s3) }

    /// The bucket of what a rowset, a meta or a garbage record names.
    /// - Throws: `CooldownError.unknownResource`, or what the provider throws.
    func store(resource name: String, for tablet: TabletID) throws -> any ObjectStore {
        guard let resource = catalog.withLock({ $0.resource(for: name) }) else {
            throw CooldownError.unknownResource(tablet, name: name)
        }
        let opening = ResourceRequest(resource: resource.key, kind: .open)
        do {
            let store = try stores.store(for: resource.s3)
            errors.clear(opening)
            return NotedObjectStore(base: store, resource: resource.key, errors: errors, time: time)
        } catch {
            errors.note(opening, "\(error)", at: time.wallNow)
            throw error
        }
    }
}

extension StorageCatalog {
    fileprivate func entry(_ name: String) -> StoragePolicyEntry? {
        guard let policy = policies[name] else { return nil }
        let resource = resource(ofPolicy: name)
        return StoragePolicyEntry(
            name: policy.name, cooldownAt: policy.cooldownAt, cooldownTTLSeconds: policy.cooldownTTLSeconds,
            resource: resource?.s3, resourceID: resource.flatMap { Int64($0.key) },
            resourceVersion: resource.map { $0.isIdentified ? $0.version : 0 } ?? 0, checksum: policy.checksum)
    }
}
