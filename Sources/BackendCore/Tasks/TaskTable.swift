internal import TabletModel

/// Every task type of the contract, one row each: where it runs, what it needs, what it does.
///
/// A type without a row is unknown: INVALID_ARGUMENT. A row whose handler is `notImplemented` is accepted, and the FE
/// hears NOT_IMPLEMENTED_ERROR through `finishTask`.
struct TaskTable: Sendable {
    struct Row: Sendable {
        var type: TaskType
        var pool: @Sendable (AgentTask) -> TaskPoolID
        var check: @Sendable (AgentTask) -> RPCStatus?
        var handler: TaskKind.Handler
    }

    private let byType: [TaskType: TaskKind]
    /// Stands for all types that have no row.
    private let unknown: TaskKind

    init(metrics: BackendMetrics) {
        byType = Dictionary(uniqueKeysWithValues: Self.rows.map { ($0.type, TaskKind($0, metrics: metrics)) })
        unknown = TaskKind(Self.notImplemented(TaskType(rawValue: -1)), metrics: metrics)
    }

    /// The row for the task, and why it is refused if it is.
    func lookUp(_ task: AgentTask) -> (kind: TaskKind, refusal: RPCStatus?) {
        guard let kind = byType[task.type] else {
            return (
                unknown,
                RPCStatus(
                    .invalidArgument,
                    "task type \(task.type) (signature \(task.signature)) is not known to this backend")
            )
        }
        return (kind, kind.check(task))
    }

    static let rows: [Row] = implemented + unimplemented

    private static let implemented: [Row] = [
        row(.create, "create_tablet_req", .create, TaskHandlers.create) {
            if case .create = $0 { true } else { false }
        },
        row(.drop, "drop_tablet_req", .drop, TaskHandlers.drop) { if case .drop = $0 { true } else { false } },
        push(.push),
        push(.realtimePush),
        row(.publishVersion, "publish_version_req", .publish, TaskHandlers.publish) {
            if case .publishVersion = $0 { true } else { false }
        },
        row(.clearTransactionTask, "clear_transaction_task_req", .clearTransaction, TaskHandlers.clearTransaction) {
            if case .clearTransaction = $0 { true } else { false }
        },
        row(.updateTabletMetaInfo, "update_tablet_meta_info_req", .tabletMeta, TaskHandlers.updateTabletMeta) {
            if case .updateTabletMeta = $0 { true } else { false }
        },
        row(.notifyUpdateStoragePolicy, "update_policy", .storagePolicy, TaskHandlers.storagePolicy) {
            if case .storagePolicy = $0 { true } else { false }
        },
        row(.checkStorage, "update_policy", .storageCheck, TaskHandlers.checkStorage) {
            if case .storagePolicy = $0 { true } else { false }
        },
        row(.pushCooldownConf, "push_cooldown_conf", .cooldownConf, TaskHandlers.cooldownConfs) {
            if case .cooldownConfs = $0 { true } else { false }
        },
        row(.clone, "clone_req", .clone, TaskHandlers.clone) { if case .clone = $0 { true } else { false } },
        row(.makeSnapshot, "snapshot_req", .snapshot, TaskHandlers.makeSnapshot) {
            if case .makeSnapshot = $0 { true } else { false }
        },
        row(.releaseSnapshot, "release_snapshot_req", .snapshot, TaskHandlers.releaseSnapshot) {
            if case .releaseSnapshot = $0 { true } else { false }
        },
        row(.compaction, "compaction_req", .compaction, TaskHandlers.compact) {
            if case .compaction = $0 { true } else { false }
        },
        row(.checkConsistency, "check_consistency_req", .checksum, TaskHandlers.checkConsistency) {
            if case .checkConsistency = $0 { true } else { false }
        },
    ]

    /// Known by name. Members are checked where the January 2023 contract gives the type one.
    private static let unimplemented: [Row] =
        [
            notImplemented(.storageMediumMigrate, "storage_medium_migrate_req"),
            notImplemented(.upload, "upload_req"),
            notImplemented(.download, "download_req"),
            notImplemented(.move, "move_dir_req"),
            notImplemented(.clearAlterTask, "clear_alter_task_req"),
            notImplemented(.alter, "alter_tablet_req or alter_tablet_req_v2"),
        ] + unimplementedWithoutMember.map { notImplemented($0) }

    /// ROLLUP to CANCEL_DELETE, CLEAR_REMOTE_FILE, RECOVER_TABLET to STREAM_LOAD, the plugin tasks, STORAGE_MEDIUM_MIGRATE_V2
    /// and the late types: their members are not in our IDL, or no BE ever read them.
    private static let unimplementedWithoutMember = [5, 6, 7, 13, 19, 20, 23, 24, 26, 29, 30, 31, 32, 33, 34, 1000]
        .map { TaskType(rawValue: $0) }

    private static func row(
        _ type: TaskType, _ member: String, _ pool: TaskPoolID, _ handler: @escaping TaskKind.Handler,
        holds: @escaping @Sendable (AgentTask.Payload) -> Bool
    ) -> Row {
        Row(
            type: type, pool: { _ in pool },
            check: { holds($0.payload) ? nil : missing(member, $0) }, handler: handler)
    }

    /// PUSH and REALTIME_PUSH: loads and deletes run in pools of their own.
    private static func push(_ type: TaskType) -> Row {
        Row(
            type: type,
            pool: { task in
                if case .push(let request) = task.payload, request.pushType == .delete { .delete } else { .push }
            },
            check: { task in
                guard case .push(let request) = task.payload else { return missing("push_req", task) }
                switch request.pushType {
                case .load, .loadV2, .delete: return nil
                default:
                    let what = "push type \(request.pushType) is not supported"
                    return RPCStatus(.invalidArgument, "task \(task.type) (signature \(task.signature)): \(what)")
                }
            },
            handler: TaskHandlers.push)
    }

    private static func notImplemented(_ type: TaskType, _ member: String? = nil) -> Row {
        Row(
            type: type, pool: { _ in .refusal },
            check: { task in
                if let member, case .absent = task.payload { missing(member, task) } else { nil }
            },
            handler: { task, _ in
                throw TaskError(.notImplementedError, "this backend does not run \(task.type) tasks")
            })
    }

    private static func missing(_ member: String, _ task: AgentTask) -> RPCStatus {
        RPCStatus(.invalidArgument, "task \(task.type) (signature \(task.signature)) comes without its \(member)")
    }
}
