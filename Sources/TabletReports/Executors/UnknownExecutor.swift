internal import AgentTasks
internal import ClusterMetadata
internal import Logging
internal import MasterServices
internal import TabletModel

/// Tablets that only the backend has: taken in as a replica where one is needed, dropped where enough others are whole,
/// kept otherwise. What this FE can't have made is never dropped: its metadata may be older than the backend's data.
struct UnknownExecutor {
    let environment: MasterEnvironment

    /// What was done so far, for the log.
    private struct Tally {
        var adopted: [TabletID] = []
        var dropped = 0
        var kept = 0
    }

    func carryOut(_ rows: ReportedRows, at moment: ReportMoment) {
        let end = environment.store.read { $0.idBatchEnd }
        let batch = ReportBatch(environment: environment, backend: moment.backend, step: "add replica")
        var tally = Tally()
        rows.forEachSlice { rows in
            // Of those above `OlderExecutor` made a finding.
            let ours = rows.filter { $0.tabletID.rawValue < end }
            // What the FE took out or made right before it went down may still be under way: the next report tells.
            let adopted = moment.isFirst ? [] : adopt(ours, moment, batch)
            tally.adopted += adopted
            let known = Set(adopted)
            drop(ours.filter { !known.contains($0.tabletID) }, moment, &tally)
        }
        batch.tell(
            tally.adopted, .info, "replica found and taken in", more: "more replicas found and taken in",
            tablet: \.self)
        guard tally.dropped > ReportBatch.logLimit || tally.kept > ReportBatch.logLimit else { return }
        environment.logger.info(
            "more replicas that are not registered",
            metadata: ["backend": "\(moment.backend)", "dropped": "\(tally.dropped)", "kept": "\(tally.kept)"])
    }

    // MARK: Take in

    private func adopt(_ rows: [TabletReportRow], _ moment: ReportMoment, _ batch: ReportBatch) -> [TabletID] {
        batch.commit(
            rows, tablet: \.tabletID, judge: { try adoption($0, moment, in: $1) }, entries: { $0 }
        ).flatMap(\.suspectTablets)
    }

    /// Is the tablet short of a replica, and is this one whole and as new as readers need? Where nobody is whole any one
    /// serves, as something to copy from.
    private func adoption(
        _ row: TabletReportRow, _ moment: ReportMoment, in state: ClusterState
    ) throws -> JournalEntry? {
        guard row.isUsed, row.replicaID > 0, row.version != .none, moment.knows(row.tabletID),
            let tablet = state.tablets.tablet(row.tabletID), !state.older.holds(tablet.tableID)
        else { return nil }
        guard let table = state.table(tablet.tableID), let partition = table.partition(tablet.partitionID),
            let index = partition.index(tablet.indexID)
        else {
            throw InconsistentTablet(tabletID: row.tabletID, what: "its table, partition or index does not exist")
        }
        let replicas = state.tablets.replicas(of: row.tabletID)
        // What an alter or a restore fills gets its replicas from it.
        guard index.state == .normal, table.state != .restoring, index.schemaHash == row.schemaHash,
            row.version < partition.nextVersion,
            // One id on two backends would be two uploaders of one name: data dirs were copied.
            !replicas.contains(where: { $0.backendID == moment.backend || $0.id == row.replicaID }),
            Self.keepsItsRemoteFiles(row, tablet, replicas)
        else { return nil }
        let whole = state.wholeReplicas(replicas, visible: partition.visibleVersion)
        var versions = ReplicaVersions(version: row.version)
        if row.version < partition.visibleVersion { versions.failed(partition.visibleVersion) }
        if row.versionMiss { versions.reportedMissing() }
        guard versions.lastFailed == .none ? whole < Int(table.replicationCount) : whole == 0 else { return nil }
        return .addReplica(
            row.tabletID, NewReplica(id: row.replicaID, backendID: moment.backend, versions: versions))
    }

    /// Remote files that no registered replica stands on may have been deleted while this one was not registered. A person
    /// may take it in all the same (`MetadataAdoption`).
    private static func keepsItsRemoteFiles(_ row: TabletReportRow, _ tablet: Tablet, _ replicas: [Replica]) -> Bool {
        guard let meta = row.cooldownMetaID else { return true }
        guard row.cooldownTerm == tablet.cooldownTerm else { return false }
        return row.replicaID == tablet.cooldownReplicaID
            || replicas.contains { $0.isReported && $0.cooldownMetaID == meta }
    }

    // MARK: Drop

    private enum Fate {
        /// Registered since the report was compared: a clone that has just ended, say.
        case registered
        case dropped(isTableGone: Bool)
        /// No registered replica is whole: this one may have what they lack.
        case kept
        /// The report may be out of date: the next one says it again.
        case undecided
        /// The metadata are older than the backends here, or were: a person says what becomes of it.
        case held
    }

    private func drop(_ rows: [TabletReportRow], _ moment: ReportMoment, _ tally: inout Tally) {
        let backend = moment.backend
        // More than that are not kept for a backend anyway: its next report shows the rest.
        for row in rows where tally.dropped < AgentTaskQueue.onceLimit {
            switch environment.store.read({ fate(of: row, moment, in: $0) }) {
            case .registered, .undecided, .held: break
            case .kept:
                tally.kept += 1
                if tally.kept <= ReportBatch.logLimit {
                    environment.logger.warning(
                        "a replica that is not registered is kept: no other one is whole; tabletctl meta adopt --table takes it in",
                        metadata: ["tablet": "\(row.tabletID)", "backend": "\(backend)", "version": "\(row.version)"])
                }
            case .dropped(let isTableGone):
                tally.dropped += 1
                if tally.dropped <= ReportBatch.logLimit {
                    environment.logger.info(
                        "dropping a replica that is not registered",
                        metadata: [
                            "tablet": "\(row.tabletID)", "backend": "\(backend)", "table_gone": "\(isTableGone)",
                        ])
                }
                environment.dispatcher.sendOnce(
                    .drop(row.tabletID, row.replicaID, isTableGone: isTableGone), to: backend)
            }
        }
    }

    private func fate(of row: TabletReportRow, _ moment: ReportMoment, in state: ClusterState) -> Fate {
        guard let tablet = state.tablets.tablet(row.tabletID) else {
            // Dropped by this FE, or made after these metadata were copied? The backend's memory tells, once it was heard.
            let isLost = state.older.isOfLostTimeline(row.tabletID.rawValue)
            if state.older.isClusterHeld || isLost { return .held }
            return state.status(of: moment.backend).verdict == .unheard ? .undecided : .dropped(isTableGone: true)
        }
        if state.older.holds(tablet.tableID) { return .held }
        guard moment.knows(row.tabletID) else { return .undecided }
        let replicas = state.tablets.replicas(of: row.tabletID)
        if replicas.contains(where: { $0.backendID == moment.backend }) { return .registered }
        if moment.isFirst { return .undecided }
        let visible = state.partition(of: tablet)?.visibleVersion ?? .none
        return state.wholeReplicas(replicas, visible: visible) > 0 ? .dropped(isTableGone: false) : .kept
    }
}

extension ClusterState {
    /// How many of one tablet's replicas are whole, on a living backend, and were seen so since the FE started.
    fileprivate func wholeReplicas(_ replicas: [Replica], visible: Version) -> Int {
        replicas.count { replica in
            !replica.isBad && replica.isReported && isAlive(replica.backendID)
                && replica.versions.isComplete(upTo: visible)
        }
    }
}
