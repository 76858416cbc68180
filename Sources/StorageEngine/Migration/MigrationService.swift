internal import Logging
internal import Platform
internal import Synchronization
public import TabletModel
internal import VersionTracking

/// STORAGE_MEDIUM_MIGRATE: moves a tablet to another data dir of its backend (`contract/behaviour.md` §2).
///
/// Blocking; any thread. One move of a tablet runs at a time, and no creation, drop, clone, compaction or cooldown beside it;
/// loads, publishes and reads go on. A crash at any step leaves one whole tablet: `MigrationRun` says how.
public final class MigrationService: Sendable {
    public let engine: StorageEngine
    let board = MigrationBoard()

    public init(engine: StorageEngine) { self.engine = engine }

    var logger: Logger { engine.environment.logger }

    /// Moves under way, in tablet order.
    public var progress: [MigrationProgress] { board.all }

    /// On return the tablet is in the other dir, durably, with all that it had: visible, stale, pending and remote rowsets, its
    /// header. What it leaves goes to the trash of its former dir, at once or when its last reader is done.
    ///
    /// - Returns: the tablet's row, which names its new place.
    /// - Throws: `MigrationError`; `.unknownTablet`, `.schemaHashMismatch`, `.tabletNotRunning`, `.brokenTablet`, `.busy`,
    ///   `.loading`, `.invalidArgument`, `.noDataDirWithSpace`, `.dataDirUnusable`, `.dataDirReadOnly`, `.metaNotWritten`;
    ///   `FileSystemError` and `SegmentError` of a copy. The tablet is where it was then. After `.metaUnavailable` it is in one
    ///   of the two dirs, and in which the meta store tells once it can be opened again.
    public func migrate(_ request: MigrateRequest) throws -> TabletReportRow {
        guard request.tabletID > 0 else {
            throw EngineError.invalidArgument("tablet id \(request.tabletID) of a migration is not positive")
        }
        guard engine.isLoaded else { throw EngineError.loading }
        guard engine.tablets.reserve(request.tabletID) else {
            throw EngineError.busy(request.tabletID, what: "a creation, a drop, a clone or another migration")
        }
        defer { engine.tablets.release(request.tabletID) }
        let tablet = try engine.tablet(request.tabletID, request.schemaHash)
        try check(tablet)
        let target = try target(request, of: tablet)
        try clear(target, of: tablet)
        guard tablet.tryBegin(.migration) else {
            throw EngineError.busy(tablet.id, what: "a \(tablet.currentWork?.rawValue ?? "change")")
        }
        defer { tablet.end(.migration) }
        do {
            return engine.row(of: try move(tablet, to: target))
        } catch {
            engine.counters.failedMigrations.add(1, ordering: .relaxed)
            logger.warning(
                "tablet not moved",
                metadata: [
                    "tablet": "\(tablet.id)", "from": "\(tablet.dataDir.path)", "to": "\(target.path)",
                    "error": "\(error)",
                ])
            throw error
        }
    }

    private func check(_ tablet: Tablet) throws {
        try tablet.checkRunning()
        try tablet.dataDir.checkChangeable()
        // A copy of it would be as bad; the FE has it repaired first.
        if let reason = tablet.badness { throw EngineError.brokenTablet(tablet.id, reason: reason) }
        if engine.unreadable.hasLocal(tablet.id) {
            throw EngineError.brokenTablet(tablet.id, reason: "some of its rows can't be read")
        }
    }

    /// What earlier moves left of the tablet must be gone, or the two would be mixed up.
    private func clear(_ target: DataDir, of tablet: Tablet) throws {
        for leaving in engine.leaving.of(tablet.id) where !engine.finishOrDefer(leaving) {
            throw EngineError.busy(tablet.id, what: "the removal of what it left in \(leaving.dataDir.path)")
        }
        try engine.discardArrivals(of: tablet.id)
        let folder = target.layout.tabletFolder(shard: tablet.header.shardID, tablet.id)
        if try engine.fileSystem.exists(folder) { try engine.moveToTrash(folder, as: "\(tablet.id)", in: target) }
    }

    private func move(_ tablet: Tablet, to target: DataDir) throws -> Tablet {
        let start = engine.environment.time.monotonicNow
        board.begin(
            MigrationProgress(
                tabletID: tablet.id, from: tablet.dataDir.path, to: target.path,
                startedAt: engine.environment.time.wallNow))
        defer { board.end(tablet.id) }
        let run = MigrationRun(tablet, to: target, service: self)
        let moved = try run.run()
        engine.counters.migrations.add(1, ordering: .relaxed)
        engine.counters.migratedBytes.add(run.copiedBytes, ordering: .relaxed)
        logger.info(
            "tablet moved to another data dir",
            metadata: [
                "tablet": "\(tablet.id)", "from": "\(tablet.dataDir.path)", "to": "\(target.path)",
                "bytes": "\(run.copiedBytes)",
                "ms": "\((engine.environment.time.monotonicNow - start).wholeNanoseconds / 1_000_000)",
            ])
        // Also settles that what arrived counts by itself; what fails here the sweep finishes.
        engine.finishOrDefer(tablet)
        return moved
    }
}

extension Tablet {
    /// Why it is a bad replica although it runs; nil when it is none.
    fileprivate var badness: String? {
        withState { $0.breakage ?? ($0.tracker.hasCrossing ? "its rowsets cross" : nil) }
    }
}
