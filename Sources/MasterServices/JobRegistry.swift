public import HTTPAPI
internal import Synchronization
public import TabletModel

/// The jobs that callers poll: running ones, and the newest thousand that ended. Any thread.
public final class JobRegistry: Sendable {
    private static let endedLimit = 1000

    private struct State {
        var jobs: [Int64: JobView] = [:]
        /// Oldest first.
        var ended: [Int64] = []
    }

    private let state = Mutex(State())

    public init() {}

    public func add(_ job: JobView) {
        state.withLock { $0.jobs[job.id] = job }
    }

    public func update(_ id: Int64, _ body: (inout JobView) -> Void) {
        state.withLock { state in
            guard state.jobs[id]?.state == .running else { return }
            body(&state.jobs[id]!)
        }
    }

    public func end(_ id: Int64, _ outcome: JobView.State, message: String, at time: UnixTime) {
        state.withLock { state in
            guard state.jobs[id]?.state == .running else { return }
            state.jobs[id]?.state = outcome
            state.jobs[id]?.message = message
            state.jobs[id]?.endedMs = time.milliseconds
            state.ended.append(id)
            if state.ended.count > Self.endedLimit { state.jobs[state.ended.removeFirst()] = nil }
        }
    }

    public func job(_ id: Int64) -> JobView? { state.withLock { $0.jobs[id] } }

    /// Newest first.
    public var jobs: [JobView] { state.withLock { $0.jobs.values.sorted { $0.id > $1.id } } }
}
