internal import HTTPAPI
internal import StorageEngine
internal import TabletModel

extension CloneView {
    init(_ progress: CloneProgress) {
        self.init(
            tabletID: progress.tabletID.rawValue, replicaID: progress.replicaID.rawValue, isWhole: progress.isWhole,
            step: progress.step.rawValue, source: progress.source, filesDone: progress.filesDone,
            filesTotal: progress.filesTotal, bytesDone: progress.bytesDone, bytesTotal: progress.bytesTotal,
            startedMs: progress.startedAt.milliseconds)
    }
}
