internal import Logging
internal import NodeMetrics
internal import Platform
internal import TabletModel

/// Runs one accepted task on a worker's thread, and hands its end to the finisher.
final class TaskRunner: Sendable {
    private let engine: any AgentEngine
    private let time: any TimeSource
    private let options: BackendOptions
    private let finisher: TaskFinisher
    private let registry: TaskRegistry
    private let logger: Logger
    private let upkeep: any TaskUpkeep

    init(
        engine: any AgentEngine, time: any TimeSource, options: BackendOptions, finisher: TaskFinisher,
        registry: TaskRegistry, logger: Logger, upkeep: any TaskUpkeep
    ) {
        self.engine = engine
        self.time = time
        self.options = options
        self.finisher = finisher
        self.registry = registry
        self.logger = logger
        self.upkeep = upkeep
    }

    /// nil when the task ended; else how long to wait before it runs again.
    func run(_ entry: TaskEntry) -> Duration? {
        entry.phase = .running
        let began = time.monotonicNow
        let outcome = outcome(entry, began)
        entry.kind.seconds.observe(Double((time.monotonicNow - began).wholeNanoseconds) / 1e9)
        switch outcome {
        case .again(let pause):
            entry.phase = .pausing
            return pause
        case .finished(let result):
            entry.kind.total.increment()
            if !result.status.isOK { entry.kind.failed.increment() }
            log(entry, result)
            finisher.finish(entry, result)
            return nil
        }
    }

    /// The backend stops before the task could run (again): the FE sends it anew when it misses it in a task report.
    func abandon(_ entry: TaskEntry) {
        registry.remove(entry)
        logger.info("task abandoned: the backend stops", metadata: Self.metadata(entry))
    }

    private func outcome(_ entry: TaskEntry, _ now: MonotonicTime) -> TaskOutcome {
        if let refusal = entry.refusal { return .finished(.failed(refusal)) }
        let context = TaskContext(
            engine: engine, options: options, age: now - entry.acceptedAt, earlierRuns: entry.beginRun(),
            upkeep: upkeep)
        do {
            return try entry.kind.handler(entry.task, context)
        } catch {
            return .finished(.failed(TaskError(error).status))
        }
    }

    private func log(_ entry: TaskEntry, _ result: TaskResult) {
        if result.status.isOK {
            logger.info("task done", metadata: Self.metadata(entry))
        } else {
            logger.warning(
                "task failed",
                metadata: Self.metadata(entry).merging(["status": "\(result.status)"]) { old, _ in old })
        }
    }

    private static func metadata(_ entry: TaskEntry) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["type": "\(entry.task.type)", "signature": "\(entry.task.signature)"]
        switch entry.task.payload {
        case .create(let request): metadata["tablet"] = "\(request.tabletID)"
        case .drop(let request): metadata["tablet"] = "\(request.tabletID)"
        case .push(let request):
            metadata["tablet"] = "\(request.tabletID)"
            if let transaction = request.transactionID { metadata["transaction"] = "\(transaction)" }
        case .publishVersion(let request):
            metadata["transaction"] = "\(request.transactionID)"
            let versions = request.partitions.map { "\($0.partitionID)=\($0.version)" }
            metadata["version"] = "\(versions.joined(separator: ","))"
        case .clearTransaction(let request): metadata["transaction"] = "\(request.transactionID)"
        case .cooldownConfs(let confs):
            metadata["tablet"] = "\(confs.map(\.tabletID.description).joined(separator: ","))"
        case .storagePolicy(let entry): metadata["policy"] = "\(entry.name)"
        case .updateTabletMeta(let updates):
            metadata["tablet"] = "\(updates.map(\.tabletID.description).joined(separator: ","))"
        case .clone(let request):
            metadata["tablet"] = "\(request.tabletID)"
            if let version = request.committedVersion { metadata["version"] = "\(version)" }
        case .compaction(let request):
            metadata["tablet"] = "\(request.tabletID)"
            metadata["kind"] = "\(request.kind.rawValue)"
        case .checkConsistency(let request):
            metadata["tablet"] = "\(request.tabletID)"
            metadata["version"] = "\(request.version)"
        case .makeSnapshot(let request): metadata["tablet"] = "\(request.tabletID)"
        case .releaseSnapshot(let path): metadata["path"] = "\(path)"
        case .unread, .absent: break
        }
        return metadata
    }
}
