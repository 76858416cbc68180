internal import Logging
internal import Platform
public import TabletModel

extension StorageEngine {
    /// ALTER: fills a tablet that CREATE made from a base tablet with the base's rows as of the alter version, in its own
    /// columns. Until then it is not ready: it takes loads and publishes and is not read, merged, cooled or cloned. What was
    /// loaded into it above the alter version stays.
    ///
    /// One synced batch replaces what the tablet has up to that version by one rowset, and makes it a tablet like any other;
    /// a crash at any step leaves it as it was, or done, and no file besides. The same task again is the answer. Memory is
    /// bounded by two blocks and a row. The base's rowsets are held meanwhile, whatever merges, cools or drops them; when the
    /// alter version was merged away there, the rows up to the merged rowset's end are taken.
    ///
    /// - Returns: the new tablet's row.
    /// - Throws: `.unknownTablet`, `.schemaHashMismatch`, `.loading`, `.invalidArgument` and `.notImplemented` (see
    ///   `ReshapePlan`), `.busy`, `.versionNotReadable` when the base lacks versions, `.tabletNotRunning` when one of the two is
    ///   dropped meanwhile, `.conflict` when the alter is given up or the new tablet is none of this base, `.noDataDirWithSpace`,
    ///   `.metaUnavailable`, `.dataDirUnusable`, `.dataDirReadOnly`; `SegmentError`, `FileSystemError`, `ObjectStoreError`.
    public func alter(_ request: AlterRequest) throws -> TabletReportRow {
        let (base, new) = try tablets(of: request)
        if new.header.state == .running { return try altered(new, request) }
        try base.checkRunning()
        try new.checkTakesRows()
        let plan = try ReshapePlan(
            tablet: new.id, from: try baseColumns(request, base), to: new.header.schema, sources: request.sources)
        guard new.tryBegin(.alter) else {
            throw EngineError.busy(new.id, what: "a \(new.currentWork?.rawValue ?? "change")")
        }
        defer {
            new.end(.alter)
            new.dataDir.drainGarbage()
            finishDrop(of: new)
        }
        // Another ALTER may have ended right before.
        if new.header.state == .running { return try altered(new, request) }
        try fill(new, from: base, request.alterVersion, plan)
        return row(of: new)
    }

    /// CLEAR_ALTER_TASK: runs that fill this tablet or read it end, and what they wrote goes. The tablet itself stays until it
    /// is dropped; one that is not here is fine.
    /// - Throws: `.loading`.
    public func clearAlter(_ request: ClearAlterRequest) throws {
        guard isLoaded else { throw EngineError.loading }
        let stopped = alters.stop(request.tabletID)
        logger.info("alter cleared", metadata: ["tablet": "\(request.tabletID)", "runs_stopped": "\(stopped)"])
    }

    /// ALTERs under way, in the order of the new tablets.
    public var alterProgress: [AlterProgress] { alters.all }

    // MARK: Checks

    private func tablets(of request: AlterRequest) throws -> (base: Tablet, new: Tablet) {
        guard isLoaded else { throw EngineError.loading }
        guard request.baseTabletID != request.newTabletID else {
            throw EngineError.invalidArgument("ALTER of tablet \(request.newTabletID) from itself")
        }
        guard [.schemaChange, .rollup].contains(request.kind) else {
            throw EngineError.notImplemented("ALTER of tablet \(request.newTabletID) of type \(request.kind)")
        }
        if let version = request.alterVersion, !(1...Version.greatest).contains(version) {
            throw EngineError.invalidArgument("ALTER of tablet \(request.newTabletID) names version \(version)")
        }
        let new = try tablet(request.newTabletID, request.newSchemaHash)
        if new.header.state == .running, new.header.alterBaseID == request.baseTabletID {
            // Done before: the base may be gone by now.
            return (try tablets[request.baseTabletID] ?? new, new)
        }
        let base = try tablet(request.baseTabletID, request.baseSchemaHash)
        guard new.header.alterBaseID == base.id else {
            let made = new.header.alterBaseID
            throw EngineError.conflict(
                new.id,
                reason: made > 0
                    ? "it was made from tablet \(made), not from \(base.id)"
                    : "it was not made from another tablet, so ALTER would replace rows of its own")
        }
        return (base, new)
    }

    /// It was filled before: the same task again.
    private func altered(_ new: Tablet, _ request: AlterRequest) throws -> TabletReportRow {
        let end = new.snapshot.maxContinuousVersion
        if let wanted = request.alterVersion, end < wanted {
            throw EngineError.conflict(
                new.id, reason: "it was filled already, up to version \(end), the task names \(wanted)")
        }
        logger.info("tablet was altered already", metadata: ["tablet": "\(new.id)", "version": "\(end)"])
        return row(of: new)
    }

    /// As the FE names them now; the tablet may have names from before a column was renamed.
    private func baseColumns(_ request: AlterRequest, _ base: Tablet) throws(EngineError) -> [TabletSchema.Column] {
        let own = base.header.schema.columns
        guard let named = request.baseColumns, !named.isEmpty else { return own }
        let isSame =
            named.count == own.count
            && zip(named, own).allSatisfy { $0.uniqueID < 0 || $1.uniqueID < 0 || $0.uniqueID == $1.uniqueID }
        guard isSame else {
            throw .invalidArgument(
                "ALTER of tablet \(request.newTabletID) gives base tablet \(base.id) other columns than it has: "
                    + "\(named.map(\.name)), here \(own.map(\.name))")
        }
        return named
    }

    // MARK: Filling

    private func fill(_ new: Tablet, from base: Tablet, _ version: Version?, _ plan: ReshapePlan) throws {
        let hold = try new.hold()
        defer { withExtendedLifetime(hold) {} }
        let scan = try openBase(base, version)
        try checkSpace(for: scan.rowsets.reduce(0) { $0 + $1.meta.sizeBytes }, in: new.dataDir, "an alter")
        let run = AlterRun(base: base.id, new: new.id, rowsTotal: scan.rowCount)
        alters.begin(run)
        defer { alters.end(run) }
        let writer = RowsetWriter(new, id: environment.random.rowsetID(), now: environment.time.wallNow)
        defer { writer.end() }
        let made: RowsetMeta
        do {
            made = try write(scan, base, plan, writer, new, run)
            try commit(made, to: new, run)
        } catch EngineError.metaUnavailable(let dataDir, let reason) {
            // After a failed sync the record may be there, so its files must be: the restart decides.
            throw EngineError.metaUnavailable(dataDir: dataDir, reason: reason)
        } catch {
            writer.abandon()
            throw error
        }
        logger.info(
            "tablet altered",
            metadata: [
                "tablet": "\(new.id)", "base": "\(base.id)", "version": "\(made.versions.end)",
                "rows": "\(made.rowCount)", "bytes": "\(made.sizeBytes)",
            ])
    }

    /// The base at the version; when that was merged away, at the end of the rowset that holds it.
    private func openBase(_ base: Tablet, _ version: Version?) throws -> TabletScan {
        do {
            return try openScan(base.id, version: version)
        } catch EngineError.versionNotReadable(let id, let wanted, let missing) {
            let end = base.rowsets.first { $0.meta.versions.contains(wanted) }?.meta.versions.end
            guard missing.isEmpty, let end, end > wanted else {
                throw EngineError.versionNotReadable(id, wanted, missing: missing)
            }
            return try openScan(id, version: end)
        }
    }

    /// Segments and folder are durable on return.
    private func write(
        _ scan: TabletScan, _ base: Tablet, _ plan: ReshapePlan, _ writer: RowsetWriter, _ new: Tablet, _ run: AlterRun
    ) throws -> RowsetMeta {
        let inputs = scan.rowsets.map(\.meta)
        let now = environment.time.wallNow
        let filled = inputs.filter { $0.rowCount > 0 }
        let oldest = filled.map(\.oldestWrite).min() ?? now
        let newest = max(oldest, filled.map(\.newestWrite).max() ?? now)
        let reshaper = RowReshaper(plan)
        while let block = try scan.next() {
            // A dropped tablet, and a given up alter, end it soon.
            try run.check()
            try base.checkRunning()
            try new.checkTakesRows()
            try block.forEachRow { row in
                if plan.isIdentity { return try writer.append(row: row, written: oldest...newest) }
                try reshaper.reshape(row) { try writer.append(row: $0, written: oldest...newest) }
            }
            run.count(block.rowCount)
        }
        let segments = try writer.finish()
        var made = RowsetMeta(
            id: writer.id, tabletID: new.id, schemaHash: new.schemaHash, partitionID: new.partitionID,
            versions: VersionRange(0, scan.version), rowCount: segments.reduce(0) { $0 + $1.rowCount },
            sizeBytes: segments.reduce(0) { $0 + $1.sizeBytes }, segments: segments,
            createdAt: environment.time.wallNow, oldestWrite: oldest, newestWrite: newest)
        made.mergedTransactions = RowsetMeta.mergedTransactions(of: inputs)
        return made
    }

    private func commit(_ made: RowsetMeta, to new: Tablet, _ run: AlterRun) throws {
        var change = TabletChange(
            precondition: { snapshot in
                try run.check()
                guard snapshot.header.state == .notReady else {
                    throw EngineError.tabletNotRunning(snapshot.header.tabletID, snapshot.header.state)
                }
            },
            editHeader: { $0.state = .running }, addRowsets: [made])
        change.replacesVersions = made.versions
        try new.commit(change)
    }
}
