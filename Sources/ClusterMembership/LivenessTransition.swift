public import ClusterMetadata
public import TabletModel

/// What one heartbeat means for a backend: pure. Rules: `contract/behaviour.md §7` (HeartbeatMgr), §11 defects 35 and 36.
public struct LivenessTransition: Hashable, Sendable {
    /// How a heartbeat ended.
    public enum Outcome: Hashable, Sendable {
        case answered(BackendInfo)
        /// It answered with the uuid of another backend, which is registered there.
        case answeredAs(BackendID, NetworkAddress)
        /// It answered, but refused us: another cluster's, an older epoch, a wrong token.
        case refused(RPCStatus)
        /// No usable answer.
        case failed(String)
    }

    public enum Event: Hashable, Sendable {
        case becameAlive
        case becameDead(reason: String)
        /// Its process is not the one of the heartbeat before: what was queued there is gone.
        case restarted
        /// Its data dirs are others than before: disks were replaced, or another machine has its address. The replicas that
        /// were on them are missing, as its reports say.
        case replaced(BackendUUID)
        /// It answers, but nothing has come from it for so long.
        case becameLate(Duration)
        case isHeardAgain
    }

    /// As it is now known: differs from the one before when something that must survive a restart of the FE changed.
    public var backend: Backend
    public var status: BackendStatus
    public var events: [Event] = []
    /// The backend's record must be journaled.
    public let isJournaled: Bool

    /// - Parameters:
    ///   - tolerance: `max_backend_heartbeat_failure_tolerance_count`: so many failures in a row make it dead.
    ///   - dialect: as configured; nil: as the answer shows.
    ///   - silence: how long nothing has come from it, and since when that is too long; nil: not judged.
    public init(
        _ outcome: Outcome, of before: Backend, status statusBefore: BackendStatus, now: UnixTime, tolerance: Int = 1,
        dialect: WireDialect? = nil, silence: Silence? = nil
    ) {
        var backend = before
        var status = statusBefore
        var restarted = false
        switch outcome {
        case .answered(let info):
            status.answersAs = nil
            if let reason = Self.complaint(about: info) {
                status.fail(reason, at: now, tolerance: tolerance)
            } else if info.isShutdown == true {
                // It says so itself: no need to count.
                status.fail("the backend is shutting down", at: now, tolerance: 1)
            } else {
                backend.learn(info)
                backend.dialect = dialect ?? WireDialect(of: info)
                restarted = before.startedAt != nil && backend.startedAt != before.startedAt
                status.succeed(at: now)
                if restarted { status.forgetReportVersion() }
            }
        case .answeredAs(let other, let address):
            status.answersAs = other
            status.fail(
                "what answers here is backend \(other), already registered as \(address): a second address of it, or a "
                    + "copy of its data dirs",
                at: now, tolerance: 1)
        case .refused(let reply):
            status.fail("it refused the heartbeat: \(reply)", at: now, tolerance: tolerance)
        case .failed(let reason): status.fail(reason, at: now, tolerance: tolerance)
        }
        if let silence { status.take(silence, restarted: restarted) }
        if restarted { events.append(.restarted) }
        if let known = before.uuid, backend.uuid != known { events.append(.replaced(known)) }
        if status.isAlive && !statusBefore.isAlive { events.append(.becameAlive) }
        if !status.isAlive && statusBefore.isAlive { events.append(.becameDead(reason: status.heartbeatError)) }
        if let silence, status.lateSince != nil, statusBefore.lateSince == nil {
            events.append(.becameLate(silence.lasted))
        }
        if status.isAlive, statusBefore.isAlive, status.lateSince == nil, statusBefore.lateSince != nil {
            events.append(.isHeardAgain)
        }
        isJournaled = backend != before
        self.backend = backend
        self.status = status
    }

    /// What is known of calls from a backend.
    public struct Silence: Hashable, Sendable {
        public var now: MonotonicTime
        /// Since its last call, or since it became alive or was restarted.
        public var lasted: Duration
        public var limit: Duration

        public init(now: MonotonicTime, lasted: Duration, limit: Duration) {
            self.now = now
            self.lasted = lasted
            self.limit = limit
        }
    }

    private static func complaint(about info: BackendInfo) -> String? {
        let ports: ClosedRange<Int32> = 1...65_535
        guard ports.contains(info.bePort) else { return "it answered with the agent port \(info.bePort)" }
        guard ports.contains(info.httpPort) else { return "it answered with the http port \(info.httpPort)" }
        return nil
    }
}

extension Backend {
    /// Takes over what a heartbeat tells; members that the answer leaves out stay.
    mutating func learn(_ info: BackendInfo) {
        bePort = info.bePort
        httpPort = info.httpPort
        if let port = info.brpcPort { brpcPort = port }
        if let version = info.version { self.version = version }
        if let start = info.startTime { startedAt = start }
        if let uuid = info.uuid { self.uuid = uuid }
        if let role = info.nodeRole, role == "mix" || role == "computation" { nodeRole = role }
    }
}

extension BackendStatus {
    /// A dead one is not late, and one that has just started has yet to load its tablets before it reports.
    fileprivate mutating func take(_ silence: LivenessTransition.Silence, restarted: Bool) {
        guard isAlive, !restarted, silence.lasted > silence.limit else { return lateSince = nil }
        lateSince = lateSince ?? silence.now
    }

    fileprivate mutating func succeed(at now: UnixTime) {
        isAlive = true
        failureCount = 0
        failingSince = nil
        heartbeatError = ""
        lastHeartbeatAt = now
    }

    fileprivate mutating func fail(_ reason: String, at now: UnixTime, tolerance: Int) {
        failureCount += 1
        failingSince = failingSince ?? now
        heartbeatError = reason
        if failureCount >= tolerance { isAlive = false }
    }
}
