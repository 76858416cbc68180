public import AgentTasks
public import ClusterMetadata
internal import HTTPAPI
public import Logging
public import Platform
public import TabletModel

/// What the parts of the master share. They know the state and the backends through it, and each other not at all.
public struct MasterEnvironment: Sendable {
    private let held: HeldConfiguration
    public let store: MetadataStore
    public let scheduler: any Scheduler
    public let random: any RandomSource
    public let fileSystem: any FileSystem
    public let tasks: AgentTaskQueue
    public let signatures: TaskSignatures
    public let signs: LifeSigns
    public let dispatcher: AgentTaskDispatcher
    /// Timers and work that no caller waits for.
    public let pool: any WorkerPool
    public let logger: Logger
    /// Tablets that a change may have left in need of repair; every `commit` adds its own.
    public let suspects = SuspectTablets()
    /// Changes that the journal refused.
    public let refusals = RefusedChanges()

    public init(
        configuration: MasterConfiguration, store: MetadataStore, scheduler: any Scheduler, random: any RandomSource,
        fileSystem: any FileSystem, tasks: AgentTaskQueue, signatures: TaskSignatures, signs: LifeSigns,
        dispatcher: AgentTaskDispatcher, pool: any WorkerPool, logger: Logger
    ) {
        held = HeldConfiguration(configuration)
        self.store = store
        self.scheduler = scheduler
        self.random = random
        self.fileSystem = fileSystem
        self.tasks = tasks
        self.signatures = signatures
        self.signs = signs
        self.dispatcher = dispatcher
        self.pool = pool
        self.logger = logger
    }

    /// As it is now: read it where it is used.
    public var configuration: MasterConfiguration { held.current }

    /// Works by these values from now on, as far as they may change while the master runs.
    public func adopt(_ configuration: MasterConfiguration) { held.adopt(configuration) }

    public var wallNow: UnixTime { scheduler.wallNow }
    public var monotonicNow: MonotonicTime { scheduler.monotonicNow }

    /// `MetadataStore.commit`, with the store's refusals as `MasterError`.
    public func commit<R>(
        _ body: (ClusterState, inout IDAllocator) throws -> (entries: [JournalEntry], result: R)
    ) throws -> R {
        try refused {
            let (made, result) = try store.commit { state, ids in
                let (entries, result) = try body(state, &ids)
                return (entries, (made: entries, result: result))
            }
            suspects.add(made.flatMap(\.suspectTablets))
            return result
        }
    }

    /// The store's refusals as `MasterError`.
    public func refused<R>(_ body: () throws -> R) throws -> R {
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
            refusals.note()
            throw MasterError(
                .readOnly, "the change was not made: \(error)",
                nextStep: configuration.journalNextStep)
        }
    }

    public func commit(_ entries: [JournalEntry]) throws {
        try commit { _, _ in (entries, ()) }
    }

    /// What backends have and this FE never made: held from now on, until a person chose.
    public func noteOlder(_ found: [FoundOlder]) {
        guard !found.isEmpty else { return }
        do {
            for one in try store.noteOlder(found) { logOlder(one) }
        } catch {
            logger.error("older metadata was not journaled", metadata: ["error": "\(error)"])
        }
    }

    private func logOlder(_ found: FoundOlder) {
        let table = found.tableID.map { id in store.read { $0.tableName(id).description } }
        logger.error(
            "the metadata are older than the backends: nothing is dropped or written there until you choose, see tabletctl meta status",
            metadata: ["table": "\(table ?? "all")", "found": "\(found.finding.text)"])
    }

    public func after(_ delay: Duration, _ job: @escaping @Sendable () -> Void) {
        scheduler.schedule(after: delay, on: pool, job)
    }
}
