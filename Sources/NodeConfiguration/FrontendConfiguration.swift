/// `fe.conf`: everything `tabletd-fe` can be told. Values of a new instance are the defaults, except paths, which need the
/// home folder: use `load`.
public struct FrontendConfiguration: ConfigurationSchema, Hashable {
    public struct Heartbeats: ConfigurationValues, Hashable {
        public var interval = Duration.seconds(5)
        public var timeout = Duration.seconds(5)
        public var threads = 8
        public var queueLimit = 1024
        public var failureTolerance = 1
        public var reportTimeout = Duration.seconds(60)
        public init() {}
    }

    public struct Journal: ConfigurationValues, Hashable {
        public var metaDir = ""
        public var rollCount = 50_000
        public var rollBytes = 128 << 20
        public var checkpointInterval = Duration.seconds(60)
        public var cacheBytes = 32 << 20
        public init() {}
    }

    public struct Replication: ConfigurationValues, Hashable {
        public var journalType = JournalType.embedded
        public var endpoints: [String] = []
        public var prefix = "/tabletd"
        public var caFile = ""
        public var certificateFile = ""
        public var keyFile = ""
        public var user = ""
        public var passwordFile = ""
        public var leaderLease = Duration.seconds(5)
        public var delayToleration = Duration.seconds(300)
        public init() {}
    }

    public struct Peers: ConfigurationValues, Hashable {
        public var addresses: [String] = []
        public var imageBytesPerSecond = 100 << 20
        public init() {}
    }

    public struct Tasks: ConfigurationValues, Hashable {
        public var reportQueueLimit = 100
        public var resendWait = Duration.milliseconds(5000)
        public var threads = 64
        public var createTimeout = Duration.seconds(1)
        /// Once a majority of every tablet has answered.
        public var stragglerWait = Duration.seconds(30)
        public var stragglerPatience = Duration.seconds(5)
        public var publishWait = Duration.seconds(60)
        public init() {}
    }

    public struct Placement: ConfigurationValues, Hashable {
        public var allowsSameHost = false
        public var highWatermarkPercent = 85
        public var recoversWithEmptyTablet = false
        public init() {}
    }

    public struct Repair: ConfigurationValues, Hashable {
        public var isDisabled = false
        public var checkInterval = Duration.seconds(20)
        public var scheduleInterval = Duration.seconds(1)
        public var slotsPerPath = 4
        public var maxScheduling = 2000
        public var deadBackendGrace = Duration.seconds(60)
        public var catchUpDelay = Duration.seconds(5)
        public var surplusDelay = Duration.seconds(60)
        public var minCloneTimeout = Duration.seconds(180)
        public var maxCloneTimeout = Duration.seconds(7200)
        public var dropsDrainedBackends = true
        public var disablesDiskBalance = false
        public var diskBalanceThresholdPercent = 10
        public var diskBalanceBatch = 10
        public init() {}
    }

    public struct Cooldown: ConfigurationValues, Hashable {
        public var jobTimeout = Duration.seconds(600)
        public var jobInterval = Duration.seconds(30)
        public var maxActiveJobs = 10
        public init() {}
    }

    public struct SQL: ConfigurationValues, Hashable {
        public var port = 9030
        public var maxConnections = 1024
        public var idleLimit = Duration.seconds(28_800)
        public var maxPacketBytes = 16 << 20
        public var initialRootPasswordFile = ""
        public init() {}
    }

    public struct Backups: ConfigurationValues, Hashable {
        public var caFile = ""
        public init() {}
    }

    public struct Loads: ConfigurationValues, Hashable {
        public var spoolDir = ""
        public var spoolLimitBytes = 64 << 30
        public var maxLoadBytes = 16 << 30
        public var timeout = Duration.seconds(600)
        public var maxRunning = 100
        public init() {}
    }

    public var httpPort = 8030
    public var rpcPort = 9020
    public var address = AddressSettings()
    /// -1: drawn at random on the first start, and kept.
    public var clusterID = -1
    public var wireDialect = DialectChoice.auto
    public var shutdownDrain = Duration.seconds(20)
    public var heartbeats = Heartbeats()
    public var journal = Journal()
    public var replication = Replication()
    public var access = AccessSettings()
    public var tls = TLSSettings()
    public var sql = SQL()
    public var peers = Peers()
    public var tasks = Tasks()
    public var placement = Placement()
    public var repair = Repair()
    public var cooldown = Cooldown()
    public var backups = Backups()
    public var loads = Loads()
    public var thrift = ThriftSettings()
    public var log = LogSettings()

    public init() {}

    public var namedFiles: [NamedFile] {
        [
            ("s3_ca_file", backups.caFile), ("etcd_ca_file", replication.caFile),
            ("etcd_certificate_file", replication.certificateFile),
        ].filter { !$0.1.isEmpty }.map { NamedFile(key: $0.0, path: $0.1, use: .certificates) }
            + tls.namedFiles
            + [("log_file", log.file), ("ports_file", address.portsFile)].filter { !$0.1.isEmpty }
            .map { NamedFile(key: $0.0, path: $0.1, use: .written) }
    }

    public func conflicts() -> [(key: String, message: String)] {
        var found = portConflicts([("http_port", httpPort), ("rpc_port", rpcPort), ("query_port", sql.port)])
        if clusterID == 0 { found.append(("cluster_id", "0 is no cluster's id; -1 draws one")) }
        if loads.maxLoadBytes > loads.spoolLimitBytes {
            found.append(("load_max_bytes", "is larger than load_spool_limit_bytes"))
        }
        found += replication.conflicts + tls.conflicts
        if replication.journalType == .etcd, rpcPort == 0 {
            found.append(
                ("rpc_port", "0 takes a free port at each start, and other frontends know this one by it: choose one"))
        }
        if repair.minCloneTimeout > repair.maxCloneTimeout {
            found.append(("min_clone_task_timeout_sec", "is larger than max_clone_task_timeout_sec"))
        }
        return found
    }
}

extension FrontendConfiguration.Replication {
    var conflicts: [(key: String, message: String)] {
        var found: [(key: String, message: String)] = []
        if journalType == .etcd, endpoints.isEmpty {
            found.append(("etcd_endpoints", "is empty, and journal_type = etcd needs an etcd to write to"))
        }
        if certificateFile.isEmpty != keyFile.isEmpty {
            found.append(
                ("etcd_key_file", "a certificate and its key go together: etcd_certificate_file and etcd_key_file"))
        }
        if user.isEmpty != passwordFile.isEmpty {
            found.append(("etcd_password_file", "a user and a password go together: etcd_user and etcd_password_file"))
        }
        return found
    }
}
