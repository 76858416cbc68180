public import ClusterMetadata
public import ReportCodec
public import TabletModel

/// Compares a backend's tablet report with the state while it arrives, a run of rows at a time. What is as it was leaves
/// nothing behind; a snapshot is held for a slice of the report. It changes nothing, so a report that breaks off is let go.
public struct TabletComparison: Sendable {
    /// Chunks of the index that are compared with one snapshot.
    static let sliceChunks = 64

    private var comparison: RowComparison
    private var diff = TabletReportDiff()
    private var runs = 0
    private let membership: UInt64
    private let snapshot: @Sendable () -> ClusterState

    /// - Parameter snapshot: gives the state as it is; asked for each slice.
    public init(from backend: BackendID, against snapshot: @escaping @Sendable () -> ClusterState) {
        self.snapshot = snapshot
        comparison = RowComparison(backend: backend)
        membership = snapshot().tablets.membershipChanges
    }

    /// Rows of the report that come next.
    /// - Throws: `ReportDecodingError` for bytes that were not checked.
    public mutating func take(_ rows: inout TabletRows) throws {
        guard try rows.next() else { return }
        comparison.renew(snapshot())
        // Until the next rows come, changes of the state must find it unshared.
        defer { comparison.letGo() }
        while try comparison.compareRun(of: &rows, into: &diff) {
            runs += 1
            if runs % Self.sliceChunks == 0 { comparison.renew(snapshot()) }
        }
    }

    /// What the report says that the master does not know, once all of it has come.
    public consuming func finish() -> TabletReportDiff {
        let tablets = snapshot().tablets
        // Replicas that came or went between two slices may make up for each other.
        diff.end(
            comparison.seen, known: tablets.tablets(on: comparison.backend),
            isSameMembership: membership == tablets.membershipChanges)
        return diff
    }
}
