/// The members of `TAgentTaskRequest` that hold what a task asks for, by their names in the IDL.
public enum TaskMember: String, Hashable, Sendable, CaseIterable {
    case create = "create_tablet_req"
    case drop = "drop_tablet_req"
    case push = "push_req"
    case publishVersion = "publish_version_req"
    case clearTransaction = "clear_transaction_task_req"
    case updateTabletMeta = "update_tablet_meta_info_req"
    case storagePolicy = "update_policy"
    case cooldownConfs = "push_cooldown_conf"
    case clone = "clone_req"
    case compaction = "compaction_req"
    case checkConsistency = "check_consistency_req"
    case makeSnapshot = "snapshot_req"
    case releaseSnapshot = "release_snapshot_req"
    case storageMediumMigrate = "storage_medium_migrate_req"
    case upload = "upload_req"
    case download = "download_req"
    case move = "move_dir_req"
    case clearAlterTask = "clear_alter_task_req"
    case alter = "alter_tablet_req or alter_tablet_req_v2"
    case pushedRules = "push_storage_policy_req"
    case cleanTrash = "clean_trash_req"
    case visibleVersions = "visible_version_req"
    case indexPolicies = "push_index_policy_req"
    // Of types with which nothing is done: it is only looked whether they are there.
    case alterInvertedIndex = "alter_inverted_index_req"
    case gcBinlog = "gc_binlog_req"
    case cleanUDFCache = "clean_udf_cache_req"
    case deleteBitmap = "calc_delete_bitmap_req"
}

extension TaskType {
    /// The member that a task of this type needs. nil: the contract gives it none, no BE ever read it, or the type is not
    /// known.
    public var member: TaskMember? {
        switch self {
        case .create: .create
        case .drop: .drop
        case .push, .realtimePush: .push
        case .publishVersion: .publishVersion
        case .clearTransactionTask: .clearTransaction
        case .updateTabletMetaInfo: .updateTabletMeta
        case .notifyUpdateStoragePolicy, .checkStorage: .storagePolicy
        case .pushCooldownConf: .cooldownConfs
        case .clone: .clone
        case .compaction: .compaction
        case .checkConsistency: .checkConsistency
        case .makeSnapshot: .makeSnapshot
        case .releaseSnapshot: .releaseSnapshot
        case .storageMediumMigrate: .storageMediumMigrate
        case .upload: .upload
        case .download: .download
        case .move: .move
        case .clearAlterTask: .clearAlterTask
        case .alter: .alter
        case .pushStoragePolicy: .pushedRules
        case .cleanTrash: .cleanTrash
        case .updateVisibleVersion: .visibleVersions
        case .pushIndexPolicy: .indexPolicies
        case .alterInvertedIndex: .alterInvertedIndex
        case .gcBinlog: .gcBinlog
        case .cleanUDFCache: .cleanUDFCache
        case .calculateDeleteBitmap: .deleteBitmap
        default: nil
        }
    }
}
