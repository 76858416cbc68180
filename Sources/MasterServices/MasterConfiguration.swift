/// What the executable tells the master; values are checked when the configuration file is read.
public struct MasterConfiguration: Sendable {
    /// This FE as backends reach it: their heartbeats and load files name it.
    public var host: String
    public var httpPort: Int32
    public var rpcPort: Int32
    /// `query_port` of the ping reply; 0: this FE speaks no MySQL protocol.
    public var queryPort: Int32 = 0
    /// `http` or `https`, by which backends fetch the rows of a load.
    public var httpScheme = "http"
    /// Shown in heartbeats, pings and status.
    public var version: String
    /// Tells this process from those before it, under the same address.
    public var processUUID: Int64 = 0
    /// This FE keeps its edit log for itself: no other one can follow it.
    public var isAlone = false
    /// What a person does when changes can't be written.
    public var journalNextStep: String {
        (isAlone ? "see to the disk of meta_dir" : "see that etcd runs and takes writes (docs/operations.md)")
            + "; the FE goes on by itself once it can write there again"
    }
    /// Rows of running loads wait here; emptied at start.
    public var spoolDirectory: String
    /// Replicas of one tablet may share a host: several backends on one machine, as in a demo.
    public var allowsSameHost = false
    /// Backends fuller than this get no new replicas: `storage_high_watermark_usage_percent`.
    public var highWatermarkPercent = 85
    /// `tablet_create_timeout_second`, for each tablet of the fullest backend; a job has at least
    /// `minimumCreateTimeout`.
    public var tabletCreateTimeout: Duration = .seconds(1)
    public var minimumCreateTimeout: Duration = .seconds(30)
    /// `agent_task_resend_wait_time_ms`.
    public var taskResendWait: Duration = .seconds(5)
    public var taskBatchLimit = 500
    /// Threads that send tasks to backends.
    public var taskSenderThreads = 8
    /// `report_queue_size`.
    public var reportQueueLimit = 100
    public var loadTimeout: Duration = .seconds(600)
    /// A load whose majority was quick waits so long for slower replicas.
    public var stragglerPatience: Duration = .seconds(5)
    /// How long a load waits at most for slower replicas once a majority of every tablet has answered.
    public var stragglerWait: Duration = .seconds(30)
    public var runningLoadLimit = 100
    /// Of the file of one load.
    public var maxLoadBytes: Int64 = 16 << 30
    /// Of the files of all running loads together.
    public var spoolLimitBytes: Int64 = 64 << 30
    /// For the buffers of one load's spool.
    public var loadMemoryBytes = 8 << 20
    public var loadLineLimitBytes = 1 << 20
    /// A push is tried this often on a backend before the replica is given up.
    public var pushAttempts = 3
    /// Ended transactions that are remembered: `label_num_threshold`.
    public var rememberedTransactions = 2_000
    /// `push_cooldown_conf_timeout_second`.
    public var cooldownConfTimeout: Duration = .seconds(600)
    public var cooldownRound: Duration = .seconds(5)
    public var activeCooldownJobs = 10
    /// An uploader whose backend is away is replaced after this long: a restart of the backend, or of the FE, is no
    /// reason.
    public var uploaderGrace: Duration = .seconds(60)
    /// `recover_with_empty_tablet`: a tablet whose only replica was lost is made again, without its rows, besides being
    /// marked bad until then.
    public var recoversWithEmptyTablet = false
    /// A committed load of which no majority can be published becomes visible after so long all the same, if every tablet has
    /// one whole replica with its rows.
    public var publishWait: Duration = .seconds(60)
    /// Tablet checker and scheduler.
    public var repair = RepairConfiguration()
    /// After a start of the FE loads wait so long, at most, for the first heartbeat of every backend.
    public var firstHeartbeatWait: Duration = .seconds(5)
    public var bucketLimit = 1_000_000
    /// Tablets of a new table in one journal record, which is then some hundred kilobytes.
    public var tabletsPerRecord = 4096
    public var replicaLimit = 16

    public init(
        host: String, httpPort: Int32, rpcPort: Int32, version: String, spoolDirectory: String
    ) {
        self.host = host
        self.httpPort = httpPort
        self.rpcPort = rpcPort
        self.version = version
        self.spoolDirectory = spoolDirectory
    }
}
