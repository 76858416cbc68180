internal import AgentTasks
internal import ClusterMetadata
internal import Platform
internal import TabletModel

/// A job while this FE runs it: pure; its owner locks it, journals what it decides and sends its tasks.
struct BackupRun {
    var job: BackupJob
    var steps: [StepKey: BackupStep] = [:]
    /// The phase's tasks are still to be made.
    var needsBegin = true
    /// Somebody writes the phase's end, or the meta file, now.
    var isBusy = false
    /// The job can't go on: it is to be ended so.
    var end: (phase: BackupJob.Phase, reason: String)?
    /// Snapshots are to be made anew, of another version: why.
    var restart: String?
    /// Of a phase without tasks.
    var failures = 0
    var retryAt: MonotonicTime?
    var lastError = ""
    /// Backends that failed: a new attempt copies from others where it can.
    var avoided: Set<BackendID> = []
    var deadSince: [BackendID: MonotonicTime] = [:]

    /// Tries of one task, and of the meta file.
    static let tries = 5
    /// Times that snapshots are made anew.
    static let attempts: Int32 = 3
    /// A backend that is away is waited for so long: it may be restarting, and has the snapshot.
    static let patience: Duration = .seconds(60)
    static let backoff = Backoff(base: .seconds(2), limit: .seconds(60))

    init(_ job: BackupJob) { self.job = job }

    /// Everything of the phase is done.
    var isThrough: Bool { !needsBegin && steps.isEmpty && !isBusy && end == nil && restart == nil }

    /// Units that are through the phase.
    var doneUnits: Int { job.units.count - steps.values.reduce(0) { $0 + $1.units.count } }
    var files: (done: Int, total: Int) {
        steps.values.reduce((0, 0)) { ($0.0 + $1.filesDone, $0.1 + $1.filesTotal) }
    }

    // MARK: What comes back

    mutating func succeeded(_ key: StepKey, _ request: FinishTaskRequest) {
        guard let step = steps.removeValue(forKey: key) else { return }
        switch job.phase {
        case .snapshotting:
            guard let path = request.snapshotPath, path.hasPrefix("/") else {
                return giveUp(step, "backend \(step.backend) made a snapshot and names no path of it")
            }
            job.units[step.units[0]].snapshotPath = path
        case .uploading:
            for index in step.units {
                guard let files = request.tabletFiles?[job.units[index].tabletID], !files.isEmpty else {
                    return giveUp(
                        step, "backend \(step.backend) names no files of tablet \(job.units[index].tabletID)")
                }
                job.units[index].files = files
            }
        default: break
        }
    }

    mutating func failed(_ key: StepKey, _ status: RPCStatus, now: MonotonicTime) {
        guard var step = steps[key] else { return }
        step.failures += 1
        lastError = "backend \(step.backend): \(status)"
        let isFinal = status.code == .invalidArgument || status.code == .notImplementedError
        guard !isFinal, step.failures < Self.tries else {
            steps[key] = nil
            return giveUp(step, lastError)
        }
        step.retryAt = now + Self.backoff.ceiling(retry: step.failures - 1)
        steps[key] = step
    }

    /// A task will not be done. A restore goes on while each tablet has another replica; a backup makes its snapshots anew
    /// when one could not be made, and fails when the bucket does not take them.
    private mutating func giveUp(_ step: BackupStep, _ reason: String, isBackendGone: Bool = false) {
        switch job.kind {
        case .backup:
            if isBackendGone || job.phase == .snapshotting, job.attempt < Self.attempts {
                avoided.insert(step.backend)
                restart = reason
            } else {
                end = (.failed, reason)
            }
        case .restore:
            for index in step.units { job.units[index].isGivenUp = true }
            let left = Set(job.units.filter { !$0.isGivenUp }.map(\.tabletID))
            guard let lost = step.units.map({ job.units[$0].tabletID }).first(where: { !left.contains($0) }) else {
                job.message = "a replica is left to repair: \(reason)"
                return
            }
            end = (.failed, "no replica of tablet \(lost) could be restored: \(reason)")
        }
    }

    // MARK: Time

    /// Looks who is away for long.
    ///
    /// - Parameter isHere: the backend lives.
    /// - Returns: the steps that are given up: their tasks must not wait for the backend any longer.
    mutating func watch(
        now: MonotonicTime, isKnown: (BackendID) -> Bool, isHere: (BackendID) -> Bool
    ) -> [BackupStep] {
        var givenUp: [BackupStep] = []
        for backend in Set(steps.values.map(\.backend)) {
            guard !isHere(backend) else {
                deadSince[backend] = nil
                continue
            }
            let since = deadSince[backend] ?? now
            deadSince[backend] = since
            guard !isKnown(backend) || now - since >= Self.patience else { continue }
            for (key, step) in steps where step.backend == backend {
                steps[key] = nil
                givenUp.append(step)
                giveUp(step, "backend \(backend) is gone", isBackendGone: true)
            }
        }
        return givenUp
    }

    /// Steps that are to be sent again now, under new signatures.
    mutating func takeRetries(now: MonotonicTime, signature: () -> Int64) -> [BackupStep] {
        var due: [BackupStep] = []
        let failed = steps.filter { $0.value.retryAt != nil }.sorted {
            ($0.key.backend, $0.key.task) < ($1.key.backend, $1.key.task)
        }
        for (key, step) in failed {
            guard let at = step.retryAt, at <= now else { continue }
            var again = step
            again.retryAt = nil
            // Of a CREATE it is the tablet's id.
            if again.task.type != .create { again.task.signature = signature() }
            steps[key] = nil
            steps[again.key] = again
            due.append(again)
        }
        return due
    }

    mutating func progress(_ report: LoaderProgress) -> Bool {
        let found = steps.first { $0.key.task == .init(type: report.type, signature: report.taskID) }
        guard let (key, _) = found else { return false }
        steps[key]?.filesDone = Int(max(0, report.finished ?? 0))
        steps[key]?.filesTotal = Int(max(0, report.total ?? 0))
        return true
    }
}
