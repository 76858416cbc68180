public import TabletModel

/// `be.conf`: everything `tabletd-be` can be told. Values of a new instance are the defaults, except paths, which need the
/// home folder: use `load`.
public struct BackendConfiguration: ConfigurationSchema, Hashable {
    /// Which version a tablet reports.
    public enum ReportVersionStyle: String, CaseIterable, Sendable {
        /// `max` for an FE of ours, `continuous` for one of Doris.
        case auto
        /// End of the newest rowset, with `version_miss` when something below it is missing.
        case max
        /// End of the gap-free prefix, as Doris does.
        case continuous
    }

    /// Thread counts of the task pools, by the name of Doris' key.
    public struct Workers: ConfigurationValues, Hashable {
        public var createTablet = 3
        public var dropTablet = 3
        public var pushNormal = 3
        public var pushHigh = 3
        public var delete = 3
        public var publishVersion = 8
        public var clearTransaction = 1
        public var clone = 3
        public var snapshot = 5
        public var releaseSnapshot = 5
        public var checkConsistency = 1
        public var alterTablet = 3
        public var migrate = 1
        public var upload = 1
        public var download = 1
        /// Tasks that may wait in each pool.
        public var queueLimit = 100_000
        public init() {}
    }

    public struct Reports: ConfigurationValues, Hashable {
        public var taskInterval = Duration.seconds(10)
        public var diskInterval = Duration.seconds(60)
        public var tabletInterval = Duration.seconds(60)
        public var jitter = Duration.seconds(5)
        public var policyRefreshInterval = Duration.seconds(5)
        public var versionStyle = ReportVersionStyle.auto
        public var versionMissGrace = Duration.seconds(60)
        public var pendingDataExpiry = Duration.seconds(1800)
        public var finishTaskRetryBase = Duration.milliseconds(500)
        public var finishTaskRetryLimit = Duration.seconds(30)
        public var finishTaskRefusalLimit = 8
        public var publishWait = Duration.seconds(10)
        public init() {}
    }

    public struct Storage: ConfigurationValues, Hashable {
        public var roots: [DataDirSpec] = []
        public var diskCheckInterval = Duration.seconds(5)
        public var floodStageUsagePercent = 90
        public var floodStageLeftBytes = 1 << 30
        public var minFileDescriptors = 60_000
        public var segmentBlockBytes = 64 << 10
        public var segmentMaxBytes = 256 << 20
        public var zstdLevel = 3
        public var metaCacheBytes = 32 << 20
        public var metaMemtableBytes = 8 << 20
        public init() {}
    }

    public struct Sweep: ConfigurationValues, Hashable {
        public var maxInterval = Duration.seconds(3600)
        public var minInterval = Duration.seconds(180)
        public var trashExpiry = Duration.seconds(259_200)
        public var snapshotExpiry = Duration.seconds(172_800)
        public init() {}
    }

    /// When rowsets are merged, and how long the merged ones stay readable.
    public struct Compaction: ConfigurationValues, Hashable {
        public var isDisabled = false
        public var checkInterval = Duration.seconds(10)
        public var threads = 10
        public var tasksPerDir = 2
        public var minRowsets = 5
        public var maxRowsets = 1000
        public var promotionMebibytes = 1024
        public var promotionMinMebibytes = 128
        public var promotionPercent = 5
        public var baseMinRowsets = 5
        public var baseMinPercent = 30
        public var staleExpiry = Duration.seconds(300)
        public init() {}
    }

    public struct Cooldown: ConfigurationValues, Hashable {
        public var interval = Duration.seconds(20)
        public var threads = 5
        public var concurrencyPerDir = 2
        public var removeUnusedInterval = Duration.seconds(21_600)
        public var confirmUnusedInterval = Duration.seconds(60)
        public init() {}
    }

    public struct S3: ConfigurationValues, Hashable {
        public var multipartBytes = 16 << 20
        public var partsInFlight = 4
        public var retryLimit = 10
        /// Empty: the system's certificates.
        public var caFile = ""
        public init() {}
    }

    public struct Download: ConfigurationValues, Hashable {
        public var silenceLimit = Duration.seconds(300)
        public var lowSpeedKibibytes = 50
        public var maxBytes = 16 << 30
        public var cloneFiles = 4
        /// 0: no limit.
        public var maxSpeedKibibytes = 0
        public init() {}
    }

    public var bePort = 9060
    public var heartbeatPort = 9050
    public var httpPort = 8040
    public var access = AccessSettings()
    public var tls = TLSSettings()
    /// Whoever is on this machine needs no user for HTTP.
    public var trustsLoopback = true
    public var address = AddressSettings()
    /// -1: learnt from the first heartbeat.
    public var clusterID = -1
    public var wireDialect = DialectChoice.auto
    public var shutdownDrain = Duration.seconds(20)
    public var workers = Workers()
    public var reports = Reports()
    public var storage = Storage()
    public var sweep = Sweep()
    public var compaction = Compaction()
    public var cooldown = Cooldown()
    public var s3 = S3()
    public var download = Download()
    public var thrift = ThriftSettings()
    public var log = LogSettings()

    public init() {}

    public var namedFiles: [NamedFile] {
        let written = [("log_file", log.file), ("ports_file", address.portsFile)]
        return (s3.caFile.isEmpty ? [] : [NamedFile(key: "s3_ca_file", path: s3.caFile, use: .certificates)])
            + tls.namedFiles
            + written.filter { !$0.1.isEmpty }.map { NamedFile(key: $0.0, path: $0.1, use: .written) }
            + storage.roots.map { NamedFile(key: "storage_root_path", path: $0.path, use: .dataDir) }
    }

    public func conflicts() -> [(key: String, message: String)] {
        var found: [(key: String, message: String)] = []
        let ports = [("be_port", bePort), ("heartbeat_service_port", heartbeatPort), ("webserver_port", httpPort)]
        found += portConflicts(ports) + tls.conflicts
        if sweep.minInterval > sweep.maxInterval {
            found.append(("min_garbage_sweep_interval", "is larger than max_garbage_sweep_interval"))
        }
        if compaction.minRowsets > compaction.maxRowsets {
            found.append(("cumulative_compaction_min_deltas", "is larger than cumulative_compaction_max_deltas"))
        }
        if compaction.promotionMinMebibytes > compaction.promotionMebibytes {
            found.append(("compaction_promotion_min_size_mbytes", "is larger than compaction_promotion_size_mbytes"))
        }
        if storage.segmentBlockBytes > storage.segmentMaxBytes {
            found.append(("segment_block_bytes", "is larger than segment_max_bytes"))
        }
        if reports.finishTaskRetryBase > reports.finishTaskRetryLimit {
            found.append(("finish_task_retry_base_ms", "is larger than finish_task_retry_limit_ms"))
        }
        return found
    }
}

/// Two ports of one process must differ, unless the system chooses them.
func portConflicts(_ ports: [(key: String, port: Int)]) -> [(key: String, message: String)] {
    var found: [(key: String, message: String)] = []
    for (index, later) in ports.enumerated() where later.port != 0 {
        if let earlier = ports[..<index].first(where: { $0.port == later.port }) {
            found.append((later.key, "\(later.port) is also the port of \(earlier.key)"))
        }
    }
    return found
}
