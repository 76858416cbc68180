internal import Logging
internal import TabletModel

/// Tablets that only the backend has: taken in as a replica where one is needed, dropped otherwise. What this FE can't
/// have made is never dropped: its metadata may be older than the backend's data.
struct UnknownExecutor {
    let environment: MasterEnvironment

    func carryOut(_ rows: [TabletReportRow], from backend: BackendID) {
        ReportBatch(environment: environment, backend: backend, step: "add or drop").each(rows, tablet: \.tabletID) {
            try take($0, backend)
        }
    }

    private func take(_ row: TabletReportRow, _ backend: BackendID) throws {
        let isFromHere = environment.store.read { row.tabletID.rawValue < $0.idBatchEnd }
        guard isFromHere else {
            environment.logger.error(
                "a backend has a tablet that this FE never made; was its metadata lost?",
                metadata: ["tablet": "\(row.tabletID)", "backend": "\(backend)"])
            return
        }
        if try adopt(row, backend) {
            environment.logger.info(
                "replica found and taken in",
                metadata: ["tablet": "\(row.tabletID)", "backend": "\(backend)", "version": "\(row.version)"])
            return
        }
        let (isKnown, isRegistered) = environment.store.read { state in
            (
                state.tablets.contains(row.tabletID),
                state.tablets.replica(ReplicaKey(tabletID: row.tabletID, backendID: backend)) != nil
            )
        }
        // A replica that was registered since the report was compared: a clone that has just ended, say.
        guard !isRegistered else { return }
        environment.logger.info(
            "dropping a replica that is not registered",
            metadata: ["tablet": "\(row.tabletID)", "backend": "\(backend)", "table_gone": "\(!isKnown)"])
        environment.dispatcher.sendOnce(
            TableDropper.dropTask(row.tabletID, row.replicaID, isTableGone: !isKnown), to: backend)
    }

    /// Is the replica whole, as new as readers need, and is the tablet short of one?
    private func adopt(_ row: TabletReportRow, _ backend: BackendID) throws -> Bool {
        guard row.isUsed, !row.versionMiss, row.replicaID > 0 else { return false }
        return try environment.commit { state, _ in
            guard let tablet = state.tablets.tablet(row.tabletID) else { return ([], false) }
            guard let table = state.table(tablet.tableID), let partition = table.partition(tablet.partitionID),
                let index = partition.index(tablet.indexID)
            else {
                throw InconsistentTablet(tabletID: row.tabletID, what: "its table, partition or index does not exist")
            }
            guard index.schemaHash == row.schemaHash, row.version >= partition.visibleVersion,
                row.version < partition.nextVersion
            else { return ([], false) }
            let replicas = state.tablets.replicas(of: row.tabletID)
            let healthy = replicas.count {
                !$0.isBad && state.isAlive($0.backendID)
                    && $0.versions.isComplete(upTo: partition.visibleVersion)
            }
            guard healthy < Int(table.replicationCount), !replicas.contains(where: { $0.backendID == backend }),
                row.cooldownMetaID == nil || row.cooldownTerm == tablet.cooldownTerm
            else { return ([], false) }
            let replica = NewReplica(
                id: row.replicaID, backendID: backend, versions: ReplicaVersions(version: row.version))
            return ([.addReplica(row.tabletID, replica)], true)
        }
    }
}
