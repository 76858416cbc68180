internal import Logging
internal import Platform
internal import StorageEngine
internal import Synchronization
internal import TabletModel

/// What a backend does by itself: watches its disks, refreshes storage policies, sweeps trash, and asks the master which
/// superseded remote files may go.
final class UpkeepLoops: Sendable {
    let diskCheck: Loop
    let policyRefresh: Loop
    let sweep: Loop
    let unusedRemoteFiles: Loop
    let unreadableCheck: Loop
    /// Writes down how far the master's metadata are; woken by heartbeats, whose threads don't wait for a disk.
    let heardPosition: Loop
    let rest: Loop
    var all: [Loop] { [diskCheck, policyRefresh, sweep, unusedRemoteFiles, unreadableCheck, heardPosition, rest] }

    /// - Parameters:
    ///   - position: what heartbeats taught.
    ///   - onBadDisk: tablets of a dir are no longer served, or a replica is unreadable; their report is due.
    ///   - onStorageRules: policies or resources changed; what can be read here may have.
    init(
        engine: any AgentEngine, link: MasterLink, scheduler: any Scheduler, random: any RandomSource,
        options: BackendOptions, logger: Logger, position: @escaping @Sendable () -> MetadataPosition?,
        onBadDisk: @escaping @Sendable () -> Void, onStorageRules: @escaping @Sendable () -> Void
    ) {
        let make = { (name: String, interval: Duration, body: @escaping @Sendable () -> LoopOutcome) in
            Loop(
                name: name, scheduler: scheduler, random: random, logger: logger,
                timing: LoopTiming(interval: interval, retry: Backoff(base: .seconds(1), limit: interval)), body: body)
        }
        let retry = Backoff(base: .seconds(1), limit: .seconds(60))
        heardPosition = Loop(
            name: "heard-position", scheduler: scheduler, random: random, logger: logger,
            timing: LoopTiming(interval: .seconds(60), retry: retry)
        ) { PositionKeeper.keep(position(), engine, logger) }
        let usage = HighestUsage()
        diskCheck = make("disk-check", options.diskCheckInterval) {
            DiskWatch.check(engine, usage, onBadDisk)
        }
        policyRefresh = make("policy-refresh", options.policyRefreshInterval) {
            PolicyRefresh.refresh(engine, link, options, logger, onStorageRules)
        }
        unreadableCheck = make("unreadable-check", options.unreadableCheckInterval) {
            engine.recheckUnreadable()
            return .done
        }
        rest = make("rest", options.tabletRestInterval) {
            engine.restTablets()
            return .done
        }
        sweep = make("sweep", options.maxSweepInterval) { Sweep.sweep(engine, usage, options) }
        let unused = UnusedRemoteFileRemoval(
            engine: engine, link: link, time: scheduler, options: options, logger: logger)
        unusedRemoteFiles = make("unused-remote-files", options.confirmUnusedInterval) { unused.round() }
    }

    /// The tablets are loaded. Policies are asked for once there is a master, the sweep comes an interval later.
    func start() {
        diskCheck.trigger()
        policyRefresh.trigger()
        sweep.wake()
        unusedRemoteFiles.startAfterInterval()
        unreadableCheck.startAfterInterval()
        rest.startAfterInterval()
    }

    func masterChanged() {
        policyRefresh.trigger()
        unusedRemoteFiles.startAfterInterval()
    }

    func stop() { for loop in all { loop.stop() } }
}

/// The fullest dir as the last disk check saw it.
final class HighestUsage: Sendable {
    private let value = Mutex<Double?>(nil)
    func set(_ usage: Double?) { value.withLock { $0 = usage } }
    var current: Double? { value.withLock { $0 } }
}

/// The engine logs what changed and why; here it makes the reports due.
enum DiskWatch {
    static func check(
        _ engine: any AgentEngine, _ usage: HighestUsage, _ onBadDisk: @Sendable () -> Void
    ) -> LoopOutcome {
        let check = engine.checkDataDirs()
        usage.set(check.highestUsage)
        if check.isChange { onBadDisk() }
        return .done
    }
}

enum PositionKeeper {
    /// What can't be written is kept in memory and tried again: it is told in heartbeats meanwhile.
    static func keep(_ position: MetadataPosition?, _ engine: any AgentEngine, _ logger: Logger) -> LoopOutcome {
        guard let position, position != engine.heardPosition else { return .idle }
        do {
            try engine.persistHeardPosition(position)
            return .idle
        } catch {
            logger.warning(
                "the master's metadata position was not written down",
                metadata: ["position": "\(position)", "reason": "\(error)"])
            return .failed(String(describing: error))
        }
    }
}

enum PolicyRefresh {
    /// An FE after January 2023 has no such method and pushes policies with task 29 instead: it is asked rarely then.
    static func refresh(
        _ engine: any AgentEngine, _ link: MasterLink, _ options: BackendOptions, _ logger: Logger,
        _ onChange: @Sendable () -> Void
    ) -> LoopOutcome {
        guard let master = link.master else { return .idle }
        do {
            let (status, rules) = try master.connection.refreshStoragePolicies(in: master.dialect)
            guard status.isOK else { return .failed("\(master.address) answered \(status)") }
            if !rules.isEmpty, try engine.applyStorageRules(rules, isWhole: true) { onChange() }
            return .done
        } catch let error as RPCError where error.code == .unknownMethod {
            logger.info("the master has no refreshStoragePolicy", metadata: ["master": "\(master.address)"])
            return .next(after: options.unknownMethodPause)
        } catch {
            logger.warning("storage policies not refreshed", metadata: ["reason": "\(error)"])
            return .failed(String(describing: error))
        }
    }
}

enum Sweep {
    static func sweep(_ engine: any AgentEngine, _ usage: HighestUsage, _ options: BackendOptions) -> LoopOutcome {
        do {
            try engine.sweepTrash(all: false)
        } catch {
            return .failed(String(describing: error))
        }
        return .next(after: interval(usage: usage.current ?? 0, options))
    }

    /// The fuller the disk, the sooner the next sweep: the longest interval up to 60 % use, the shortest from 90 % on,
    /// a line between. (Doris draws an arc tangent through the same ends; a mix-up of names there makes it always the
    /// shortest: `contract/behaviour.md` §5, §11 #45.)
    static func interval(usage: Double, _ options: BackendOptions) -> Duration {
        let share = min(max((usage - 0.6) / 0.3, 0), 1)
        let span = max(0, (options.maxSweepInterval - options.minSweepInterval).wholeMilliseconds)
        return options.maxSweepInterval - .milliseconds(Int64(Double(span) * share))
    }
}
