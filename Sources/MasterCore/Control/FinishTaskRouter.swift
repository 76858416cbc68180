internal import AgentTasks
internal import BackupRestore
internal import ClusterMetadata
internal import ColdStorage
internal import DataLoading
internal import Logging
internal import MasterServices
internal import Platform
internal import ReplicaRepair
internal import SchemaChange
internal import TableCatalog
internal import TabletModel
internal import TabletReports

/// Takes the ends of tasks to those who wait for them. Any thread; a backend sends an end again until it was answered,
/// so everything here may come twice.
struct FinishTaskRouter {
    let environment: MasterEnvironment
    let tables: TableCreator
    let loads: LoadManager
    let cooldown: CooldownManager
    let repairs: RepairManager
    let moves: DiskMover
    let consistency: ConsistencyChecker
    let trials: StorageTrials
    let alters: AlterManager
    let backups: BackupManager
    let touched: TouchedTablets

    /// Ends that came together: an answer each, in their order.
    func finish(_ requests: [FinishTaskRequest]) -> [RPCStatus] {
        var answers: [RPCStatus] = []
        answers.reserveCapacity(requests.count)
        var rest = requests[...]
        while let first = rest.first {
            let creations = rest.prefix { Self.isCreation($0) && $0.backend == first.backend }
            if creations.count > 1 {
                answers += finish(creations: creations)
                rest = rest.dropFirst(creations.count)
            } else {
                answers.append(finish(first))
                rest = rest.dropFirst()
            }
        }
        return answers
    }

    func finish(_ request: FinishTaskRequest) -> RPCStatus {
        guard let backend = environment.store.read({ $0.sender(request.backend)?.id }) else {
            return RPCStatus(.cancelled, "backend \(request.backend) does not exist")
        }
        environment.signs.heard(from: backend, at: environment.monotonicNow)
        let key = AgentTaskQueue.Key(type: request.type, signature: request.signature)
        guard let task = environment.tasks.task(key, of: backend) else {
            return FinishTaskRules.answerToUnknown(request)
        }
        if request.status.isOK, let member = FinishTaskRules.missingMember(request) {
            return RPCStatus(.cancelled, "\(request.type) ended without \(member)")
        }
        // Before the state changes: a report made earlier than this must not undo it.
        touch(request, task, backend)
        if request.status.isOK { succeed(request, task, key, backend) } else { fail(request, task, key, backend) }
        return .ok
    }

    private func succeed(
        _ request: FinishTaskRequest, _ task: AgentTask, _ key: AgentTaskQueue.Key, _ backend: BackendID
    ) {
        environment.tasks.remove(key, of: backend)
        if backups.ended(request, task, on: backend) { return environment.dispatcher.kick(backend) }
        switch task.payload {
        case .create(let create):
            // Locks that all ends take in turn are what bounds the creation of a large table: the fewer the better.
            if !tables.created([create.tabletID], of: create.tableID, on: backend) {
                alters.created(create.tabletID, on: backend)
            }
        case .alter(let alter):
            if let row = request.tablets?.first { alters.altered(alter, on: backend, row) }
        case .push(let push): loads.pushed(push, on: backend)
        case .publishVersion(let publish):
            _ = loads.published(
                publish.transactionID, on: backend, status: request.status, errors: request.errorTabletIDs ?? [])
        case .cooldownConfs: cooldown.acknowledged(task, by: backend)
        case .checkConsistency(let check): consistency.finished(request, task: check, on: backend)
        case .storagePolicy where task.type == .checkStorage: trials.finished(task.signature, on: backend)
        case .clone(let clone):
            if let row = request.tablets?.first {
                repairs.cloned(
                    clone, on: backend, row, bytes: request.copySizeBytes ?? 0, timeMs: request.copyTimeMs ?? 0)
            }
        case .migrate(let migrate): moves.moved(migrate.tabletID, on: backend, request.tablets?.first)
        default: break
        }
        environment.dispatcher.kick(backend)
    }

    private func fail(
        _ request: FinishTaskRequest, _ task: AgentTask, _ key: AgentTaskQueue.Key, _ backend: BackendID
    ) {
        let failures = environment.tasks.countFailure(key, of: backend) ?? 1
        let reason = request.status.description
        environment.logger.warning(
            "task failed",
            metadata: [
                "backend": "\(backend)", "type": "\(request.type)", "signature": "\(request.signature)",
                "status": "\(reason)", "failures": "\(failures)",
            ])
        if backups.isWaiting(for: task, on: backend) {
            environment.tasks.remove(key, of: backend)
            backups.ended(request, task, on: backend)
            return environment.dispatcher.kick(backend)
        }
        var stays = false
        switch task.payload {
        case .create(let create):
            environment.tasks.remove(key, of: backend)
            tables.failed(create.tabletID, on: backend, reason)
            alters.createFailed(create.tabletID, on: backend, reason)
            return
        case .alter(let alter):
            environment.tasks.remove(key, of: backend)
            alters.alterFailed(alter, on: backend, reason)
            return
        case .cooldownConfs:
            environment.tasks.remove(key, of: backend)
            cooldown.failed(task, on: backend, reason)
            environment.dispatcher.kick(backend)
            return
        case .clone(let clone):
            environment.tasks.remove(key, of: backend)
            repairs.cloneFailed(clone, on: backend, reason)
            environment.dispatcher.kick(backend)
            return
        // Sent again after its end was lost: it is there.
        case .migrate(let migrate) where request.status.code == .alreadyExist:
            moves.moved(migrate.tabletID, on: backend, nil)
        case .migrate(let migrate): moves.failed(migrate.tabletID, on: backend, reason)
        case .push(let push): stays = loads.pushFailed(push, on: backend, reason)
        case .publishVersion(let publish):
            if request.status.code == .alreadyExist {
                if loads.isAnswerOwed(publish.transactionID, by: backend) {
                    return sendAgain(key, to: backend, failures: 1)
                }
                if loads.versionTaken(publish.transactionID, on: backend) { return }
                noteOlder(publish, request, backend)
            }
            stays = loads.published(
                publish.transactionID, on: backend, status: request.status, errors: request.errorTabletIDs ?? [])
        case .checkConsistency(let check): consistency.failed(check, on: backend, reason)
        case .storagePolicy where task.type == .checkStorage: trials.failed(task.signature, on: backend, reason)
        // Gone already is what was wanted; anything else is tried again when the tablet is reported.
        case .drop: stays = false
        // The next report shows which tablets still need it.
        case .updateTabletMeta: stays = false
        default: stays = false
        }
        if stays { sendAgain(key, to: backend, failures: failures) } else { environment.tasks.remove(key, of: backend) }
    }

    /// The version holds another load's rows: it was given before, by metadata that are not here.
    private func noteOlder(_ publish: PublishVersionRequest, _ request: FinishTaskRequest, _ backend: BackendID) {
        guard let tablet = request.errorTabletIDs?.first else { return }
        let found = environment.store.read { state -> FoundOlder? in
            guard state.backend(backend)?.isOurs == true, let known = state.tablets.tablet(tablet),
                let version = publish.partitions.first(where: { $0.partitionID == known.partitionID })?.version
            else { return nil }
            return FoundOlder(
                tableID: known.tableID,
                finding: OlderFinding(
                    kind: .publish, backendID: backend, tabletID: tablet, ours: version.rawValue,
                    theirs: publish.transactionID.rawValue, foundAt: environment.wallNow))
        }
        environment.noteOlder(found.map { [$0] } ?? [])
    }

    private func sendAgain(_ key: AgentTaskQueue.Key, to backend: BackendID, failures: Int) {
        let delay = Backoff(base: .seconds(1), limit: .seconds(30)).ceiling(retry: failures - 1)
        let (tasks, dispatcher) = (environment.tasks, environment.dispatcher)
        environment.after(delay) {
            tasks.sendAgain(key, of: backend)
            dispatcher.kick(backend)
        }
    }

    private func touch(_ request: FinishTaskRequest, _ task: AgentTask, _ backend: BackendID) {
        guard let version = request.reportVersion else { return }
        // `contract/behaviour.md §2`: a task that failed raises nothing.
        let isRaised = request.status.isOK
        switch task.payload {
        case .create(let create): touched.note([create.tabletID], on: backend, at: version, raised: isRaised)
        // It changes nothing that a report is believed in: one made before its end may show a replica that is behind.
        case .push: touched.note([], on: backend, at: version, raised: isRaised)
        case .alter(let alter): touched.note([alter.newTabletID], on: backend, at: version, raised: isRaised)
        case .clone(let clone): touched.note([clone.tabletID], on: backend, at: version, raised: isRaised)
        case .move(let move): touched.note([move.tabletID], on: backend, at: version, raised: isRaised)
        // A report made before shows it in its former data dir.
        case .migrate(let migrate): touched.note([migrate.tabletID], on: backend, at: version, raised: isRaised)
        case .publishVersion(let publish):
            guard let session = loads.session(publish.transactionID) else { return }
            touched.note(session.tablets, on: backend, at: version, raised: false)
        default: break
        }
    }
}
