internal import ClusterMetadata
internal import ClusterTestKit
internal import ElectionTestKit
internal import HTTPAPI
internal import MasterCore
internal import Platform
internal import TabletModel

/// What must hold of several FEs.
extension SimulatedCluster {
    /// Asked after every job.
    func checkLeaders() throws {
        let acting = frontends.filter(\.mayAct)
        if let observer = frontends.dropFirst(settings.frontends).first(where: \.mayAct) {
            throw SimulationFailure(seed: seed, "\(observer.name) is an observer, and may act as master")
        }
        guard acting.count > 1 else { return }
        throw SimulationFailure(seed: seed, "\(acting.map(\.name)) may all act as master at one moment")
    }

    /// Holds at every moment: masters followed each other, and each FE has what the log gives up to where it is.
    public func checkFrontends() throws {
        guard let log = parts.replicated?.log else { return }
        var wrong = parts.masters.wrong
        let witness = try self.witness ?? LogWitness(log, of: frontends[0].identity(), scheduler: scheduler)
        self.witness = witness
        // Those that are behind first: the witness goes forward only.
        let lives = frontends.compactMap { frontend in frontend.life.map { (frontend.name, $0.store) } }
        for (name, store) in lives.sorted(by: { $0.1.lastLogID < $1.1.lastLogID }) {
            if let reason = try witness.wrong(with: store, of: name) { wrong.append(reason) }
        }
        guard wrong.isEmpty else { throw SimulationFailure(seed: seed, wrong.joined(separator: "\n")) }
    }

    /// What masters did so far, and in how many terms.
    public var masterActs: (count: Int, terms: Int) { (parts.masters.acts, parts.masters.terms) }

    /// A change was made, as the FE says.
    func acknowledged(_ what: String, by frontend: SimulatedFrontend) {
        guard let actor = frontend.actor else { return }
        parts.masters.acts(actor) { "acknowledges: \(what)" }
    }

    /// Nothing is cut any more: one FE leads, and the others have all that it has.
    public func settleFrontends(limit: Duration = .seconds(120)) throws {
        guard isReplicated else { return }
        var last = ""
        let settles = try runToRest(limit: limit) {
            let places = frontends.map { "\($0.name) at \($0.lastLogID.map { "\($0)" } ?? "none")" }
            last = "\(places), the log ends at \(logEnd), \(frontends.filter(\.mayAct).map(\.name)) lead"
            return frontends.allSatisfy { $0.lastLogID == logEnd } && frontends.contains { $0.master != nil }
        }
        guard settles else { throw SimulationFailure(seed: seed, "the FEs did not settle: \(last)") }
        for frontend in frontends {
            let missing = try databasesMade.filter { try !frontend.knows(database: $0) }
            guard missing.isEmpty else {
                throw SimulationFailure(
                    seed: seed, "\(missing) were acknowledged, and \(frontend.name) does not have them")
            }
        }
        try checkFrontends()
    }

    // MARK: Through an FE that follows

    private static let replayLimit = Duration.seconds(5)

    /// Somebody makes a database by whatever FE: the master carries it out, and the answer waits, for a while, until this FE has
    /// replayed as far as the master was then. Whoever got the answer sees the database there.
    /// - Returns: whether it was acknowledged.
    public func makeDatabase(_ name: String, through frontend: SimulatedFrontend) throws -> Bool {
        let leader: SimulatedFrontend
        let logID: Int64
        do {
            (leader, logID) = try forward(name, from: frontend)
        } catch {
            log.note("\(frontend.name) did not make \(name): \(error)")
            return false
        }
        acknowledged("database \(name), through \(frontend.name)", by: leader)
        databasesMade.append(name)
        log.note("\(leader.name) made \(name) for \(frontend.name), up to \(logID)")
        let life = frontend.incarnation
        func hasReplayed() -> Bool { frontend.lastLogID.map { $0 >= logID } ?? false }
        if !settings.flaws.contains(.followersAnswerAtOnce) {
            let isAnswered = try run(limit: Self.replayLimit) { frontend.incarnation != life || hasReplayed() }
            // Whoever waited in vain is told that it was made, and no more.
            guard isAnswered, frontend.incarnation == life, hasReplayed() else { return true }
        }
        guard try frontend.knows(database: name) else {
            throw SimulationFailure(seed: seed, "\(name) was made through \(frontend.name), and is not seen there")
        }
        return true
    }

    private func forward(_ name: String, from asked: SimulatedFrontend) throws -> (SimulatedFrontend, Int64) {
        guard asked.node?.isPaused == false else { throw CrashedError(operation: "a request to \(asked.name)") }
        if let master = asked.master { return (asked, try make(name, master, of: asked)) }
        guard let address = asked.knownLeader, let leader = parts.frontends.at(address.host) else {
            throw CrashedError(operation: "a request that nobody leads for")
        }
        let logID = try network.carry("forward", from: asked.name, to: address) {
            guard let master = leader.master else { throw CrashedError(operation: "a request to who does not lead") }
            return try make(name, master, of: leader)
        }
        return (leader, logID)
    }

    private func make(_ name: String, _ master: Master, of frontend: SimulatedFrontend) throws -> Int64 {
        _ = try master.createDatabase(name)
        return frontend.lastLogID ?? 0
    }
}

extension SimulatedFrontend {
    /// As somebody is told who asks it alone.
    fileprivate func knows(database name: String) throws -> Bool {
        try life?.running.current?.databases().contains { $0.name == name } ?? false
    }
}
