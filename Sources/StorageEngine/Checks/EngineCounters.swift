internal import Synchronization
public import TabletModel

/// What an engine did since its start, for metrics. Thread-safe.
public final class EngineCounters: Sendable {
    /// Rowsets whose files were gone or corrupt.
    let lost = Atomic<Int64>(0)
    /// Of those, the ones whose rows stale rowsets gave back whole.
    let recovered = Atomic<Int64>(0)
    let compactions = Atomic<Int64>(0)
    let compactedRowsets = Atomic<Int64>(0)
    let compactedBytes = Atomic<Int64>(0)
    /// Of those, the ones of base compactions.
    let baseRowsets = Atomic<Int64>(0)
    let baseBytes = Atomic<Int64>(0)
    /// Rowsets that PUSH tasks of loads made.
    let pushedRows = Atomic<Int64>(0)
    let pushedBytes = Atomic<Int64>(0)
    let failed = Atomic<Int64>(0)
    let migrations = Atomic<Int64>(0)
    let migratedBytes = Atomic<Int64>(0)
    let failedMigrations = Atomic<Int64>(0)
    /// Highest of the last look at all tablets.
    let highestScore = Atomic<Int64>(0)

    init() {}

    public var lostRowsets: Int64 { lost.load(ordering: .relaxed) }
    public var recoveredRowsets: Int64 { recovered.load(ordering: .relaxed) }
    public var finishedCompactions: Int64 { compactions.load(ordering: .relaxed) }
    /// Inputs of finished compactions, and their bytes.
    public var inputRowsets: Int64 { compactedRowsets.load(ordering: .relaxed) }
    public var inputBytes: Int64 { compactedBytes.load(ordering: .relaxed) }
    /// The same, of one kind of compaction.
    public func inputRowsets(_ kind: CompactionKind) -> Int64 {
        let base = baseRowsets.load(ordering: .relaxed)
        return kind == .base ? base : inputRowsets - base
    }
    public func inputBytes(_ kind: CompactionKind) -> Int64 {
        let base = baseBytes.load(ordering: .relaxed)
        return kind == .base ? base : inputBytes - base
    }
    /// Rows that loads brought, and their bytes as they lie on the disk.
    public var loadedRows: Int64 { pushedRows.load(ordering: .relaxed) }
    public var loadedBytes: Int64 { pushedBytes.load(ordering: .relaxed) }
    public var failedCompactions: Int64 { failed.load(ordering: .relaxed) }
    /// Tablets that moved to another data dir, their bytes, and moves that failed after they had begun.
    public var finishedMigrations: Int64 { migrations.load(ordering: .relaxed) }
    public var movedBytes: Int64 { migratedBytes.load(ordering: .relaxed) }
    public var brokenMigrations: Int64 { failedMigrations.load(ordering: .relaxed) }
}
