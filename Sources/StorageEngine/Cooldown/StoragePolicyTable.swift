internal import Logging
internal import Platform
internal import Synchronization
public import TabletModel

extension MetaKeys {
    /// `sp_{policy name}`: a storage policy (StoragePolicyRecord).
    static let storagePolicies: [UInt8] = Array("sp_".utf8)
    static func storagePolicy(_ name: String) -> [UInt8] { storagePolicies + Array(name.utf8) }
}

/// The storage policies that the master has told of, by name: in memory, and in every data dir so that they survive a
/// restart (Doris keeps them in memory only, and can't read cold rowsets until its FE has answered). Thread-safe.
public final class StoragePolicyTable: Sendable {
    private struct Known {
        var entry: StoragePolicyEntry
        /// Rises with each change; of two dirs' records the higher one is the newer.
        var revision: UInt64
    }

    private let dataDirs: [DataDir]
    private let stores: any ObjectStoreProvider
    private let known = Mutex<[String: Known]>([:])
    /// Changes are persisted one after the other.
    private let turn = Mutex<Void>(())

    /// Reads what the data dirs have. A record that can't be read is logged and left out: the master sends it again.
    init(dataDirs: [DataDir], stores: any ObjectStoreProvider, logger: Logger) {
        self.dataDirs = dataDirs
        self.stores = stores
        for dir in dataDirs where dir.isUsable {
            do {
                try dir.scanMeta(prefix: MetaKeys.storagePolicies) { key, value in
                    let name = String(decoding: key.dropFirst(MetaKeys.storagePolicies.count), as: UTF8.self)
                    do {
                        let (entry, revision) = try StoragePolicyRecord.decode(value, name: name)
                        learn(Known(entry: entry, revision: revision))
                    } catch {
                        logger.error(
                            "storage policy not read", metadata: ["data_dir": "\(dir.path)", "error": "\(error)"])
                    }
                    return true
                }
            } catch {
                logger.error("storage policies not read", metadata: ["data_dir": "\(dir.path)", "error": "\(error)"])
            }
        }
    }

    private func learn(_ found: Known) {
        known.withLock { known in
            if let present = known[found.entry.name], present.revision >= found.revision { return }
            known[found.entry.name] = found
        }
    }

    public func entry(_ name: String) -> StoragePolicyEntry? { known.withLock { $0[name]?.entry } }

    /// Sorted by name.
    public var entries: [StoragePolicyEntry] {
        known.withLock { $0.values.map(\.entry) }.sorted { $0.name < $1.name }
    }

    /// Adds what is new and replaces what changed (its checksum differs); what is not named stays, since cold rowsets may
    /// still name it. On return the changes are in every usable data dir, and visible.
    ///
    /// - Returns: names that changed.
    /// - Throws: when no data dir could keep the changes; nothing has changed then.
    @discardableResult
    public func apply(_ entries: [StoragePolicyEntry]) throws -> [String] {
        try turn.withLock { _ in
            let changes = known.withLock { known in
                entries.compactMap { entry -> Known? in
                    guard !entry.name.isEmpty else { return nil }
                    guard let present = known[entry.name] else { return Known(entry: entry, revision: 1) }
                    if present.entry == entry { return nil }
                    // Without a checksum only the content tells.
                    if !entry.checksum.isEmpty, present.entry.checksum == entry.checksum { return nil }
                    return Known(entry: entry, revision: present.revision + 1)
                }
            }
            guard !changes.isEmpty else { return [] }
            try persist(changes)
            for change in changes { learn(change) }
            return changes.map(\.entry.name)
        }
    }

    private func persist(_ changes: [Known]) throws {
        var batch = WriteBatch()
        for change in changes {
            batch.put(
                MetaKeys.storagePolicy(change.entry.name),
                StoragePolicyRecord.encode(change.entry, revision: change.revision))
        }
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

    /// The bucket of a policy's resource.
    /// - Throws: `CooldownError.unknownResource`, or what the provider throws.
    func store(policy: String, for tablet: TabletID) throws -> any ObjectStore {
        guard let resource = entry(policy)?.resource else {
            throw CooldownError.unknownResource(tablet, policy: policy)
        }
        return try stores.store(for: resource)
    }
}
