internal import AgentTasks
internal import ClusterMetadata
internal import HTTPAPI
internal import Logging
internal import MasterServices
internal import Platform
public import TabletModel

/// Rows to the backends: every replica of every tablet fetches its tablet's file, also an empty one, so that all
/// tablets of the partition take the version.
extension LoadManager {
    /// Right after a start of the FE every backend counts as dead: the rows wait until each was asked once, or for
    /// `firstHeartbeatWait`, so that none is left out for that alone.
    func startPush(_ session: LoadSession, _ totals: LoadSpool.Totals) throws {
        guard isClusterKnown else {
            session.with { $0.message = "waits for the backends' first heartbeats" }
            environment.after(.milliseconds(200)) { [self] in startHeldPush(session) }
            return
        }
        guard session.with({ $0.claimPush() }) else { return }
        let first = try allocateSignatures(session)
        let plan = environment.store.read { state in
            var plan = PushPlan(session.tablets, in: state)
            if session.conditions != nil { plan.leaveOutForeignBackends(in: state) }
            return plan
        }
        session.with { state in
            state.pushingSince = environment.monotonicNow
            state.firstSignature = first
            state.push = LoadProgress(replicas: plan.replicas, excluded: plan.excluded, wanted: plan.wanted)
            state.besides = plan.besides
        }
        environment.logger.info(
            "load is being pushed",
            metadata: [
                "txn": "\(session.id)", "rows": "\(totals.rowCount)", "bytes": "\(totals.bytes)",
                "tablets": "\(session.tablets.count)",
            ])
        let places = session.places
        for replica in session.with({ $0.push?.waitingPlaces ?? [] }) + plan.besides {
            guard let place = places[replica.tabletID], let hash = plan.schemaHashes[replica.tabletID] else { continue }
            let task = pushTask(session, place, schemaHash: hash, partition: plan.partitionID, totals)
            environment.dispatcher.send(task, to: replica.backendID)
        }
        judgePush(session)
    }

    /// A backend answered: what waited for it may go.
    public func startHeldPushes() {
        guard isClusterKnown else { return }
        for session in runningSessions { startHeldPush(session) }
    }

    private func startHeldPush(_ session: LoadSession) {
        let held = session.with { $0.phase == .pushing && !$0.isPushClaimed ? $0.totals : nil }
        guard let held else { return }
        do {
            try startPush(session, held)
        } catch {
            environment.logger.error("a load was not pushed", metadata: ["txn": "\(session.id)", "error": "\(error)"])
        }
    }

    private var isClusterKnown: Bool {
        guard environment.monotonicNow - startedAt < environment.configuration.firstHeartbeatWait else { return true }
        return environment.store.read { state in
            state.backends.allSatisfy { backend in
                let status = state.status(of: backend.id)
                return status.lastHeartbeatAt != nil || status.failureCount > 0
            }
        }
    }

    private func allocateSignatures(_ session: LoadSession) throws -> Int64 {
        do {
            return try environment.store.allocateIDs(max(session.tablets.count, 1)).lowerBound
        } catch {
            abort(session, "no ids: \(error)")
            throw MasterError(
                .readOnly, "the load was aborted: \(error)", nextStep: environment.configuration.journalNextStep)
        }
    }

    private func pushTask(
        _ session: LoadSession, _ place: Int, schemaHash: SchemaHash, partition: PartitionID?,
        _ totals: LoadSpool.Totals
    ) -> AgentTask {
        let tablet = session.tablets[place]
        if let conditions = session.conditions {
            return deleteTask(session, place, schemaHash: schemaHash, partition: partition, conditions)
        }
        let configuration = environment.configuration
        let address = NetworkAddress(host: configuration.host, port: configuration.httpPort)
        let timeoutMs = session.with { $0.transaction.timeoutMs }
        let request = PushRequest(
            tabletID: tablet, schemaHash: schemaHash, timeoutSeconds: max(1, timeoutMs / 1000),
            url:
                "\(configuration.httpScheme)://\(address)/api/_load_file/\(session.id)/\(tablet)?token=\(session.token)",
            sizeBytes: totals.fileBytes[place % session.bucketCount], transactionID: session.id, partitionID: partition,
            rowColumns: place < session.bucketCount ? nil : session.rowColumns)
        return AgentTask(
            type: .realtimePush, signature: session.with { $0.firstSignature } + Int64(place), payload: .push(request))
    }

    /// A PUSH ended well.
    public func pushed(_ request: PushRequest, on backend: BackendID) {
        guard let id = request.transactionID, let session = session(id) else { return }
        session.with { $0.push?.succeed(.init(request.tabletID, backend)) }
        judgePush(session)
    }

    /// A PUSH failed: it is tried again after a moment, and given up after some tries.
    /// - Returns: whether the task should stay queued.
    public func pushFailed(_ request: PushRequest, on backend: BackendID, _ reason: String) -> Bool {
        guard let id = request.transactionID, let session = session(id) else { return false }
        let place = LoadProgress.Place(request.tabletID, backend)
        let attempts = session.with { state -> Int in
            state.attempts[place, default: 0] += 1
            return state.attempts[place, default: 0]
        }
        if attempts < environment.configuration.pushAttempts { return true }
        session.with { $0.push?.fail(place, reason) }
        environment.logger.warning(
            "a replica did not take its rows",
            metadata: [
                "txn": "\(id)", "tablet": "\(request.tabletID)", "backend": "\(backend)", "reason": "\(reason)",
            ])
        judgePush(session)
        return false
    }

    func judgePush(_ session: LoadSession) {
        let now = environment.monotonicNow
        let wait = stragglerWait(since: session.with { $0.pushingSince })
        // Looked up only once it can matter.
        let hasMajority = session.with { $0.push?.hasMajorityEverywhere ?? false }
        let behind = hasMajority ? placesBehind(session) : []
        let (verdict, startsTimer) = session.with { state -> (LoadProgress.Verdict, Bool) in
            guard state.phase == .pushing, let push = state.push else { return (.undecided, false) }
            var starts = false
            if hasMajority, state.stragglersUntil == nil {
                state.stragglersUntil = now + wait
                starts = push.waitingCount > 0 || !behind.isEmpty
            }
            state.message = "\(push.waitingCount) of \(push.replicaCount) replicas have not taken their rows yet"
            let isPatient = state.stragglersUntil.map { now < $0 } ?? true
            return (push.verdict(waitsForStragglers: isPatient, notCounting: behind), starts)
        }
        if startsTimer { environment.after(wait) { [self] in judgePush(session) } }
        switch verdict {
        case .undecided: break
        case .won: if session.move(from: [.pushing], to: .committing) { commit(session) }
        case .lost(let tablet, let reason):
            abort(session, "tablet \(tablet) has no majority of its replicas: \(reason)")
        }
    }

    /// Replicas of the load's tablets that lack a version before the load's, or will when an earlier load becomes visible,
    /// or that are not there any more: with them the rows would not be where a majority is.
    func placesBehind(_ session: LoadSession) -> Set<LoadProgress.Place> {
        let missed = placesMissingEarlierLoads(session)
        return environment.store.read { missed.union($0.placesBehind(session)) }
    }

    private func placesMissingEarlierLoads(_ session: LoadSession) -> Set<LoadProgress.Place> {
        let others = runningSessions.filter { $0.tableID == session.tableID && $0.id != session.id }
        let missed = others.flatMap { other in
            other.with { $0.transaction.state == .committed ? $0.transaction.failedReplicas : [] }
        }
        return Set(missed.map { LoadProgress.Place($0.tabletID, $0.backendID) })
    }

    private func commit(_ session: LoadSession) {
        let now = environment.wallNow
        let (prepared, push, totals) = session.with { ($0.transaction, $0.push, $0.totals) }
        let missed = placesMissingEarlierLoads(session)
        do {
            let committed = try environment.commit { state, _ in
                guard let table = state.table(session.tableID), let partition = table.partitions.first else {
                    throw MasterError(.notFound, "its table was dropped", nextStep: "")
                }
                try state.checkNotOlder(table.id)
                // A replica may have been lost or dropped since the rows were counted.
                let behind = missed.union(state.placesBehind(session))
                // An alter may have taken others in their place.
                var push = push
                push?.keep(Set(session.tablets.filter { state.tablets.contains($0) }))
                if let tablet = push?.tabletWithoutMajority(notCounting: behind) {
                    throw MasterError(
                        .conflict, "tablet \(tablet) lost a replica with its rows", nextStep: "load again")
                }
                var transaction = prepared
                transaction.state = .committed
                transaction.committedAt = now
                transaction.partitions = [.init(partitionID: partition.id, version: partition.nextVersion)]
                transaction.failedReplicas = state.replicas(of: session.tablets, missing: push)
                transaction.rowCount = totals?.rowCount ?? 0
                transaction.sizeBytes = totals?.bytes ?? 0
                return ([.upsertTransaction(transaction)], transaction)
            }
            wasCommitted(session, committed)
        } catch let error as MasterError where error.code == .outcomeUnknown {
            // Its rows may be promised: it stays as it is until the metadata store knows (`settled`).
            hold(session, error)
        } catch let error as MasterError where error.code == .readOnly {
            commitWasNotWritten(session, error.message)
        } catch {
            session.with { $0.phase = .ended }
            end(session, aborted: "the commit failed: \((error as? MasterError)?.message ?? "\(error)")")
        }
    }

    /// It is durable.
    func wasCommitted(_ session: LoadSession, _ committed: Transaction) {
        session.with { state in
            state.transaction = committed
            state.phase = .committed
            state.message = "waits for earlier versions"
        }
        environment.logger.info(
            "load was committed",
            metadata: [
                "txn": "\(session.id)", "label": "\(committed.label)",
                "version": "\(committed.partitions.first?.version ?? .none)",
                "missed_replicas": "\(committed.failedReplicas.count)",
            ])
        publishNext(session.tableID)
    }

    /// How long the slower replicas are waited for once there is a majority: as long again as the majority took, within limits,
    /// so that a small load is not held up by one backend that does not answer.
    func stragglerWait(since start: MonotonicTime?) -> Duration {
        let configuration = environment.configuration
        let taken = start.map { environment.monotonicNow - $0 } ?? .zero
        return min(configuration.stragglerWait, max(configuration.stragglerPatience, taken))
    }

    /// Nobody waits for this backend any longer; should its answers come through, they count.
    public func becameLate(_ backend: BackendID) {
        for session in runningSessions {
            session.with { state in
                if state.phase == .pushing { state.push?.lose(backend, "nothing comes from its backend") }
                if state.phase == .publishing { state.publish?.lose(backend, "nothing comes from its backend") }
            }
            judgePush(session)
            judgePublish(session)
        }
    }

    func removePushTasks(_ session: LoadSession) {
        let (first, places) = session.with { ($0.firstSignature, ($0.push?.allPlaces ?? []) + $0.besides) }
        guard first > 0 else { return }
        let known = session.places
        for replica in places {
            guard let place = known[replica.tabletID] else { continue }
            environment.tasks.remove(.init(type: .realtimePush, signature: first + Int64(place)), of: replica.backendID)
        }
    }
}

/// Which replicas a load goes to, as the state is now.
struct PushPlan {
    var replicas: [TabletID: [BackendID]] = [:]
    var excluded: [LoadProgress.Place: String] = [:]
    /// Replicas that nothing depends on, bad ones, those that are being made and those of silent backends: they get rows and
    /// versions all the same, so that they lack less once they are whole.
    var besides: [LoadProgress.Place] = []
    var partitionID: PartitionID?
    var schemaHashes: [TabletID: SchemaHash] = [:]
    /// The table's replication count.
    var wanted: Int?

    init(_ tablets: [TabletID], in state: ClusterState) {
        var hashes: [IndexID: SchemaHash] = [:]
        for id in tablets {
            guard let tablet = state.tablets.tablet(id) else { continue }
            let hash = hashes[tablet.indexID] ?? state.partition(of: tablet)?.index(tablet.indexID)?.schemaHash
            hashes[tablet.indexID] = hash
            schemaHashes[id] = hash
            if partitionID == nil {
                partitionID = tablet.partitionID
                wanted = state.table(tablet.tableID).map { Int($0.replicationCount) }
            }
            add(state.tablets.replicas(of: id), of: id, in: state)
        }
    }

    private mutating func add(_ all: [Replica], of id: TabletID, in state: ClusterState) {
        replicas[id] = all.filter { $0.state != .clone }.map(\.backendID)
        for replica in all {
            let place = LoadProgress.Place(id, replica.backendID)
            let isAlive = state.isAlive(replica.backendID)
            if replica.state == .clone {
                if isAlive { besides.append(place) }
            } else if !isAlive {
                excluded[place] = "the backend is dead"
            } else if !state.isHeard(replica.backendID) {
                excluded[place] = "nothing comes from its backend, though heartbeats are answered"
                besides.append(place)
            } else if let reason = state.backend(replica.backendID)?.foreignRows {
                excluded[place] = reason
            } else if replica.isBad {
                excluded[place] = "the replica is bad"
                besides.append(place)
            }
        }
    }
}

extension ClusterState {
    /// Places of the load that don't make its rows readable now.
    fileprivate func placesBehind(_ session: LoadSession) -> Set<LoadProgress.Place> {
        var behind = Set(session.with { $0.push?.allPlaces ?? [] })
        for id in session.tablets {
            guard let tablet = tablets.tablet(id), let partition = partition(of: tablet) else { continue }
            for replica in tablets.replicas(of: id)
            where !replica.isBad && replica.state != .clone
                // What an alter has yet to fill lacks nothing that the load's rows would need.
                && (replica.state == .alter || replica.versions.isComplete(upTo: partition.visibleVersion))
            {
                behind.remove(LoadProgress.Place(id, replica.backendID))
            }
        }
        return behind
    }

    /// The tablets' replicas that `progress` does not know to have come through, sorted: one that was made or taken in
    /// after the load began is among them.
    func replicas(of tablets: [TabletID], missing progress: LoadProgress?) -> [ReplicaKey] {
        tablets.flatMap { id in
            self.tablets.replicas(of: id).filter { replica in
                progress?.outcome(LoadProgress.Place(id, replica.backendID)) != .done
            }.map { ReplicaKey(tabletID: id, backendID: $0.backendID) }
        }.sorted()
    }
}
