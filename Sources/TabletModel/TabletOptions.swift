/// What a peer can ask of a tablet beyond its rows and its policy; nil: not said, so it stays as it is.
public struct TabletOptions: Hashable, Sendable {
    public var disableAutoCompaction: Bool?
    /// `size_based` or `time_series`.
    public var compactionPolicy: String?
    public var timeSeriesGoalMegabytes: Int64?
    public var timeSeriesFileCount: Int64?
    public var timeSeriesSeconds: Int64?
    public var timeSeriesEmptyRowsets: Int64?
    public var timeSeriesLevels: Int64?
    public var skipWriteIndexOnLoad: Bool?
    public var isBinlogEnabled: Bool?

    public init() {}
}
