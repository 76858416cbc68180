internal import HTTPAPI
internal import StorageEngine
internal import TabletModel

extension MigrationView {
    init(_ progress: MigrationProgress) {
        self.init(
            tabletID: progress.tabletID.rawValue, from: progress.from, to: progress.to, filesDone: progress.filesDone,
            filesTotal: progress.filesTotal, bytesDone: progress.bytesDone, bytesTotal: progress.bytesTotal,
            startedMs: progress.startedAt.milliseconds)
    }
}
