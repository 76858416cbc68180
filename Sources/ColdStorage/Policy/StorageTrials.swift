internal import AgentTasks
internal import ClusterMetadata
public import HTTPAPI
internal import Logging
public import MasterServices
internal import Synchronization
public import TabletModel

/// Has living backends try a store before a resource is made of it or changed: they have to reach it, this FE need not. Memory
/// only; a trial is a job that callers poll. Any thread, nothing blocks.
public final class StorageTrials: Sendable {
    /// Backends asked at most, each of which has to pass.
    static let backendLimit = 8
    /// A store that does not answer is waited for by the backend's own timeouts and retries.
    static let timeout: Duration = .seconds(120)

    private struct Trial {
        var job: Int64
        var waiting: Set<BackendID>
        var failures: [String] = []
    }

    private struct Trials {
        var running: [Int64: Trial] = [:]
        var lastID: Int64 = 0
    }

    private let environment: MasterEnvironment
    private let jobs: JobRegistry
    private let trials = Mutex(Trials())

    public init(environment: MasterEnvironment, jobs: JobRegistry) {
        self.environment = environment
        self.jobs = jobs
    }

    /// Of a resource that is to be made.
    public func start(_ request: CreateStorageResourceRequest) throws -> JobView {
        try ResourceCheck.check(request)
        return try start(request.name, request.s3, id: nil)
    }

    /// - Parameter id: of the resource, when it is there already.
    /// - Throws: `MasterError` for a resource that can't be, or when no backend could try it.
    public func start(_ name: String, _ s3: S3Resource, id: Int64?) throws -> JobView {
        try ResourceCheck.check(s3)
        let backends = environment.store.read { state in
            state.backends.filter { $0.isOurs && state.isAlive($0.id) }.prefix(Self.backendLimit).map(\.id)
        }
        guard !backends.isEmpty else {
            throw MasterError(
                .unavailable, "no living backend can try the store of \(name)",
                nextStep: "start a backend, or make the change without a check (--no-check)")
        }
        let now = environment.wallNow
        let number = trials.withLock { trials in
            trials.lastID = max(trials.lastID + 1, now.milliseconds)
            trials.running[trials.lastID] = Trial(job: trials.lastID, waiting: Set(backends))
            return trials.lastID
        }
        let job = JobView(
            id: number, kind: "checkStorage", subject: name, state: .running, done: 0, total: Int64(backends.count),
            message: "waits for \(backends.count) backends", createdMs: now.milliseconds, endedMs: 0)
        jobs.add(job)
        let entry = StoragePolicyEntry(name: "", resource: s3, resourceID: id)
        for backend in backends {
            environment.dispatcher.send(
                AgentTask(type: .checkStorage, signature: number, payload: .storagePolicy(entry)), to: backend)
        }
        environment.after(Self.timeout) { [weak self] in self?.timeOut(number) }
        return job
    }

    public func finished(_ number: Int64, on backend: BackendID) { settle(number, backend, nil) }
    public func failed(_ number: Int64, on backend: BackendID, _ reason: String) { settle(number, backend, reason) }

    /// The backend is dead or was dropped: nobody waits for it.
    public func lost(_ backend: BackendID) {
        let running = trials.withLock { trials in trials.running.filter { $0.value.waiting.contains(backend) }.keys }
        for number in running.sorted() { settle(number, backend, "it died before it answered") }
    }

    private func timeOut(_ number: Int64) {
        let waiting = trials.withLock { $0.running[number]?.waiting ?? [] }
        for backend in waiting.sorted() {
            environment.tasks.remove(AgentTaskQueue.Key(type: .checkStorage, signature: number), of: backend)
            settle(number, backend, "no answer within \(Self.timeout.wholeMilliseconds / 1000) s")
        }
    }

    private func settle(_ number: Int64, _ backend: BackendID, _ failure: String?) {
        let (trial, done) = trials.withLock { trials -> (Trial?, Int64) in
            guard trials.running[number]?.waiting.remove(backend) != nil else { return (nil, 0) }
            if let failure { trials.running[number]?.failures.append("backend \(backend): \(failure)") }
            guard let trial = trials.running[number] else { return (nil, 0) }
            if trial.waiting.isEmpty { trials.running[number] = nil }
            return (trial, Int64(trial.waiting.count))
        }
        guard let trial else { return }
        jobs.update(number) { $0.done = $0.total - done }
        guard trial.waiting.isEmpty else { return }
        if trial.failures.isEmpty {
            jobs.end(number, .finished, message: "put, head, get, list and delete went well", at: environment.wallNow)
        } else {
            let message = trial.failures.joined(separator: "; ")
            jobs.end(number, .failed, message: message, at: environment.wallNow)
            environment.logger.warning("a store failed its trial", metadata: ["reason": "\(message)"])
        }
    }
}
