internal import Platform
internal import StorageEngine
internal import TabletModel

extension TaskHandlers {
    static func upload(_ request: UploadRequest, _ signature: Int64, _ context: TaskContext) throws -> TaskOutcome {
        var result = TaskResult()
        result.tabletFiles = try context.engine.upload(
            request, report: context.loaderReport(request.jobID, signature, .upload))
        return .finished(result)
    }

    static func download(_ request: DownloadRequest, _ signature: Int64, _ context: TaskContext) throws -> TaskOutcome {
        var result = TaskResult()
        result.downloadedTabletIDs = try context.engine.download(
            request, report: context.loaderReport(request.jobID, signature, .download))
        return .finished(result)
    }

    /// Its rows are others now: a report made before is not to be believed any longer.
    static func move(_ request: MoveRequest, _ context: TaskContext) throws -> TaskOutcome {
        _ = try context.engine.move(request)
        return .finished(TaskResult(sendsReportVersion: true, bumpsReportVersion: true))
    }
}

extension TaskContext {
    /// Tells the master how far an upload or download is. Any answer but OK ends it; no answer says nothing.
    fileprivate func loaderReport(_ job: Int64, _ task: Int64, _ type: TaskType) -> BackupReport {
        { [link] finished, total in
            guard let master = link.master else { return true }
            let progress = LoaderProgress(
                jobID: job, taskID: task, type: type, finished: Int32(clamping: finished),
                total: Int32(clamping: total))
            do {
                return try master.connection.snapshotLoaderReport(progress).isOK
            } catch {
                return true
            }
        }
    }
}
