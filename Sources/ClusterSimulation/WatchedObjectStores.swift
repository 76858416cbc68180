public import ClusterTestKit
internal import Platform
internal import Synchronization
public import TabletModel

/// The object stores of a simulated cluster. Remembers which backend put what, under which conf.
public final class WatchedObjectStores: Sendable {
    /// A put that took effect.
    public struct Put: Hashable, Sendable {
        public var backend: String
        public var key: String
        public var tablet: TabletID
        /// The conf that the backend's replica had at that moment; term -1 when it had none.
        public var conf: CooldownConf
        public var replica: ReplicaID
    }

    public let stores = MemoryObjectStoreProvider(pageSize: 3)
    let weather: ObjectStoreWeather
    private let recorded = Mutex<[Put]>([])

    init(weather: ObjectStoreWeather) { self.weather = weather }

    /// What is wrong with the stores from now on; nil: nothing is.
    public func setTrouble(_ trouble: ObjectStoreTrouble?) { weather.set(trouble) }

    /// Every put so far, in order.
    public var puts: [Put] { recorded.withLock { $0 } }

    func note(_ put: Put) { recorded.withLock { $0.append(put) } }

    /// What one BE gets. - Parameter header: of its replica of a tablet.
    func provider(
        for backend: String, plan: FaultPlan, header: @escaping @Sendable (TabletID) -> TabletHeader?
    ) -> any ObjectStoreProvider {
        // The watch stands below the faults: it sees what takes effect, whatever the caller hears of it.
        FaultyObjectStoreProvider(WatchingProvider(watch: self, backend: backend, header: header), plan: plan)
    }
}

private struct WatchingProvider: ObjectStoreProvider {
    let watch: WatchedObjectStores
    let backend: String
    let header: @Sendable (TabletID) -> TabletHeader?

    func store(for resource: S3Resource) throws -> any ObjectStore {
        WeatheredObjectStore(
            base: WatchingStore(base: try watch.stores.store(for: resource), provider: self), weather: watch.weather)
    }
}

private struct WatchingStore: ObjectStore {
    let base: any ObjectStore
    let provider: WatchingProvider

    @discardableResult
    func put(_ key: String, from source: any ObjectSource) throws -> ObjectAttributes {
        let attributes = try base.put(key, from: source)
        // data/{tablet}/…
        let parts = key.split(separator: "/")
        guard parts.count == 3, let tablet = TabletID(text: parts[1]) else { return attributes }
        let header = provider.header(tablet)
        provider.watch.note(
            WatchedObjectStores.Put(
                backend: provider.backend, key: key, tablet: tablet,
                conf: header.map {
                    CooldownConf(tabletID: tablet, cooldownReplicaID: $0.cooldownReplicaID, term: $0.cooldownTerm)
                } ?? CooldownConf(tabletID: tablet),
                replica: header?.replicaID ?? -1))
        return attributes
    }

    func get(_ key: String, range: Range<Int64>) throws -> [UInt8] { try base.get(key, range: range) }
    func head(_ key: String) throws -> ObjectAttributes? { try base.head(key) }
    func delete(_ keys: [String]) throws { try base.delete(keys) }
    func list(prefix: String, continuation: String?) throws -> ObjectPage {
        try base.list(prefix: prefix, continuation: continuation)
    }
}
