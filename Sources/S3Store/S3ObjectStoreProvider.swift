public import CurlHTTP
public import Logging
public import Platform
internal import Synchronization
public import TabletModel

/// Opens buckets. Stores of the same resource are one and the same, and all share the client's connections.
public final class S3ObjectStoreProvider: ObjectStoreProvider {
    private let client: HTTPClient
    private let settings: S3StoreSettings
    private let random: any RandomSource
    private let pause: any RetryPause
    private let log: Logger
    /// Of all its stores together.
    public let counters = S3Counters()
    private let stores = Mutex(Stores())

    private struct Stores {
        var byResource: [S3Resource: S3ObjectStore] = [:]
        /// Oldest first.
        var order: [S3Resource] = []
    }

    /// Stores kept; with more, the oldest is forgotten (and goes on working for those who hold it). Resources change
    /// when somebody rotates keys, not more often.
    static let storeLimit = 256

    /// - Parameter pause: where retries wait; nil waits for real.
    public init(
        client: HTTPClient, settings: S3StoreSettings = S3StoreSettings(),
        random: any RandomSource = SystemRandomSource(), pause: (any RetryPause)? = nil, log: Logger
    ) throws {
        try settings.validate()
        self.client = client
        self.settings = settings
        self.random = random
        self.pause = pause ?? ClientPause(client: client)
        self.log = log
    }

    public func store(for resource: S3Resource) throws -> any ObjectStore { try s3Store(for: resource) }

    /// The same, by its own type. Asks nothing of the server.
    /// - Throws: `S3ConfigurationError` when the resource cannot work.
    public func s3Store(for resource: S3Resource) throws -> S3ObjectStore {
        if let store = stores.withLock({ $0.byResource[resource] }) { return store }
        let opened = try S3ObjectStore(
            resource: resource, settings: settings, client: client, random: random, pause: pause, log: log,
            counters: counters)
        return stores.withLock { stores in
            // Another thread may have been faster.
            if let store = stores.byResource[resource] { return store }
            if stores.order.count >= S3ObjectStoreProvider.storeLimit {
                stores.byResource[stores.order.removeFirst()] = nil
            }
            stores.byResource[resource] = opened
            stores.order.append(resource)
            return opened
        }
    }
}
