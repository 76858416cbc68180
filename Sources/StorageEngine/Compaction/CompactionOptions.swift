/// When rowsets are merged. Doris' key stands with each value; the defaults are Doris'.
public struct CompactionOptions: Hashable, Sendable {
    /// `cumulative_compaction_min_deltas`: fewer rowsets are not worth a run.
    public var minRowsets = 5
    /// `cumulative_compaction_max_deltas`: more are left for the next run.
    public var maxRowsets = 1000
    /// `compaction_promotion_size_mbytes`: a rowset that is at least this large is left to base compaction …
    public var promotionBytes: Int64 = 1024 << 20
    /// … and so is one of this share of what lies below the cumulative point (`compaction_promotion_ratio`) …
    public var promotionPercent: Int64 = 5
    /// … unless it is smaller than this (`compaction_promotion_min_size_mbytes`).
    public var promotionMinBytes: Int64 = 128 << 20
    /// `base_compaction_min_rowset_num`: so many rowsets beside the base are merged with it.
    public var baseMinRowsets = 5
    /// `base_compaction_min_data_ratio`: fewer are when they have this share of its bytes.
    public var baseMinPercent: Int64 = 30

    /// Rowsets of a tablet with a storage policy are merged within windows of so many versions, never across: see
    /// `CompactionPick`. Not a setting: all replicas of a tablet must agree on it.
    public var coolingWindow: Int64 = 64

    public init() {}
}
