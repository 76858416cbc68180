public import FrontendElection
internal import Synchronization
public import TabletModel

/// One lease service for the FEs of a test, on a clock that the test moves. Each FE reaches it through a line of its own
/// (`line`), which may be cut or lose answers. Any thread.
public final class SimulatedLeases: Sendable {
    /// What becomes of a call on its way.
    public enum Fault: Hashable, Sendable {
        /// It does not arrive.
        case cut
        /// It is carried out, and its answer is lost.
        case answerLost
    }

    private let clock: @Sendable () -> MonotonicTime
    private let held = Mutex(Held())

    private struct Held: Sendable {
        var table = LeaseTable()
        var isAway = false
        var cut: Set<String> = []
        var losses: [String: Int] = [:]
    }

    public init(clock: @escaping @Sendable () -> MonotonicTime) { self.clock = clock }

    /// - Parameter onTheWay: runs before a call is carried out and before its answer is heard: time may pass in it.
    public func line(of node: String, onTheWay: @escaping @Sendable () -> Void = {}) -> any LeaderElection {
        Line(node: node, leases: self, onTheWay: onTheWay)
    }

    /// Until `heal`, no call of the node arrives.
    public func cut(_ node: String) { held.withLock { _ = $0.cut.insert(node) } }
    public func heal(_ node: String) { held.withLock { _ = $0.cut.remove(node) } }
    public func isCut(_ node: String) -> Bool { held.withLock { $0.isAway || $0.cut.contains(node) } }
    /// Until `setAway(false)`, nobody's calls arrive. Leases end meanwhile.
    public func setAway(_ isAway: Bool) { held.withLock { $0.isAway = isAway } }
    /// The answers to so many calls of the node, from the next on, are lost.
    public func loseAnswers(_ count: Int, of node: String) { held.withLock { $0.losses[node] = count } }

    /// As it is now.
    public var table: LeaseTable {
        held.withLock { held in
            held.table.expire(at: clock())
            return held.table
        }
    }

    fileprivate func serve<R: Sendable>(
        _ node: String, _ body: (inout LeaseTable, MonotonicTime) throws(ElectionError) -> R
    ) throws(ElectionError) -> R {
        let (result, fault): (Result<R, ElectionError>, Fault?) = held.withLock { held in
            if held.isAway || held.cut.contains(node) {
                return (.failure(.outcomeUnknown(reason: "no answer in time")), .cut)
            }
            let result = Result { () throws(ElectionError) in try body(&held.table, clock()) }
            guard let left = held.losses[node], left > 0 else { return (result, nil) }
            held.losses[node] = left - 1
            return (result, .answerLost)
        }
        if fault == .answerLost { throw .outcomeUnknown(reason: "no answer in time") }
        return try result.get()
    }

    private struct Line: LeaderElection {
        let node: String
        let leases: SimulatedLeases
        let onTheWay: @Sendable () -> Void

        private func call<R: Sendable>(
            _ body: (inout LeaseTable, MonotonicTime) throws(ElectionError) -> R
        ) throws(ElectionError) -> R {
            onTheWay()
            defer { onTheWay() }
            return try leases.serve(node, body)
        }

        func grant(ttl: Duration, within limit: Duration) throws(ElectionError) -> LeaseGrant {
            try call { $0.grant(ttl: ttl, at: $1) }
        }

        func campaign(
            _ lease: LeaseID, as leader: LeaderRecord, within limit: Duration
        ) throws(ElectionError) -> LeaderObservation {
            try call { (table, now) throws(ElectionError) in
                guard let observation = table.campaign(lease, as: leader, at: now) else {
                    throw .refused(reason: "there is no lease \(lease)")
                }
                return observation
            }
        }

        func keepAlive(_ lease: LeaseID, within limit: Duration) throws(ElectionError) -> Duration? {
            try call { $0.keepAlive(lease, at: $1) }
        }

        func observe(within limit: Duration) throws(ElectionError) -> LeaderObservation {
            try call { $0.observe(at: $1) }
        }

        func resign(_ lease: LeaseID, within limit: Duration) throws(ElectionError) {
            try call { $0.resign(lease, at: $1) }
        }
    }
}
