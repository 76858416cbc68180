public import TabletModel

/// What a clone came to.
public struct CloneOutcome: Hashable, Sendable {
    public var row: TabletReportRow
    /// Of segments, by this run.
    public var copiedBytes: Int64
    public var copyTimeMs: Int64

    public init(row: TabletReportRow, copiedBytes: Int64 = 0, copyTimeMs: Int64 = 0) {
        self.row = row
        self.copiedBytes = copiedBytes
        self.copyTimeMs = copyTimeMs
    }
}
