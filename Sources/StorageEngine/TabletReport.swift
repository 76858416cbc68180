public import TabletModel

/// What a backend has to say of its tablets.
public struct TabletReport: Sendable {
    public var rows: any TabletReportSource
    /// As of the last look at what is due.
    public var maxCompactionScore: Int64
    /// Replicas that can't be read although their versions are whole.
    public var unreadable: [UnreadableReplica]

    public init(rows: any TabletReportSource, maxCompactionScore: Int64, unreadable: [UnreadableReplica] = []) {
        self.rows = rows
        self.maxCompactionScore = maxCompactionScore
        self.unreadable = unreadable
    }
}
