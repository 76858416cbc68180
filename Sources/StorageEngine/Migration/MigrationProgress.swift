internal import Synchronization
public import TabletModel

/// How far a tablet's move to another data dir has come.
public struct MigrationProgress: Hashable, Sendable {
    public var tabletID: TabletID
    public var from: String
    public var to: String
    /// Of the rounds so far: rows that come meanwhile are copied in further rounds.
    public var filesDone = 0
    public var filesTotal = 0
    public var bytesDone: Int64 = 0
    public var bytesTotal: Int64 = 0
    public var startedAt: UnixTime

    init(tabletID: TabletID, from: String, to: String, startedAt: UnixTime) {
        self.tabletID = tabletID
        self.from = from
        self.to = to
        self.startedAt = startedAt
    }
}

/// The moves under way. Thread-safe.
final class MigrationBoard: Sendable {
    private let runs = Mutex<[TabletID: MigrationProgress]>([:])

    /// In tablet order.
    var all: [MigrationProgress] { runs.withLock { $0.values.sorted { $0.tabletID < $1.tabletID } } }

    func begin(_ progress: MigrationProgress) { runs.withLock { $0[progress.tabletID] = progress } }
    func end(_ tablet: TabletID) { runs.withLock { $0[tablet] = nil } }

    func update(_ tablet: TabletID, _ body: (inout MigrationProgress) -> Void) {
        runs.withLock { runs in
            guard var progress = runs[tablet] else { return }
            body(&progress)
            runs[tablet] = progress
        }
    }
}
