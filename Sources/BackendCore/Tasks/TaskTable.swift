internal import TabletModel

/// What becomes of a task on this backend.
struct TaskJob: Sendable {
    typealias Run = @Sendable (TaskContext) throws -> TaskOutcome

    /// Where it waits.
    var pool: TaskPoolID
    /// What is wrong with it. The FE hears it in the answer to the submission, and as the end of the task.
    var refusal: RPCStatus?
    var run: Run
    /// Of a CREATE, of which many share a sync: they run together.
    var creation: CreateTabletRequest?

    init(_ pool: TaskPoolID, _ run: @escaping Run) {
        self.pool = pool
        self.run = run
    }

    init(refusal: RPCStatus) {
        pool = .refusal
        self.refusal = refusal
        run = { _ in .finished(.failed(refusal)) }
    }
}

/// The table of tasks: one row for each thing that a task can ask for, which the compiler keeps complete.
/// `TaskType.member` says which types ask for it, `TaskPoolID` how many workers do it.
extension AgentTask {
    /// A type that is not known, or that comes without what it needs, is refused: INVALID_ARGUMENT. One that this build
    /// does not run is accepted, and ends with NOT_IMPLEMENTED_ERROR.
    var job: TaskJob {
        guard type.isKnown else { return refused("is of a type that this backend does not know") }
        guard let member = type.member else { return notImplemented }
        return switch payload {
        case .create(let request): creation(request)
        case .drop(let request): row(.drop, .drop) { try TaskHandlers.drop(request, $0) }
        case .push(let request):
            switch request.pushType {
            case .load, .loadV2: row(.push, .push) { try TaskHandlers.push(request, $0) }
            case .delete: row(.push, .delete) { try TaskHandlers.push(request, $0) }
            default: refused("asks for push type \(request.pushType), which is not supported")
            }
        case .publishVersion(let request): row(.publishVersion, .publish) { try TaskHandlers.publish(request, $0) }
        case .clearTransaction(let request):
            row(.clearTransaction, .clearTransaction) { try TaskHandlers.clearTransaction(request, $0) }
        case .updateTabletMeta(let updates):
            row(.updateTabletMeta, .tabletMeta) { try TaskHandlers.updateTabletMeta(updates, $0) }
        case .storagePolicy(let entry) where type == .checkStorage:
            row(.storagePolicy, .storageCheck) { try TaskHandlers.checkStorage(entry, $0) }
        case .storagePolicy(let entry):
            row(.storagePolicy, .storagePolicy) { try TaskHandlers.storagePolicy(entry, $0) }
        case .cooldownConfs(let confs): row(.cooldownConfs, .cooldownConf) { TaskHandlers.cooldownConfs(confs, $0) }
        case .clone(let request): row(.clone, .clone) { try TaskHandlers.clone(request, $0) }
        case .compaction(let request): row(.compaction, .compaction) { try TaskHandlers.compact(request, $0) }
        case .checkConsistency(let request):
            row(.checkConsistency, .checksum) { try TaskHandlers.checkConsistency(request, $0) }
        case .makeSnapshot(let request): row(.makeSnapshot, .snapshot) { try TaskHandlers.makeSnapshot(request, $0) }
        case .releaseSnapshot(let path):
            row(.releaseSnapshot, .releaseSnapshot) { try TaskHandlers.releaseSnapshot(path, $0) }
        case .migrate(let request): row(.storageMediumMigrate, .migrate) { try TaskHandlers.migrate(request, $0) }
        case .upload(let request):
            row(.upload, .upload) { [signature] in try TaskHandlers.upload(request, signature, $0) }
        case .download(let request):
            row(.download, .download) { [signature] in try TaskHandlers.download(request, signature, $0) }
        case .move(let request): row(.move, .move) { try TaskHandlers.move(request, $0) }
        case .alter(let request): row(.alter, .alter) { try TaskHandlers.alter(request, $0) }
        // Not behind the ALTER that it is to end.
        case .clearAlter(let request):
            row(.clearAlterTask, .clearTransaction) { try TaskHandlers.clearAlter(request, $0) }
        case .pushedRules(let rules):
            row(.pushedRules, .storagePolicy) { try TaskHandlers.pushedRules(rules, $0) }
        case .cleanTrash: row(.cleanTrash, .cleanTrash) { try TaskHandlers.cleanTrash($0) }
        case .visibleVersions(let versions):
            row(.visibleVersions, .tabletMeta) { try TaskHandlers.visibleVersions(versions, $0) }
        case .indexPolicies(let pushed):
            row(.indexPolicies, .storagePolicy) { try TaskHandlers.indexPolicies(pushed, $0) }
        // There is no binlog and no function here, so none is left to be removed.
        case .unread where type == .gcBinlog || type == .cleanUDFCache:
            TaskJob(.refusal) { _ in .finished(TaskResult()) }
        case .unread: notImplemented
        case .absent: lacks(member)
        }
    }

    private func row(_ asked: TaskMember, _ pool: TaskPoolID, _ run: @escaping TaskJob.Run) -> TaskJob {
        guard let member = type.member, member != asked else { return TaskJob(pool, run) }
        return lacks(member)
    }

    private func creation(_ request: CreateTabletRequest) -> TaskJob {
        var job = row(.create, .create) { TaskHandlers.create([request], $0.engine)[0] }
        if job.pool == .create { job.creation = request }
        return job
    }

    private func lacks(_ member: TaskMember) -> TaskJob { refused("comes without its \(member.rawValue)") }

    private func refused(_ reason: String) -> TaskJob {
        TaskJob(refusal: RPCStatus(.invalidArgument, "task \(type) (signature \(signature)) \(reason)"))
    }

    private var notImplemented: TaskJob {
        let status = RPCStatus(.notImplementedError, "this backend does not run \(type) tasks")
        return TaskJob(.refusal) { _ in .finished(.failed(status)) }
    }
}
