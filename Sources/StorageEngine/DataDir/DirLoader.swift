internal import Logging
internal import Platform
internal import StoredFormats
internal import TabletModel

/// Reads the meta store of one dir. Records of one tablet stand together and in the same order under each letter, so
/// headers are read some thousand at a time, and their rowsets in step with them: besides the tablets themselves, memory
/// holds one such group.
struct DirLoader {
    private(set) var tablets: [Tablet] = []
    private(set) var shutDown: [Tablet] = []
    private(set) var pendingEntries: [PendingTable.Entry] = []
    private(set) var badRecords = 0
    private let dir: DataDir
    private let engine: StorageEngine
    private var cleanup = WriteBatch()
    /// Tablets with a header that can't be read: their rowsets are kept for repair, not removed.
    private var unreadable: Set<TabletID> = []
    private static let groupSize = 4096

    init(dir: DataDir, engine: StorageEngine) {
        self.dir = dir
        self.engine = engine
    }

    func countTablets() throws -> Int {
        var count = 0
        try dir.scanMeta(prefix: MetaKeys.headers) { _, _ in
            count += 1
            return true
        }
        return count
    }

    mutating func load() throws {
        var nextHeader: [UInt8]? = MetaKeys.headers
        var nextRowset = MetaKeys.rowsets
        while let start = nextHeader {
            let headers: [TabletHeader]
            (headers, nextHeader) = try readHeaders(from: start)
            nextRowset = try readRowsets(of: headers, from: nextRowset, isLast: nextHeader == nil)
        }
        try readStale()
        try readPending()
        guard !cleanup.isEmpty else { return }
        do {
            try dir.writeMeta(cleanup)
        } catch EngineError.dataDirReadOnly(_, let reason), EngineError.metaNotWritten(_, let reason) {
            // Memory is without them, and the next start finds them again.
            dir.logger.warning(
                "records of what never committed stay", metadata: ["data_dir": "\(dir.path)", "reason": "\(reason)"])
        }
    }

    /// A group of headers, and the key at which the next group begins (nil: there is none).
    private mutating func readHeaders(from start: [UInt8]) throws -> ([TabletHeader], next: [UInt8]?) {
        var headers: [TabletHeader] = []
        var next: [UInt8]?
        try dir.scanMeta(prefix: MetaKeys.headers, from: start) { key, value in
            guard headers.count < Self.groupSize else {
                next = Array(key)
                return false
            }
            guard let id = MetaKeys.tablet(ofKey: key) else { return true }
            do {
                var header = try TabletHeaderRecord.decode(value)
                guard header.tabletID == id else {
                    throw StoredFormatError(
                        "tablet header \(id)", .invalidField("tablet_id", value: "\(header.tabletID)"))
                }
                header.schema = engine.schemas.shared(header.schema)
                headers.append(header)
            } catch {
                unreadable.insert(id)
                note(error, id)
            }
            return true
        }
        return (headers, next)
    }

    /// Makes the tablets of these headers. Rowsets without a header are what a drop left behind: they go.
    /// - Returns: the key from which to read for the next group.
    private mutating func readRowsets(
        of headers: [TabletHeader], from start: [UInt8], isLast: Bool
    ) throws -> [UInt8] {
        var next = 0
        var rowsets: [RowsetMeta] = []
        var breakage: String?
        // Above every rowset's key, which has 33 bytes: all were read.
        var resume = MetaKeys.rowsets + [UInt8](repeating: 0xFF, count: 33)
        try dir.scanMeta(prefix: MetaKeys.rowsets, from: start) { key, value in
            guard let id = MetaKeys.tablet(ofKey: key) else { return true }
            while next < headers.count, headers[next].tabletID < id {
                finish(headers[next], &rowsets, &breakage)
                next += 1
            }
            if next == headers.count, !isLast {
                resume = Array(key)
                return false
            }
            guard next < headers.count, headers[next].tabletID == id else {
                if !unreadable.contains(id) { cleanup.delete(Array(key)) }
                return true
            }
            do {
                rowsets.append(try rowset(value, of: id))
            } catch {
                breakage = "\(error)"
                note(error, id)
            }
            return true
        }
        while next < headers.count {
            finish(headers[next], &rowsets, &breakage)
            next += 1
        }
        return resume
    }

    private func rowset(_ value: UnsafeRawBufferPointer, of id: TabletID) throws(StoredFormatError) -> RowsetMeta {
        let meta = try RowsetRecord.decode(value)
        guard meta.tabletID == id else {
            throw StoredFormatError("rowset record \(meta.id)", .invalidField("tablet_id", value: "\(meta.tabletID)"))
        }
        return meta
    }

    private mutating func finish(_ header: TabletHeader, _ rowsets: inout [RowsetMeta], _ breakage: inout String?) {
        let tablet = Tablet(
            header: header, rowsets: rowsets, dataDir: dir, now: engine.environment.time.monotonicNow,
            breakage: breakage)
        if header.state == .shutdown { shutDown.append(tablet) } else { tablets.append(tablet) }
        rowsets.removeAll(keepingCapacity: true)
        breakage = nil
        engine.loading.loadedOne()
    }

    // MARK: Stale rowsets

    /// Stale rowsets with their tablet; one that can't be read is dropped, since what replaced it is visible.
    private mutating func readStale() throws {
        var owner: Tablet?
        var stored: [(rowset: RowsetMeta, staleAt: UnixTime)] = []
        func hand() {
            if let owner, !stored.isEmpty { owner.restoreStale(stored) }
            stored = []
        }
        try dir.scanMeta(prefix: MetaKeys.staleRowsets) { key, value in
            guard let id = MetaKeys.tablet(ofKey: key) else { return true }
            if owner?.id != id {
                hand()
                owner = tablet(id)
            }
            guard owner != nil else {
                // Those of a dropped tablet go with it, in `finishOrDefer`; those of an unreadable one are kept.
                if !unreadable.contains(id), !shutDown.contains(where: { $0.id == id }) { cleanup.delete(Array(key)) }
                return true
            }
            do {
                let stale = try StaleRowsetRecord.decode(value)
                guard stale.rowset.tabletID == id, !stale.rowset.isRemote else {
                    throw StoredFormatError(
                        "stale rowset record \(stale.rowset.id)",
                        .invalidField("tablet_id", value: "\(stale.rowset.tabletID)"))
                }
                stored.append((stale.rowset, stale.staleAt))
            } catch let error as StoredFormatError {
                note(error, id)
                cleanup.delete(Array(key))
            }
            return true
        }
        hand()
    }

    // MARK: Pending rowsets

    /// A pending rowset is good only with its tablet and its files; others are dropped.
    private mutating func readPending() throws {
        try dir.scanMeta(prefix: MetaKeys.pendingRowsets) { key, value in
            guard let ids = MetaKeys.pending(ofKey: key) else { return true }
            do {
                let pending = try PendingRowsetRecord.decode(value)
                if let tablet = tablet(ids.tablet) {
                    let entry = PendingTable.Entry(
                        key: ids, pending: pending, dataDir: dir, shard: tablet.header.shardID)
                    guard let reason = try engine.missingSegment(of: pending.rowset, in: tablet.segmentFolder) else {
                        pendingEntries.append(entry)
                        return true
                    }
                    engine.logger.error(
                        "pending rowset dropped: its files are not those that were written",
                        metadata: [
                            "tablet": "\(ids.tablet)", "transaction": "\(ids.transaction)", "reason": "\(reason)",
                        ])
                }
            } catch let error as StoredFormatError {
                note(error, ids.tablet)
            }
            cleanup.delete(Array(key))
            return true
        }
    }

    /// Tablets were read in id order.
    private func tablet(_ id: TabletID) -> Tablet? {
        let place = tablets.partitionPoint { $0.id < id }
        return place < tablets.count && tablets[place].id == id ? tablets[place] : nil
    }

    private mutating func note(_ error: any Error, _ id: TabletID) {
        badRecords += 1
        engine.logger.error(
            "bad record in the meta store",
            metadata: ["data_dir": "\(dir.path)", "tablet": "\(id)", "error": "\(error)"])
    }
}
