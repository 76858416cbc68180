public import TabletModel

/// Gives up to 100 tablets their cooldown conf and sees to it that every replica learns it: PENDING → SEND_CONF →
/// RUNNING → FINISHED or CANCELLED (`contract/behaviour.md §7`). A state machine without I/O: `step` takes what
/// happened and returns what to do. A cancelled job leaves the journaled confs as they are; the next reports show what
/// is still missing.
public struct CooldownJob: Sendable {
    public enum State: String, Hashable, Sendable {
        case pending = "PENDING"
        case sendConf = "SEND_CONF"
        case running = "RUNNING"
        case finished = "FINISHED"
        case cancelled = "CANCELLED"
    }

    /// What the job knows of one tablet when it chooses and when it sends.
    public struct TabletView: Hashable, Sendable {
        /// As journaled; term -1 when there was never one.
        public var conf: CooldownConf
        public var candidates: [CooldownCandidate]

        public init(conf: CooldownConf, candidates: [CooldownCandidate]) {
            self.conf = conf
            self.candidates = candidates
        }
    }

    public enum Event: Sendable {
        /// The job begins: the tablets as they are now (those that are gone are left out), and how many tablets each
        /// backend uploads.
        case start(tablets: [TabletView], uploadsByBackend: [BackendID: Int])
        /// The new confs are durable.
        case journaled
        case journalFailed(String)
        /// `finishTask` with OK.
        case acknowledged(BackendID)
        /// `finishTask` with an error, or the task could not be sent.
        case failed(BackendID, String)
        /// A tablet report shows this conf: counts for backends that never answer the task.
        case reported(BackendID, TabletID, replica: ReplicaID?, term: Int64)
        /// The backend died or was dropped.
        case lost(BackendID)
        /// Time passed.
        case tick
    }

    public enum Action: Hashable, Sendable {
        /// Make durable, then feed `.journaled`.
        case journal([CooldownConf])
        case push(BackendID, [CooldownConf])
        /// The job ended; the reason is empty when it finished.
        case end(State, reason: String)
    }

    /// At most this many confs in a job.
    public static let tabletLimit = 100
    /// A backend that refused the confs this often cancels the job.
    public static let failureLimit = 3

    public let id: Int64
    public let tablets: [TabletID]
    public private(set) var state: State = .pending
    public private(set) var message = ""
    public private(set) var failureCount = 0
    private let deadline: MonotonicTime
    /// Confs by tablet, once chosen.
    public private(set) var confs: [TabletID: CooldownConf] = [:]
    private var freshConfs: [CooldownConf] = []
    /// The chosen replica's backend, by tablet.
    private var uploaders: [TabletID: BackendID] = [:]
    /// What each backend has not confirmed yet.
    private var waiting: [BackendID: Set<TabletID>] = [:]
    private var failures: [BackendID: Int] = [:]
    private var acknowledgedCount = 0
    private var targetCount = 0

    /// - Parameter timeout: `push_cooldown_conf_timeout_second`, 600 s in Doris.
    public init(id: Int64, tablets: [TabletID], now: MonotonicTime, timeout: Duration = .seconds(600)) {
        precondition(tablets.count <= Self.tabletLimit, "a cooldown job holds at most \(Self.tabletLimit) tablets")
        self.id = id
        self.tablets = tablets
        deadline = now + timeout
    }

    public var isEnded: Bool { state == .finished || state == .cancelled }
    /// Backends that have taken their confs, of how many.
    public var progress: (done: Int, total: Int) { (acknowledgedCount, targetCount) }

    public mutating func step(_ event: Event, now: MonotonicTime) -> [Action] {
        if isEnded { return [] }
        switch (state, event) {
        case (.pending, .start(let views, let uploads)): return choose(views, uploads)
        case (.sendConf, .journaled): return send()
        case (.sendConf, .journalFailed(let reason)):
            return end(.cancelled, "the conf could not be journaled: \(reason)")
        case (.running, .acknowledged(let backend)): return confirm(backend, waiting[backend] ?? [])
        case (.running, .reported(let backend, let tablet, let replica, let term)):
            return confirmReported(backend, tablet, replica, term)
        case (.running, .failed(let backend, let reason)): return retry(backend, reason)
        case (.running, .lost(let backend)): return lose(backend)
        default: break
        }
        if now >= deadline { return end(.cancelled, "no answer in time from \(describeWaiting())") }
        return []
    }

    private mutating func choose(_ views: [TabletView], _ uploads: [BackendID: Int]) -> [Action] {
        var load = uploads
        for view in views.sorted(by: { $0.conf.tabletID < $1.conf.tabletID }) {
            guard let conf = conf(for: view, load: &load) else { continue }
            confs[conf.tabletID] = conf
            for candidate in view.candidates where candidate.replicaID == conf.cooldownReplicaID {
                uploaders[conf.tabletID] = candidate.backendID
            }
            for candidate in view.candidates where candidate.isReachable {
                waiting[candidate.backendID, default: []].insert(conf.tabletID)
            }
        }
        if confs.isEmpty { return end(.cancelled, "no tablet has a replica that is alive, complete and healthy") }
        targetCount = waiting.count
        state = .sendConf
        return freshConfs.isEmpty ? send() : [.journal(freshConfs)]
    }

    /// The conf that stands while its replica is fit; else a new one with the next term. A healthy uploader that lacks
    /// a version stays when nobody is better. nil when no replica is fit.
    private mutating func conf(for view: TabletView, load: inout [BackendID: Int]) -> CooldownConf? {
        let current = view.candidates.first { $0.replicaID == view.conf.cooldownReplicaID }
        let stands = current?.isHealthy == true && view.conf.term > 0
        if stands, current?.isComplete == true { return view.conf }
        guard let chosen = CooldownChoice.uploader(among: view.candidates, uploadsByBackend: load) else {
            return stands ? view.conf : nil
        }
        load[chosen.backendID, default: 0] += 1
        let conf = CooldownConf(
            tabletID: view.conf.tabletID, cooldownReplicaID: chosen.replicaID, term: max(view.conf.term, 0) + 1)
        freshConfs.append(conf)
        return conf
    }

    private mutating func send() -> [Action] {
        state = .running
        return waiting.keys.sorted().map { .push($0, confs(for: $0)) }
    }

    private func confs(for backend: BackendID) -> [CooldownConf] {
        (waiting[backend] ?? []).sorted().compactMap { confs[$0] }
    }

    private mutating func confirm(_ backend: BackendID, _ tablets: Set<TabletID>) -> [Action] {
        guard var rest = waiting[backend] else { return [] }
        rest.subtract(tablets)
        waiting[backend] = rest.isEmpty ? nil : rest
        if rest.isEmpty { acknowledgedCount += 1 }
        return waiting.isEmpty ? end(.finished, "") : []
    }

    private mutating func confirmReported(
        _ backend: BackendID, _ tablet: TabletID, _ replica: ReplicaID?, _ term: Int64
    ) -> [Action] {
        guard let conf = confs[tablet], waiting[backend]?.contains(tablet) == true else { return [] }
        // A backend of early 2023 reports no term: the replica id is all there is to compare.
        let isTaken = term >= 0 ? term >= conf.term : replica == conf.cooldownReplicaID
        return isTaken ? confirm(backend, [tablet]) : []
    }

    private mutating func retry(_ backend: BackendID, _ reason: String) -> [Action] {
        guard waiting[backend] != nil else { return [] }
        failureCount += 1
        failures[backend, default: 0] += 1
        message = "backend \(backend): \(reason)"
        if failures[backend, default: 0] >= Self.failureLimit {
            return end(.cancelled, "backend \(backend) failed \(Self.failureLimit) times, last: \(reason)")
        }
        return [.push(backend, confs(for: backend))]
    }

    private mutating func lose(_ backend: BackendID) -> [Action] {
        let orphans = uploaders.filter { $0.value == backend }.keys.sorted()
        if let first = orphans.first {
            return end(
                .cancelled, "backend \(backend), the uploader of \(orphans.count) tablets (\(first), …), is gone")
        }
        guard let tablets = waiting[backend] else { return [] }
        targetCount -= 1
        acknowledgedCount -= 1
        return confirm(backend, tablets)
    }

    private mutating func end(_ last: State, _ reason: String) -> [Action] {
        state = last
        message = reason
        return [.end(last, reason: reason)]
    }

    private func describeWaiting() -> String {
        let names = waiting.keys.sorted().map(\.description)
        return names.isEmpty ? "the journal" : "backends " + names.joined(separator: ", ")
    }
}
