internal import Platform
internal import Synchronization
internal import TabletModel

/// How far an upload or download is, told to whoever asked for it: files done, files in all. False: it is not wanted any more.
/// May block for an RPC; called now and then, by one thread at a time.
public typealias BackupReport = @Sendable (_ finished: Int, _ total: Int) -> Bool

/// One upload or download while it runs: its progress, and whether it is still wanted. Any thread.
final class BackupRun: Sendable {
    private struct State {
        var finished = 0
        var isCancelled = false
        var isReporting = false
        var reportedAt: MonotonicTime
        var failure: (any Error)?
    }

    private let jobID: Int64
    private let total: Int
    private let time: any TimeSource
    private let report: BackupReport
    private let state: Mutex<State>
    /// Between two reports.
    private static let interval: Duration = .seconds(1)

    init(jobID: Int64, total: Int, time: any TimeSource, report: @escaping BackupReport) {
        self.jobID = jobID
        self.total = total
        self.time = time
        self.report = report
        state = Mutex(State(reportedAt: time.monotonicNow))
    }

    /// - Throws: `BackupError.cancelled`.
    func check() throws {
        if state.withLock({ $0.isCancelled }) { throw BackupError.cancelled(job: jobID) }
    }

    /// Tells how far it is, and hears whether to go on.
    func tell() {
        let finished = state.withLock { state -> Int? in
            if state.isReporting || state.isCancelled { return nil }
            state.isReporting = true
            return state.finished
        }
        guard let finished else { return }
        let goesOn = report(finished, total)
        state.withLock { state in
            state.isReporting = false
            state.reportedAt = time.monotonicNow
            if !goesOn { state.isCancelled = true }
        }
    }

    /// Tells when it is a second since the last time.
    func tellIfDue() {
        let now = time.monotonicNow
        if state.withLock({ now - $0.reportedAt >= Self.interval }) { tell() }
    }

    /// Runs the work on one file; the first failure ends the others and is what `end` throws.
    func file(_ body: () throws -> Void) {
        guard state.withLock({ $0.failure == nil }) else { return }
        do {
            try check()
            try body()
            state.withLock { $0.finished += 1 }
            tellIfDue()
        } catch {
            state.withLock { $0.failure = $0.failure ?? error }
        }
    }

    /// - Throws: the first failure of a file.
    func end() throws {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }
}
