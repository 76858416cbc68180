internal import StorageEngine
internal import TabletModel

/// One clone under way, as `/api/clones` lists it.
struct CloneView: Codable, Sendable {
    var tabletID: Int64
    var replicaID: Int64
    var isWhole: Bool
    var step: String
    var source: String?
    var filesDone: Int
    var filesTotal: Int
    var bytesDone: Int64
    var bytesTotal: Int64
    var startedMs: Int64

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
