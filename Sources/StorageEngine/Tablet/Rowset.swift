internal import Synchronization
public import TabletModel

/// A visible rowset in memory. Whoever holds one keeps its local files: they are removed only once a durable commit took
/// it out of its tablet and nobody holds it any more.
public final class Rowset: Sendable {
    public let meta: RowsetMeta
    private let garbage: GarbageQueue
    /// Shard of its folder once it was retired; -1 before.
    private let retiredShard = Atomic<Int32>(-1)

    init(_ meta: RowsetMeta, garbage: GarbageQueue) {
        self.meta = meta
        self.garbage = garbage
    }

    /// The rowset left its tablet: its files go once the last holder lets go.
    func retire(shard: Int32) {
        guard !meta.isRemote, !meta.segments.isEmpty else { return }
        garbage.announce(meta.id)
        retiredShard.store(shard, ordering: .releasing)
    }

    deinit {
        let shard = retiredShard.load(ordering: .acquiring)
        if shard >= 0 { garbage.add(meta, shard: shard) }
    }
}
