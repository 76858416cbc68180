/// Which Doris a peer of the kit is.
public enum PeerYear: Int, Sendable, CaseIterable, CustomStringConvertible {
    case january2023 = 2023
    case year2026 = 2026

    public var schema: WireSchema { self == .january2023 ? .january2023 : .year2026 }
    public var description: String { "\(rawValue)" }
    var isLate: Bool { self == .year2026 }
    /// `TBackendInfo.version` of a backend of the year.
    var backendVersion: String { isLate ? "doris-4.0.2-rc02-30d2df0459" : "doris-1.2.1-rc01-Unknown" }
}

/// `TTaskType`, as far as the kit plays it.
public enum PeerTask: Int64, Sendable, CaseIterable {
    case create = 0, drop, push, clone, migrate
    case makeSnapshot = 8, releaseSnapshot, checkConsistency, upload, download
    case move = 14, realtimePush, publish, clearAlter, clearTransaction
    case updateMeta = 21, alter
    case compaction = 25
    case notifyPolicy = 27, cooldownConf, pushPolicy, alterIndex, gcBinlog, cleanTrash, visibleVersion, cleanUDFCache
    case indexPolicy = 35
    case deleteBitmap = 1000

    /// The member of `TAgentTaskRequest` that it needs.
    public var member: String {
        switch self {
        case .create: "create_tablet_req"
        case .drop: "drop_tablet_req"
        case .push, .realtimePush: "push_req"
        case .clone: "clone_req"
        case .migrate: "storage_medium_migrate_req"
        case .makeSnapshot: "snapshot_req"
        case .releaseSnapshot: "release_snapshot_req"
        case .checkConsistency: "check_consistency_req"
        case .upload: "upload_req"
        case .download: "download_req"
        case .move: "move_dir_req"
        case .publish: "publish_version_req"
        case .clearAlter: "clear_alter_task_req"
        case .clearTransaction: "clear_transaction_task_req"
        case .updateMeta: "update_tablet_meta_info_req"
        case .alter: "alter_tablet_req_v2"
        case .compaction: "compaction_req"
        case .notifyPolicy: "update_policy"
        case .cooldownConf: "push_cooldown_conf"
        case .pushPolicy: "push_storage_policy_req"
        case .alterIndex: "alter_inverted_index_req"
        case .gcBinlog: "gc_binlog_req"
        case .cleanTrash: "clean_trash_req"
        case .visibleVersion: "visible_version_req"
        case .cleanUDFCache: "clean_udf_cache_req"
        case .indexPolicy: "push_index_policy_req"
        case .deleteBitmap: "calc_delete_bitmap_req"
        }
    }

    /// Types of which a Doris BE sends no end, and to which it applies no deduplication.
    var hasNoEnd: Bool { [.compaction, .notifyPolicy, .cooldownConf, .pushPolicy].contains(self) }
}

extension WireRecord {
    /// `TAgentTaskRequest` of a type with its member; nil = the member is missing, as no Doris FE sends it.
    public static func task(_ type: PeerTask, _ signature: Int64, _ request: WireRecord?) -> WireRecord {
        WireRecord(
            "TAgentTaskRequest",
            [
                "protocol_version": 0, "task_type": .number(type.rawValue), "signature": .number(signature),
                type.member: request.map { .record($0) },
            ])
    }

    static func status(_ code: Int64, _ message: String? = nil) -> WireRecord {
        WireRecord("TStatus", ["status_code": .number(code), "error_msgs": message.map { [.text($0)] }])
    }
}

/// How long the waits of a peer are. The rounds of an hour are kept, their distance is not.
public struct PeerPace: Sendable {
    /// Seconds between heartbeats (Doris: 5), of which an hour has 720.
    public var heartbeat = 0.028
    /// Between publishes of topics and of cluster state (Doris: 30).
    public var topics = 0.167
    /// Between polls of statistics (Doris: 60).
    public var polls = 0.333
    /// Between rounds of a frontend's daemons (Doris: 5 to 30).
    public var daemons = 0.1
    /// Age from which a publish that a task report lacks is sent again (Doris: 5).
    public var resend = 0.5
    /// Between reports of a backend: tasks, disks, tablets (Doris: 10, 60, 60).
    public var taskReport = 0.1
    public var tabletReport = 0.333

    public init() {}
}
