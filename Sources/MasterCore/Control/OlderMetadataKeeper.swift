internal import ClusterMetadata
internal import ColdStorage
internal import DataLoading
internal import HTTPAPI
internal import Logging
internal import MasterServices
internal import TabletModel
internal import TabletReports

/// What a person does about metadata older than the backends. Any thread.
struct OlderMetadataKeeper: Sendable {
    /// Ids may have been given out after the backends' last heartbeat: so many are left out above what they tell.
    static let idMargin: Int64 = 100_000

    let environment: MasterEnvironment
    let surplus: SurplusBook
    let loads: LoadManager
    let cooldown: CooldownManager

    // MARK: Choosing

    func adopt(_ request: MetadataChoice) throws -> MetadataSettledView {
        try checkHeard(force: request.force)
        let pages = surplus.all
        let settled = try environment.commit { state, ids in
            let tables = try held(request, in: state)
            var adoption = MetadataAdoption(state, pages)
            for table in tables { adoption.adopt(table) }
            let settlement = OlderSettlement(
                clearsCluster: request.table == nil, tables: adoption.adopted,
                lostIDs: request.table == nil ? lostIDs(in: state, pages) : nil,
                accepted: request.table == nil ? state.aheadPositions : [])
            return (try entries(adoption, settlement, pages, in: state, &ids), (adoption, settlement))
        }
        return goOn(settled.0, settled.1, request)
    }

    func discard(_ request: MetadataChoice) throws -> MetadataSettledView {
        try checkHeard(force: request.force)
        let pages = surplus.all
        let count = pages.values.reduce(0) { $0 + Int64($1.unknownTablets) }
        if request.table == nil, request.tabletReplicas != count {
            throw MasterError(
                .conflict,
                "\(count) tablet replicas that no table of this FE owns would be deleted, with their objects, and "
                    + "\(request.tabletReplicas.map(String.init) ?? "no number") was confirmed",
                nextStep: "look at tabletctl meta status, and confirm \(count) if they may be lost for good")
        }
        let settled = try environment.commit { state, ids in
            let tables = try held(request, in: state)
            var adoption = MetadataAdoption(state, pages)
            for table in tables {
                if let reason = state.keepsFromDiscarding(table) {
                    if request.table != nil {
                        throw MasterError(
                            .conflict, reason,
                            nextStep:
                                "adopt its versions (tabletctl meta adopt --table), or drop the table with all its rows"
                        )
                    }
                    adoption.leave(table, reason)
                } else {
                    adoption.raiseTerms(table)
                }
            }
            let settlement = OlderSettlement(
                clearsCluster: request.table == nil, tables: adoption.adopted, forgetsLostIDs: request.table == nil,
                accepted: request.table == nil ? state.aheadPositions : [])
            return (try entries(adoption, settlement, pages, in: state, &ids), (adoption, settlement))
        }
        return goOn(settled.0, settled.1, request)
    }

    /// A backend that was not heard may hold what decides.
    private func checkHeard(force: Bool) throws(MasterError) {
        guard !force else { return }
        let missing = environment.store.read { state in
            state.backends.filter { !state.isAlive($0.id) || !state.status(of: $0.id).hasReportedTablets }
        }
        guard let first = missing.first else { return }
        throw MasterError(
            .unavailable,
            "\(missing.count) backends have not reported their tablets since the FE started, backend \(first.id) at "
                + "\(first.heartbeatAddress) for one: what they hold is not known",
            nextStep: "wait for them, or start them; --force goes on without them")
    }

    /// - Throws: `.conflict` when there is nothing to choose.
    private func held(_ request: MetadataChoice, in state: ClusterState) throws(MasterError) -> [TableID] {
        guard let name = request.table else {
            guard !state.older.isEmpty || !state.older.lostIDs.isEmpty else {
                throw MasterError(
                    .conflict, "nothing shows that the metadata are older than the backends",
                    nextStep: "nothing is to be done")
            }
            return state.older.isClusterHeld ? state.tables.map(\.id) : state.older.tables.keys.sorted()
        }
        guard !state.older.isClusterHeld else {
            throw MasterError(
                .conflict, "the metadata of the whole FE are older than the backends, not those of a table",
                nextStep: "choose for all of them: --all")
        }
        let table = try state.requireTable(name).id
        let tablets = Set(state.table(table)?.tabletIDs ?? [])
        let hasUnregistered = surplus.all.values.contains { page in
            page.rows.contains { $0.value.unregisteredID > 0 && tablets.contains($0.key) }
        }
        guard state.older.tables[table] != nil || hasUnregistered else {
            throw MasterError(
                .conflict, "nothing shows that the metadata of table \(name) are older than the backends",
                nextStep: "nothing is to be done")
        }
        return [table]
    }

    /// With ids and epoch above whatever the lost timeline may have used: nothing new collides with it.
    private func entries(
        _ adoption: MetadataAdoption, _ settlement: OlderSettlement, _ pages: [BackendID: SurplusBook.Page],
        in state: ClusterState, _ ids: inout IDAllocator
    ) throws -> [JournalEntry] {
        let greatest = greatestID(in: state, pages)
        if greatest >= state.idBatchEnd || settlement.clearsCluster { ids.skip(to: greatest + Self.idMargin) }
        var entries = adoption.entries
        if settlement.clearsCluster {
            let epoch = state.aheadPositions.map(\.epoch).max() ?? 0
            entries += environment.store.nextEpoch(above: max(epoch, state.epoch)).entries
        }
        return entries + [.olderMetadataSettled(settlement)]
    }

    private func greatestID(in state: ClusterState, _ pages: [BackendID: SurplusBook.Page]) -> Int64 {
        let told = state.aheadPositions.map(\.idEnd).max() ?? 0
        let seen = pages.values.map(\.greatestID).max() ?? 0
        // Far beyond what any FE gives out: a broken backend must not use up the ids.
        return min(max(told, seen, state.idBatchEnd), 1 << 60)
    }

    private func lostIDs(in state: ClusterState, _ pages: [BackendID: SurplusBook.Page]) -> Range<Int64>? {
        guard let begin = state.older.lostIDsBegin(MetadataStore.idBatch) else { return nil }
        let end = greatestID(in: state, pages) + Self.idMargin
        return begin < end ? begin..<end : nil
    }

    /// Work goes on where it was held.
    private func goOn(
        _ adoption: MetadataAdoption, _ settlement: OlderSettlement, _ request: MetadataChoice
    ) -> MetadataSettledView {
        environment.logger.notice(
            "a person chose what becomes of what backends have beyond the metadata",
            metadata: [
                "tables": "\(adoption.adopted.count)", "left": "\(adoption.left.count)",
                "lost_ids": "\(settlement.lostIDs.map { "\($0)" } ?? "none")",
            ])
        loads.heldNoLonger(adoption.adopted)
        let (tablets, names, left) = environment.store.read { state in
            (
                adoption.adopted.flatMap { state.table($0)?.tabletIDs ?? [] },
                adoption.adopted.map { state.tableName($0) },
                adoption.left.map { MetadataSettledView.Left(table: state.tableName($0.table), reason: $0.reason) }
            )
        }
        cooldown.add(tablets)
        environment.suspects.add(tablets)
        return MetadataSettledView(tables: names, left: left)
    }

    // MARK: Views

    var view: MetadataStatusView {
        let pages = surplus.all
        return environment.store.read { state in
            MetadataStatusView(
                isHeld: state.older.isClusterHeld,
                findings: state.older.cluster.map { MetadataFindingView($0) },
                tables: state.older.tables.keys.sorted().map { id in
                    .init(
                        table: state.tableName(id),
                        findings: (state.older.tables[id] ?? []).map { MetadataFindingView($0) })
                },
                backends: state.backends.map { backend in
                    let status = state.status(of: backend.id)
                    let page = pages[backend.id]
                    return MetadataBackendView(
                        id: backend.id, address: backend.heartbeatAddress.description, isAlive: status.isAlive,
                        remembers: status.verdict.text, hasReported: status.hasReportedTablets,
                        unknownTablets: Int64(page?.unknownTablets ?? 0),
                        unknownExample: page?.unknownExample ?? 0, differingReplicas: Int64(page?.rows.count ?? 0))
                },
                lostIDs: state.older.lostIDs.map { "\($0.lowerBound) to \($0.upperBound - 1)" })
        }
    }
}

extension MetadataAdoption {
    mutating func leave(_ table: TableID, _ reason: String) { left.append((table, reason)) }
}

extension ClusterState {
    /// What backends remember that is not of this FE's past.
    var aheadPositions: [MetadataPosition] {
        backends.compactMap { backend in
            if case .ahead(let position) = status(of: backend.id).verdict { return position }
            return nil
        }
    }

    /// Why what the backends have of this table can't be given up; nil when it can.
    fileprivate func keepsFromDiscarding(_ table: TableID) -> String? {
        let found = older.tables[table]?.first { $0.kind == .version || $0.kind == .publish }
        guard let found else { return nil }
        return "versions of table \(tableName(table)) can't be taken back from its replicas: \(found.text)"
    }
}

extension PositionVerdict {
    fileprivate var text: String {
        switch self {
        case .unheard: "not heard since the FE started"
        case .silent: "nothing: it was never told"
        case .past(let position): "\(position), which is in this FE's past"
        case .ahead(let position): "\(position), which is not in this FE's past"
        }
    }
}

extension MetadataFindingView {
    fileprivate init(_ finding: OlderFinding) {
        self.init(
            kind: "\(finding.kind)", backendID: finding.backendID, tabletID: finding.tabletID, text: finding.text,
            foundMs: finding.foundAt.milliseconds)
    }
}
