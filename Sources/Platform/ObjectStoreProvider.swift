public import TabletModel

/// Opens the object store of a storage resource. The same resource gives a store that shares its connections.
public protocol ObjectStoreProvider: Sendable {
    func store(for resource: S3Resource) throws -> any ObjectStore
}
