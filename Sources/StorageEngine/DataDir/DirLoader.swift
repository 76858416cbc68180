internal import Logging
internal import Platform
internal import StoredFormats
internal import Synchronization
internal import TabletModel

/// Reads the meta store of one dir, on as many threads as the environment gives.
///
/// Records of one tablet stand together and in the same order under each letter. Headers are read some thousand at a time, by one
/// thread after the other (`HeaderReader`); who has such a group then reads its rowsets beside the others (`GroupLoader`). What
/// they make of nearly all tablets is what rests of them, so besides that memory holds a group a thread.
final class DirLoader: Sendable {
    let dir: DataDir
    let engine: StorageEngine
    let stale: StaleRecords
    private let headers: Mutex<HeaderReader>
    private struct State {
        var groups: [Int: GroupLoader.Outcome] = [:]
        var failure: (any Error)?
    }
    private let state = Mutex(State())

    /// What a dir holds.
    struct Outcome {
        /// In id order.
        var served: [TabletMap.Chunk] = []
        /// Halves of moves that wait for what the other dirs say.
        var arriving: [TabletID: Tablet] = [:]
        var shutDown: [Tablet] = []
        var pending: [PendingTable.Entry] = []
        var badRecords = 0
        var tabletCount = 0
    }

    /// Reads the stale rowsets.
    init(dir: DataDir, engine: StorageEngine) throws {
        self.dir = dir
        self.engine = engine
        stale = try StaleRecords(dir)
        headers = Mutex(HeaderReader(dir: dir, engine: engine))
    }

    func load() throws -> Outcome {
        engine.environment.concurrently { [self] in work() }
        let (groups, failure) = state.withLock { ($0.groups, $0.failure) }
        if let failure { throw failure }
        var outcome = Outcome()
        var cleanup = WriteBatch()
        var unreadable: Set<TabletID> = []
        for group in groups.sorted(by: { $0.key < $1.key }).map(\.value) {
            outcome.served += group.served
            for tablet in group.arriving { outcome.arriving[tablet.id] = tablet }
            outcome.shutDown += group.shutDown
            outcome.badRecords += group.badRecords
            outcome.tabletCount += group.tabletCount
            unreadable.formUnion(group.unreadable)
            for key in group.orphans { cleanup.delete(key) }
        }
        let shutDown = Set(outcome.shutDown.map(\.id))
        let all = ServedTablets(outcome.served)
        for (id, records) in stale.records {
            let isHere = outcome.arriving[id] != nil || all.served(id) != nil
            // Those of a dropped tablet go with it, in `finishOrDefer`; those of an unreadable one are kept.
            guard isHere || !(unreadable.contains(id) || shutDown.contains(id)) else { continue }
            for record in records {
                if isHere, let error = record.error {
                    outcome.badRecords += 1
                    noteBad(error, id)
                }
                if !isHere || record.error != nil { cleanup.delete(record.key) }
            }
        }
        try readPending(all, &outcome, &cleanup)
        try clean(cleanup)
        return outcome
    }

    /// Memory is without what never committed; where it can't be removed, the next start finds it again.
    private func clean(_ cleanup: WriteBatch) throws {
        guard !cleanup.isEmpty else { return }
        do {
            try dir.writeMeta(cleanup)
        } catch EngineError.dataDirReadOnly(_, let reason), EngineError.metaNotWritten(_, let reason) {
            dir.logger.warning(
                "records of what never committed stay", metadata: ["data_dir": "\(dir.path)", "reason": "\(reason)"])
        }
    }

    /// One thread's part: a group of headers after the other, until there is none left or another thread failed.
    private func work() {
        do {
            while state.withLock({ $0.failure == nil }) {
                // The turn of reading headers spans that reading and nothing else.
                guard let group = try headers.withLock({ try $0.next() }) else { return }
                var loader = GroupLoader(self, group)
                try loader.load()
                let outcome = loader.outcome
                state.withLock { $0.groups[group.number] = outcome }
                engine.loading.loaded(outcome.tabletCount)
            }
        } catch {
            state.withLock { $0.failure = $0.failure ?? error }
        }
    }

    /// A pending rowset is good only with its tablet and its files; others are dropped.
    private func readPending(_ served: ServedTablets, _ outcome: inout Outcome, _ cleanup: inout WriteBatch) throws {
        try dir.scanMeta(prefix: MetaKeys.pendingRowsets) { key, value in
            guard let ids = MetaKeys.pending(ofKey: key) else { return true }
            do {
                let pending = try PendingRowsetRecord.decode(value)
                let header = outcome.arriving[ids.tablet]?.header ?? served.served(ids.tablet)?.header
                if let header {
                    let entry = PendingTable.Entry(
                        key: ids, pending: pending, dataDir: dir, shard: header.shardID)
                    let folder = dir.layout.segmentFolder(shard: header.shardID, header.tabletID, header.schemaHash)
                    guard let reason = try engine.missingSegment(of: pending.rowset, in: folder) else {
                        outcome.pending.append(entry)
                        return true
                    }
                    engine.logger.error(
                        "pending rowset dropped: its files are not those that were written",
                        metadata: [
                            "tablet": "\(ids.tablet)", "transaction": "\(ids.transaction)", "reason": "\(reason)",
                        ])
                }
            } catch let error as StoredFormatError {
                outcome.badRecords += 1
                noteBad(error, ids.tablet)
            }
            cleanup.delete(Array(key))
            return true
        }
    }

    func noteBad(_ error: any Error, _ id: TabletID) {
        engine.logger.error(
            "bad record in the meta store",
            metadata: ["data_dir": "\(dir.path)", "tablet": "\(id)", "error": "\(error)"])
    }
}

/// The stale rowsets of a dir by tablet. There are few, and only of tablets that were compacted not long ago.
struct StaleRecords: Sendable {
    struct Record: Sendable {
        var key: [UInt8]
        var stored: (rowset: RowsetMeta, staleAt: UnixTime)?
        /// It can't be read: it is dropped, since what replaced it is visible.
        var error: StoredFormatError?
    }

    private(set) var records: [TabletID: [Record]] = [:]

    init(_ dir: DataDir) throws {
        try dir.scanMeta(prefix: MetaKeys.staleRowsets) { key, value in
            guard let id = MetaKeys.tablet(ofKey: key) else { return true }
            var record = Record(key: Array(key))
            do throws(StoredFormatError) {
                let stale = try StaleRowsetRecord.decode(value)
                guard stale.rowset.tabletID == id, !stale.rowset.isRemote else {
                    throw StoredFormatError(
                        "stale rowset record \(stale.rowset.id)",
                        .invalidField("tablet_id", value: "\(stale.rowset.tabletID)"))
                }
                record.stored = (stale.rowset, stale.staleAt)
            } catch {
                record.error = error
            }
            records[id, default: []].append(record)
            return true
        }
    }

    /// Those of the tablet that can be read.
    func stored(of id: TabletID) -> [(rowset: RowsetMeta, staleAt: UnixTime)] {
        records[id]?.compactMap(\.stored) ?? []
    }
}
