internal import ClusterMetadata
internal import TabletModel
internal import TabletReports

/// What can be taken over from the backends of tables whose metadata are older than they: pure, made of the state and of what
/// the newest reports show beyond it.
struct MetadataAdoption {
    private(set) var entries: [JournalEntry] = []
    private(set) var adopted: [TableID] = []
    var left: [(table: TableID, reason: String)] = []

    private let state: ClusterState
    private let pages: [BackendID: SurplusBook.Page]

    init(_ state: ClusterState, _ pages: [BackendID: SurplusBook.Page]) {
        self.state = state
        self.pages = pages
    }

    /// Versions go on above what the backends have, terms above what they hold. A table whose tablets end at different
    /// versions stays as it is: rows of one load are on some of them only.
    mutating func adopt(_ id: TableID) {
        guard let table = state.table(id) else { return }
        var changes: [JournalEntry] = []
        for partition in table.partitions {
            switch versions(of: partition, table) {
            case .unchanged: changes += newReplicas(of: partition, visible: partition.visibleVersion)
            case .go(let entries): changes += entries
            case .no(let reason):
                left.append((id, reason))
                return
            }
        }
        let confs = terms(of: table)
        if !confs.isEmpty { changes.append(.pushCooldownConf(confs)) }
        entries += changes
        adopted.append(id)
    }

    /// Terms only: for a table whose versions are this FE's own.
    mutating func raiseTerms(_ id: TableID) {
        guard let table = state.table(id) else { return }
        let confs = terms(of: table)
        if !confs.isEmpty { entries.append(.pushCooldownConf(confs)) }
        adopted.append(id)
    }

    private enum Outcome {
        case unchanged
        case go([JournalEntry])
        case no(String)
    }

    private func versions(of partition: Partition, _ table: Table) -> Outcome {
        let tablets = partition.readableTabletIDs
        var top = partition.visibleVersion
        // A version that was given twice: the backends' rows keep it.
        for finding in state.older.tables[table.id] ?? [] where finding.kind == .publish {
            top = max(top, Version(finding.ours))
        }
        var whole: [TabletID: Version] = [:]
        for id in tablets {
            var best = Version.none
            for replica in state.tablets.replicas(of: id)
            where !replica.isBad && replica.versions.lastFailed == .none {
                best = max(best, replica.versions.version)
            }
            for page in pages.values {
                guard let row = page.rows[id] else { continue }
                if row.version >= partition.nextVersion { top = max(top, row.version) }
                if row.isWhole { best = max(best, row.version) }
            }
            whole[id] = best
        }
        guard top > partition.visibleVersion else { return .unchanged }
        if let behind = tablets.first(where: { whole[$0] ?? .none < top }) {
            let end = whole[behind] ?? .none
            return .no(
                "its backends have version \(top), and tablet \(behind) is whole up to \(end) at most on those that reported: "
                    + "bring back the backends that hold it, or the right metadata; else drop the table")
        }
        // Committed loads keep their versions for now: publishing them tells whose rows the backends have there.
        let entry = AdoptedVersions(
            tableID: table.id, partitionID: partition.id, visible: top, next: max(top.next, partition.nextVersion),
            committed: [])
        let updates = tablets.flatMap { replicaUpdates(of: $0, visible: top) }
        return .go(
            [.adoptVersions(entry)] + newReplicas(of: partition, visible: top)
                + (updates.isEmpty ? [] : [.updateReplicas(updates)]))
    }

    /// Replicas that are not registered, of tablets of which no registered one would be whole: nothing else takes them in when
    /// they are cold under a newer term.
    private func newReplicas(of partition: Partition, visible: Version) -> [JournalEntry] {
        var entries: [JournalEntry] = []
        for id in partition.readableTabletIDs {
            let registered = state.tablets.replicas(of: id)
            let isServed = registered.contains { replica in
                // What is missing where these metadata have it is not marked so while the table is held.
                guard !replica.isBad, replica.isReported, replica.state == .normal, state.isAlive(replica.backendID)
                else { return false }
                let reported = pages[replica.backendID]?.rows[id].map { $0.isWhole ? $0.version : .none }
                return max(reported ?? .none, replica.versions.lastFailed == .none ? replica.versions.version : .none)
                    >= visible
            }
            if isServed { continue }
            for backend in pages.keys.sorted() {
                guard let row = pages[backend]?.rows[id], row.unregisteredID > 0, row.isWhole, row.version >= visible,
                    !registered.contains(where: { $0.backendID == backend || $0.id == row.unregisteredID })
                else { continue }
                entries.append(
                    .addReplica(
                        id,
                        NewReplica(
                            id: row.unregisteredID, backendID: backend, versions: ReplicaVersions(version: row.version))
                    ))
            }
        }
        return entries
    }

    /// Replicas that reports show whole count as such at once.
    private func replicaUpdates(of id: TabletID, visible: Version) -> [ReplicaUpdate] {
        state.tablets.replicas(of: id).compactMap { replica in
            guard let row = pages[replica.backendID]?.rows[id], row.isWhole, replica.takesReports else { return nil }
            var versions = replica.versions
            versions.reportedWhole(row.version, visible: visible)
            guard versions != replica.versions else { return nil }
            return ReplicaUpdate(
                key: ReplicaKey(tabletID: id, backendID: replica.backendID), versions: versions, isBad: false)
        }
    }

    /// The newest term that a backend holds, with the uploader that it names: the next one is above it.
    private func terms(of table: Table) -> [CooldownConf] {
        table.tabletIDs.compactMap { id in
            let newest = pages.values.compactMap { $0.rows[id] }.max { $0.cooldownTerm < $1.cooldownTerm }
            guard let newest, let tablet = state.tablets.tablet(id), newest.cooldownTerm > tablet.cooldownTerm else {
                return nil
            }
            return CooldownConf(
                tabletID: id, cooldownReplicaID: newest.cooldownReplicaID, term: newest.cooldownTerm)
        }
    }
}
