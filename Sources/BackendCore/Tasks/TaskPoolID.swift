/// The pools of `contract/behaviour.md` §2 that this build runs.
enum TaskPoolID: Int, CaseIterable, Sendable {
    case create, drop, push, delete, publish, clearTransaction, tabletMeta, storagePolicy, cooldownConf
    case clone, compaction, checksum, snapshot, releaseSnapshot, storageCheck
    case alter, migrate, upload, download, move, cleanTrash
    /// Answers what is refused or not implemented.
    case refusal

    /// Names its threads, its metrics and its line in the status.
    var name: String {
        switch self {
        case .create: "create"
        case .drop: "drop"
        case .push: "push"
        case .delete: "delete"
        case .publish: "publish"
        case .clearTransaction: "clear_transaction"
        case .tabletMeta: "update_tablet_meta"
        case .storagePolicy: "storage_policy_update"
        case .cooldownConf: "cooldown_conf"
        case .clone: "clone"
        case .compaction: "compaction"
        case .checksum: "checksum"
        case .snapshot: "snapshot"
        case .releaseSnapshot: "release_snapshot"
        case .storageCheck: "storage_check"
        case .alter: "alter"
        case .migrate: "migrate"
        case .upload: "upload"
        case .download: "download"
        case .move: "move"
        case .cleanTrash: "clean_trash"
        case .refusal: "refusal"
        }
    }

    /// Workers that take anything, and workers that take HIGH tasks only.
    func workers(_ options: BackendOptions) -> (any: Int, highOnly: Int) {
        switch self {
        case .create: (options.createWorkers, 0)
        case .drop: (options.dropWorkers, 0)
        case .push: (options.pushWorkers, options.highPushWorkers)
        case .delete: (options.deleteWorkers, 0)
        case .publish: (options.publishWorkers, 0)
        case .clearTransaction: (options.clearTransactionWorkers, 0)
        // Confs of one tablet must apply one after the other, a download's moves in the order they came; the others are rare.
        case .tabletMeta, .storagePolicy, .cooldownConf, .storageCheck, .move, .cleanTrash: (1, 0)
        case .clone: (options.cloneWorkers, 0)
        case .compaction: (options.compactionWorkers, 0)
        case .checksum: (options.checksumWorkers, 0)
        case .snapshot: (options.snapshotWorkers, 0)
        case .releaseSnapshot: (options.releaseSnapshotWorkers, 0)
        case .alter: (options.alterWorkers, 0)
        case .migrate: (options.migrateWorkers, 0)
        case .upload: (options.uploadWorkers, 0)
        case .download: (options.downloadWorkers, 0)
        case .refusal: (options.refusalWorkers, 0)
        }
    }
}
