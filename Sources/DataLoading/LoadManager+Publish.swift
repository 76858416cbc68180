internal import AgentTasks
internal import ClusterMetadata
internal import HTTPAPI
internal import Logging
internal import MasterServices
internal import Platform
public import TabletModel

/// Committed versions become visible, one after the other in each table: PUBLISH_VERSION to all backends that hold the
/// rows. A committed load is never given up: what fails is sent again, and what a backend misses is healed by its
/// reports.
extension LoadManager {
    /// Starts the lowest committed version, if the one before it is visible. One that is visible already was adopted from
    /// the backends: publishing it tells whether it is this load's (`versionTaken`).
    func publishNext(_ table: TableID) {
        guard !environment.store.read({ $0.older.holds(table) }) else { return }
        let waiting = runningSessions.filter { $0.tableID == table && $0.with { $0.phase } == .committed }
        for session in waiting {
            let isNext = environment.store.read { state in
                session.with { $0.transaction.partitions }.allSatisfy { published in
                    guard let visible = state.table(table)?.partition(published.partitionID)?.visibleVersion else {
                        return false
                    }
                    return published.version <= visible.next
                }
            }
            if isNext, session.move(from: [.committed], to: .publishing) { startPublish(session) }
        }
    }

    private func startPublish(_ session: LoadSession) {
        let transaction = session.with { $0.transaction }
        let missed = Set(transaction.failedReplicas)
        let plan = environment.store.read { PushPlan(session.tablets, in: $0) }
        var excluded: [LoadProgress.Place: String] = [:]
        for place in plan.besides { excluded[place] = plan.excluded[place] ?? "the replica is being made" }
        for key in missed { excluded[.init(key.tabletID, key.backendID)] = "it did not take the rows" }
        let backends = session.with { state -> Set<BackendID> in
            // A replica that came after the commit did not take the rows, or counts for nothing yet.
            if let push = state.push {
                for (tablet, backends) in plan.replicas {
                    for backend in backends where push.outcome(.init(tablet, backend)) != .done {
                        excluded[.init(tablet, backend)] = "it did not take the rows"
                    }
                }
            }
            state.publish = LoadProgress(replicas: plan.replicas, excluded: excluded, wanted: plan.wanted)
            state.besides = plan.besides
            state.stragglersUntil = nil
            state.publishingSince = environment.monotonicNow
            state.attempts = [:]
            return Set(((state.publish?.waitingPlaces ?? []) + plan.besides).map(\.backendID))
        }
        for backend in backends.sorted() {
            environment.dispatcher.send(.publish(transaction), to: backend)
        }
        judgePublish(session)
        judgePublishLater(session)
    }

    /// Committed rows may be on fewer replicas than a majority by now: machines were lost, or replicas that were copied from
    /// others meanwhile have only what was visible. No publish brings these rows to the others; a clone does, once the
    /// version is visible. So after a while one whole replica of each tablet is enough (Doris:
    /// `publish_wait_time_second`), and after twice as long any one: else no later load of the table would become visible
    /// either.
    private func judgePublishLater(_ session: LoadSession) {
        environment.after(environment.configuration.publishWait) { [self] in
            guard session.with({ $0.phase == .publishing }) else { return }
            judgePublish(session)
            if session.with({ $0.phase == .publishing }) { judgePublishLater(session) }
        }
    }

    /// Its time for a majority is over, and every tablet has somebody with the rows.
    private func isEnoughByNow(_ session: LoadSession) -> Bool {
        let wait = environment.configuration.publishWait
        let age = session.with { state in
            state.publishingSince.map { environment.monotonicNow - $0 } ?? .zero
        }
        guard age >= wait else { return false }
        let behind = age < wait * 2 ? placesBehind(session) : []
        return session.with { $0.publish?.hasOneEverywhere(notCounting: behind) ?? false }
    }

    /// PUBLISH_VERSION ended on a backend. Tablets in `errors` did not take the version; with a bad status and no
    /// tablets named, none did.
    /// - Returns: whether the task should stay queued.
    public func published(_ id: TransactionID, on backend: BackendID, status: RPCStatus, errors: [TabletID]) -> Bool {
        guard let session = session(id) else { return false }
        let failed = Set(errors)
        session.with { state in
            for place in (state.publish?.allPlaces ?? []) where place.backendID == backend {
                let didFail = failed.contains(place.tabletID) || (!status.isOK && failed.isEmpty)
                if !didFail, !state.didNotTakeRows(place) { state.publish?.succeed(place) }
                if didFail { state.countFailedPublish(place, status.description) }
            }
        }
        if !status.isOK {
            environment.logger.warning(
                "publish failed on a backend",
                metadata: [
                    "txn": "\(id)", "backend": "\(backend)", "status": "\(status)", "tablets": "\(errors.count)",
                ])
        }
        judgePublish(session)
        return !status.isOK
    }

    func judgePublish(_ session: LoadSession) {
        guard !environment.store.read({ $0.older.holds(session.tableID) }) else { return }
        let now = environment.monotonicNow
        let wait = stragglerWait(since: session.with { $0.publishingSince })
        let isEnough = isEnoughByNow(session)
        let (wins, startsTimer) = session.with { state -> (Bool, Bool) in
            guard state.phase == .publishing, let publish = state.publish else { return (false, false) }
            state.message = "\(publish.replicaCount - publish.doneCount) of \(publish.replicaCount) replicas to publish"
            guard publish.hasMajorityEverywhere else { return (isEnough, false) }
            var starts = false
            if state.stragglersUntil == nil {
                state.stragglersUntil = now + wait
                starts = publish.waitingCount > 0
            }
            let isPatient = state.stragglersUntil.map { now < $0 } ?? true
            return (publish.verdict(waitsForStragglers: isPatient) == .won, starts)
        }
        if startsTimer { environment.after(wait) { [self] in judgePublish(session) } }
        if wins, session.move(from: [.publishing], to: .showing) { show(session) }
    }

    private func show(_ session: LoadSession) {
        let (committed, publish) = session.with { ($0.transaction, $0.publish) }
        let now = environment.wallNow
        let visible: Transaction
        do {
            visible = try environment.commit { state, _ in
                var visible = committed
                visible.state = .visible
                visible.finishedAt = now
                visible.failedReplicas = state.replicas(of: session.tablets, missing: publish)
                return ([.upsertTransaction(visible)], visible)
            }
        } catch let error as MasterError where error.code == .outcomeUnknown {
            return hold(session, error)
        } catch {
            environment.logger.error(
                "a published load was not journaled as visible",
                metadata: ["txn": "\(session.id)", "error": "\(error)"])
            // Tried again with the next answer or timer, and once metadata can be written.
            session.with { state in
                state.phase = .publishing
                state.message = "published, but that could not be written: \(error)"
            }
            return
        }
        becameVisible(session, visible)
    }

    /// That it is visible is durable.
    func becameVisible(_ session: LoadSession, _ visible: Transaction) {
        session.with { state in
            state.transaction = visible
            state.phase = .ended
            state.message = ""
        }
        environment.logger.info(
            "load is visible",
            metadata: [
                "txn": "\(session.id)", "label": "\(visible.label)",
                "version": "\(visible.partitions.first?.version ?? .none)",
                "missed_replicas": "\(visible.failedReplicas.count)",
            ])
        removePushTasks(session)
        dropPublishTasks(session, of: Set(visible.failedReplicas.map(\.backendID)))
        retire(session)
        publishNext(session.tableID)
    }

    /// Tasks for dead backends would pile up; `backendCameBack` makes them again.
    private func dropPublishTasks(_ session: LoadSession, of missed: Set<BackendID>) {
        let dead = environment.store.read { state in missed.filter { !state.isAlive($0) } }
        for backend in dead.sorted() {
            environment.tasks.remove(.init(type: .publishVersion, signature: session.id.rawValue), of: backend)
        }
    }
}

extension LoadSession.State {
    private static let publishAttempts = 3

    /// A replica that was left out of the commit counts for the publish only if its late PUSH came through.
    fileprivate func didNotTakeRows(_ place: LoadProgress.Place) -> Bool {
        let key = ReplicaKey(tabletID: place.tabletID, backendID: place.backendID)
        return transaction.failedReplicas.contains(key) && push?.outcome(place) != .done
    }

    /// After some tries nobody waits for it any longer; a later success still counts.
    fileprivate mutating func countFailedPublish(_ place: LoadProgress.Place, _ reason: String) {
        attempts[place, default: 0] += 1
        if attempts[place, default: 0] >= Self.publishAttempts { publish?.fail(place, reason) }
    }
}
