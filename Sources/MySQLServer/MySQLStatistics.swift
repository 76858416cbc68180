internal import Synchronization

/// What the port has done since it was made.
public struct MySQLStatistics: Hashable, Sendable {
    /// Open now.
    public var connections = 0
    public var accepted = 0
    /// Not let in: from an address that is not allowed, or too many.
    public var refusedHosts = 0
    public var refusedConnections = 0
    public var logins = 0
    public var loginsFailed = 0
    public var tlsFailures = 0
    /// Connections that ended because of what their client sent, or did not send or take in time.
    public var protocolErrors = 0
    public var timeouts = 0
    public var statements = 0
    /// Statements that were answered with an error, those that were not begun included.
    public var errors = 0
    /// Of these, not begun since too many ran and waited.
    public var busy = 0
    /// Answers, before TLS.
    public var bytesOut = 0
}

/// Counts from all event loops.
final class MySQLCounters: Sendable {
    let accepted = Atomic<Int>(0)
    let refusedHosts = Atomic<Int>(0)
    let refusedConnections = Atomic<Int>(0)
    let logins = Atomic<Int>(0)
    let loginsFailed = Atomic<Int>(0)
    let tlsFailures = Atomic<Int>(0)
    let protocolErrors = Atomic<Int>(0)
    let timeouts = Atomic<Int>(0)
    let statements = Atomic<Int>(0)
    let errors = Atomic<Int>(0)
    let busy = Atomic<Int>(0)
    let bytesOut = Atomic<Int>(0)

    func snapshot(connections: Int) -> MySQLStatistics {
        var now = MySQLStatistics()
        now.connections = connections
        now.accepted = accepted.load(ordering: .relaxed)
        now.refusedHosts = refusedHosts.load(ordering: .relaxed)
        now.refusedConnections = refusedConnections.load(ordering: .relaxed)
        now.logins = logins.load(ordering: .relaxed)
        now.loginsFailed = loginsFailed.load(ordering: .relaxed)
        now.tlsFailures = tlsFailures.load(ordering: .relaxed)
        now.protocolErrors = protocolErrors.load(ordering: .relaxed)
        now.timeouts = timeouts.load(ordering: .relaxed)
        now.statements = statements.load(ordering: .relaxed)
        now.errors = errors.load(ordering: .relaxed)
        now.busy = busy.load(ordering: .relaxed)
        now.bytesOut = bytesOut.load(ordering: .relaxed)
        return now
    }
}

extension Atomic<Int> {
    func increment(by count: Int = 1) { add(count, ordering: .relaxed) }
}
