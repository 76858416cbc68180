public import Logging
public import MasterCore
public import Platform

/// What statements are carried out over.
public struct SQLEnvironment: Sendable {
    /// nil: this FE has not loaded its metadata yet.
    public var control: @Sendable () -> (any MasterControl)?
    /// nil: this FE leads, and answers itself.
    public var forward: @Sendable () -> MasterForward?
    public var access: any SQLAccess
    public var users: any UserAdministration
    public var shards: any ShardAdministration
    public var settings: any FrontendSettings
    public var rows: any TableRows
    public var time: any TimeSource
    /// Lets time pass while a job is waited for. On a thread that may wait.
    public var pause: @Sendable (Duration) -> Void
    /// Such as 9030, which SHOW FRONTENDS shows.
    public var queryPort: Int32
    /// Such as `tabletd-0.1.0`.
    public var version: String
    /// How long a statement waits for its job (CREATE TABLE, DELETE) before it says that the job goes on without it.
    public var jobLimit: Duration
    public var logger: Logger

    public init(
        control: @escaping @Sendable () -> (any MasterControl)?, forward: @escaping @Sendable () -> MasterForward?,
        access: any SQLAccess, users: any UserAdministration, shards: any ShardAdministration,
        settings: any FrontendSettings, rows: any TableRows, time: any TimeSource,
        pause: @escaping @Sendable (Duration) -> Void, queryPort: Int32 = 9030, version: String,
        jobLimit: Duration = .seconds(300), logger: Logger
    ) {
        self.control = control
        self.forward = forward
        self.access = access
        self.users = users
        self.shards = shards
        self.settings = settings
        self.rows = rows
        self.time = time
        self.pause = pause
        self.queryPort = queryPort
        self.version = version
        self.jobLimit = jobLimit
        self.logger = logger
    }
}
