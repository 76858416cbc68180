internal import Logging
internal import TabletModel

/// Carries out what a tablet report's diff found. Each step stands alone: one that fails is logged, and the next report
/// brings it again. Everything is judged once more against the state at that moment.
struct TabletReportActions {
    let environment: MasterEnvironment
    let loads: LoadManager
    let cooldown: CooldownManager
    let policies: PolicyManager

    /// - Parameter fresh: tablets that tasks have changed since the report was made; it says nothing of them.
    func carryOut(_ diff: TabletReportDiff, from backend: BackendID, except fresh: Set<TabletID>) {
        if !diff.changes.isEmpty {
            environment.store.observe { $0.takeFacts(of: diff.changes, from: backend) }
            cooldown.confirm(diff.changes, from: backend)
        }
        step("sync", backend) { try sync(diff.syncs.filter { !fresh.contains($0.tabletID) }, backend) }
        step("delete from meta", backend) { try handleMissing(diff.missing.filter { !fresh.contains($0) }, backend) }
        for row in diff.unknown where !fresh.contains(row.tabletID) {
            step("tablet \(row.tabletID)", backend) { try handleUnknown(row, backend) }
        }
        if !diff.transactions.isEmpty { loads.reported(diff.transactions, by: backend) }
        step("recover", backend) { try recover(diff.recoveries.filter { !fresh.contains($0.tabletID) }, backend) }
        if !diff.policyMismatches.isEmpty { policies.reported(diff.policyMismatches, by: backend) }
        if !diff.cooldownMismatches.isEmpty { cooldown.reported(diff.cooldownMismatches, by: backend) }
        logCounts(diff, backend)
    }

    private func step(_ name: String, _ backend: BackendID, _ body: () throws -> Void) {
        do {
            try body()
        } catch {
            environment.logger.error(
                "a step of a tablet report failed",
                metadata: ["backend": "\(backend)", "step": "\(name)", "error": "\(error)"])
        }
    }

    private func logCounts(_ diff: TabletReportDiff, _ backend: BackendID) {
        environment.logger.debug(
            "tablet report taken in",
            metadata: [
                "backend": "\(backend)", "found": "\(diff.foundCount)", "changed": "\(diff.changes.count)",
                "sync": "\(diff.syncs.count)", "missing": "\(diff.missing.count)", "unknown": "\(diff.unknown.count)",
                "recover": "\(diff.recoveries.count)", "cooldown": "\(diff.cooldownMismatches.count)",
            ])
    }

    /// Whole replicas whose version or health the state does not have: take the report's word.
    private func sync(_ syncs: [TabletReportDiff.Sync], _ backend: BackendID) throws {
        guard !syncs.isEmpty else { return }
        try environment.commit { state, _ in
            let updates = syncs.compactMap { sync -> ReplicaUpdate? in
                let key = ReplicaKey(tabletID: sync.tabletID, backendID: backend)
                guard let replica = state.tablets.replica(key), replica.state == .normal,
                    let tablet = state.tablets.tablet(sync.tabletID), let partition = state.partition(of: tablet)
                else { return nil }
                var versions = replica.versions
                versions.reportedWhole(sync.version, visible: partition.visibleVersion)
                let isBad = replica.isBad && sync.version < replica.versions.version
                guard versions != replica.versions || isBad != replica.isBad else { return nil }
                return ReplicaUpdate(key: key, versions: versions, isBad: isBad)
            }
            return (updates.isEmpty ? [] : [.updateReplicas(updates)], ())
        }
    }

    /// Replicas that the backend does not have. The only one of a tablet stays, marked bad, so that the loss is seen.
    private func handleMissing(_ missing: [TabletID], _ backend: BackendID) throws {
        guard !missing.isEmpty else { return }
        let lost = try environment.commit { state, _ in
            var entries: [JournalEntry] = []
            var lost: [TabletBadMark] = []
            for id in missing {
                let key = ReplicaKey(tabletID: id, backendID: backend)
                guard let replica = state.tablets.replica(key), let tablet = state.tablets.tablet(id),
                    state.table(tablet.tableID)?.state == .normal,
                    replica.state == .normal || replica.state == .schemaChange
                else { continue }
                if state.tablets.replicas(of: id).count > 1 {
                    entries.append(.deleteReplica(key))
                } else if !replica.isBad {
                    lost.append(TabletBadMark(tabletID: id, isBad: true))
                }
            }
            if !lost.isEmpty { entries.append(.backendTabletsBad(backend, lost)) }
            return (entries: entries, result: lost.map(\.tabletID))
        }
        if environment.configuration.recoversWithEmptyTablet { for id in lost { makeEmpty(id, on: backend) } }
        environment.logger.warning(
            "a backend lost replicas", metadata: ["backend": "\(backend)", "replicas": "\(missing.count)"])
    }

    /// Its rows are lost for good: an empty tablet at the visible version takes its place, when a person allowed it.
    private func makeEmpty(_ id: TabletID, on backend: BackendID) {
        let request = environment.store.read { state -> CreateTabletRequest? in
            guard let tablet = state.tablets.tablet(id), let table = state.table(tablet.tableID),
                let partition = table.partition(tablet.partitionID), let index = partition.index(tablet.indexID),
                let replica = state.tablets.replica(ReplicaKey(tabletID: id, backendID: backend))
            else { return nil }
            return CreateTabletRequest(
                tabletID: id, schema: TableRequestCheck.schema(columns: table.columnNames, hash: index.schemaHash),
                version: partition.visibleVersion, tableID: table.id, partitionID: partition.id,
                replicaID: replica.id, storagePolicy: table.storagePolicy ?? "")
        }
        guard let request else { return }
        environment.logger.warning(
            "a lost tablet is made again, empty", metadata: ["tablet": "\(id)", "backend": "\(backend)"])
        environment.dispatcher.send(
            AgentTask(type: .create, signature: id.rawValue, payload: .create(request)), to: backend)
    }

    /// A tablet that only the backend has: taken in as a replica where one is needed, dropped otherwise.
    private func handleUnknown(_ row: TabletReportRow, _ backend: BackendID) throws {
        let isFromHere = environment.store.read { row.tabletID.rawValue < $0.idBatchEnd }
        guard isFromHere else {
            // Never drop what this FE can't have made: its metadata may be older than the backend's data.
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
        let isKnown = environment.store.read { $0.tablets.contains(row.tabletID) }
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
            guard let tablet = state.tablets.tablet(row.tabletID), let table = state.table(tablet.tableID),
                let partition = table.partition(tablet.partitionID),
                let index = partition.index(tablet.indexID), index.schemaHash == row.schemaHash,
                row.version >= partition.visibleVersion, row.version < partition.nextVersion
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

    private func recover(_ recoveries: [TabletReportDiff.Recovery], _ backend: BackendID) throws {
        guard !recoveries.isEmpty else { return }
        try environment.commit { state, _ in
            let marks = recoveries.compactMap { recovery -> ReplicaMark? in
                let key = ReplicaKey(tabletID: recovery.tabletID, backendID: backend)
                guard let replica = state.tablets.replica(key), replica.state == .normal else { return nil }
                switch recovery.reason {
                case .bad: return replica.isBad ? nil : ReplicaMark(tabletID: recovery.tabletID, mark: .bad)
                case .versionMiss:
                    var versions = replica.versions
                    versions.reportedMissing()
                    guard versions != replica.versions else { return nil }
                    return ReplicaMark(tabletID: recovery.tabletID, mark: .missing(lastFailed: versions.lastFailed))
                }
            }
            return (marks.isEmpty ? [] : [.backendReplicasInfo(backend, marks)], ())
        }
        environment.logger.warning(
            "replicas need recovery", metadata: ["backend": "\(backend)", "replicas": "\(recoveries.count)"])
    }
}
