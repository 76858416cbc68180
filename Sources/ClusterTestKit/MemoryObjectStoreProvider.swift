public import Platform
internal import Synchronization
public import TabletModel

/// Buckets in memory, one for each endpoint, bucket and root path, shared by all nodes of a simulated cluster.
public final class MemoryObjectStoreProvider: ObjectStoreProvider {
    private struct Place: Hashable {
        let endpoint: String
        let bucket: String
        let rootPath: String
    }

    private struct State {
        var stores: [Place: MemoryObjectStore] = [:]
        var missingBuckets: Set<String> = []
        var secrets: [String: String] = [:]
    }

    private let state = Mutex(State())
    private let pageSize: Int

    public init(pageSize: Int = 1000) { self.pageSize = pageSize }

    public func store(for resource: S3Resource) throws -> any ObjectStore {
        let expected = state.withLock { $0.secrets[resource.accessKey] }
        if let expected, expected != resource.secretKey {
            throw ObjectStoreError(
                .accessDenied, operation: "open", key: resource.bucket, httpStatus: 403,
                message: "the signature of access key \(resource.accessKey) does not match")
        }
        guard !state.withLock({ $0.missingBuckets.contains(resource.bucket) }) else {
            throw ObjectStoreError(
                .noSuchBucket, operation: "open", key: resource.bucket, httpStatus: 404, message: "no such bucket")
        }
        return memoryStore(for: resource)
    }

    /// The same store, as what it is.
    public func memoryStore(for resource: S3Resource) -> MemoryObjectStore {
        let root = resource.rootPath.split(separator: "/").joined(separator: "/")
        let place = Place(endpoint: resource.endpoint, bucket: resource.bucket, rootPath: root)
        return state.withLock { state in
            if let known = state.stores[place] { return known }
            let made = MemoryObjectStore(pageSize: pageSize)
            state.stores[place] = made
            return made
        }
    }

    /// From now on this bucket is answered with 404.
    public func removeBucket(_ bucket: String) { state.withLock { _ = $0.missingBuckets.insert(bucket) } }

    /// From now on this access key needs this secret; others are not checked.
    public func require(accessKey: String, secretKey: String) {
        state.withLock { $0.secrets[accessKey] = secretKey }
    }
}
