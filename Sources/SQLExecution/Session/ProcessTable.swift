internal import Platform
internal import SQLSessions
internal import TabletModel

extension SQLProcesses {
    /// The rows of SHOW PROCESSLIST.
    /// - Parameter user: whose connections; nil: everybody's.
    func table(of user: String?, isFull: Bool, now: MonotonicTime) -> ResultTable {
        let rows: [[String?]] = all.filter { user == nil || $0.user == user }.map { process in
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

extension SQLExecutor {
    /// The same of the connections to this FE, for who asks by another way.
    public func processTable(of user: String?) -> ResultTable {
        processes.table(of: user, isFull: true, now: environment.time.monotonicNow)
    }
}
