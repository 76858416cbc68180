internal import Platform
public import TabletModel

/// How many tablets wait for what, as a pass over all of them last saw it.
public struct CooldownSurvey: Hashable, Sendable {
    /// By the reason's name; reasons that nobody waits for are left out.
    public var counts: [CooldownWait.Reason.Kind: Int64] = [:]
    /// Since when a tablet whose rows are due has waited longest; nil when none does.
    public var oldestDue: UnixTime?

    mutating func count(_ wait: CooldownWait) {
        counts[wait.reason.kind, default: 0] += 1
        guard wait.reason.kind != .tooYoung else { return }
        oldestDue = min(oldestDue ?? wait.since, wait.since)
    }
}

extension CooldownService {
    /// As of the last call of `dueTablets`. Any thread; cheap.
    public var survey: CooldownSurvey { memory.survey }

    /// Why the tablet has rows on the disk although it cools; nil when it has none, does not cool, or is not here.
    public func wait(of id: TabletID) -> CooldownWait? {
        engine.tablets.look(id).flatMap(CooldownLook.init).flatMap { wait(of: $0, environment.time.wallNow) }
    }

    /// The tablets that wait longest although their rows are due, or all with one reason; at most `limit`. A pass over all
    /// tablets.
    public func longestWaits(_ kind: CooldownWait.Reason.Kind? = nil, limit: Int) -> [CooldownWait] {
        let now = environment.time.wallNow
        let waits = engine.tablets.sorted.compactMap { tablet -> CooldownWait? in
            guard let wait = CooldownLook(tablet).flatMap({ wait(of: $0, now) }) else { return nil }
            let isAsked = kind.map { $0 == wait.reason.kind } ?? (wait.reason.kind != .tooYoung)
            return isAsked ? wait : nil
        }
        return Array(waits.sorted { ($0.since, $0.tabletID) < ($1.since, $1.tabletID) }.prefix(max(0, limit)))
    }

    func wait(of tablet: CooldownLook, _ now: UnixTime) -> CooldownWait? {
        let header = tablet.header
        let id = header.tabletID
        let policy = policies.entry(header.storagePolicy)
        guard let first = tablet.first else {
            // Nothing is local but files that an unwritten remote meta holds back.
            guard memory.hasRetained(id) else { return nil }
            return memory.waiting(id)?.wait
                ?? CooldownWait(tabletID: id, reason: .remoteMetaNotWritten, since: now, runs: 0)
        }
        let written = first.writtenAt
        let due = policy?.dueAt(newestWrite: written)
        func waits(_ reason: CooldownWait.Reason, since: UnixTime? = nil) -> CooldownWait {
            CooldownWait(tabletID: id, reason: reason, since: since ?? due ?? written, runs: 0)
        }
        let health = tablet.dataDir.health
        guard tablet.dataDir.isChangeable else { return waits(.dataDir(health), since: health.since) }
        guard let policy, policy.resource != nil else { return waits(.unknownPolicy(header.storagePolicy)) }
        guard let due else { return waits(.policyWithoutMoment(policy.name)) }
        guard due <= now else { return waits(.tooYoung(written: written, until: due), since: written) }
        guard header.cooldownReplicaID.rawValue > 0 else { return waits(.noConf) }
        if let gap = first.gap { return waits(.missingVersions(after: gap)) }
        if let noted = memory.waiting(id) { return noted.wait }
        if let work = tablet.work, work != .cooldown { return waits(.work(work)) }
        return waits(.turn)
    }
}
