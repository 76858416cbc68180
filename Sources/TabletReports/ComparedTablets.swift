internal import ClusterMetadata
internal import ReportCodec
internal import Synchronization
internal import TabletModel

/// The tablets of one report, compared while they come.
final class ComparedTablets: ArrivingTablets {
    /// The last touch before any of them was compared.
    let touches: UInt64
    private let comparison: Mutex<TabletComparison>

    init(from backend: BackendID, touches: UInt64, store: MetadataStore) {
        self.touches = touches
        comparison = Mutex(TabletComparison(from: backend, against: { store.snapshot() }))
    }

    func take(_ piece: TabletPiece) throws {
        try comparison.withLock { comparison in
            try piece.withRows { try comparison.take(&$0) }
        }
    }

    /// What they say, once all have come.
    func finish() -> TabletReportDiff { comparison.withLock { $0.finish() } }
}
