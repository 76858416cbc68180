internal import TabletModel

/// What of a tablet says whether it has to cool, and when.
struct CooldownLook {
    let header: TabletHeader
    let dataDir: DataDir
    /// The first local rows: when they were written, and after which version one is missing before them. nil when none is local.
    let first: (writtenAt: UnixTime, gap: Version?)?
    let work: TabletWork?

    /// nil for a tablet that does not cool, which costs next to nothing.
    init?(_ tablet: ServedTablet) {
        switch tablet {
        case .resting(let tablet):
            guard !tablet.traits.storagePolicy.isEmpty else { return nil }
            header = tablet.header
            dataDir = tablet.dataDir
            first = tablet.rare?.nextWrittenAt.map { ($0, nil) }
            work = nil
        case .awake(let tablet):
            let snapshot = tablet.snapshot
            guard snapshot.header.state == .running, snapshot.header.cools else { return nil }
            header = snapshot.header
            dataDir = tablet.dataDir
            first = FirstLocal(snapshot.rowsets.lazy.map(\.meta)).map { ($0.rows.newestWrite, $0.gap) }
            work = tablet.currentWork
        }
    }
}
