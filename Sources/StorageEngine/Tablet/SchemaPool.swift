internal import Synchronization
internal import TabletModel

/// Gives equal schemas one storage: the tablets of a table share theirs.
final class SchemaPool: Sendable {
    private let schemas = Mutex<Set<TabletSchema>>([])

    func shared(_ schema: TabletSchema) -> TabletSchema {
        schemas.withLock { $0.insert(schema).memberAfterInsert }
    }
}
