internal import Synchronization
internal import TabletModel

/// (type, signature): what the FE and the BE call a task by.
struct TaskKey: Hashable, Sendable {
    var type: TaskType
    var signature: Int64
}

/// An accepted task, from its acceptance until the master acknowledged its end.
final class TaskEntry: Sendable {
    enum Phase: UInt8, Sendable { case waiting, running, pausing, finishing }

    let task: AgentTask
    let job: TaskJob
    let acceptedAt: MonotonicTime

    // Shown by the status, which may lag: relaxed.
    private let phaseBits = Atomic<UInt8>(0)
    private let runCount = Atomic<Int>(0)
    private let finishTryCount = Atomic<Int>(0)

    init(_ task: AgentTask, acceptedAt: MonotonicTime) {
        job = task.job
        self.task = task
        self.acceptedAt = acceptedAt
    }

    var key: TaskKey { TaskKey(type: task.type, signature: task.signature) }
    /// A signature of -1 means "any": each such task is one of its own.
    var isDeduplicated: Bool { task.signature != -1 }

    var phase: Phase {
        get { Phase(rawValue: phaseBits.load(ordering: .relaxed)) ?? .waiting }
        set { phaseBits.store(newValue.rawValue, ordering: .relaxed) }
    }
    /// Counts this run and returns how many were before it.
    func beginRun() -> Int { runCount.wrappingAdd(1, ordering: .relaxed).oldValue }
    var runs: Int { runCount.load(ordering: .relaxed) }
    func countFinishTry() { finishTryCount.wrappingAdd(1, ordering: .relaxed) }
    var finishTries: Int { finishTryCount.load(ordering: .relaxed) }
}
