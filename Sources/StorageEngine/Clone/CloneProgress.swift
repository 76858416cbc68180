internal import Synchronization
public import TabletModel

/// How far a clone has come.
public struct CloneProgress: Hashable, Sendable {
    public enum Step: String, Hashable, Sendable {
        case snapshot, downloading, joining
    }

    public var tabletID: TabletID
    public var replicaID: ReplicaID
    /// The replica is made whole, and not only given what it lacks.
    public var isWhole: Bool
    public var step = Step.snapshot
    /// Host and agent port; nil before the first.
    public var source: String?
    /// Of this source; those that an earlier try had verified count as done.
    public var filesDone = 0
    public var filesTotal = 0
    public var bytesDone: Int64 = 0
    public var bytesTotal: Int64 = 0
    public var startedAt: UnixTime

    init(_ request: CloneRequest, isWhole: Bool, startedAt: UnixTime) {
        tabletID = request.tabletID
        replicaID = request.replicaID
        self.isWhole = isWhole
        self.startedAt = startedAt
    }
}

/// The clones under way. Thread-safe; every call is short.
final class CloneBoard: Sendable {
    private let running = Mutex<[TabletID: CloneProgress]>([:])

    /// In tablet order.
    var all: [CloneProgress] { running.withLock { $0.values.sorted { $0.tabletID < $1.tabletID } } }

    func begin(_ progress: CloneProgress) { running.withLock { $0[progress.tabletID] = progress } }
    func end(_ tablet: TabletID) { running.withLock { $0[tablet] = nil } }

    func update(_ tablet: TabletID, _ change: (inout CloneProgress) -> Void) {
        running.withLock { running in
            guard var progress = running.removeValue(forKey: tablet) else { return }
            change(&progress)
            running[tablet] = progress
        }
    }
}
