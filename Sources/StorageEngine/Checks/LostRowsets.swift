internal import Logging
internal import Platform
internal import Synchronization
public import TabletModel
internal import VersionTracking

/// Local rowsets whose files are gone, cut off or corrupt. The tablet goes on without them: its versions then have exactly
/// these holes, which the FE sees with the next report and has filled from another replica. Taking the whole replica for bad
/// would cost a copy of everything, and with two such replicas of three would leave none to copy from.
extension StorageEngine {
    /// Takes a local rowset, visible or stale, out of its tablet, because a reader found that its files can't be read. Its
    /// files, if any, go to the trash, for a person to look at; then its record is deleted, durably. The rowsets that a
    /// compaction made it of become visible again where they are still there. A hole is reported at once, without grace:
    /// no publish can fill it.
    ///
    /// A rowset that is not in the tablet any more, or whose tablet was dropped, is no loss. Does not throw: its caller has
    /// an error already; what goes wrong here is logged, and the replica is bad then.
    public func loseRowset(_ id: RowsetID, of tablet: Tablet, reason: String) {
        do {
            // What changes the tablet meanwhile makes it a conflict: look again.
            for _ in 0..<8 {
                if try takeOut(id, of: tablet, reason) { return }
            }
            logger.warning(
                "lost rowset is in a tablet that changes too fast, its next reader takes it out",
                metadata: ["tablet": "\(tablet.id)", "rowset": "\(id)", "reason": "\(reason)"])
        } catch EngineError.tabletNotRunning {
            return
        } catch {
            if Self.passesBy(error) {
                // The disk takes no change now. Until it does, the rowset is unreadable and not gone.
                return noteUntaken(id, of: tablet, reason)
            }
            tablet.markBroken("\(reason); rowset \(id) could not be taken out: \(error)")
            logger.error(
                "lost rowset could not be taken out, the replica is bad",
                metadata: ["tablet": "\(tablet.id)", "rowset": "\(id)", "reason": "\(reason)", "error": "\(error)"])
        }
    }

    /// Nothing is wrong with the tablet: its disk, or this process, can't make the change for the time being.
    private static func passesBy(_ error: any Error) -> Bool {
        switch error {
        case EngineError.dataDirReadOnly, EngineError.dataDirUnusable: return true
        default: break
        }
        return error is FileSystemError
    }

    /// Runs a read of a rowset. When what it throws may mean that the rowset's bytes are lost, it is looked at again: local
    /// files that are gone or corrupt cost the rowset (`loseRowset`), what can't be read otherwise is noted (`suspect`).
    func losing<Result>(_ rowset: Rowset, of tablet: Tablet, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            suspect(rowset, of: tablet, error)
            throw error
        }
    }

    /// A disk that answers with errors may still have the file, and a newer build may read it: those are no losses.
    static func isLoss(_ error: any Error) -> Bool {
        switch error {
        case let error as FileSystemError: return error.code == .notFound
        case let error as SegmentError:
            switch error.cause {
            case .newerFormat, .unknownCompressor, .rowTooLong: return false
            default: return true
            }
        default: return false
        }
    }

    /// What is wrong with the first segment in the folder that is missing or has another size; nil when none is.
    func missingSegment(of meta: RowsetMeta, in folder: String) throws -> String? {
        for (index, segment) in meta.segments.enumerated() {
            let path = folder + "/" + DataDirLayout.segmentName(meta.id, index)
            guard let found = try fileSystem.status(path) else { return "\(path) is not there" }
            guard found.sizeBytes == segment.sizeBytes else {
                return "\(path) has \(found.sizeBytes) bytes, \(segment.sizeBytes) were written"
            }
        }
        return nil
    }

    /// - Returns: it is done, or there is nothing to do.
    private func takeOut(_ id: RowsetID, of tablet: Tablet, _ reason: String) throws -> Bool {
        guard let rowset = tablet.localRowset(id) else { return true }
        try tablet.checkRunning()
        let dir = tablet.dataDir
        try dir.checkChangeable()
        guard try fileSystem.exists(dir.layout.data) else {
            // The disk is away, and not the file.
            throw EngineError.dataDirUnusable(dir.path, reason: "\(dir.layout.data) is not there")
        }
        let loss = try loss(of: rowset, tablet)
        // Files first: after a crash in between, the next start misses them and takes the record out.
        for lost in [id] + loss.alsoLost {
            if let rowset = tablet.localRowset(lost) { try moveSegmentsToTrash(of: rowset.meta, tablet) }
        }
        let after: TabletSnapshot
        do {
            var change = TabletChange()
            change.loss = loss
            after = try tablet.commit(change)
        } catch EngineError.conflict {
            return false
        }
        for lost in [id] + loss.alsoLost { unreadable.remove(lost) }
        note(rowset, loss, after, reason)
        return true
    }

    /// The stale path that holds most of the lost versions; its rowsets lie within them.
    private func loss(of rowset: Rowset, _ tablet: Tablet) throws -> RowsetLoss {
        var loss = RowsetLoss(rowset: rowset.meta.id)
        let stale = tablet.withState { $0.stale.entries }
        // A stale rowset that is lost itself has nothing to be replaced by: what is visible holds its versions.
        if stale.contains(where: { $0.rowset === rowset }) { return loss }
        let lost = rowset.meta.versions
        var best: (path: Int64, versions: Int64)?
        for path in Set(stale.map(\.path)).sorted() {
            let rowsets = stale.filter { $0.path == path }.map(\.rowset.meta.versions)
            guard rowsets.allSatisfy({ lost.contains($0) }) else { continue }
            let versions = rowsets.reduce(0) { $0 + $1.count }
            if versions >= best?.versions ?? 0 { best = (path, versions) }
        }
        guard let best else { return loss }
        let folder = tablet.segmentFolder
        for entry in stale where entry.path == best.path {
            if try missingSegment(of: entry.rowset.meta, in: folder) == nil {
                loss.restored.append(entry.rowset.meta.id)
            } else {
                loss.alsoLost.append(entry.rowset.meta.id)
            }
        }
        return loss
    }

    private func moveSegmentsToTrash(of meta: RowsetMeta, _ tablet: Tablet) throws {
        let dir = tablet.dataDir
        let folder = tablet.segmentFolder
        for index in meta.segments.indices {
            let name = DataDirLayout.segmentName(meta.id, index)
            guard let found = try fileSystem.status(folder + "/" + name) else { continue }
            try moveToTrash(folder + "/" + name, as: "\(tablet.id).\(name)", in: dir)
            dir.trashBytes.add(found.sizeBytes, ordering: .relaxed)
        }
    }

    private func note(_ rowset: Rowset, _ loss: RowsetLoss, _ after: TabletSnapshot, _ reason: String) {
        counters.lost.add(Int64(1 + loss.alsoLost.count), ordering: .relaxed)
        let isWhole = loss.alsoLost.isEmpty && !loss.restored.isEmpty
        if isWhole { counters.recovered.add(1, ordering: .relaxed) }
        logger.error(
            "rowset lost",
            metadata: [
                "tablet": "\(rowset.meta.tabletID)", "version": "\(rowset.meta.versions)",
                "rowset": "\(rowset.meta.id)", "reason": "\(reason)",
                "restored_from_stale": "\(loss.restored.count)",
                "next": after.isComplete
                    ? "the tablet is complete without it" : "the FE repairs the hole from another replica",
            ])
    }
}
