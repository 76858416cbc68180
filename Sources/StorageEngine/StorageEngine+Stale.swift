internal import Logging
internal import Platform
internal import TabletModel
internal import VersionTracking

extension StorageEngine {
    /// Gives up the stale paths that went stale at least `tablet_rowset_stale_sweep_time_sec` ago: first their records,
    /// durably, in batches of tablets, and then their files, which a reader that captured them keeps until it is done.
    /// While a tablet's visible versions have a hole nothing of it goes: its stale rowsets may be all that is left.
    ///
    /// - Throws: the first `.metaUnavailable` or `.dataDirUnusable`, after all dirs that can be changed were gone through.
    public func sweepStaleRowsets() throws {
        let limit = UnixTime(
            milliseconds: environment.time.wallNow.milliseconds - options.staleRowsetExpiry.wholeMilliseconds)
        // What rests has none.
        let due = tablets.sorted.compactMap(\.awake).filter { $0.hasStalePaths(by: limit) }
        var failure: (any Error)?
        for dir in dataDirs where dir.isChangeable {
            var rest = due.filter { $0.dataDir === dir }[...]
            do {
                while !rest.isEmpty {
                    let chunk = rest.prefix(max(1, options.publishBatchTablets))
                    rest = rest.dropFirst(chunk.count)
                    try sweepStale(chunk, in: dir, by: limit)
                }
            } catch {
                logger.error(
                    "stale rowsets not swept", metadata: ["data_dir": "\(dir.path)", "error": "\(error)"])
                failure = failure ?? error
            }
            dir.drainGarbage()
        }
        if let failure { throw failure }
    }

    private func sweepStale(_ chunk: ArraySlice<Tablet>, in dir: DataDir, by limit: UnixTime) throws {
        let gone = try withTurns(chunk) { () -> [(tablet: Tablet, rowsets: [Rowset])] in
            var batch = WriteBatch()
            var swept: [(tablet: Tablet, stale: StaleRowsets, tracker: VersionTracker, rowsets: [Rowset])] = []
            // One that has left the dir since has taken its stale rowsets along, and may be back under the same names.
            for tablet in chunk where tablets.serves(tablet) {
                var (stale, tracker) = tablet.withState { ($0.stale, $0.tracker) }
                let rowsets = stale.removePaths(tracker.expireStale(by: limit).map(\.id))
                guard !rowsets.isEmpty else { continue }
                for rowset in rowsets { batch.delete(MetaKeys.staleRowset(tablet.id, rowset.meta.id)) }
                swept.append((tablet, stale, tracker, rowsets))
            }
            guard !swept.isEmpty else { return [] }
            try dir.writeMeta(batch)
            for (tablet, stale, tracker, rowsets) in swept {
                let shard = tablet.header.shardID
                // Before they leave the state: an orphan search finds a rowset here or there at any moment.
                for rowset in rowsets { rowset.retire(shard: shard) }
                let before = tablet.withState { state in
                    let before = state.stale
                    state.stale = stale
                    state.tracker = tracker
                    return before
                }
                withExtendedLifetime(before) {}
            }
            return swept.map { ($0.tablet, $0.rowsets) }
        }
        for (tablet, rowsets) in gone {
            logger.info(
                "stale rowsets removed", metadata: ["tablet": "\(tablet.id)", "rowsets": "\(rowsets.count)"])
        }
    }
}

extension Tablet {
    /// Some stale path is old enough, and the visible versions are whole.
    fileprivate func hasStalePaths(by limit: UnixTime) -> Bool {
        withState { state in
            !state.stale.isEmpty && state.tracker.isComplete && !state.tracker.expiredPaths(by: limit).isEmpty
        }
    }

    /// Stale rowsets of an earlier run, before the tablet is served.
    func restoreStale(_ stored: [(rowset: RowsetMeta, staleAt: UnixTime)]) {
        let rowsets = stored.map { (rowset: Rowset($0.rowset, garbage: dataDir.garbage), staleAt: $0.staleAt) }
        withState { state in
            (state.tracker, state.stale) = versions(visible: state.rowsets, stale: rowsets)
        }
    }
}
