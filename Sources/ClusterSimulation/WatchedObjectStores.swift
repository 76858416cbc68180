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
        /// The conf that the backend's replica had at that moment; term -1 when it had none. Of a replica that was dropped
        /// while its request was under way: the one that it had when it sent it.
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
        FaultyObjectStoreProvider(
            WatchingProvider(watch: self, backend: backend, header: header, senders: PutSenders()), plan: plan)
    }
}

/// Who sent each put that is under way.
private final class PutSenders: Sendable {
    private let headers = Mutex<[String: TabletHeader]>([:])

    func begin(_ key: String, _ header: TabletHeader?) { headers.withLock { $0[key] = header } }
    func end(_ key: String) { headers.withLock { $0[key] = nil } }
    func sender(of key: String) -> TabletHeader? { headers.withLock { $0[key] } }
}

private struct WatchingProvider: ObjectStoreProvider {
    let watch: WatchedObjectStores
    let backend: String
    let header: @Sendable (TabletID) -> TabletHeader?
    let senders: PutSenders

    func store(for resource: S3Resource) throws -> any ObjectStore {
        let watched = WatchingStore(base: try watch.stores.store(for: resource), provider: self)
        return SendingStore(base: WeatheredObjectStore(base: watched, weather: watch.weather), provider: self)
    }

    /// data/{tablet}/…
    static func tablet(of key: String) -> TabletID? {
        let parts = key.split(separator: "/")
        return parts.count == 3 ? TabletID(text: parts[1]) : nil
    }
}

/// Above the weather: a put may take a while before it takes effect.
private struct SendingStore: ObjectStore {
    let base: any ObjectStore
    let provider: WatchingProvider

    @discardableResult
    func put(_ key: String, from source: any ObjectSource) throws -> ObjectAttributes {
        provider.senders.begin(key, WatchingProvider.tablet(of: key).flatMap(provider.header))
        defer { provider.senders.end(key) }
        return try base.put(key, from: source)
    }

    func get(_ key: String, range: Range<Int64>) throws -> [UInt8] { try base.get(key, range: range) }
    func head(_ key: String) throws -> ObjectAttributes? { try base.head(key) }
    func delete(_ keys: [String]) throws { try base.delete(keys) }
    func list(prefix: String, continuation: String?) throws -> ObjectPage {
        try base.list(prefix: prefix, continuation: continuation)
    }
}

private struct WatchingStore: ObjectStore {
    let base: any ObjectStore
    let provider: WatchingProvider

    @discardableResult
    func put(_ key: String, from source: any ObjectSource) throws -> ObjectAttributes {
        let attributes = try base.put(key, from: source)
        guard let tablet = WatchingProvider.tablet(of: key) else { return attributes }
        var header = provider.header(tablet)
        if let sender = provider.senders.sender(of: key), sender.replicaID != header?.replicaID { header = sender }
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
