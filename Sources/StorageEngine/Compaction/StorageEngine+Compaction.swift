internal import Logging
internal import Platform
internal import Synchronization
public import TabletModel

/// What a compaction came to.
public enum CompactionOutcome: Hashable, Sendable {
    case merged(rowsets: Int, into: VersionRange, bytes: Int64)
    /// The policy finds nothing to merge.
    case nothing
    /// The tablet was dropped, or changed so that the inputs are not visible any more; nothing of the run is left.
    case superseded
}

extension StorageEngine {
    /// Merges adjacent local rowsets of the tablet into one. Readers are not disturbed: the inputs stay readable as a stale
    /// path until the sweep. On return the result is durable; after a crash at any step the tablet has the inputs or the
    /// result, and no other file stays.
    ///
    /// - Parameter isAsked: two rowsets suffice, whatever the policy says of their sizes.
    /// - Throws: `.unknownTablet`, `.schemaHashMismatch`, `.loading`, `.tabletNotRunning`; `.busy` while a clone, a cooldown
    ///   run or another compaction has the tablet; `.noDataDirWithSpace`; `.metaUnavailable`; `SegmentError` or
    ///   `FileSystemError`. A corrupt input has left the tablet then (`loseRowset`).
    public func compact(_ request: CompactionRequest, isAsked: Bool) throws -> CompactionOutcome {
        let tablet = try tablet(request.tabletID, request.schemaHash)
        try tablet.checkRunning()
        try tablet.dataDir.checkChangeable()
        guard tablet.tryBegin(.compaction) else {
            throw EngineError.busy(tablet.id, what: "\(tablet.currentWork?.rawValue ?? "other work")")
        }
        var succeeded: Bool?
        compactionLog.began(.init(tabletID: tablet.id, kind: request.kind, dataDir: tablet.dataDir.path))
        defer {
            compactionLog.ended(tablet.id, request.kind, succeeded: succeeded, now: environment.time.wallNow)
            tablet.end(.compaction)
            tablet.dataDir.drainGarbage()
            finishDrop(of: tablet)
        }
        do {
            let outcome = try merge(tablet, request.kind, isAsked)
            if case .merged = outcome { succeeded = true }
            return outcome
        } catch EngineError.conflict, EngineError.tabletNotRunning {
            logger.info("compaction superseded", metadata: ["tablet": "\(tablet.id)"])
            return .superseded
        } catch {
            succeeded = false
            counters.failed.add(1, ordering: .relaxed)
            throw error
        }
    }

    private func merge(_ tablet: Tablet, _ kind: CompactionKind, _ isAsked: Bool) throws -> CompactionOutcome {
        // The folder stays where it is, although the tablet may be dropped.
        let hold = try tablet.hold()
        defer { withExtendedLifetime(hold) {} }
        let snapshot = tablet.snapshot
        if !isAsked, snapshot.header.isAutoCompactionDisabled { return .nothing }
        let pick = CompactionPick(
            snapshot.rowsets.compactionCandidates, kind, cumulativePoint: snapshot.header.cumulativePoint,
            maxContinuousVersion: snapshot.maxContinuousVersion, cools: snapshot.header.cools, isAsked: isAsked,
            options.compaction)
        guard let pick else { return .nothing }
        let inputs = Array(snapshot.rowsets[pick.inputs])
        try checkSpace(for: inputs.reduce(0) { $0 + $1.meta.sizeBytes }, in: tablet.dataDir, "a compaction")

        let writer = RowsetWriter(tablet, id: environment.random.rowsetID(), now: environment.time.wallNow)
        defer { writer.end() }
        let merged: RowsetMeta
        do {
            var merger = RowsetMerger(engine: self, tablet: tablet, writer: writer)
            try merger.copy(inputs)
            merged = try merger.finish(inputs, createdAt: environment.time.wallNow)
            try commit(merged, replacing: inputs, pick.cumulativePoint, tablet)
        } catch EngineError.metaUnavailable(let dataDir, let reason) {
            // After a failed sync the record may be there, so its files must be: the restart decides.
            throw EngineError.metaUnavailable(dataDir: dataDir, reason: reason)
        } catch {
            writer.abandon()
            throw error
        }
        note(merged, inputs, kind)
        return .merged(rowsets: inputs.count, into: merged.versions, bytes: merged.sizeBytes)
    }

    /// What is written anew stays beside what it is made of for a while.
    func checkSpace(for bytes: Int64, in dir: DataDir, _ work: String) throws(EngineError) {
        if let reason = dir.refusalOfData() { throw .noDataDirWithSpace(medium: dir.medium, reasons: [reason]) }
        let left = dir.capacity.availableBytes
        guard dir.capacity.totalBytes <= 0 || bytes <= left else {
            throw .noDataDirWithSpace(
                medium: dir.medium, reasons: ["\(dir.path) has \(left) bytes left, \(work) needs \(bytes)"])
        }
    }

    /// Inputs that are not visible any more make it a conflict; so a publish beside it is none.
    private func commit(
        _ merged: RowsetMeta, replacing inputs: [Rowset], _ point: Version, _ tablet: Tablet
    ) throws {
        try tablet.commit(
            TabletChange(
                editHeader: { $0.cumulativePoint = max($0.cumulativePoint, point) }, addRowsets: [merged],
                removeRowsets: inputs.map(\.meta.id), keepsRemovedAsStale: true))
    }

    private func note(_ merged: RowsetMeta, _ inputs: [Rowset], _ kind: CompactionKind) {
        counters.compactions.add(1, ordering: .relaxed)
        counters.compactedRowsets.add(Int64(inputs.count), ordering: .relaxed)
        let bytes = inputs.reduce(0) { $0 + $1.meta.sizeBytes }
        counters.compactedBytes.add(bytes, ordering: .relaxed)
        if kind == .base {
            counters.baseRowsets.add(Int64(inputs.count), ordering: .relaxed)
            counters.baseBytes.add(bytes, ordering: .relaxed)
        }
        logger.info(
            "rowsets compacted",
            metadata: [
                "tablet": "\(merged.tabletID)", "kind": "\(kind.rawValue)", "version": "\(merged.versions)",
                "rowsets": "\(inputs.count)", "rows": "\(merged.rowCount)", "bytes": "\(merged.sizeBytes)",
                "segments": "\(merged.segments.count)",
                "deleted_rows": "\(merged.droppedRows - inputs.reduce(0) { $0 + $1.meta.droppedRows })",
            ])
    }

    // MARK: What is due

    /// Tablets that the policy would compact now and that no other work has, those with the most rowsets to merge first.
    /// A pass over all tablets, which wakes none; those that have not changed since the last one cost next to nothing.
    public func dueCompactions() -> [DueCompaction] {
        var due: [DueCompaction] = []
        var highest: Int64 = 0
        let changeable = Set(dataDirs.filter(\.isChangeable).map(ObjectIdentifier.init))
        for tablet in tablets.sorted where changeable.contains(ObjectIdentifier(tablet.dataDir)) {
            let need = tablet.compactionNeed(options.compaction)
            highest = max(highest, need.score)
            guard let kind = need.kind, tablet.awake?.currentWork == nil else { continue }
            due.append(
                DueCompaction(
                    tabletID: tablet.id, kind: kind, dataDir: tablet.dataDir.path, score: need.inputCount))
        }
        counters.highestScore.store(highest, ordering: .relaxed)
        due.sort { ($1.score, $0.tabletID) < ($0.score, $1.tabletID) }
        return due
    }

    /// The highest compaction score of all tablets, as `dueCompactions` last saw them.
    public var maxCompactionScore: Int64 { counters.highestScore.load(ordering: .relaxed) }
}
