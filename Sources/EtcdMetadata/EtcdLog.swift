internal import ClusterMetadata
internal import EtcdClient

/// Reads the edit log in etcd. Any thread; holds a page of it.
struct EtcdLog: Sendable {
    let client: EtcdClient
    let layout: EtcdLogLayout
    /// Whose log it has to be; nil: whoever's.
    var cluster: Int32?

    /// How far the log goes, at one revision.
    struct Marks: Hashable, Sendable {
        /// Log id of the last entry; 0: there never was one.
        var last: Int64
        /// What the tail says; empty: it is not there.
        var tail: [UInt8]
        /// When the tail was moved last; 0: never.
        var tailRevision: Int64
        var truncated: Int64
        var truncatedRevision: Int64
        /// Of all of etcd.
        var revision: Int64
    }

    /// - Throws: `JournalError.otherCluster` too.
    func marks() throws -> Marks {
        let keys = [layout.tail, layout.truncated] + (cluster == nil ? [] : [layout.cluster])
        let answer = try client.transaction(
            EtcdTransaction(compares: [], success: keys.map { .get(EtcdRangeQuery(.key($0))) }))
        func read(_ place: Int) -> EtcdKeyValue? { answer.reads.dropFirst(place).first?.first }
        let (tail, truncated) = (read(0), read(1))
        if let cluster, let mark = read(2) { try EtcdClusterMark.Mark(mark.value, key: mark.key).check(cluster) }
        return Marks(
            last: try end(tail), tail: tail?.value ?? [], tailRevision: tail?.modifyRevision ?? 0,
            truncated: try number(truncated), truncatedRevision: truncated?.modifyRevision ?? 0,
            revision: answer.revision)
    }

    /// Of the tail; 0 where there is none.
    func end(_ pair: EtcdKeyValue?) throws -> Int64 {
        guard let pair else { return 0 }
        guard let number = EtcdLogLayout.tail(pair.value) else { throw EtcdLogError.badMark(key: pair.key) }
        return number
    }

    /// Of a mark; 0 where there is none.
    func number(_ pair: EtcdKeyValue?) throws -> Int64 {
        guard let pair else { return 0 }
        guard let number = EtcdLogLayout.number(pair.value) else { throw EtcdLogError.badMark(key: pair.key) }
        return number
    }

    /// Hands out the batches that hold entries from `start` to `last`, in order, as they lie there, until `body` returns false.
    func batches(
        from start: Int64, upTo last: Int64, _ body: (_ first: Int64, _ pair: EtcdKeyValue) throws -> Bool
    ) throws {
        guard start <= last else { return }
        // The batch that holds the first may begin before it.
        let earlier = layout.batches(from: start - Int64(LogBatch.maximumCount) + 1, before: start + 1)
        let begin = try client.range(EtcdRangeQuery(earlier, keysOnly: true)).values.last?.key
        var next = begin.flatMap(layout.first) ?? start
        var page = PageSize()
        while next <= last {
            let range: EtcdRange
            do {
                range = try client.range(
                    EtcdRangeQuery(layout.batches(from: next, before: last + 1), limit: page.keys))
            } catch {
                guard error.code == .tooLarge, page.shrink() else { throw error }
                continue
            }
            page.note(keys: range.values.count, bytes: range.values.reduce(0) { $0 + $1.value.count })
            for pair in range.values {
                guard let first = layout.first(of: pair.key) else { throw EtcdLogError.badMark(key: pair.key) }
                guard try body(first, pair) else { return }
                next = first + 1
            }
            guard range.hasMore else { return }
        }
    }

    /// Hands out the entries from `start` to `marks.last`.
    /// - Throws: `JournalError`; what `body` throws.
    func read(
        from start: Int64, _ marks: Marks, _ body: (_ logID: Int64, _ bytes: Int, _ entry: JournalEntry) throws -> Void
    ) throws {
        var expected = start
        if start <= marks.truncated, start <= marks.last {
            throw JournalError.truncated(expected: start, truncated: marks.truncated)
        }
        try batches(from: start, upTo: marks.last) { first, pair in
            let batch = try LogBatch(pair.value, first: first, key: pair.key)
            // What images cover is not there any more, though it may lie in a batch with entries that are.
            return try batch.records(from: max(start, marks.truncated + 1)) { logID, record in
                guard logID <= marks.last else { return false }
                guard logID == expected else { throw try missing(expected, found: logID) }
                expected = logID + 1
                try body(logID, record.count, try JournalRecord.decode(record, logID: logID))
                return true
            }
        }
        guard expected <= marks.last else {
            guard marks.truncated < expected else {
                throw JournalError.truncated(expected: expected, truncated: marks.truncated)
            }
            return
        }
        throw try missing(expected, found: marks.last + 1)
    }

    /// Truncated while it was read, or lost.
    private func missing(_ expected: Int64, found: Int64) throws -> JournalError {
        let truncated = try marks().truncated
        return truncated < expected
            ? .gap(expected: expected, found: found) : .truncated(expected: expected, truncated: truncated)
    }
}

/// How many keys are asked for at once, so that an answer has some megabytes: pure.
struct PageSize {
    private static let goodBytes = 2 << 20
    private static let most = 512
    /// Of the largest values an answer takes.
    private static let fewest = 4
    private(set) var keys = 8

    mutating func note(keys count: Int, bytes: Int) {
        guard count > 0 else { return }
        let fitting = Self.goodBytes / max(1, bytes / count)
        keys = min(Self.most, max(Self.fewest, min(fitting, 4 * keys)))
    }

    /// The answer was too large. False: fewer make no sense.
    mutating func shrink() -> Bool {
        guard keys > 1 else { return false }
        keys = keys > Self.fewest ? Self.fewest : 1
        return true
    }
}
