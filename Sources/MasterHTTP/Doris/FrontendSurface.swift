/// Rows of text under the names of their columns.
public struct TextTable: Sendable {
    public var columns: [String]
    public var rows: [[String?]]

    public init(columns: [String], rows: [[String?]]) {
        self.columns = columns
        self.rows = rows
    }
}

/// One key of `fe.conf` as anybody may see it: whoever makes it has hidden what is secret.
public struct FrontendSetting: Sendable {
    public var name: String
    public var type: String
    public var value: String
    /// It can be changed while the FE runs.
    public var isMutable: Bool

    public init(name: String, type: String, value: String, isMutable: Bool) {
        self.name = name
        self.type = type
        self.value = value
        self.isMutable = isMutable
    }
}

/// What Doris' HTTP surface tells of this FE beside what the master knows.
public struct FrontendSurface: Sendable {
    /// Why a table of `/rest/v1/system` and `/api/show_proc` is not to be had.
    public struct ProcRefusal: Error {
        let reason: String
        public init(_ reason: String) { self.reason = reason }
    }

    let queryPort: @Sendable () -> Int32
    let rpcPort: @Sendable () -> Int32
    let accepts: @Sendable (_ clusterID: Int32, _ token: String) -> Bool
    let replayedLogID: @Sendable () -> Int64
    let settings: @Sendable () -> [FrontendSetting]
    let change: @Sendable (_ changes: [(name: String, value: String)], _ persists: Bool) -> [String: String]
    let sessions: (@Sendable (_ user: String, _ seesAll: Bool) -> TextTable)?
    let proc: (@Sendable (_ path: String) throws -> TextTable)?

    /// - Parameters:
    ///   - queryPort: 0: there is none.
    ///   - accepts: whether a cluster id and a token are this cluster's.
    ///   - settings: by name.
    ///   - change: takes all changes of keys or none; answers why not, by key. Blocking.
    ///   - sessions: those of the SQL port that a user may see, as `SHOW PROCESSLIST` has them; nil: there is no such port.
    ///   - proc: the table at a path of the proc tree, as `SHOW PROC` has it; throws `ProcRefusal` when there is none. nil: the
    ///     routes that show it are not there.
    public init(
        queryPort: @escaping @Sendable () -> Int32 = { 0 }, rpcPort: @escaping @Sendable () -> Int32,
        accepts: @escaping @Sendable (_ clusterID: Int32, _ token: String) -> Bool,
        replayedLogID: @escaping @Sendable () -> Int64, settings: @escaping @Sendable () -> [FrontendSetting],
        change: @escaping @Sendable (_ changes: [(name: String, value: String)], _ persists: Bool) -> [String: String],
        sessions: (@Sendable (_ user: String, _ seesAll: Bool) -> TextTable)? = nil,
        proc: (@Sendable (_ path: String) throws -> TextTable)? = nil
    ) {
        self.queryPort = queryPort
        self.rpcPort = rpcPort
        self.accepts = accepts
        self.replayedLogID = replayedLogID
        self.settings = settings
        self.change = change
        self.sessions = sessions
        self.proc = proc
    }
}
