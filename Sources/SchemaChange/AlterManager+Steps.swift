internal import AgentTasks
public import ClusterMetadata
internal import HTTPAPI
internal import Logging
internal import MasterServices
internal import Platform
internal import TabletModel

// One look at a table's alter, by its state.
extension AlterManager {
    func step(_ id: TableID) {
        guard environment.store.trouble == nil else { return }
        let table = environment.store.read { $0.older.holds(id) ? nil : $0.table(id) }
        guard let table, let alter = table.alter else { return }
        do {
            switch alter.state {
            case .beginning: if !isBeingBegun(alter) { _ = try cancel(id, alter, "its begin broke off") }
            case .pending: try create(table, alter)
            case .waiting: try waitForLoads(table, alter)
            case .running: try fill(table, alter)
            }
        } catch {
            with(id, alter) { $0.lastError = "\(error)" }
            environment.logger.warning(
                "a schema change did not go on, will try again",
                metadata: [
                    "table": "\(table.name)", "table_id": "\(id)", "state": "\(alter.state)", "error": "\(error)",
                ])
        }
    }

    // MARK: PENDING

    private func create(_ table: Table, _ alter: TableAlter) throws {
        let (seen, replicas) = (
            with(table.id, alter) { $0 }, environment.store.read { $0.shadowReplicas(of: table) }
        )
        if let failure = seen.createFailure {
            _ = try cancel(table.id, alter, failure)
            return
        }
        let waiting = replicas.filter { !seen.created.contains($0.key) }
        guard !waiting.isEmpty else {
            return try move(table, alter) { alter, _, ids in
                alter.state = .waiting
                alter.watermark = TransactionID(ids.take())
                return true
            }
        }
        if environment.monotonicNow - seen.since > timeout(replicas) {
            _ = try cancel(
                table.id, alter, "\(waiting.count) replicas of its new tablets were not created in time")
            return
        }
        for replica in waiting {
            environment.dispatcher.send(
                AgentTask(
                    type: .create, signature: replica.key.tabletID.rawValue,
                    payload: .create(request(replica, table, alter))), to: replica.key.backendID)
        }
    }

    private func request(_ replica: ShadowReplica, _ table: Table, _ alter: TableAlter) -> CreateTabletRequest {
        CreateTabletRequest(
            tabletID: replica.key.tabletID, schema: TableRequestCheck.schema(alter, of: table, hash: replica.hash),
            tableID: table.id, partitionID: replica.partitionID, replicaID: replica.replica.id,
            baseTabletID: replica.base, storagePolicy: table.storagePolicy ?? "", baseSchemaHash: replica.baseHash)
    }

    private func timeout(_ replicas: [ShadowReplica]) -> Duration {
        let configuration = environment.configuration
        let fullest = Dictionary(replicas.map { ($0.key.backendID, 1) }, uniquingKeysWith: +).values.max() ?? 1
        return max(configuration.minimumCreateTimeout, configuration.tabletCreateTimeout * fullest)
    }

    // MARK: WAITING_TXN

    private func waitForLoads(_ table: Table, _ alter: TableAlter) throws {
        guard environment.store.read({ $0.loads(of: table.id, before: alter.watermark) }) == 0 else { return }
        try move(table, alter) { alter, state, _ in
            guard state.loads(of: table.id, before: alter.watermark) == 0, let now = state.table(table.id) else {
                return false
            }
            alter.state = .running
            alter.alterVersions = Dictionary(
                now.partitions.map { ($0.id, $0.visibleVersion) }, uniquingKeysWith: { first, _ in first })
            return true
        }
    }

    // MARK: RUNNING

    private func fill(_ table: Table, _ alter: TableAlter) throws {
        let now = environment.monotonicNow
        let seen = with(table.id, alter) { $0 }
        let (replicas, readiness, alive) = environment.store.read { state in
            let replicas = state.shadowReplicas(of: table)
            return (
                replicas, AlterReadiness(table, seen, in: state),
                Set(replicas.map(\.key.backendID).filter { state.isAlive($0) })
            )
        }
        for replica in replicas
        where replica.replica.state == .alter && alive.contains(replica.key.backendID) && !seen.hasFailed(replica.key)
            && seen.retryAt[replica.key].map({ $0 <= now }) ?? true
        {
            environment.dispatcher.send(task(replica, table, alter), to: replica.key.backendID)
        }
        switch readiness {
        case .lost(let tablet):
            _ = try cancel(table.id, alter, "no majority of tablet \(tablet) can be filled: \(seen.lastError)")
        case .waiting: break
        case .majority(let isComplete):
            let since = with(table.id, alter) { seen -> MonotonicTime in
                seen.majorityAt = seen.majorityAt ?? now
                return seen.majorityAt ?? now
            }
            // The slower ones get as long again as the majority took; what is left behind then is made anew by repair.
            let patience = max(.seconds(30), since - seen.since)
            if isComplete || now - since >= patience { try finish(table.id, alter) }
        }
    }

    private func task(_ replica: ShadowReplica, _ table: Table, _ alter: TableAlter) -> AgentTask {
        AgentTask(
            type: .alter, signature: replica.key.tabletID.rawValue,
            payload: .alter(
                AlterRequest(
                    baseTabletID: replica.base, newTabletID: replica.key.tabletID, baseSchemaHash: replica.baseHash,
                    newSchemaHash: replica.hash, alterVersion: alter.alterVersions[replica.partitionID],
                    baseColumns: TableRequestCheck.columns(of: table))))
    }

    // MARK: Journal

    /// - Parameter body: false: not yet.
    private func move(
        _ table: Table, _ expected: TableAlter,
        _ body: (inout TableAlter, ClusterState, inout IDAllocator) -> Bool
    ) throws {
        let moved = try environment.commit { state, ids -> (entries: [JournalEntry], result: TableAlter.State?) in
            guard var alter = state.table(table.id)?.alter, alter.id == expected.id, alter.state == expected.state,
                body(&alter, state, &ids)
            else { return ([], nil) }
            return ([.updateAlter(table.id, alter)], alter.state)
        }
        guard let moved else { return }
        environment.logger.info(
            "schema change goes on",
            metadata: ["table": "\(table.name)", "table_id": "\(table.id)", "state": "\(moved)"])
        look(at: table.id)
    }

    private struct Gone {
        var base: [(key: ReplicaKey, id: ReplicaID)]
        var unfilled: [(key: ReplicaKey, id: ReplicaID)]
        var tablets: [TabletID]
    }

    private func finish(_ id: TableID, _ expected: TableAlter) throws {
        let now = environment.wallNow
        let seen = with(id, expected) { $0 }
        let gone = try environment.commit { state, _ -> (entries: [JournalEntry], result: Gone?) in
            guard let table = state.table(id), let alter = table.alter, alter.id == expected.id,
                alter.state == .running, !state.older.holds(id),
                case .majority = AlterReadiness(table, seen, in: state)
            else { return ([], nil) }
            let unfilled = state.shadowReplicas(of: table).filter { $0.replica.state == .alter }
            return (
                [.finishAlter(state.ended(alter, of: table, isFinished: true, "", now))],
                Gone(
                    base: state.replicas(of: table) { $0.state == .normal },
                    unfilled: unfilled.map { ($0.key, $0.replica.id) },
                    tablets: table.partitions.compactMap(\.shadowIndex).flatMap(\.tabletIDs))
            )
        }
        guard let gone else { return }
        environment.logger.info(
            "columns changed", metadata: ["table_id": "\(id)", "change": "\(expected.description)"])
        // The old tablets' remote folders go too: nothing else stands on them.
        drop(gone.base, isTableGone: true)
        drop(gone.unfilled, isTableGone: false)
        changed(id, gone.tablets)
    }

    /// - Parameter expected: another one, or the same in a later state, is left alone; nil: whichever runs.
    /// - Returns: nil when none runs.
    func cancel(_ id: TableID, _ expected: TableAlter?, _ reason: String) throws -> EndedAlter? {
        let now = environment.wallNow
        let cancelled = try environment.commit {
            state, _ -> (entries: [JournalEntry], result: (EndedAlter, [(key: ReplicaKey, id: ReplicaID)])?) in
            guard let table = state.table(id), let alter = table.alter,
                expected.map({ $0.id == alter.id && $0.state == alter.state }) ?? true
            else { return ([], nil) }
            let ended = state.ended(alter, of: table, isFinished: false, reason, now)
            // Of one that never began no backend has heard.
            let replicas = alter.state == .beginning ? [] : state.replicas(of: table) { $0.state == .shadow }
            return ([.cancelAlter(ended)], (ended, replicas))
        }
        guard let (ended, replicas) = cancelled else { return nil }
        environment.logger.warning(
            "schema change cancelled",
            metadata: ["table_id": "\(id)", "change": "\(ended.description)", "reason": "\(reason)"])
        drop(replicas, isTableGone: true)
        changed(id, [])
        return ended
    }

    /// A backend that does not get its DROP shows the tablet in its reports, and is told again.
    private func drop(_ replicas: [(key: ReplicaKey, id: ReplicaID)], isTableGone: Bool) {
        for (key, id) in replicas {
            forgetTasks(key)
            environment.dispatcher.send(.drop(key.tabletID, id, isTableGone: isTableGone), to: key.backendID)
        }
    }

    private func forgetTasks(_ key: ReplicaKey) {
        for type in [TaskType.create, .alter] {
            environment.tasks.remove(.init(type: type, signature: key.tabletID.rawValue), of: key.backendID)
        }
    }

    private func changed(_ table: TableID, _ tablets: [TabletID]) {
        environment.suspects.add(tablets)
        tabletsChanged(table, tablets)
    }

    /// It is known now that the end of an alter is durable. Its tasks were told to nobody: reports show the tablets that are
    /// gone, and backends are told then.
    public func settled(_ settlement: MetadataSettlement) {
        guard settlement.isDurable else { return }
        for entry in settlement.entries {
            switch entry {
            case .finishAlter(let ended), .cancelAlter(let ended):
                let tablets = environment.store.read { $0.table(ended.tableID)?.readableTabletIDs ?? [] }
                changed(ended.tableID, ended.isFinished ? tablets : [])
            default: break
            }
        }
    }
}

extension ClusterState {
    /// Loads of the table that began before and have not ended.
    fileprivate func loads(of table: TableID, before watermark: TransactionID) -> Int {
        allTransactions.count { $0.tableID == table && $0.id < watermark && !$0.state.isFinal }
    }

    fileprivate func ended(
        _ alter: TableAlter, of table: Table, isFinished: Bool, _ reason: String, _ now: UnixTime
    ) -> EndedAlter {
        let name = name(of: table)
        return EndedAlter(
            id: alter.id, tableID: table.id, database: name.database, table: name.table,
            description: alter.description, isFinished: isFinished, reason: reason, startedAt: alter.startedAt,
            endedAt: now)
    }
}
