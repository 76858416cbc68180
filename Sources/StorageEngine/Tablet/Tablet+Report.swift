internal import TabletModel
internal import VersionTracking

extension Tablet.State {
    /// Works out again what reports read, after a change of anything else.
    mutating func refreshRow(_ dataDir: DataDir) {
        // Of a tablet that is not ready nothing is missing: an alter brings it.
        hasHole = header.state != .notReady && tracker.maxContinuousVersion < tracker.maxVersion
        row = Tablet.row(self, dataDir)
        compactionNeed = nil
    }
}

extension Tablet {
    /// The row as it stands, worked out when the tablet changes so that a report only copies it
    /// (`contract/behaviour.md` §5; design.md, "Decisions"). Its version is the newest end.
    static func row(_ state: borrowing State, _ dataDir: DataDir) -> TabletReportRow {
        let header = state.header
        var row = TabletReportRow(
            tabletID: header.tabletID, schemaHash: header.schemaHash,
            version: header.state == .notReady ? state.tracker.maxContinuousVersion : state.tracker.maxVersion)
        var noted: String?
        for rowset in state.rowsets {
            if case .remote(let resource) = rowset.meta.location, resource != noted {
                dataDir.noteResource(resource)
                noted = resource
            }
            row.rowCount += rowset.meta.rowCount
            if rowset.meta.isRemote {
                row.remoteDataSizeBytes += rowset.meta.sizeBytes
            } else {
                row.dataSizeBytes += rowset.meta.sizeBytes
            }
        }
        row.versionCount = Int64(state.rowsets.count)
        row.medium = dataDir.medium
        row.pathHash = dataDir.pathHash
        // Nobody may take one in that an alter has not filled.
        row.isUsed = header.state != .shutdown && header.state != .notReady && state.breakage == nil
        if header.state == .running, state.rowsets.isEmpty || state.tracker.hasCrossing { row.isUsed = false }
        row.partitionID = header.partitionID
        row.isInMemory = header.isInMemory
        row.replicaID = header.replicaID
        row.isCooldown = !header.storagePolicy.isEmpty
        if row.isCooldown {
            row.cooldownReplicaID = header.cooldownReplicaID
            row.cooldownTerm = header.cooldownTerm
        }
        row.cooldownMetaID = header.cooldownMetaID
        row.isRunning = header.state == .running
        return row
    }

    /// The row for a full report, written to `place`, which is not initialised: a hole in the versions counts once it has
    /// stood for the grace period, since a publish under way fills most of them. Until then the replica is as new as what is
    /// whole: a version above a hole that is not named would tell the FE that everything below it is there.
    /// - Parameter prefixOnly: it says the end of what is whole in any case (`StorageEngine.tellsWholePrefixOnly`).
    func writeReportRow(
        to place: UnsafeMutablePointer<TabletReportRow>, now: MonotonicTime, grace: Duration, prefixOnly: Bool
    ) {
        withRow { row, hole in
            place.initialize(to: row)
            guard let hole else { return }
            let isMissed = now - hole.since >= grace
            place.pointee.versionMiss = isMissed
            if prefixOnly || !isMissed { place.pointee.version = hole.after }
        }
    }

    /// The storage resources that visible rowsets name.
    var resourceNames: Set<String> {
        withState { state in
            var names: Set<String> = []
            // Remote rowsets are a prefix, mostly of one resource.
            for rowset in state.rowsets {
                guard case .remote(let resource) = rowset.meta.location else { break }
                names.insert(resource)
            }
            return names
        }
    }

    /// The row for an answer about this tablet alone: a hole counts at once.
    var singleRow: TabletReportRow { singleRow(prefixOnly: false) }

    /// - Parameter prefixOnly: see `writeReportRow`.
    func singleRow(prefixOnly: Bool) -> TabletReportRow {
        withState { state in
            var row = state.row
            row.versionMiss = state.hasHole
            if prefixOnly, state.hasHole { row.version = state.tracker.maxContinuousVersion }
            return row
        }
    }

    var stat: TabletStat {
        withState { state in
            TabletStat(
                tabletID: state.row.tabletID, dataSizeBytes: state.row.dataSizeBytes, rowCount: state.row.rowCount,
                versionCount: state.row.versionCount, remoteDataSizeBytes: state.row.remoteDataSizeBytes)
        }
    }
}
