internal import Platform
internal import Synchronization
internal import TabletModel

/// What a backend remembers of its cooldown beyond what is stored. All of it can be lost: after a restart the remote
/// metas are read again, and what was being uploaded is on record as garbage. Thread-safe; every call is short.
final class CooldownMemory: Sendable {
    /// The uploader's remote meta under this conf is known to say this.
    struct Written: Hashable {
        var conf: CooldownConf
        var metaID: UniqueID
        /// Where it was written to.
        var resource: String
    }

    private struct State {
        var written: [TabletID: Written] = [:]
        /// Cooled rowsets whose remote meta is not written yet: holding them keeps their local files.
        var retained: [TabletID: [Rowset]] = [:]
        var followed: [TabletID: (conf: CooldownConf, at: MonotonicTime)] = [:]
        var waits: [TabletID: Waiting] = [:]
        var survey = CooldownSurvey()
        /// Rowsets whose objects are being uploaded: no garbage, although nothing names them.
        var uploading: Set<RowsetID> = []
    }

    private let state = Mutex(State())
    /// Tablets whose last run failed, and why.
    let failures = StandingErrors<TabletID>(limit: 10_000)

    func isWritten(_ written: Written) -> Bool { state.withLock { $0.written[written.conf.tabletID] == written } }
    func noteWritten(_ written: Written) { state.withLock { $0.written[written.conf.tabletID] = written } }

    func retain(_ rowset: Rowset) { state.withLock { $0.retained[rowset.meta.tabletID, default: []].append(rowset) } }
    /// What the tablet's last run waits for.
    struct Waiting {
        var wait: CooldownWait
        /// As `wait.since`, by a clock that nobody sets.
        var since: MonotonicTime
    }

    func waiting(_ tablet: TabletID) -> Waiting? { state.withLock { $0.waits[tablet] } }

    /// A run of the tablet ended so. One for the same reason as the run before goes on waiting.
    func noteWait(_ tablet: TabletID, for reason: CooldownWait.Reason, at time: any TimeSource) {
        let (now, monotonicNow) = (time.wallNow, time.monotonicNow)
        state.withLock { state in
            let fresh = CooldownWait(tabletID: tablet, reason: reason, since: now, runs: 0)
            var waiting = state.waits[tablet] ?? Waiting(wait: fresh, since: monotonicNow)
            if waiting.wait.reason.kind != reason.kind { waiting = Waiting(wait: fresh, since: monotonicNow) }
            waiting.wait.reason = reason
            waiting.wait.runs += 1
            state.waits[tablet] = waiting
        }
    }

    var survey: CooldownSurvey { state.withLock { $0.survey } }
    func note(_ survey: CooldownSurvey) { state.withLock { $0.survey = survey } }

    func endWait(_ tablet: TabletID) { state.withLock { $0.waits[tablet] = nil } }

    /// The caller lets go of them outside of the lock.
    func takeRetained(_ tablet: TabletID) -> [Rowset] {
        state.withLock { $0.retained.removeValue(forKey: tablet) } ?? []
    }
    func hasRetained(_ tablet: TabletID) -> Bool { state.withLock { $0.retained[tablet] != nil } }

    /// The conf under which the tablet last stood on the remote meta, and when that was seen.
    func followed(_ tablet: TabletID) -> (conf: CooldownConf, at: MonotonicTime)? {
        state.withLock { $0.followed[tablet] }
    }
    func noteFollowed(_ conf: CooldownConf, at now: MonotonicTime) {
        state.withLock { $0.followed[conf.tabletID] = (conf, now) }
    }

    /// Forgets tablets that are gone. The caller lets go of the returned rowsets outside of the lock.
    func prune(isHere: (TabletID) -> Bool) -> [Rowset] {
        failures.keep(where: isHere)
        return state.withLock { state in
            let gone = state.retained.filter { !isHere($0.key) }
            state.retained = state.retained.filter { isHere($0.key) }
            state.written = state.written.filter { isHere($0.key) }
            state.followed = state.followed.filter { isHere($0.key) }
            state.waits = state.waits.filter { isHere($0.key) }
            return gone.flatMap(\.value)
        }
    }

    func beginUpload(_ rowset: RowsetID) { state.withLock { _ = $0.uploading.insert(rowset) } }
    func endUpload(_ rowset: RowsetID) { state.withLock { _ = $0.uploading.remove(rowset) } }
    var uploading: Set<RowsetID> { state.withLock { $0.uploading } }
}
