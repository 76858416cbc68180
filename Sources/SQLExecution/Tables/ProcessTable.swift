internal import Platform
internal import SQLSessions
internal import TabletModel

/// SHOW PROCESSLIST: the connections to this FE.
enum ProcessTable {
    static func table(_ processes: [SQLProcesses.Process], isFull: Bool, now: MonotonicTime) -> ResultTable {
        let rows: [[String?]] = processes.map { process in
            [
                "\(process.id)", process.user, process.host, DorisTexts.time(process.since.milliseconds), "internal",
                process.database ?? "", process.statement == nil ? "Sleep" : "Query",
                "\((now - process.changedAt).wholeMilliseconds / 1000)", process.statement == nil ? "" : "OK", "",
                process.statement.map { isFull ? $0 : String($0.prefix(100)) } ?? "",
            ]
        }
        return ResultTable(
            [
                SQLColumn("Id", .integer), SQLColumn("User"), SQLColumn("Host"), SQLColumn("LoginTime"),
                SQLColumn("Catalog"), SQLColumn("Db"), SQLColumn("Command"), SQLColumn("Time", .integer),
                SQLColumn("State"), SQLColumn("QueryId"), SQLColumn("Info"),
            ], rows)
    }
}
