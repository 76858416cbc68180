internal import Logging
internal import Platform
internal import StoredFormats
internal import Synchronization
internal import TabletModel

extension StorageEngine {
    /// All dirs are loaded: tasks are taken.
    public var isLoaded: Bool { loading.isLoaded }

    public var startupProgress: StartupProgress { loading.progress }

    /// Loads every dir, one after the other, and cleans up after the last run.
    /// - Throws: `.noUsableDataDir` when all of them failed.
    public func loadAllTablets() throws {
        for dir in dataDirs { loadTablets(in: dir) }
        guard dataDirs.contains(where: \.isUsable) else {
            throw EngineError.noUsableDataDir(dataDirs.compactMap(\.failure))
        }
        for dir in dataDirs where dir.isUsable { removeOrphans(in: dir) }
    }

    /// Reads the tablets and pending rowsets of one dir. Call it once for each dir; several may run at once. A meta store
    /// that can't be read takes its dir out of use (`DataDir.failure`); a corrupt record is logged and costs its tablet.
    public func loadTablets(in dir: DataDir) {
        guard loading.begin(dir.path) else { return }
        do {
            let found = try DirLoader(dir: dir, engine: self).load()
            take(found, in: dir)
            dir.trashBytes.store(try trashUsedBytes(dir), ordering: .relaxed)
            logger.info(
                "data dir loaded",
                metadata: [
                    "data_dir": "\(dir.path)", "tablets": "\(found.tabletCount)",
                    "pending_rowsets": "\(found.pending.count)", "bad_records": "\(found.badRecords)",
                ])
        } catch {
            dir.failMeta("loading failed: \(error)")
            logger.error("data dir can't be loaded", metadata: ["data_dir": "\(dir.path)", "error": "\(error)"])
        }
        guard loading.finishDir(dir.path) else { return }
        settleMoves()
        loading.finish()
    }

    /// Halves of moves wait for what the other dirs say.
    private func take(_ found: DirLoader.Outcome, in dir: DataDir) {
        let taken = tablets.load(found.served)
        let count = found.served.reduce(0) { $0 + $1.entries.count }
        dir.tabletCount.add(count - taken.count, ordering: .relaxed)
        for tablet in taken { serve(tablet) }
        var arriving = found.arriving.mapValues { Arrival(tablet: $0, pending: []) }
        for entry in found.pending {
            if arriving[entry.key.tablet] == nil {
                keep(entry)
            } else {
                arriving[entry.key.tablet]?.pending.append(entry)
            }
        }
        for arrival in arriving.values { arrivals.add(arrival) }
        for tablet in found.shutDown {
            if tablet.header.move?.stage == .departed { leaving.add(tablet) } else { finishOrDefer(tablet) }
        }
    }

    /// Two dirs may hold one tablet when one of them is a copy, or was away while the tablet was made anew: the one that knows
    /// more versions is served.
    func serve(_ tablet: ServedTablet) {
        guard let other = tablets.insert(tablet) else {
            tablet.dataDir.tabletCount.add(1, ordering: .relaxed)
            return
        }
        let wins = tablet.rank > other.rank
        if wins {
            tablets.reload(tablet)
            other.dataDir.tabletCount.subtract(1, ordering: .relaxed)
            tablet.dataDir.tabletCount.add(1, ordering: .relaxed)
        }
        logger.error(
            "tablet is in two data dirs, the one with more versions is served",
            metadata: [
                "tablet": "\(tablet.id)", "served": "\(wins ? tablet.dataDir.path : other.dataDir.path)",
                "ignored": "\(wins ? other.dataDir.path : tablet.dataDir.path)",
            ])
    }

    /// A pending rowset is only good with its tablet and its files.
    func keep(_ entry: PendingTable.Entry) {
        guard tablets.look(entry.key.tablet)?.dataDir === entry.dataDir else { return }
        pending.put(entry)
        entry.dataDir.localBytes.add(entry.pending.rowset.sizeBytes, ordering: .relaxed)
    }
}

extension ServedTablet {
    /// Of two forms of a tablet the one with the higher is served.
    fileprivate var rank: (Version, UnixTime) {
        switch self {
        case .awake(let tablet):
            let snapshot = tablet.snapshot
            return (snapshot.maxContinuousVersion, snapshot.header.createdAt)
        case .resting(let tablet): return (tablet.sums.version, tablet.createdAt)
        }
    }
}
