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

    /// What backends have and this FE never made: held from now on, until a person chose.
    func noteOlder(_ found: [FoundOlder]) {
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

    func after(_ delay: Duration, _ job: @escaping @Sendable () -> Void) {
        scheduler.schedule(after: delay, on: pool, job)
    }
}
