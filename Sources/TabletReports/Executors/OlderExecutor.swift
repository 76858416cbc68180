internal import ClusterMetadata
internal import MasterServices
internal import TabletModel

/// What a report shows that this FE never made (`OlderMetadata`): looked for before anything of the report is carried out,
/// since what is found holds the rest back.
struct OlderExecutor {
    let environment: MasterEnvironment
    let surplus: SurplusBook

    func carryOut(_ diff: TabletReportDiff, at moment: ReportMoment) {
        let now = environment.wallNow
        let state = environment.store.snapshot()
        surplus.take(diff, from: moment.backend, in: state)
        var all = findings(diff, moment, now, in: state)
        if isBlank(moment.backend, in: state), let first = diff.unknown.first {
            all.append(
                FoundOlder(
                    tableID: nil,
                    finding: OlderFinding(
                        kind: .emptyCatalog, backendID: moment.backend, tabletID: first.tabletID, ours: 0,
                        theirs: Int64(diff.unknown.count), foundAt: now)))
        }
        environment.noteOlder(all)
    }

    /// The catalog has been empty since this FE started, and nothing shows that the backend belongs to its past.
    private func isBlank(_ backend: BackendID, in state: ClusterState) -> Bool {
        guard environment.store.hasNeverHadTables else { return false }
        if case .past = state.status(of: backend).verdict { return false }
        return true
    }

    private func findings(
        _ diff: TabletReportDiff, _ moment: ReportMoment, _ now: UnixTime, in state: ClusterState
    ) -> [FoundOlder] {
        var found: [FoundOlder] = []
        /// One of a kind and table is enough.
        var seen: Set<FoundOlder.Place> = []
        func add(_ kind: OlderFinding.Kind, _ tablet: TabletID, ours: Int64, theirs: Int64) {
            let table = kind == .tablets || kind == .transaction ? nil : state.tablets.tablet(tablet)?.tableID
            guard seen.insert(FoundOlder.Place(kind: kind, table: table)).inserted else { return }
            found.append(
                FoundOlder(
                    tableID: table,
                    finding: OlderFinding(
                        kind: kind, backendID: moment.backend, tabletID: tablet, ours: ours, theirs: theirs,
                        foundAt: now)))
        }
        let end = state.idBatchEnd
        if let row = diff.unknown.first(where: { $0.tabletID.rawValue >= end }) {
            add(.tablets, row.tabletID, ours: end, theirs: row.tabletID.rawValue)
        }
        for row in diff.unknown {
            guard let tablet = state.tablets.tablet(row.tabletID) else { continue }
            if row.replicaID.rawValue >= end { add(.replica, row.tabletID, ours: end, theirs: row.replicaID.rawValue) }
            if let next = state.partition(of: tablet)?.nextVersion, row.isUsed, row.version >= next,
                row.version <= Version.greatest
            {
                add(.version, row.tabletID, ours: next.rawValue, theirs: row.version.rawValue)
            }
            if row.cooldownTerm > max(tablet.cooldownTerm, -1) {
                add(.cooldownTerm, row.tabletID, ours: tablet.cooldownTerm, theirs: row.cooldownTerm)
            }
        }
        for replica in diff.strangeReplicas {
            add(.replica, replica.tabletID, ours: end, theirs: replica.replicaID.rawValue)
        }
        for ahead in diff.aheads {
            guard let tablet = state.tablets.tablet(ahead.tabletID),
                let next = state.partition(of: tablet)?.nextVersion, ahead.version >= next,
                ahead.version <= Version.greatest
            else { continue }
            add(.version, ahead.tabletID, ours: next.rawValue, theirs: ahead.version.rawValue)
        }
        for mismatch in diff.cooldownMismatches where mismatch.reason == .newerThanMaster {
            guard let tablet = state.tablets.tablet(mismatch.tabletID), mismatch.reportedTerm > tablet.cooldownTerm
            else { continue }
            add(.cooldownTerm, mismatch.tabletID, ours: tablet.cooldownTerm, theirs: mismatch.reportedTerm)
        }
        if let pending = diff.clears.first(where: { $0.transactionID.rawValue >= end }) {
            add(.transaction, pending.tabletID, ours: end, theirs: pending.transactionID.rawValue)
        }
        return found
    }
}

extension FoundOlder {
    fileprivate struct Place: Hashable {
        var kind: OlderFinding.Kind
        var table: TableID?
    }
}
