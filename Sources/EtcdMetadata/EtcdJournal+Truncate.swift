internal import ClusterMetadata
internal import EtcdClient
internal import Synchronization

extension EtcdJournal {
    /// Deletes batches whose entries all lie up to `end`, some at a time, each time with the mark that says so. Then etcd's
    /// history goes as far as the truncation before this one: who watches has as long as lies between two images.
    ///
    /// Beyond the last entry nothing is left, and the numbering goes on behind `end`: how a log begins whose past is an image.
    /// - Throws: `EtcdError`, `EtcdLogError`; the log is sound then, and truncated up to the mark.
    public func truncate(upTo end: Int64) throws {
        guard let fence = state.withLock({ $0.fence }) else { throw EtcdLogError.notMaster }
        var marks = try log.marks()
        while marks.truncated < end {
            if marks.last < end {
                try skip(to: end, marks, fence)
            } else {
                try drop(upTo: end, marks, fence)
            }
            marks = try log.marks()
        }
        let before = state.withLock { state in
            defer { if state.fence == fence { state.truncatedAt = marks.truncatedRevision } }
            return state.truncatedAt
        }
        if let before, before < marks.truncatedRevision { try client.compact(upTo: before) }
    }

    /// One step of it.
    private func drop(upTo end: Int64, _ marks: EtcdLog.Marks, _ fence: EtcdFence) throws {
        let range = try client.range(
            EtcdRangeQuery(layout.batches(from: 0, before: end + 2), limit: limits.keysPerTruncation, keysOnly: true))
        guard let lastKey = range.values.last?.key else {
            return try write(upTo: end, deletingBefore: 0, marks, fence)
        }
        guard let last = layout.first(of: lastKey) else { throw EtcdLogError.badMark(key: lastKey) }
        if range.hasMore {
            try write(upTo: max(marks.truncated, last - 1), deletingBefore: last, marks, fence)
        } else {
            // The last of these batches may go on behind `end`; then it stays.
            try write(upTo: end, deletingBefore: end == marks.last ? end + 1 : last, marks, fence)
        }
    }

    private func write(
        upTo mark: Int64, deletingBefore first: Int64, _ marks: EtcdLog.Marks, _ fence: EtcdFence
    ) throws {
        let answer = try client.transaction(
            EtcdTransaction(
                compares: compares(marks, fence),
                success: [
                    .delete(layout.batches(from: 0, before: first)),
                    .put(layout.truncated, Array(EtcdLogLayout.text(mark).utf8)),
                ], failure: [.get(EtcdRangeQuery(.key(fence.key), keysOnly: true))]))
        try check(answer, fence)
    }

    /// Begins anew behind a log id that was never reached.
    private func skip(to end: Int64, _ marks: EtcdLog.Marks, _ fence: EtcdFence) throws {
        let answer = try client.transaction(
            EtcdTransaction(
                compares: compares(marks, fence) + [.modifyRevision(layout.tail, marks.tailRevision)],
                success: [
                    .delete(layout.batches(from: 0)), .put(layout.truncated, Array(EtcdLogLayout.text(end).utf8)),
                    .put(layout.tail, newTail(end, fence).value),
                ], failure: [.get(EtcdRangeQuery(.key(fence.key), keysOnly: true))]))
        state.withLock { $0.end = nil }
        try check(answer, fence)
    }

    private func compares(_ marks: EtcdLog.Marks, _ fence: EtcdFence) -> [EtcdCompare] {
        [
            .createRevision(fence.key, fence.createRevision),
            .modifyRevision(layout.truncated, marks.truncatedRevision),
        ]
    }

    /// Where the mark alone was moved, by a try whose answer was lost, the next step looks.
    private func check(_ answer: EtcdTransactionAnswer, _ fence: EtcdFence) throws {
        if answer.succeeded { return }
        guard answer.reads.first?.first?.createRevision == fence.createRevision else {
            throw EtcdLogError.deposed(reason: "this frontend is not the master any more, and truncates no edit log")
        }
    }
}
