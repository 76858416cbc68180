internal import Logging
internal import Platform
internal import StoredFormats
internal import Synchronization
public import TabletModel

extension StorageEngine {
    /// CREATE. One synced batch: the header and the empty first rowset [0-version]. The tablet's folder comes with its
    /// first segment. With a base tablet it is the new half of a schema change: not ready until ALTER filled it, in the base's
    /// dir where that takes it. A tablet that is here with the same schema hash is the answer; nothing of it changes.
    ///
    /// - Returns: the tablet's row.
    /// - Throws: `.schemaHashMismatch` when it is here with another schema, `.noDataDirWithSpace`, `.invalidArgument`,
    ///   `.notImplemented` (of its options), `.unknownTablet` (the base of a schema change), `.busy`, `.loading`,
    ///   `.metaUnavailable`.
    public func createTablet(_ request: CreateTabletRequest) throws -> TabletReportRow {
        let id = request.tabletID
        guard id > 0 else { throw EngineError.invalidArgument("tablet id \(id) of a CREATE is not positive") }
        guard (1...Version.greatest).contains(request.version) else {
            throw EngineError.invalidArgument("version \(request.version) of CREATE of tablet \(id) can't be")
        }
        try request.options.check("CREATE of tablet \(id)")
        guard isLoaded else { throw EngineError.loading }
        guard tablets.reserve(id) else { throw EngineError.busy(id, what: "a creation or a drop") }
        defer { tablets.release(id) }

        if let present = tablets[id] { return try existing(present, request) }
        try clearFormerReplicas(of: id)
        return row(of: try create(request))
    }

    private func existing(_ tablet: Tablet, _ request: CreateTabletRequest) throws -> TabletReportRow {
        guard tablet.schemaHash == request.schema.schemaHash else {
            throw EngineError.schemaHashMismatch(
                tablet.id, local: tablet.schemaHash, requested: request.schema.schemaHash)
        }
        try tablet.dataDir.checkUsable()
        logger.info("tablet exists already", metadata: ["tablet": "\(tablet.id)"])
        return row(of: tablet)
    }

    /// The base of the new half of a schema change; nil for any other tablet.
    private func alterBase(of request: CreateTabletRequest) throws -> Tablet? {
        guard let id = request.baseTabletID, id > 0 else { return nil }
        guard id != request.tabletID else {
            throw EngineError.invalidArgument("CREATE of tablet \(id) from itself")
        }
        let base = try tablet(id, request.baseSchemaHash)
        try base.checkRunning()
        return base
    }

    /// Beside its base, so that filling it crosses no disks; else as for any tablet.
    private func dataDir(for request: CreateTabletRequest, base: Tablet?) throws -> DataDir {
        if let dir = base?.dataDir, dir.isChangeable, dir.refusalOfData() == nil,
            request.medium == nil || request.medium == dir.medium
        {
            return dir
        }
        return try chooseDataDir(medium: request.medium)
    }

    private func create(_ request: CreateTabletRequest) throws -> Tablet {
        let base = try alterBase(of: request)
        let dir = try dataDir(for: request, base: base)
        let now = environment.time.wallNow
        let header = TabletHeader(
            tabletID: request.tabletID, schemaHash: request.schema.schemaHash, replicaID: request.replicaID,
            tableID: request.tableID, partitionID: request.partitionID, uid: environment.random.uniqueID(),
            shardID: Int32(request.tabletID.rawValue % options.shardCount), state: base == nil ? .running : .notReady,
            createdAt: now,
            schema: schemas.shared(request.schema), isInMemory: request.schema.isInMemory,
            storagePolicy: request.policyKey, inRestoreMode: request.inRestoreMode, options: request.options,
            alterBaseID: base?.id ?? 0)
        let first = RowsetMeta(
            id: environment.random.rowsetID(), tabletID: header.tabletID, schemaHash: header.schemaHash,
            partitionID: header.partitionID, versions: VersionRange(0, request.version), createdAt: now,
            oldestWrite: now, newestWrite: now)
        var batch = WriteBatch()
        batch.put(MetaKeys.header(header.tabletID), try TabletHeaderRecord.encode(header))
        batch.put(MetaKeys.rowset(header.tabletID, first.id), try RowsetRecord.encode(first))
        try dir.writeMeta(batch)

        let tablet = Tablet(
            header: header, rowsets: [first], dataDir: dir, now: environment.time.monotonicNow)
        dir.tabletCount.add(1, ordering: .relaxed)
        let taken = tablets.insert(tablet)
        precondition(taken == nil, "tablet \(tablet.id) was created while its id was reserved")
        logger.info(
            "tablet created",
            metadata: [
                "tablet": "\(tablet.id)", "replica": "\(header.replicaID)", "version": "\(request.version)",
                "data_dir": "\(dir.path)",
            ])
        return tablet
    }

    /// The less loaded of two random dirs of the medium; any medium will do when the backend has one only. Random pairs
    /// spread well without sending a burst of creations to one dir.
    func chooseDataDir(medium: StorageMedium?) throws -> DataDir {
        var reasons: [String] = []
        let media = Set(dataDirs.map(\.medium))
        let fitting = dataDirs.filter { dir in
            if let medium, media.count > 1, dir.medium != medium { return false }
            if let reason = dir.failure.map({ "\(dir.path): \($0)" }) ?? dir.refusalOfData() {
                reasons.append(reason)
                return false
            }
            return true
        }
        guard var chosen = randomElement(fitting) else {
            if reasons.isEmpty { reasons.append("storage_root_path has none of that medium") }
            throw EngineError.noDataDirWithSpace(medium: medium, reasons: reasons)
        }
        if fitting.count > 1, let other = randomElement(fitting.filter { $0 !== chosen }), other.load < chosen.load {
            chosen = other
        }
        return chosen
    }

    private func randomElement(_ dirs: [DataDir]) -> DataDir? {
        dirs.isEmpty ? nil : dirs[Int(environment.random.next(below: UInt64(dirs.count)))]
    }
}

extension DataDir {
    /// For choosing between dirs: the fuller is the more loaded (in thousandths), then the one with more tablets.
    var load: (Int64, Int) {
        let capacity = capacity
        let used = capacity.totalBytes > 0 ? 1000 - capacity.availableBytes * 1000 / capacity.totalBytes : 0
        return (used, tabletCount.load(ordering: .relaxed))
    }
}
