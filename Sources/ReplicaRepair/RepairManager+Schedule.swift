internal import AgentTasks
internal import ClusterMetadata
internal import Logging
internal import MasterServices
internal import Platform
internal import TabletModel

// The tablet scheduler's rounds: what is over, what is new, what is due.
extension RepairManager {
    func tick() {
        let now = environment.monotonicNow
        for clone in with({ $0.scheduler.expired(now: now) }) {
            giveUp(clone, "not finished within \(clone.operation.lease.wholeNanoseconds / 1_000_000_000) seconds")
        }
        giveUpOrphans()
        check(environment.suspects.take())
        if !configuration.isDisabled { actOnDue() }
    }

    /// Clones of tablets or replicas that are not there any more.
    private func giveUpOrphans() {
        for clone in with({ $0.scheduler.clones() }) {
            let key = ReplicaKey(
                tabletID: clone.operation.tabletID, backendID: clone.operation.destination.backendID)
            let isThere = environment.store.read { $0.tablets.replica(key)?.id == clone.replicaID }
            if !isThere { giveUp(clone, "the tablet or the replica was dropped") }
        }
    }

    private func actOnDue() {
        let now = environment.monotonicNow
        let due = with { $0.scheduler.due(now: now, limit: configuration.maxScheduling) }
        guard !due.isEmpty else { return }
        var planner = RepairPlanner(
            configuration: configuration, facts: environment.store.read { self.facts($0) },
            slots: with { $0.scheduler.slots }, allowsSameHost: environment.configuration.allowsSameHost,
            highWatermarkPermille: environment.configuration.highWatermarkPercent * 10)
        for item in due {
            planner.avoided = item.avoided
            if act(on: item, planner) { planner.slots = with { $0.scheduler.slots } }
        }
    }

    /// Does what the tablet needs by now.
    /// - Returns: whether a clone was started.
    private func act(on item: TabletScheduler.Item, _ planner: RepairPlanner) -> Bool {
        let now = now
        guard let subject = environment.store.read({ RepairSubject(item.tabletID, in: $0) }) else {
            with { $0.scheduler.withdraw(item.tabletID) }
            return false
        }
        if environment.store.read({ $0.isHeld(item.tabletID) }) {
            let reason = "the metadata are older than the backends: see tabletctl meta status"
            with { $0.scheduler.putOff(item.tabletID, for: configuration.waitInterval, reason, now: now.monotonic) }
            return false
        }
        let health = subject.health(planner.facts)
        // The status may be another one by now, with a delay of its own.
        let isDue = with { state in
            _ = state.scheduler.offer(item.tabletID, health, now: now.monotonic, wall: now.wall)
            return state.scheduler.pending[item.tabletID].map { $0.notBefore <= now.monotonic } ?? false
        }
        guard isDue else { return false }
        switch planner.decide(subject, health, attempts: item.attempts) {
        case .clone(let operation): return begin(operation, subject)
        case .drop(let key, let replica, let keeping): drop(key, replica, keeping: keeping)
        case .wait(let reason):
            with { $0.scheduler.putOff(item.tabletID, for: configuration.waitInterval, reason, now: now.monotonic) }
        case .nothing: with { $0.scheduler.withdraw(item.tabletID) }
        }
        return false
    }

    // MARK: Drop

    private struct Refused: Error, CustomStringConvertible {
        var description: String
    }

    /// A surplus replica goes: out of the metadata first, then off its backend.
    private func drop(_ key: ReplicaKey, _ replica: ReplicaID, keeping: Int) {
        do {
            let wasUploader = try unregister(key, replica, keeping: keeping)
            let message = "the surplus replica \(replica) on backend \(key.backendID) was dropped"
            environment.logger.info(
                "a surplus replica was dropped",
                metadata: ["tablet": "\(key.tabletID)", "backend": "\(key.backendID)", "replica": "\(replica)"])
            let wall = environment.wallNow
            with { $0.scheduler.dropped(key.tabletID, from: key.backendID, wall: wall, message: message) }
            if wasUploader { uploaderDropped(key.tabletID) }
            check([key.tabletID])
        } catch {
            let now = environment.monotonicNow
            with { $0.scheduler.attemptFailed(key.tabletID, "\(error)", now: now) }
        }
    }

    /// Journals that the replica is gone, if it may go, and tells its backend. A backend that is away shows the replica in
    /// its report when it comes back, and is told then.
    /// - Returns: whether it was the tablet's uploader.
    func unregister(_ key: ReplicaKey, _ replica: ReplicaID, keeping: Int) throws -> Bool {
        let wasUploader = try environment.commit { state, _ in
            guard let subject = RepairSubject(key.tabletID, in: state),
                let victim = subject.replicas.first(where: { $0.backendID == key.backendID && $0.id == replica })
            else { return (entries: [], result: false) }
            if state.isHeld(key.tabletID) { throw Refused(description: "the metadata are older than the backends") }
            let refusal = ReplicaSafety.refusal(
                dropping: victim, of: subject.replicas, visible: subject.visible, keeping: keeping,
                facts: self.facts(state))
            if let refusal { throw Refused(description: refusal) }
            if let version = state.versionNeeding(victim, of: subject) {
                throw Refused(description: "too few other replicas hold version \(version), which is being published")
            }
            return (entries: [.deleteReplica(key)], result: subject.tablet.cooldownReplicaID == replica)
        }
        if environment.store.read({ $0.isAlive(key.backendID) }) {
            environment.tasks.remove(.init(type: .drop, signature: key.tabletID.rawValue), of: key.backendID)
            environment.dispatcher.send(
                .drop(key.tabletID, replica, isTableGone: false), to: key.backendID)
        }
        return wasUploader
    }
}
