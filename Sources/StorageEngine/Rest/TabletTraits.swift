internal import Synchronization
internal import TabletModel

/// What the tablets of one table in one data dir have in common: one object for all of them. Immutable.
final class TabletTraits: Sendable {
    let dataDir: DataDir
    let tableID: TableID
    let schemaHash: SchemaHash
    let schema: TabletSchema
    let isInMemory: Bool
    let storagePolicy: String
    let inRestoreMode: Bool
    let options: TabletOptions

    fileprivate init(_ header: TabletHeader, _ dataDir: DataDir) {
        self.dataDir = dataDir
        tableID = header.tableID
        schemaHash = header.schemaHash
        schema = header.schema
        isInMemory = header.isInMemory
        storagePolicy = header.storagePolicy
        inRestoreMode = header.inRestoreMode
        options = header.options
    }
}

/// The traits there are, by what they are. Thread-safe.
final class TraitsPool: Sendable {
    private struct Key: Hashable {
        var pathHash: Int64
        var tableID: TableID
        var schemaHash: SchemaHash
        var schema: TabletSchema
        var isInMemory: Bool
        var storagePolicy: String
        var inRestoreMode: Bool
        var options: TabletOptions
    }

    private let known = Mutex<[Key: TabletTraits]>([:])

    func traits(of header: TabletHeader, in dir: DataDir) -> TabletTraits {
        let key = Key(
            pathHash: dir.pathHash, tableID: header.tableID, schemaHash: header.schemaHash, schema: header.schema,
            isInMemory: header.isInMemory, storagePolicy: header.storagePolicy, inRestoreMode: header.inRestoreMode,
            options: header.options)
        return known.withLock { known in
            if let found = known[key] { return found }
            let made = TabletTraits(header, dir)
            known[key] = made
            return made
        }
    }
}
