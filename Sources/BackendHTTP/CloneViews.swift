internal import StorageEngine
internal import TabletModel

/// One clone under way, as `/api/clones` of its destination lists it.
public struct CloneView: Codable, Hashable, Sendable {
    public var tabletID: Int64
    public var replicaID: Int64
    /// The replica is made whole, and not only given what it lacks.
    public var isWhole: Bool
    /// `snapshot`, `downloading` or `joining`.
    public var step: String
    /// Host and agent port; nil before the first.
    public var source: String?
    /// Of this source; those that an earlier try had verified count as done.
    public var filesDone: Int
    public var filesTotal: Int
    public var bytesDone: Int64
    public var bytesTotal: Int64
    public var startedMs: Int64

    init(_ progress: CloneProgress) {
        tabletID = progress.tabletID.rawValue
        replicaID = progress.replicaID.rawValue
        isWhole = progress.isWhole
        step = progress.step.rawValue
        source = progress.source
        filesDone = progress.filesDone
        filesTotal = progress.filesTotal
        bytesDone = progress.bytesDone
        bytesTotal = progress.bytesTotal
        startedMs = progress.startedAt.milliseconds
    }
}
