internal import Logging
internal import Platform
internal import StoredFormats
internal import Synchronization
public import TabletModel

extension StorageEngine {
    /// CREATE, of one tablet: see `createTablets`.
    /// - Throws: what that has as the tablet's result.
    public func createTablet(_ request: CreateTabletRequest) throws -> TabletReportRow {
        try createTablets([request])[0].get()
    }

    /// CREATE, of many tablets at once: one synced batch a data dir, with each one's header and empty first rowset [0-version].
    /// A tablet's folder comes with its first segment, so a creation touches no other file. With a base tablet it is the new half of
    /// a schema change: not ready until ALTER filled it, in the base's dir where that takes it. A tablet that is here with the same
    /// schema hash is the answer; nothing of it changes.
    ///
    /// - Returns: for each request, in their order, the tablet's row, durably there, or why it is not: `.schemaHashMismatch` when it
    ///   is here with another schema, `.noDataDirWithSpace`, `.invalidArgument`, `.notImplemented` (of its options),
    ///   `.unknownTablet` (the base of a schema change), `.busy`, `.loading`, `.metaUnavailable`, `.metaNotWritten`.
    public func createTablets(_ requests: [CreateTabletRequest]) -> [Result<TabletReportRow, any Error>] {
        var creation = Creation(results: Array(repeating: .failure(EngineError.loading), count: requests.count))
        defer { for id in creation.reserved { tablets.release(id) } }
        for (place, request) in requests.enumerated() {
            do {
                if let present = try prepare(request, place, &creation) { creation.results[place] = .success(present) }
            } catch {
                creation.results[place] = .failure(error)
            }
        }
        for dir in dataDirs { commit(creation.made.filter { $0.dir === dir }, in: dir, &creation) }
        return creation.results
    }

    /// A batch of creations under way.
    private struct Creation {
        var results: [Result<TabletReportRow, any Error>]
        var reserved: [TabletID] = []
        var made: [Made] = []
        struct Made {
            var place: Int
            var dir: DataDir
            var header: TabletHeader
            var first: RowsetMeta
        }
    }

    /// Checks the request, reserves its id and works out what is to be written.
    /// - Returns: the row of the tablet that is here already; nil: it has to be made.
    private func prepare(
        _ request: CreateTabletRequest, _ place: Int, _ creation: inout Creation
    ) throws -> TabletReportRow? {
        let id = request.tabletID
        guard id > 0 else { throw EngineError.invalidArgument("tablet id \(id) of a CREATE is not positive") }
        guard (1...Version.greatest).contains(request.version) else {
            throw EngineError.invalidArgument("version \(request.version) of CREATE of tablet \(id) can't be")
        }
        try request.options.check("CREATE of tablet \(id)")
        guard isLoaded else { throw EngineError.loading }
        guard tablets.reserve(id) else { throw EngineError.busy(id, what: "a creation or a drop") }
        creation.reserved.append(id)
        if let present = tablets.look(id) { return try existing(present, request) }
        try clearFormerReplicas(of: id)
        let base = try alterBase(of: request)
        let dir = try dataDir(for: request, base: base)
        let header = header(of: request, base: base)
        let first = RowsetMeta(
            id: environment.random.rowsetID(), tabletID: id, schemaHash: header.schemaHash,
            partitionID: header.partitionID, versions: VersionRange(0, request.version), createdAt: header.createdAt,
            oldestWrite: header.createdAt, newestWrite: header.createdAt)
        creation.made.append(Creation.Made(place: place, dir: dir, header: header, first: first))
        return nil
    }

    /// One synced batch, then memory.
    private func commit(_ made: [Creation.Made], in dir: DataDir, _ creation: inout Creation) {
        guard !made.isEmpty else { return }
        do {
            var batch = WriteBatch()
            for one in made {
                batch.put(MetaKeys.header(one.header.tabletID), try TabletHeaderRecord.encode(one.header))
                batch.put(
                    MetaKeys.rowset(one.header.tabletID, one.first.id), try RowsetRecord.encode(one.first))
            }
            try dir.writeMeta(batch)
        } catch {
            for one in made { creation.results[one.place] = .failure(error) }
            return
        }
        for one in made { creation.results[one.place] = .success(serve(one)) }
        dir.tabletCount.add(made.count, ordering: .relaxed)
        logger.info(
            made.count == 1 ? "tablet created" : "tablets created",
            metadata: [
                "tablet": "\(made[0].header.tabletID)", "replica": "\(made[0].header.replicaID)",
                "version": "\(made[0].first.versions.end)", "count": "\(made.count)", "data_dir": "\(dir.path)",
            ])
    }

    /// Nobody uses it yet: it rests from the first, unless it waits for an alter.
    private func serve(_ made: Creation.Made) -> TabletReportRow {
        let id = made.header.tabletID
        var served = ServedTablet.awake(
            Tablet(
                header: made.header, rowsets: [made.first], dataDir: made.dir, now: environment.time.monotonicNow))
        if let resting = served.awake?.resting(traits, options.compaction) { served = .resting(resting) }
        let taken = tablets.insert(served)
        precondition(taken == nil, "tablet \(id) was created while its id was reserved")
        return served.singleRow(prefixOnly: tellsWholePrefixOnly)
    }

    private func existing(_ tablet: ServedTablet, _ request: CreateTabletRequest) throws -> TabletReportRow {
        let header = tablet.header
        guard header.schemaHash == request.schema.schemaHash else {
            throw EngineError.schemaHashMismatch(
                tablet.id, local: header.schemaHash, requested: request.schema.schemaHash)
        }
        try tablet.dataDir.checkUsable()
        logger.info("tablet exists already", metadata: ["tablet": "\(tablet.id)"])
        return tablet.singleRow(prefixOnly: tellsWholePrefixOnly)
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

    private func header(of request: CreateTabletRequest, base: Tablet?) -> TabletHeader {
        TabletHeader(
            tabletID: request.tabletID, schemaHash: request.schema.schemaHash, replicaID: request.replicaID,
            tableID: request.tableID, partitionID: request.partitionID, uid: environment.random.uniqueID(),
            shardID: Int32(request.tabletID.rawValue % options.shardCount), state: base == nil ? .running : .notReady,
            createdAt: environment.time.wallNow, schema: schemas.shared(request.schema),
            isInMemory: request.schema.isInMemory, storagePolicy: request.policyKey,
            inRestoreMode: request.inRestoreMode, options: request.options, alterBaseID: base?.id ?? 0)
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
