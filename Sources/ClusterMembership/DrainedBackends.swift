internal import ClusterMetadata
internal import Logging
public import MasterServices
internal import Synchronization
public import TabletModel

/// Forgets decommissioned backends that hold nothing any more (`contract/behaviour.md §7`): Doris' daemon of ten seconds.
public final class DrainedBackends: Sendable {
    private let environment: MasterEnvironment
    private let dropped: @Sendable (BackendID) -> Void
    private let isStopped = Mutex(false)

    /// - Parameter dropped: told of each backend that is gone from the metadata now.
    public init(environment: MasterEnvironment, dropped: @escaping @Sendable (BackendID) -> Void) {
        self.environment = environment
        self.dropped = dropped
    }

    public func start() {
        guard environment.configuration.repair.dropsDrainedBackends else { return }
        environment.after(environment.configuration.repair.drainInterval) { [weak self] in
            guard let self, !isStopped.withLock({ $0 }) else { return }
            dropDrained()
            start()
        }
    }

    public func stop() { isStopped.withLock { $0 = true } }

    private func dropDrained() {
        let drained = environment.store.read { state in
            state.backends.filter { $0.isDecommissioned && state.tablets.tablets(on: $0.id).isEmpty }
        }
        for backend in drained { drop(backend) }
    }

    private func drop(_ backend: Backend) {
        do {
            let isDropped = try environment.commit { state, _ in
                guard !state.older.isClusterHeld, state.backend(backend.id)?.isDecommissioned == true,
                    state.tablets.tablets(on: backend.id).isEmpty
                else { return (entries: [], result: false) }
                return (entries: [.dropBackend(backend.id)], result: true)
            }
            guard isDropped else { return }
            environment.logger.notice(
                "a drained backend was dropped",
                metadata: ["backend": "\(backend.id)", "address": "\(backend.heartbeatAddress)"])
            dropped(backend.id)
        } catch {
            environment.logger.error(
                "a drained backend was not dropped", metadata: ["backend": "\(backend.id)", "error": "\(error)"])
        }
    }
}
