internal import TabletModel

/// How `finishTask` is answered, apart from what the task's owner makes of it (`contract/behaviour.md §7`).
enum FinishTaskRules {
    /// A task that nobody waits for (any longer).
    static func answerToUnknown(_ request: FinishTaskRequest) -> RPCStatus {
        switch request.type {
        // Doris' backends end the first three so too; the last two they never end, ours do.
        case .drop, .releaseSnapshot, .clearTransactionTask, .notifyUpdateStoragePolicy, .pushCooldownConf: .ok
        default:
            RPCStatus(
                .cancelled, "no \(request.type) task with signature \(request.signature) is queued for this backend")
        }
    }

    /// What a successful end must bring along; nil when it is complete.
    static func missingMember(_ request: FinishTaskRequest) -> String? {
        switch request.type {
        case .create: return request.reportVersion == nil ? "report_version" : nil
        case .realtimePush, .push:
            guard let tablets = request.tablets, !tablets.isEmpty else { return "finish_tablet_infos" }
            if tablets.count > 2 { return "at most two finish_tablet_infos" }
            return request.reportVersion == nil ? "report_version" : nil
        // A Doris backend need not send its report version with this one.
        case .clone, .alter: return request.tablets?.isEmpty == false ? nil : "finish_tablet_infos"
        default: return nil
        }
    }
}
