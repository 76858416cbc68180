internal import Logging
internal import Platform
internal import StoredFormats
internal import TabletModel
internal import VersionTracking

extension Tablet {
    /// What is left of the tablet when it goes to rest; nil while something of it is odd or in use (`RestingTablet`), or
    /// somebody holds one of its rowsets: who reads it must meet the very object that a later change retires.
    ///
    /// - Precondition: the caller has the only reference to the tablet, so that nobody can come to use it meanwhile.
    func resting(_ traits: TraitsPool, _ options: CompactionOptions) -> RestingTablet? {
        guard dataDir.isChangeable else { return nil }
        let dataDir = dataDir
        return withState { state in
            guard state.mayRest else { return nil }
            for index in state.rowsets.indices where !isKnownUniquelyReferenced(&state.rowsets[index]) { return nil }
            let need = state.knownCompactionNeed(options)
            guard let sums = state.sums(need), let rare = state.rareTraits else { return nil }
            var resting = RestingTablet(
                state.header, traits: traits.traits(of: state.header, in: dataDir), sums: sums,
                rare: rare.isNone ? nil : rare)
            resting.folderIsDurable = state.folderIsDurable
            return resting
        }
    }
}

extension Tablet.State {
    fileprivate var mayRest: Bool {
        header.state == .running && header.move == nil && breakage == nil && !hasHole && tracker.isComplete
            && stale.isEmpty && openScans == 0 && work == nil && !rowsets.isEmpty && row.isUsed
    }

    fileprivate func sums(_ need: CompactionNeed) -> RowsetSums? {
        guard let count = Int32(exactly: rowsets.count) else { return nil }
        var sums = RowsetSums()
        sums.version = tracker.maxVersion
        sums.rowCount = row.rowCount
        sums.localBytes = row.dataSizeBytes
        sums.remoteBytes = row.remoteDataSizeBytes
        sums.rowsetCount = count
        sums.need = need
        sums.hasFiles = rowsets.contains { !$0.meta.isRemote && !$0.meta.segments.isEmpty }
        return sums
    }

    /// nil when they do not fit: remote rowsets in several resources, or a remote one behind a local one.
    fileprivate var rareTraits: RareTraits? {
        var resource: String?
        for rowset in rowsets {
            guard case .remote(let name) = rowset.meta.location else { continue }
            guard resource == nil || resource == name else { return nil }
            resource = name
        }
        var written: UnixTime?
        if header.cools {
            let first = FirstLocal(rowsets.lazy.map(\.meta))
            guard first?.gap == nil else { return nil }
            written = first?.rows.newestWrite
        }
        return RareTraits(header, resource: resource, nextWrittenAt: written)
    }
}

extension RestingTablet {
    /// The tablet with its rowsets, read from the meta store. Reads some records; blocking.
    ///
    /// Records that are not any more what they were when it went to rest make it a broken tablet, as they do at a start.
    /// - Throws: `.metaUnavailable` when the store can't be read. A store that says it is corrupt takes its dir out of use.
    func woken() throws(EngineError) -> Tablet {
        var rowsets: [RowsetMeta] = []
        var breakage: String?
        do {
            try dataDir.scanMeta(prefix: MetaKeys.rowsets(of: id)) { _, value in
                do {
                    rowsets.append(try RowsetRecord.decode(value, of: id))
                } catch {
                    breakage = "\(error)"
                }
                return true
            }
        } catch {
            if (error as? KeyValueStoreError)?.code == .corruption {
                dataDir.failMeta("tablet \(id) can't be read: \(error)")
            }
            throw .metaUnavailable(dataDir: dataDir.path, reason: "the records of tablet \(id) can't be read: \(error)")
        }
        let tablet = Tablet(
            header: header, rowsets: rowsets, dataDir: dataDir, now: dataDir.environment.time.monotonicNow,
            breakage: breakage, counted: sums)
        if folderIsDurable { tablet.withState { $0.folderIsDurable = true } }
        if breakage == nil, let difference = tablet.difference(from: sums) {
            breakage = difference
            tablet.markBroken(difference)
        }
        if let breakage {
            dataDir.logger.error(
                "bad record in the meta store",
                metadata: ["data_dir": "\(dataDir.path)", "tablet": "\(id)", "error": "\(breakage)"])
        }
        return tablet
    }
}

extension RowsetRecord {
    /// A rowset of this tablet.
    static func decode(_ value: UnsafeRawBufferPointer, of id: TabletID) throws(StoredFormatError) -> RowsetMeta {
        let meta = try decode(value)
        guard meta.tabletID == id else {
            throw StoredFormatError("rowset record \(meta.id)", .invalidField("tablet_id", value: "\(meta.tabletID)"))
        }
        return meta
    }
}

extension Tablet {
    /// nil: its rowsets come to what they came to.
    fileprivate func difference(from sums: RowsetSums) -> String? {
        let row = withState { $0.row }
        let isSame =
            row.version == sums.version && row.rowCount == sums.rowCount && row.dataSizeBytes == sums.localBytes
            && row.remoteDataSizeBytes == sums.remoteBytes && row.versionCount == Int64(sums.rowsetCount)
        if isSame { return nil }
        return
            "its records hold \(row.versionCount) rowsets up to version \(row.version), and held \(sums.rowsetCount) up to "
            + "\(sums.version): the meta store lost some"
    }
}
