internal import Platform
internal import StoredFormats
internal import Synchronization
internal import TabletModel

extension StorageEngine {
    /// Puts a tablet of the same id in the place of one: one synced batch, then memory. Nothing of the old one is kept but its
    /// pending rowsets; its files go with their last reader. The id is reserved.
    /// - Parameter records: worked out under the old one's commit turn, so that no change of its header is lost.
    func replace(_ old: Tablet, in dir: DataDir, by records: () -> Tablet.Records) throws -> Tablet {
        let tablet = try old.turn.withLock { _ in
            try old.checkRunning()
            let records = records()
            try dir.writeMeta(try records.batch())
            let tablet = Tablet(records, in: dir)
            // Before the other is served: an orphan search finds a rowset here or there at any moment.
            for rowset in old.localRowsets { rowset.retire(shard: records.header.shardID) }
            tablets.replace(old, by: tablet)
            old.giveWay()
            return tablet
        }
        dir.drainGarbage()
        return tablet
    }
}

extension Tablet {
    /// What the meta store holds of a tablet.
    struct Records {
        var header: TabletHeader
        var rowsets: [RowsetMeta]

        /// In the place of whatever the store holds of the tablet. Pending rowsets stay: their files do too.
        func batch() throws -> WriteBatch {
            let id = header.tabletID
            var batch = WriteBatch()
            for prefix in [MetaKeys.rowsets(of: id), MetaKeys.staleRowsets(of: id)] {
                batch.deleteRange(from: prefix, to: MetaKeys.end(ofRowsets: prefix))
            }
            batch.put(MetaKeys.header(id), try TabletHeaderRecord.encode(header))
            for rowset in rowsets { batch.put(MetaKeys.rowset(id, rowset.id), try RowsetRecord.encode(rowset)) }
            return batch
        }
    }

    convenience init(_ records: Records, in dir: DataDir) {
        self.init(
            header: records.header, rowsets: records.rowsets, dataDir: dir, now: dir.environment.time.monotonicNow)
    }

    /// Another tablet stands in this one's place: whoever still has this one finds it shut down. Its rowsets are retired, so
    /// their files go with their last reader. Under the turn.
    fileprivate func giveWay() {
        let (row, leaving) = withState { state in
            let leaving = (state.rowsets, state.stale)
            state.header.state = .shutdown
            state.rowsets = []
            state.stale = StaleRowsets()
            return (state.row, leaving)
        }
        withExtendedLifetime(leaving) {}
        dataDir.localBytes.subtract(row.dataSizeBytes, ordering: .relaxed)
        dataDir.remoteBytes.subtract(row.remoteDataSizeBytes, ordering: .relaxed)
    }
}
