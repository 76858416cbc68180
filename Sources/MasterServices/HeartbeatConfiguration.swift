public import TabletModel

/// How the master heartbeats, and what it says of itself.
public struct HeartbeatConfiguration: Sendable {
    /// This FE's host and rpc port, as backends shall call it.
    public var master: NetworkAddress
    public var httpPort: Int32
    /// Tells this process from those before it, under the same address.
    public var processUUID: Int64 = 0
    public var interval: Duration
    /// `max_backend_heartbeat_failure_tolerance_count`.
    public var failureTolerance: Int
    /// A backend that answers heartbeats and from which nothing else has come for so long is late.
    public var reportTimeout: Duration
    /// `heartbeat_mgr_threads_num`.
    public var threads: Int
    /// `heartbeat_mgr_blocking_queue_size`.
    public var queueLimit: Int
    /// Sent as `heartbeat_flags`, with the flag that tells of us; Doris always sends 1.
    public var flags: Int64
    /// `wire_dialect`: how backends are spoken to; nil: as their answers show.
    public var wireDialect: WireDialect?

    public init(
        master: NetworkAddress, httpPort: Int32, interval: Duration = .seconds(5), failureTolerance: Int = 1,
        reportTimeout: Duration = .seconds(60), threads: Int = 8, queueLimit: Int = 1024, flags: Int64 = 1,
        wireDialect: WireDialect? = nil
    ) {
        self.master = master
        self.httpPort = httpPort
        self.interval = interval
        self.failureTolerance = failureTolerance
        self.reportTimeout = reportTimeout
        self.threads = threads
        self.queueLimit = queueLimit
        self.flags = flags
        self.wireDialect = wireDialect
    }

    /// An FE that is told to speak as one of Doris does not say that it is none.
    public var spokenFlags: Int64 {
        wireDialect == nil || wireDialect == .tabletd ? flags | WireDialect.frontendFlag : flags
    }
}
