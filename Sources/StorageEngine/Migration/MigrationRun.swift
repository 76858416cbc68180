internal import Logging
internal import Platform
internal import StoredFormats
internal import Synchronization
internal import TabletModel
internal import VersionTracking

/// One move of a tablet from one data dir, the source, to another, the target. Used by one thread.
///
/// First the files are copied into the target's staging folder, in rounds, since loads go on: each round copies what came
/// during the one before. When a round, under the tablet's commit turn, finds nothing left to copy, the tablet is switched:
///
/// 1. the staging folder becomes the tablet's folder of the target;
/// 2. the target's meta store takes the tablet, as *arriving*, in one synced batch: that says nothing yet;
/// 3. the source's meta store says *departed*, in one synced batch: from here on the tablet is in the target;
/// 4. memory changes over, and the turn is given back;
/// 5. the target's header says no longer that it arrives; the source's folder goes to the trash, then its records.
///
/// So one synced write of one store decides, and no step before it could be acknowledged to anybody: the turn is held from 1
/// to 4. At a start an arriving tablet counts if another dir has it as departed in the same move, and is removed otherwise;
/// the departed half goes only once the other one says no longer that it arrives (`StorageEngine+Arrivals`).
final class MigrationRun {
    /// More rounds than a tablet needs unless loads come all the time.
    private static let rounds = 50

    private let service: MigrationService
    private let tablet: Tablet
    private let target: DataDir
    private let staging: MigrationStaging
    private let copy: SegmentCopy
    private var copied: Set<RowsetID> = []
    private(set) var copiedBytes: Int64 = 0

    private var engine: StorageEngine { service.engine }
    private var source: DataDir { tablet.dataDir }

    init(_ tablet: Tablet, to target: DataDir, service: MigrationService) {
        self.service = service
        self.tablet = tablet
        self.target = target
        staging = MigrationStaging(tablet, in: target)
        copy = SegmentCopy(service.engine.fileSystem)
    }

    /// - Returns: the tablet as it is served in the target from now on.
    func run() throws -> Tablet {
        // After the switch, an empty folder at most.
        defer { discardStaging() }
        do {
            try staging.open()
            for _ in 0..<Self.rounds {
                try copyWhatIsMissing()
                if let moved = try switchOver() { return moved }
            }
            throw MigrationError.keepsChanging(tablet.id, rounds: Self.rounds)
        } catch {
            engine.settleLeftArrivals(of: tablet.id)
            throw error
        }
    }

    private func discardStaging() { removing { try staging.discard() } }
    private func discardPublished() { removing { try staging.discardPublished() } }

    private func removing(_ body: () throws -> Void) {
        do {
            try body()
        } catch {
            service.logger.warning(
                "copied files not removed, the next start does it",
                metadata: ["tablet": "\(tablet.id)", "data_dir": "\(target.path)", "error": "\(error)"])
        }
    }

    // MARK: Copying

    private func copyWhatIsMissing() throws {
        // Holding them keeps their files.
        let held = tablet.localRowsets
        let pending = engine.pending.entries(of: tablet.id)
        let present = Set(held.map(\.meta.id)).union(pending.map(\.pending.rowset.id))
        try removeCopies(except: present)
        let visible = held.filter { isToCopy($0.meta) }
        // One that is published between the two looks is in both.
        let seen = Set(held.map(\.meta.id))
        let waiting = pending.filter { isToCopy($0.pending.rowset) && !seen.contains($0.pending.rowset.id) }
        let metas = visible.map(\.meta) + waiting.map(\.pending.rowset)
        if metas.isEmpty { return }
        let bytes = metas.reduce(0) { $0 + $1.sizeBytes }
        if let reason = target.refusal(of: bytes) {
            throw EngineError.noDataDirWithSpace(medium: target.medium, reasons: [reason])
        }
        service.board.update(tablet.id) { progress in
            progress.filesTotal += metas.reduce(0) { $0 + $1.segments.count }
            progress.bytesTotal += bytes
        }
        for rowset in visible {
            try copy(rowset.meta) { read in try engine.losing(rowset, of: tablet, read) }
        }
        for entry in waiting { try copy(entry) }
        try copy.sync()
        try staging.sync()
    }

    /// Of rowsets that have left the tablet since they were copied.
    private func removeCopies(except present: Set<RowsetID>) throws {
        for id in copied.subtracting(present) {
            try staging.remove(id)
            copied.remove(id)
        }
    }

    private func isToCopy(_ meta: RowsetMeta) -> Bool { !meta.segments.isEmpty && !copied.contains(meta.id) }

    private func copy(_ meta: RowsetMeta, reading: (() throws -> Int) throws -> Int) throws {
        for (index, segment) in meta.segments.enumerated() {
            try tablet.checkRunning()
            try copy.copy(
                tablet.segmentPath(meta.id, index), to: staging.path(meta, index), expected: segment, reading: reading
            ) { count in
                copiedBytes += Int64(count)
                service.board.update(tablet.id) { $0.bytesDone += Int64(count) }
            }
            service.board.update(tablet.id) { $0.filesDone += 1 }
        }
        copied.insert(meta.id)
    }

    /// A pending rowset may be cleared, or replaced by another PUSH, at any moment, and its files with it.
    private func copy(_ entry: PendingTable.Entry) throws {
        let id = entry.pending.rowset.id
        do {
            try copy(entry.pending.rowset) { try $0() }
        } catch let error as FileSystemError where error.code == .notFound {
            let isGone = engine.pending[entry.key]?.pending.rowset.id != id && tablet.localRowset(id) == nil
            guard isGone else { throw error }
            try staging.remove(id)
        }
    }

    // MARK: The switch

    /// What moves, as of the commit turn.
    private struct Content {
        var header: TabletHeader
        var rowsets: [RowsetMeta]
        var stale: [(rowset: RowsetMeta, staleAt: UnixTime)]
        var pending: [PendingTable.Entry]
        var missingSince: MonotonicTime
        var breakage: String?

        var hasFiles: Bool { metas.contains { !$0.isRemote && !$0.segments.isEmpty } }
        var metas: [RowsetMeta] { rowsets + stale.map(\.rowset) + pending.map(\.pending.rowset) }
    }

    /// - Returns: nil, with nothing changed, when there is more to copy.
    private func switchOver() throws -> Tablet? {
        try tablet.turn.withLock { _ in
            try tablet.checkRunning()
            let content = content()
            if let reason = content.breakage { throw EngineError.brokenTablet(tablet.id, reason: reason) }
            guard content.metas.allSatisfy({ $0.isRemote || !isToCopy($0) }) else { return nil }
            try removeCopies(except: Set(content.metas.map(\.id)))
            let id = engine.environment.random.uniqueID()
            var arriving = content.header
            arriving.move = TabletMove(id: id, stage: .arriving, peer: source.path)
            var departed = content.header
            departed.state = .shutdown
            departed.move = TabletMove(id: id, stage: .departed, peer: target.path)
            let arrival = try arrivalBatch(content, arriving)
            let departure = try departureBatch(content, departed)

            if content.hasFiles { try publish() }
            try arrive(arrival, content)
            let moved = made(content, arriving)
            do {
                try source.writeMeta(departure)
            } catch {
                // Whether the source departed may not be known: then the arrival stays until it is.
                engine.arrivals.add(Arrival(tablet: moved, pending: entries(content)))
                throw error
            }
            takeOver(moved, content, departed)
            return moved
        }
    }

    /// Step 1.
    private func publish() throws {
        do {
            try staging.publish()
        } catch {
            discardPublished()
            throw error
        }
    }

    private func content() -> Content {
        let pending = engine.pending.entries(of: tablet.id)
        return tablet.withState { state in
            Content(
                header: state.header, rowsets: state.rowsets.map(\.meta),
                stale: state.stale.entries.map { ($0.rowset.meta, $0.staleAt) }, pending: pending,
                missingSince: state.missingSince, breakage: state.breakage)
        }
    }

    private func arrivalBatch(_ content: Content, _ header: TabletHeader) throws -> WriteBatch {
        var batch = try Tablet.Records(header: header, rowsets: content.rowsets).batch()
        for (rowset, staleAt) in content.stale {
            batch.put(
                MetaKeys.staleRowset(tablet.id, rowset.id),
                try StaleRowsetRecord.encode(StoredStaleRowset(rowset: rowset, staleAt: staleAt)))
        }
        for entry in content.pending {
            batch.put(entry.key.metaKey, try PendingRowsetRecord.encode(entry.pending))
        }
        return batch
    }

    private func departureBatch(_ content: Content, _ header: TabletHeader) throws -> WriteBatch {
        var batch = WriteBatch()
        batch.put(MetaKeys.header(tablet.id), try TabletHeaderRecord.encode(header))
        for entry in content.pending { batch.delete(entry.key.metaKey) }
        return batch
    }

    /// Step 2. When the store did not take it, the files go again; when that is not known, they are left for its next start.
    private func arrive(_ batch: WriteBatch, _ content: Content) throws {
        do throws(EngineError) {
            try target.writeMeta(batch)
        } catch .metaUnavailable(let dir, let reason) {
            throw EngineError.metaUnavailable(dataDir: dir, reason: reason)
        } catch {
            if content.hasFiles { discardPublished() }
            throw error
        }
    }

    /// The tablet as the target has it.
    private func made(_ content: Content, _ header: TabletHeader) -> Tablet {
        let moved = Tablet(
            header: header, rowsets: content.rowsets, dataDir: target,
            now: engine.environment.time.monotonicNow)
        if !content.stale.isEmpty { moved.restoreStale(content.stale) }
        moved.withState { state in
            state.missingSince = content.missingSince
            state.folderIsDurable = content.hasFiles
        }
        return moved
    }

    private func entries(_ content: Content) -> [PendingTable.Entry] {
        content.pending.map { entry in
            var entry = entry
            entry.dataDir = target
            return entry
        }
    }

    /// Step 4.
    private func takeOver(_ moved: Tablet, _ content: Content, _ departed: TabletHeader) {
        for entry in entries(content) {
            engine.pending.put(entry)
            source.localBytes.subtract(entry.pending.rowset.sizeBytes, ordering: .relaxed)
            target.localBytes.add(entry.pending.rowset.sizeBytes, ordering: .relaxed)
        }
        engine.tablets.replace(tablet, by: moved)
        source.tabletCount.subtract(1, ordering: .relaxed)
        target.tabletCount.add(1, ordering: .relaxed)
        // Whoever still has it finds it shut down; its rowsets stay for those who read it.
        tablet.withState { $0.header = departed }
    }
}
