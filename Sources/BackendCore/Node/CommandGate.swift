internal import Logging
internal import NodeMetrics
internal import Platform
internal import Synchronization
internal import TabletModel

/// Lets through what the master asks for, and nobody else: tasks and the emptying of the trash. Wherever else a command comes from
/// is counted, and logged once a minute.
///
/// What other backends ask for (snapshots for their clones) and what only reads stays open to every host that the port takes.
final class CommandGate: Sendable {
    private static let logInterval: Duration = .seconds(60)

    private struct Quiet {
        var until: MonotonicTime?
        var untold = 0
    }

    private let masterHosts: @Sendable () -> Set<CallerHost>
    private let time: any TimeSource
    private let logger: Logger
    private let refused: Counter
    private let quiet = Mutex(Quiet())

    /// - Parameter masterHosts: empty before the first heartbeat.
    init(
        time: any TimeSource, logger: Logger, refused: Counter, masterHosts: @escaping @Sendable () -> Set<CallerHost>
    ) {
        self.masterHosts = masterHosts
        self.time = time
        self.logger = logger
        self.refused = refused
    }

    /// nil: it may be carried out.
    func refusal(of method: String, from caller: CallerHost) -> RPCStatus? {
        let hosts = masterHosts()
        if hosts.contains(caller) { return nil }
        refused.increment()
        let reason =
            hosts.isEmpty
            ? "this backend has not had a heartbeat yet: nobody is its master"
            : "\(caller) is not the master that heartbeats this backend"
        if let untold = turnToSpeak() {
            logger.warning(
                "command refused",
                metadata: [
                    "method": "\(method)", "from": "\(caller)", "reason": "\(reason)", "untold": "\(untold)",
                    "hint": "allowed_hosts keeps strangers off the port",
                ])
        }
        return RPCStatus(hosts.isEmpty ? .cancelled : .notAuthorized, "\(method): \(reason)")
    }

    /// How many lines were kept back before this one; nil: this one is.
    private func turnToSpeak() -> Int? {
        let now = time.monotonicNow
        return quiet.withLock { quiet in
            if let until = quiet.until, now < until {
                quiet.untold += 1
                return nil
            }
            defer { quiet = Quiet(until: now + Self.logInterval) }
            return quiet.untold
        }
    }
}
