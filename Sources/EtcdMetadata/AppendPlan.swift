internal import ClusterMetadata

/// An append as batches, and those as transactions: pure.
///
/// The last transaction moves the tail, and what lies behind the tail is not part of the log. So an append is there as a whole
/// or not at all, however many transactions it takes.
struct AppendPlan: Sendable {
    struct Batch: Sendable {
        var first: Int64
        var value: [UInt8]
    }

    /// In order; the last one commits. None: there was nothing to append.
    let transactions: [[Batch]]
    /// Log id of the last entry.
    let last: Int64
    /// Of the records.
    let bytes: Int64

    /// What etcd takes in one request is 1.5 MiB, less some words of its own.
    struct Limits: Sendable {
        /// Of a batch of several entries, and of a transaction of several batches.
        var valueBytes = 1 << 20
        /// Of an entry that has a batch for itself.
        var recordBytes = 1_500_000
        var batchesPerTransaction = 64
        /// That one transaction deletes: each is a change that etcd keeps and tells until it compacts.
        var keysPerTruncation = 5000
    }

    /// - Throws: `.refused` when an entry is larger than etcd takes.
    init(
        _ entries: [EncodedEntry], behind tail: Int64, term: Int64, limits: Limits = Limits()
    ) throws(JournalAppendError) {
        var records: [[UInt8]] = []
        records.reserveCapacity(entries.count)
        var bytes: Int64 = 0
        for (offset, entry) in entries.enumerated() {
            let record = entry.record(logID: tail + 1 + Int64(offset))
            guard record.count <= limits.recordBytes else {
                throw .refused(
                    reason: """
                        \(entry.entry.operation) takes \(record.count) bytes, and etcd takes no more than \
                        \(limits.recordBytes) at once: make the change in smaller pieces
                        """)
            }
            bytes += Int64(record.count)
            records.append(record)
        }
        var transactions: [[Batch]] = []
        var waiting: [Batch] = []
        var waitingBytes = 0
        var start = 0
        while start < records.count {
            var size = LogBatch.headBytes
            var end = start
            while end < records.count, end - start < LogBatch.maximumCount,
                end == start || size + records[end].count + 4 <= limits.valueBytes
            {
                size += records[end].count + 4
                end += 1
            }
            if !waiting.isEmpty,
                waitingBytes + size > limits.valueBytes || waiting.count >= limits.batchesPerTransaction
            {
                transactions.append(waiting)
                (waiting, waitingBytes) = ([], 0)
            }
            let first = tail + 1 + Int64(start)
            waiting.append(
                Batch(first: first, value: LogBatch.encode(term: term, first: first, records: records[start..<end])))
            waitingBytes += size
            start = end
        }
        if !waiting.isEmpty { transactions.append(waiting) }
        self.transactions = transactions
        self.last = tail + Int64(records.count)
        self.bytes = bytes
    }
}
