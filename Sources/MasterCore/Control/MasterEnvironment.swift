internal import HTTPAPI
internal import Logging
internal import Platform
internal import TabletModel

/// What the parts of the master share. They know the state and the backends through it, and each other not at all.
struct MasterEnvironment: Sendable {
    let configuration: MasterConfiguration
    let store: MetadataStore
    let scheduler: any Scheduler
    let random: any RandomSource
    let fileSystem: any FileSystem
    let tasks: AgentTaskQueue
    let signatures: TaskSignatures
    let signs: LifeSigns
    let dispatcher: AgentTaskDispatcher
    /// Timers and work that no caller waits for.
    let pool: any WorkerPool
    let logger: Logger
    /// Tablets with a replica that a change left in trouble; every `commit` adds its own.
    let troubles = TroubleList()

    var wallNow: UnixTime { scheduler.wallNow }
    var monotonicNow: MonotonicTime { scheduler.monotonicNow }

    /// `MetadataStore.commit`, with the store's refusals as `MasterError`.
    func commit<R>(
        _ body: (ClusterState, inout IDAllocator) throws -> (entries: [JournalEntry], result: R)
    ) throws -> R {
        try refused {
            let (made, result) = try store.commit { state, ids in
                let (entries, result) = try body(state, &ids)
                return (entries, (made: entries, result: result))
            }
            troubles.add(made.flatMap(\.troubledTablets))
            return result
        }
    }

    /// The store's refusals as `MasterError`.
    func refused<R>(_ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let error as MasterError {
            throw error
        } catch MetadataError.outcomeUnknown(let reason) {
            throw MasterError(
                .outcomeUnknown, "whether the change was made is not known yet: \(reason)",
                nextStep: "look for it once tabletctl status shows that metadata can be written again; "
                    + "a load's label tells what became of it")
        } catch {
            throw MasterError(
                .readOnly, "the change was not made: \(error)",
                nextStep: "see to the disk of meta_dir; the FE goes on by itself once it can write there again")
        }
    }

    func commit(_ entries: [JournalEntry]) throws {
        try commit { _, _ in (entries, ()) }
    }

    func after(_ delay: Duration, _ job: @escaping @Sendable () -> Void) {
        scheduler.schedule(after: delay, on: pool, job)
    }
}
