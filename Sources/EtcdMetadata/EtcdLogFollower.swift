public import ClusterMetadata
public import EtcdClient
public import Platform
internal import TabletModel

/// Entries of the edit log in their order, as the master appends them. One thread uses it.
///
/// Reads what is there, then watches what comes; a watch that breaks, or that etcd's compaction overtook, is no more than a
/// reason to read again. One that is silent is doubted: its member may be stopped, or cut off.
public final class EtcdLogFollower {
    private let log: EtcdLog
    private let time: any TimeSource
    private let doubtAfter: Duration
    /// The log id that is handed out next.
    public private(set) var next: Int64
    private var watch: EtcdWatch?
    /// The watch has said something.
    private var isWatchSound = false
    private var heardAt: MonotonicTime
    /// Batches that were told, by their first log id, until the tail is behind them.
    private var waiting: [Int64: EtcdKeyValue] = [:]
    private var waitingBytes = 0
    /// What comes of an append is read, not remembered, beyond this.
    private static let waitingLimit = 64 << 20
    private static let pause = Duration.milliseconds(50)

    /// - Parameters:
    ///   - prefix: as the journal's.
    ///   - cluster: whose log it has to be whenever it is read anew; nil: whoever's.
    ///   - next: the entry behind what the reader has.
    ///   - doubtAfter: etcd is asked where the log ends when the watch was silent for so long.
    public init(
        _ client: EtcdClient, prefix: String, cluster: Int32? = nil, from next: Int64, time: any TimeSource,
        doubtAfter: Duration = .seconds(2)
    ) {
        log = EtcdLog(client: client, layout: EtcdLogLayout(prefix: prefix), cluster: cluster)
        self.time = time
        self.doubtAfter = doubtAfter
        self.next = next
        heardAt = time.monotonicNow
    }

    /// Hands out what follows, and waits for it for `limit` at most. What `body` took is not handed out again.
    /// - Returns: how many entries were handed out.
    /// - Throws: `JournalError.truncated`: images cover what comes next, take one and begin behind it. `.behindImage`: the log
    ///   ends before what the reader has, so etcd has lost its data, or is another one; `.otherCluster`. `EtcdError`: etcd can't be read now; the
    ///   next call tries again. What is wrong with an entry; what `body` throws.
    public func advance(
        upTo limit: Duration, _ body: (_ logID: Int64, _ entry: JournalEntry) throws -> Void
    ) throws -> Int {
        let until = time.monotonicNow + limit
        let begin = next
        do {
            while next == begin {
                guard let watch else {
                    try catchUp(body)
                    continue
                }
                let now = time.monotonicNow
                guard now < until else { break }
                if now - heardAt >= doubtAfter {
                    try doubt(watch, body)
                    continue
                }
                do {
                    guard let tidings = try watch.next(upTo: min(until - now, heardAt + doubtAfter - now)) else {
                        continue
                    }
                    heardAt = time.monotonicNow
                    isWatchSound = true
                    for event in tidings.events { try take(event, body) }
                } catch let error as EtcdError {
                    let wasSound = isWatchSound
                    forget()
                    switch error.code {
                    case .compacted: break
                    // Members that can be asked and end each watch are no reason to ask without a pause.
                    case .unavailable: if !wasSound { try log.client.pause(Self.pause) }
                    default: throw error
                    }
                }
            }
        } catch {
            forget()
            throw error
        }
        return Int(next - begin)
    }

    /// Reads what is there, and watches from there on.
    private func catchUp(_ body: (Int64, JournalEntry) throws -> Void) throws {
        let marks = try read(body)
        watch = try log.client.watch(.prefix(log.layout.log), from: marks.revision + 1, ignoringDeletes: true)
        heardAt = time.monotonicNow
    }

    private func read(_ body: (Int64, JournalEntry) throws -> Void) throws -> EtcdLog.Marks {
        let marks = try log.marks()
        guard marks.last >= next - 1 else { throw JournalError.behindImage(last: marks.last, image: next - 1) }
        try checkNotTruncated(marks)
        do {
            try log.read(from: next, marks) { logID, _, entry in
                try body(logID, entry)
                next = logID + 1
            }
        } catch let gap as JournalError {
            // It may have been made meanwhile, by a truncation.
            try checkNotTruncated(try log.marks())
            throw gap
        }
        return marks
    }

    private func checkNotTruncated(_ marks: EtcdLog.Marks) throws {
        guard marks.truncated < next else {
            throw JournalError.truncated(expected: next, truncated: marks.truncated)
        }
    }

    /// The watch has said nothing for long.
    private func doubt(_ watch: EtcdWatch, _ body: (Int64, JournalEntry) throws -> Void) throws {
        let before = next
        _ = try read(body)
        heardAt = time.monotonicNow
        guard next > before else { return }
        watch.leaveMember()
        forget()
    }

    private func forget() {
        watch = nil
        isWatchSound = false
        waiting.removeAll()
        waitingBytes = 0
    }

    private func take(_ event: EtcdEvent, _ body: (Int64, JournalEntry) throws -> Void) throws {
        guard case .put(let pair) = event else { return }
        if pair.key == log.layout.tail {
            return try follow(to: try log.end(pair), body)
        }
        guard let first = log.layout.first(of: pair.key), first >= next else { return }
        waitingBytes += pair.value.count - (waiting.updateValue(pair, forKey: first)?.value.count ?? 0)
        if waitingBytes > Self.waitingLimit {
            waiting.removeAll()
            waitingBytes = 0
        }
    }

    /// The tail was moved: what was told is part of the log up to there.
    private func follow(to tail: Int64, _ body: (Int64, JournalEntry) throws -> Void) throws {
        while next <= tail {
            guard let pair = waiting.removeValue(forKey: next) else {
                // Told before this watch began, or not remembered.
                _ = try read(body)
                break
            }
            waitingBytes -= pair.value.count
            let batch = try LogBatch(pair.value, first: next, key: pair.key)
            _ = try batch.records { logID, record in
                try body(logID, try JournalRecord.decode(record, logID: logID))
                next = logID + 1
                return true
            }
        }
        for (first, pair) in waiting where first < next {
            waiting[first] = nil
            waitingBytes -= pair.value.count
        }
    }
}
