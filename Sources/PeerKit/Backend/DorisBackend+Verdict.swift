internal import Synchronization

/// What a run has shown.
extension DorisBackend {
    /// Why its process would have ended; nil while it lives.
    public var processEnd: String? { state.withLock { $0.hasEnded } }

    /// Forgets what was found and counted so far.
    public func startCounting() {
        findings.clear()
        state.withLock { $0.received = [:] }
    }

    /// Tasks, by type, signature and content, that came more often.
    public func received(moreThan limit: Int) -> [String] {
        state.withLock { state in
            state.received.filter { $0.value.count > limit }.map { "\($0.key) (×\($0.value.count))" }.sorted()
        }
    }

    /// Tasks that came within so many seconds.
    public func receivedLately(seconds: Double) -> [String] {
        let now = Self.now
        return state.withLock { state in
            state.received.filter { now - $0.value.last < seconds }.map { "\($0.key) (×\($0.value.count))" }.sorted()
        }
    }

    /// Tasks under work.
    public var running: Int { state.withLock { $0.registered.values.reduce(0) { $0 + $1.count } } }
    public var tabletCount: Int { state.withLock { $0.tablets.count } }
    public func reports(_ kind: String) -> Int { state.withLock { $0.reports[kind] ?? 0 } }
    public var heartbeats: Int { state.withLock { $0.heartbeats } }

    /// Storage policies that it knows: names in January 2023, ids in 2026.
    public var policies: [String] {
        state.withLock {
            year.isLate ? $0.policyVersions.keys.map { "\($0)" }.sorted() : $0.policyChecksums.keys.sorted()
        }
    }

    /// Tablets with a policy, and those of them that have a cooldown replica.
    public var cooling: (tablets: Int, appointed: Int) {
        state.withLock { state in
            let cooling = state.tablets.values.filter { $0.policyID != nil || !$0.policyName.isEmpty }
            return (cooling.count, cooling.count { $0.cooldownReplica > 0 })
        }
    }
}
