internal import HTTPAPI
internal import SQLSessions
internal import TabletModel

/// SHOW ALTER TABLE COLUMN.
enum AlterJobsTable {
    static func table(_ jobs: [AlterView]) -> ResultTable {
        ResultTable(
            [
                "JobId", "TableName", "CreateTime", "FinishTime", "IndexName", "IndexId", "OriginIndexId",
                "SchemaVersion",
                "TransactionId", "State", "Msg", "Progress", "Timeout",
            ],
            jobs.map {
                [
                    "\($0.id)", $0.table.table, DorisTexts.time($0.startedMs), DorisTexts.time($0.endedMs),
                    $0.table.table,
                    nil, nil, nil, nil, $0.state, $0.message.isEmpty ? $0.change : "\($0.change): \($0.message)",
                    $0.isRunning ? "\($0.done)/\($0.total)" : nil, nil,
                ]
            })
    }
}

/// SHOW LOAD.
enum LoadsTable {
    static func table(_ loads: [LoadView]) -> ResultTable {
        ResultTable(
            [
                "JobId", "Label", "State", "Progress", "Type", "EtlInfo", "TaskInfo", "ErrorMsg", "CreateTime",
                "EtlStartTime", "EtlFinishTime", "LoadStartTime", "LoadFinishTime", "URL", "JobDetails",
                "TransactionId",
                "ErrorTablets", "User", "Comment",
            ],
            loads.map { load in
                [
                    "\(load.transactionID)", load.label, state(load.state), progress(load),
                    load.deleteCondition == nil ? "INSERT" : "DELETE", nil,
                    "table:\(load.table); rows:\(load.rowCount)", load.message.isEmpty ? nil : load.message,
                    DorisTexts.time(load.beganMs), nil, nil, DorisTexts.time(load.beganMs),
                    DorisTexts.time(load.endedMs), nil,
                    "{\"ScannedRows\":\(load.rowCount),\"LoadBytes\":\(load.bytes),\"TaskNumber\":\(load.tabletCount)}",
                    "\(load.transactionID)", "{}", "", load.deleteCondition ?? "",
                ]
            })
    }

    private static func state(_ state: LoadView.State) -> String {
        switch state {
        case .receiving: "ETL"
        case .pushing: "LOADING"
        case .committed: "COMMITTED"
        case .visible: "FINISHED"
        case .aborted: "CANCELLED"
        }
    }

    private static func progress(_ load: LoadView) -> String {
        let (done, all) = (load.replicasPublished, max(load.replicaCount, 1))
        let percent = load.state == .visible ? 100 : min(99, done * 100 / all)
        return "\(percent).00% (\(load.replicasPushed)/\(load.replicaCount))"
    }
}
