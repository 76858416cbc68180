/// Settings of the storage engine. Validated by whoever parses the configuration; the engine takes them as they are.
public struct EngineOptions: Sendable {
    /// Which version a tablet reports as its own (design.md, "Decisions").
    public enum ReportVersionStyle: Sendable {
        /// As the master wants it (`StorageEngine.masterSpeaks`): the newest end for one of ours, else the gap-free prefix.
        case auto
        /// End of the newest rowset.
        case newest
        /// End of the gap-free prefix, as Doris' FEs of both years expect.
        case continuous
    }

    /// Rows are gathered to blocks of about this many bytes before compression.
    public var targetBlockBytes = 64 << 10
    /// A segment is closed and the next begun once its file holds this many bytes.
    public var maxSegmentBytes: Int64 = 256 << 20
    /// A longer row is refused.
    public var maxRowBytes = 16 << 20
    /// `push_max_bytes`: a PUSH whose file is larger is refused.
    public var maxPushBytes: Int64 = 16 << 30
    /// `data/{shard}`: how many shards.
    public var shardCount: Int64 = 1024
    /// `pending_data_expire_time_sec`: older pending rowsets are named in the tablet's report row.
    public var pendingExpiry: Duration = .seconds(1800)
    /// `version_miss_grace_seconds`: a hole is a miss only once it has stood this long.
    public var versionMissGrace: Duration = .seconds(60)
    public var reportVersionStyle = ReportVersionStyle.auto
    /// `trash_file_expire_time_sec`.
    public var trashExpiry: Duration = .seconds(259_200)
    /// `tablet_rowset_stale_sweep_time_sec`: how long the inputs of a compaction stay readable.
    public var staleRowsetExpiry: Duration = .seconds(300)
    public var compaction = CompactionOptions()
    /// Deletes that a tablet has besides its rows; one more is refused until a base compaction carried them out.
    public var maxDeletes = 1000
    /// Memory for which rows of rowsets deletes took away; what does not fit is looked for at each read.
    public var goneRowsBytes = 64 << 20
    /// `storage_flood_stage_usage_percent`: a dir that is fuller takes no new tablet and no load.
    public var floodStageUsagePercent: Int64 = 90
    /// `storage_flood_stage_left_capacity_bytes`: a dir with less space left takes no new tablet and no load.
    public var floodStageLeftBytes: Int64 = 1 << 30
    /// Rows a chunk of the tablet report holds.
    public var reportChunkRows = 1024
    /// Tablets whose publish shares one synced batch, at most.
    public var publishBatchTablets = 64
    /// `cluster_id` of the configuration; nil when it is not set there.
    public var configuredClusterID: Int32?

    public init() {}
}
