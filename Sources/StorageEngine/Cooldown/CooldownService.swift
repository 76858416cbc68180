internal import Logging
public import Platform
public import TabletModel

/// Cools the tablets of one engine down to object stores: as uploader where the conf names this replica, as follower
/// elsewhere (design.md, "Cooldown protocol"; `contract/behaviour.md` §6).
///
/// It keeps no time and starts nothing: whoever drives it asks `dueTablets` now and then and calls `runOnce` on worker
/// threads. Blocking (object store, disk, meta store); any thread; one run a tablet at a time.
public final class CooldownService: Sendable {
    public let policies: StoragePolicyTable
    public let settings: CooldownSettings
    public let counters = CooldownCounters()
    let engine: StorageEngine
    let gate = CooldownGate()
    let memory = CooldownMemory()
    let unused = UnusedRemoteFileList()

    /// Reads the storage policies from the data dirs, and gives the engine the means to read cold rowsets.
    public init(
        engine: StorageEngine, stores: any ObjectStoreProvider, settings: CooldownSettings = CooldownSettings()
    ) {
        self.engine = engine
        self.settings = settings
        policies = StoragePolicyTable(
            dataDirs: engine.dataDirs, stores: stores, time: engine.environment.time, logger: engine.environment.logger)
        engine.remoteSegments = RemoteSegments(policies: policies, settings: settings)
    }

    var environment: EngineEnvironment { engine.environment }
    var logger: Logger { engine.environment.logger }

    // MARK: Confs

    /// Takes a conf from the FE. Accepted ones are durable on return. A run under the old conf is told to stop, and the
    /// answer is `.busy` until it has.
    /// - Throws: what the commit throws (`EngineError`); the conf is not accepted then.
    public func apply(_ conf: CooldownConf) throws -> CooldownConfVerdict {
        let tablet: Tablet
        do {
            tablet = try engine.tablet(conf.tabletID)
        } catch .unknownTablet {
            return .unknownTablet
        }
        // What needs no change disturbs no run.
        let verdict = CooldownConfVerdict(conf, current: tablet.header)
        guard verdict == .applied else { return verdict }
        guard gate.beginConfChange(tablet.id) else { return .busy }
        defer { gate.end(tablet.id) }
        return try engine.withServed(tablet.id) { try persist(conf, in: $0) }
    }

    private func persist(_ conf: CooldownConf, in tablet: Tablet) throws -> CooldownConfVerdict {
        // Only conf changes touch the conf, and the gate lets one in at a time.
        let verdict = CooldownConfVerdict(conf, current: tablet.header)
        guard verdict == .applied else { return verdict }
        try tablet.commit(
            TabletChange(editHeader: { header in
                header.cooldownReplicaID = conf.cooldownReplicaID
                header.cooldownTerm = conf.term
            }))
        logger.info(
            "cooldown conf applied",
            metadata: [
                "tablet": "\(tablet.id)", "uploader": "\(conf.cooldownReplicaID)", "term": "\(conf.term)",
                "replica": "\(tablet.replicaID)",
            ])
        return .applied
    }

    // MARK: Runs

    /// Tablets with something to do at this moment, those due longest first; cheap, and touches no store. What the others
    /// wait for is counted on the way (`survey`).
    public func dueTablets(now: UnixTime) -> [DueCooldown] {
        var due: [(since: UnixTime, run: DueCooldown)] = []
        var survey = CooldownSurvey()
        for served in engine.tablets.sorted {
            guard let tablet = CooldownLook(served) else { continue }
            if let wait = wait(of: tablet, now) { survey.count(wait) }
            guard tablet.dataDir.isChangeable, let since = dueSince(tablet, now) else { continue }
            due.append((since, DueCooldown(tabletID: served.id, dataDir: tablet.dataDir.path)))
        }
        memory.note(survey)
        due.sort { ($0.since, $0.run.tabletID) < ($1.since, $1.run.tabletID) }
        return due.map(\.run)
    }

    private func dueSince(_ tablet: CooldownLook, _ now: UnixTime) -> UnixTime? {
        let header = tablet.header
        guard header.cooldownReplicaID.rawValue > 0, let policy = policies.entry(header.storagePolicy),
            policy.resource != nil,
            let resource = policies.resourceKey(ofPolicy: policy.name)
        else { return nil }
        let conf = header.cooldownConf
        if header.isUploader {
            if let id = header.cooldownMetaID, !memory.isWritten(.init(conf: conf, metaID: id, resource: resource)) {
                return now
            }
        } else if memory.hasRetained(header.tabletID) || header.cooldownMetaID != nil && isFollowCheckDue(conf) {
            return now
        }
        // A follower that has never followed looks once its own rowsets are due: before, there is nothing to see.
        guard let first = tablet.first, first.gap == nil, let dueAt = policy.dueAt(newestWrite: first.writtenAt),
            dueAt <= now
        else { return nil }
        return dueAt
    }

    /// Not yet looked at under this conf in this process, or long ago.
    private func isFollowCheckDue(_ conf: CooldownConf) -> Bool {
        guard let last = memory.followed(conf.tabletID), last.conf == conf else { return true }
        return environment.time.monotonicNow - last.at >= settings.followRecheck
    }

    /// Does what is due for one tablet, and notes what it waits for then. What it throws has changed nothing that a later
    /// run would not finish or undo; the driver leaves the tablet alone for a while then.
    public func runOnce(_ id: TabletID) throws -> CooldownOutcome {
        let tablet = try engine.tablet(id)
        guard let run = gate.beginRun(tablet) else { return .busy }
        defer { gate.end(id) }
        do {
            let outcome = try step(of: tablet, run)
            if outcome == .busy { return outcome }
            memory.failures.clear(id)
            if case .waiting(let reason) = outcome {
                memory.noteWait(id, for: reason, at: environment.time)
            } else {
                memory.endWait(id)
            }
            return outcome
        } catch CooldownError.aborted {
            counters.count(counters.abortedRuns)
            logger.info("cooldown run ended by a conf change or a drop", metadata: ["tablet": "\(id)"])
            return .aborted
        } catch {
            counters.count(counters.failedRuns)
            memory.failures.note(id, "\(error)", at: environment.time.wallNow)
            memory.noteWait(id, for: .failed("\(error)"), at: environment.time)
            throw error
        }
    }

    private func step(of tablet: Tablet, _ run: CooldownRun) throws -> CooldownOutcome {
        // A compaction or a clone would throw the run's work away, or the run theirs.
        guard tablet.tryBegin(.cooldown) else { return .busy }
        defer {
            tablet.end(.cooldown)
            // What the run itself held until now.
            tablet.dataDir.drainGarbage()
            engine.finishDrop(of: tablet)
        }
        let header = tablet.header
        guard header.state == .running, header.cooldownReplicaID.rawValue > 0, !header.storagePolicy.isEmpty else {
            return .nothing
        }
        do {
            return header.isUploader ? try upload(tablet, run) : try follow(tablet, run)
        } catch let error as CooldownError {
            guard let reason = error.wait else { throw error }
            logger.info("cooldown waits", metadata: ["tablet": "\(tablet.id)", "reason": "\(reason)"])
            return .waiting(reason)
        }
    }

    func knownPolicy(of header: TabletHeader) throws -> StoragePolicyEntry {
        guard let policy = policies.entry(header.storagePolicy), policy.resource != nil else {
            throw CooldownError.unknownPolicy(header.tabletID, policy: header.storagePolicy)
        }
        return policy
    }

    /// Where the tablet's policy cools to, as new rowsets name it.
    func resourceKey(of header: TabletHeader) throws -> String {
        guard let key = policies.resourceKey(ofPolicy: header.storagePolicy) else {
            throw CooldownError.unknownPolicy(header.tabletID, policy: header.storagePolicy)
        }
        return key
    }
}
