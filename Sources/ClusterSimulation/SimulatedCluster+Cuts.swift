internal import ClusterTestKit
internal import ElectionTestKit
internal import Platform
internal import TabletModel

/// What may happen to several FEs, their log and their lines to each other and to backends.
extension SimulatedCluster {
    /// Its process is stopped as by SIGSTOP, and goes on where it was after a while.
    public func stop(_ frontend: SimulatedFrontend, for time: Duration) {
        Self.stop(frontend, for: time, supervisor, log)
    }

    /// The same after a while, perhaps in the middle of a call.
    public func stop(_ frontend: SimulatedFrontend, after delay: Duration, for time: Duration) {
        supervisor.later(delay) { [supervisor, log] in Self.stop(frontend, for: time, supervisor, log) }
    }

    private static func stop(
        _ frontend: SimulatedFrontend, for time: Duration, _ supervisor: Supervisor, _ log: EventLog
    ) {
        guard frontend.isRunning else { return }
        let life = frontend.incarnation
        log.note("stop \(frontend.name) for \(time)")
        frontend.stop()
        supervisor.later(time) {
            guard frontend.incarnation == life, frontend.isRunning else { return }
            log.note("\(frontend.name) goes on")
            frontend.goOn()
        }
    }

    /// Nothing of the FE's arrives at the log or at the leases.
    public func cutFromLog(_ frontend: SimulatedFrontend, _ isCut: Bool = true) {
        guard let leases = parts.replicated?.leases else { return }
        log.note("\(frontend.name) \(isCut ? "has lost" : "reaches") the log")
        if isCut { leases.cut(frontend.name) } else { leases.heal(frontend.name) }
    }

    /// Nobody reaches the log or the leases, which end meanwhile.
    public func setLogAway(_ isAway: Bool) {
        log.note("the log is \(isAway ? "away" : "there again")")
        parts.replicated?.leases.setAway(isAway)
    }

    /// Of so many appends one has no answer; nil: all have.
    public func loseAppends(oneIn: UInt64?) { parts.replicated?.log.loseAppends(oneIn: oneIn) }

    /// Of so many appends one is refused; nil: none is.
    public func refuseAppends(oneIn: UInt64?) { parts.replicated?.log.refuseAppends(oneIn: oneIn) }

    /// The answers to the FE's next calls about leases are lost.
    public func loseLeaseAnswers(_ count: Int, of frontend: SimulatedFrontend) {
        parts.replicated?.leases.loseAnswers(count, of: frontend.name)
    }

    /// Neither reaches the other.
    public func part(_ frontend: SimulatedFrontend, _ backend: SimulatedBackend) {
        network.part(frontend, from: [backend])
    }

    /// Neither reaches the other.
    public func part(_ first: SimulatedFrontend, _ second: SimulatedFrontend) {
        network.part(first, from: [second])
    }

    /// One call in so many among daemons is lost, or its answer.
    public func loseCalls(oneIn: UInt64) {
        for process in processes { network.setLink(from: process.name, to: nil, .lossy(oneIn: oneIn)) }
    }

    /// Nothing is cut, no answer is lost, and the disks of FEs are well.
    public func mend() { Self.mend(frontends, backends, parts) }

    /// The same after a while.
    public func mend(after delay: Duration) {
        supervisor.later(delay) { [frontends, backends, parts] in Self.mend(frontends, backends, parts) }
    }

    private static func mend(_ frontends: [SimulatedFrontend], _ backends: [SimulatedBackend], _ parts: SharedParts) {
        parts.log.note("nothing is cut")
        parts.replicated?.leases.setAway(false)
        parts.replicated?.log.loseAppends(oneIn: nil)
        parts.replicated?.log.refuseAppends(oneIn: nil)
        for process in (frontends as [any SimulatedProcess]) + backends {
            parts.network.setLink(from: process.name, to: nil, .up)
        }
        for frontend in frontends {
            parts.replicated?.leases.heal(frontend.name)
            parts.replicated?.leases.loseAnswers(0, of: frontend.name)
            parts.network.part(frontend, from: backends, false)
            parts.network.part(frontend, from: frontends, false)
            if frontend.isRunning, !frontend.plan.hasCrashed { frontend.plan.restart() }
        }
    }
}

extension DirectNetwork {
    /// Neither the FE nor any of the others reaches the other side.
    fileprivate func part(
        _ frontend: SimulatedFrontend, from others: [any SimulatedProcess], _ areParted: Bool = true
    ) {
        for other in others where other !== frontend {
            cut(frontend.name, from: other.host, areParted)
            cut(other.name, from: frontend.host, areParted)
        }
    }
}

extension SimulatedFrontend {
    /// Whoever calls it waits in vain meanwhile.
    fileprivate func stop() {
        node?.pause()
        shared.network.silence(address.host)
    }

    fileprivate func goOn() {
        shared.network.silence(address.host, false)
        node?.resume()
    }
}
