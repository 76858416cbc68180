internal import AgentTasks
internal import ClusterMetadata
internal import HTTPAPI
internal import Logging
internal import MasterServices
internal import Platform
public import TabletModel

// A clone's life: registered, sent, ended.
extension RepairManager {
    /// - Returns: whether it was started.
    func begin(_ operation: CloneOperation, _ subject: RepairSubject) -> Bool {
        let now = now
        let replica: ReplicaID
        do {
            switch operation.target {
            case .inPlace(let id), .resumed(let id): replica = id
            case .new: replica = try register(operation)
            }
        } catch {
            with { $0.scheduler.attemptFailed(operation.tabletID, "\(error)", now: now.monotonic) }
            return false
        }
        let attempt = environment.signatures.next()
        let isStarted = with {
            $0.scheduler.start(operation, attempt: attempt, replica: replica, now: now.monotonic, wall: now.wall)
        }
        guard isStarted else {
            // Somebody judged the tablet anew in between.
            if operation.target == .new { removeUnfinished(operation, replica) }
            return false
        }
        guard let clone = with({ $0.scheduler.running[operation.tabletID] }), clone.attempt == attempt else {
            return false
        }
        guard let task = task(clone, subject) else {
            giveUp(clone, "a source is gone")
            return false
        }
        environment.logger.info(
            "clone begins",
            metadata: [
                "tablet": "\(operation.tabletID)", "replica": "\(replica)", "signature": "\(task.signature)",
                "backend": "\(operation.destination.backendID)", "version": "\(operation.version)",
                "sources": "\(operation.sources.map(\.description).joined(separator: ","))",
            ])
        // Under a tablet's id, one that an earlier attempt left would win over this one.
        environment.tasks.remove(key(of: clone), of: operation.destination.backendID)
        environment.dispatcher.send(task, to: operation.destination.backendID)
        return true
    }

    /// A Doris BE gets the tablet's id, as from its own FE: by that alone it keeps two clones of one tablet apart, which ours
    /// does by itself.
    private func key(of clone: TabletScheduler.Running) -> AgentTaskQueue.Key {
        let operation = clone.operation
        let isOurs = environment.store.read { $0.backend(operation.destination.backendID)?.isOurs ?? true }
        return AgentTaskQueue.Key(type: .clone, signature: isOurs ? clone.attempt : operation.tabletID.rawValue)
    }

    /// Journals the new replica before its backend hears of it: what it reports later is known here.
    private func register(_ operation: CloneOperation) throws -> ReplicaID {
        let backend = operation.destination.backendID
        return try environment.commit { state, ids in
            guard let subject = RepairSubject(operation.tabletID, in: state),
                !subject.replicas.contains(where: { $0.backendID == backend }),
                state.backend(backend)?.isDecommissioned == false
            else {
                throw MasterError(
                    .conflict, "the tablet or backend \(backend) changed meanwhile",
                    nextStep: "the scheduler decides again")
            }
            let replica = NewReplica(
                id: ReplicaID(ids.take()), backendID: backend,
                versions: ReplicaVersions(version: .none, lastFailed: subject.visible, lastSuccess: Version.none),
                state: .clone)
            return ([.addReplica(operation.tabletID, replica)], replica.id)
        }
    }

    private func task(_ clone: TabletScheduler.Running, _ subject: RepairSubject) -> AgentTask? {
        let operation = clone.operation
        let sources = environment.store.read { state in operation.sources.compactMap { state.backend($0)?.address } }
        guard !sources.isEmpty else { return nil }
        let request = CloneRequest(
            tabletID: operation.tabletID, schemaHash: subject.schemaHash, sources: sources,
            committedVersion: operation.version, sourcePathHash: operation.source.pathHash,
            destinationPathHash: operation.destination.pathHash,
            timeoutSeconds: operation.lease.wholeNanoseconds / 1_000_000_000, replicaID: clone.replicaID,
            partitionID: subject.tablet.partitionID, tableID: subject.tablet.tableID)
        return AgentTask(type: .clone, signature: key(of: clone).signature, payload: .clone(request))
    }

    /// A clone makes or mends the replica.
    func isCloning(_ key: ReplicaKey) -> Bool {
        with { $0.scheduler.running[key.tabletID]?.operation.destination.backendID == key.backendID }
    }

    // MARK: End

    /// CLONE ended well, says the backend: `row` is the replica as it is there now.
    public func cloned(
        _ request: CloneRequest, on backend: BackendID, _ row: TabletReportRow, bytes: Int64, timeMs: Int64
    ) {
        let found = with { $0.scheduler.clone(of: request.tabletID, replica: request.replicaID, on: backend) }
        // Given up before: what the backend made shows in its reports.
        guard let clone = found else { return }
        if let complaint = complaint(about: row, clone, request) { return giveUp(clone, complaint) }
        do {
            try take(row, clone, on: backend)
        } catch {
            return giveUp(clone, "its end was not journaled: \(error)")
        }
        environment.logger.info(
            "clone ended",
            metadata: [
                "tablet": "\(request.tabletID)", "replica": "\(request.replicaID)", "backend": "\(backend)",
                "version": "\(row.version)", "bytes": "\(bytes)", "ms": "\(timeMs)",
            ])
        let wall = environment.wallNow
        _ = with {
            $0.scheduler.succeeded(
                clone, copiedBytes: bytes, wall: wall,
                message: "the replica on backend \(backend) is whole up to version \(row.version)")
        }
        check([request.tabletID])
    }

    private func complaint(
        about row: TabletReportRow, _ clone: TabletScheduler.Running, _ request: CloneRequest
    ) -> String? {
        if row.tabletID != request.tabletID || row.schemaHash != request.schemaHash {
            return "the backend answered for tablet \(row.tabletID), schema hash \(row.schemaHash)"
        }
        if row.replicaID != 0, row.replicaID != clone.replicaID {
            return "the backend holds replica \(row.replicaID), not \(clone.replicaID)"
        }
        if row.version < clone.operation.version || row.versionMiss {
            return "the replica reached version \(row.version)\(row.versionMiss ? " with a gap" : "") of "
                + "\(clone.operation.version): the sources lack something"
        }
        return row.isUsed ? nil : "the backend can't use the replica"
    }

    /// The replica counts from now on, for as much as it has.
    private func take(_ row: TabletReportRow, _ clone: TabletScheduler.Running, on backend: BackendID) throws {
        let key = ReplicaKey(tabletID: row.tabletID, backendID: backend)
        try environment.commit { state, _ in
            guard let subject = RepairSubject(row.tabletID, in: state),
                let replica = state.tablets.replica(key), replica.id == clone.replicaID
            else {
                throw MasterError(.notFound, "\(key) is not registered any more", nextStep: "the scheduler goes on")
            }
            guard row.version < state.partition(of: subject.tablet)?.nextVersion ?? .none else {
                throw MasterError(
                    .conflict, "the backend says version \(row.version), which no load was given",
                    nextStep: "look at the backend's tablet")
            }
            var versions = replica.versions
            // What was believed of a lost or unfinished replica says nothing of what it is now.
            if replica.isBad || replica.state == .clone { versions = ReplicaVersions(version: row.version) }
            versions.cloned(to: row.version, visible: subject.visible)
            if versions.version < subject.visible { versions.failed(subject.visible) }
            for missed in state.committedVersions(of: subject.tablet) where missed > row.version {
                versions.failed(missed)
            }
            return ([.updateReplicas([ReplicaUpdate(key: key, versions: versions, isBad: false, state: .normal)])], ())
        }
        environment.store.observe { $0.takeFacts(of: [row], from: backend) }
    }

    /// CLONE failed, says the backend.
    public func cloneFailed(_ request: CloneRequest, on backend: BackendID, _ reason: String) {
        let found = with { $0.scheduler.clone(of: request.tabletID, replica: request.replicaID, on: backend) }
        if let clone = found { giveUp(clone, reason) }
    }

    func giveUpClones(to backend: BackendID, _ reason: String) {
        for clone in with({ $0.scheduler.clones(to: backend) }) { giveUp(clone, reason) }
    }

    /// The attempt is over: its task goes, and what it was making. One that is over already stays so, and a newer attempt of
    /// the tablet is not touched.
    func giveUp(_ clone: TabletScheduler.Running, _ reason: String) {
        let operation = clone.operation
        let now = now
        guard with({ $0.scheduler.failed(clone, reason, now: now.monotonic, wall: now.wall) }) else { return }
        environment.tasks.remove(key(of: clone), of: operation.destination.backendID)
        environment.logger.warning(
            "clone failed",
            metadata: [
                "tablet": "\(operation.tabletID)", "replica": "\(clone.replicaID)",
                "backend": "\(operation.destination.backendID)", "attempts": "\(clone.item.attempts + 1)",
                "reason": "\(reason)",
            ])
        if operation.isMaking { removeUnfinished(operation, clone.replicaID) }
        check([operation.tabletID])
    }

    /// One that may not go is taken up again by the next attempt.
    private func removeUnfinished(_ operation: CloneOperation, _ replica: ReplicaID) {
        let key = ReplicaKey(tabletID: operation.tabletID, backendID: operation.destination.backendID)
        let isUnfinished = environment.store.read { state in
            state.tablets.replica(key).map { $0.id == replica && $0.state == .clone } ?? false
        }
        guard isUnfinished else { return }
        do {
            _ = try unregister(key, replica, keeping: 1)
        } catch {
            environment.logger.warning(
                "an unfinished replica stays for the next attempt",
                metadata: [
                    "tablet": "\(key.tabletID)", "backend": "\(key.backendID)", "replica": "\(replica)",
                    "reason": "\(error)",
                ])
        }
    }
}

extension ClusterState {
    /// Versions of the tablet's partition that are committed and not visible yet.
    func committedVersions(of tablet: Tablet) -> [Version] {
        transactions.flatMap { transaction -> [Version] in
            guard transaction.state == .committed, transaction.tableID == tablet.tableID else { return [] }
            return transaction.partitions.filter { $0.partitionID == tablet.partitionID }.map(\.version)
        }
    }
}
