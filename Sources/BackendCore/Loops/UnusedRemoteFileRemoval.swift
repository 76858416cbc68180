internal import Logging
internal import Platform
internal import StorageEngine
internal import Synchronization
internal import TabletModel

/// Deletes superseded remote files once the master confirmed that no replica can still name them (`contract/behaviour.md`
/// §6, `design.md` cooldown protocol 7). A scan is rare and lists buckets; what it found is asked about at each round
/// until it is confirmed or the next scan replaces it.
final class UnusedRemoteFileRemoval: Sendable {
    private struct State {
        var candidates: [TabletCooldownState] = []
        var nextScan: MonotonicTime?
    }

    private let engine: any AgentEngine
    private let link: MasterLink
    private let time: any TimeSource
    private let options: BackendOptions
    private let logger: Logger
    private let state = Mutex(State())

    init(
        engine: any AgentEngine, link: MasterLink, time: any TimeSource, options: BackendOptions, logger: Logger
    ) {
        self.engine = engine
        self.link = link
        self.time = time
        self.options = options
        self.logger = logger
    }

    func round() -> LoopOutcome {
        guard let master = link.master, engine.startupProgress.isLoaded else { return .idle }
        do {
            try scanIfDue()
            let candidates = state.withLock { $0.candidates }
            var open: [TabletCooldownState] = []
            for start in stride(from: 0, to: candidates.count, by: options.confirmBatch) {
                let batch = Array(candidates[start..<min(start + options.confirmBatch, candidates.count)])
                open += try settle(batch, master)
            }
            state.withLock { $0.candidates = open }
            return .done
        } catch let error as RPCError where error.code == .unknownMethod {
            logger.info("the master has no confirmUnusedRemoteFiles", metadata: ["master": "\(master.address)"])
            return .next(after: options.unknownMethodPause)
        } catch {
            logger.warning("unused remote files not removed", metadata: ["reason": "\(error)"])
            return .failed(String(describing: error))
        }
    }

    private func scanIfDue() throws {
        let now = time.monotonicNow
        if let next = state.withLock({ $0.nextScan }), now < next { return }
        let found = try engine.findUnusedRemoteFiles()
        state.withLock { state in
            state.candidates = found
            state.nextScan = now + options.unusedRemoteFilesInterval
        }
    }

    /// Asks about a batch, deletes what is confirmed, and returns the rest.
    private func settle(_ batch: [TabletCooldownState], _ master: KnownMaster) throws -> [TabletCooldownState] {
        let asked = Set(batch.map(\.tabletID))
        let confirmed = try master.connection.confirmUnusedRemoteFiles(batch).filter { asked.contains($0) }.sorted()
        if !confirmed.isEmpty {
            try engine.removeUnusedRemoteFiles(confirmed)
            logger.info("unused remote files removed", metadata: ["tablets": "\(confirmed.count)"])
        }
        let done = Set(confirmed)
        return batch.filter { !done.contains($0.tabletID) }
    }
}
