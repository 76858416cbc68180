internal import ClusterTestKit
internal import HTTPAPI
internal import MasterCore
internal import TabletModel

extension SimulatedCluster {
    /// Every tablet has as many replicas as its table wants, all of them healthy, and repair has nothing left to do or to
    /// give back; then `converge`.
    public func heal(limit: Duration = .seconds(3600)) throws {
        var last = ""
        let heals = try runToRest(limit: limit) {
            last = try ailments()
            return last.isEmpty
        }
        guard heals else { throw SimulationFailure(seed: seed, "the cluster did not heal: \(last)") }
        try converge()
    }

    /// Why the cluster is not healed; empty when it is.
    private func ailments() throws -> String {
        if !unrest.isEmpty { return unrest }
        guard let master = frontend.master else { return "the FE is down" }
        let scheduler = try master.scheduler()
        if let task = (scheduler.running + scheduler.pending).first {
            return "repair of tablet \(task.tabletID) is \(task.state), \(task.status), \(task.attempts) attempts: "
                + task.message
        }
        if let slot = scheduler.slots.first(where: { $0.used > 0 }) {
            return "\(slot.used) slots of backend \(slot.backendID) are taken, and nothing runs"
        }
        for tablet in try master.tablets(of: Self.table) {
            if let ill = tablet.replicas.first(where: { !$0.isHealthy || $0.state != "NORMAL" }) {
                return "replica \(ill.id) of tablet \(tablet.id) on \(ill.host) is \(ill.state): \(ill.reason)"
            }
            if tablet.replicas.count != wantedReplicas {
                return "tablet \(tablet.id) has \(tablet.replicas.count) replicas"
            }
        }
        return ""
    }

    /// The backends compare the rows of every tablet, asked by the FE.
    public func checkConsistency() throws {
        guard let master = frontend.master else { throw SimulationFailure(seed: seed, "the FE is down") }
        for tablet in try master.tablets(of: Self.table) {
            _ = try master.checkConsistency(tablet.id)
            try wait(for: "the check of tablet \(tablet.id)") {
                try master.consistencyCheck(tablet.id).state != .running
            }
            let check = try master.consistencyCheck(tablet.id)
            let sums = check.replicas.compactMap(\.checksum)
            guard check.state == .consistent, sums.count == tablet.replicas.count, Set(sums).count == 1 else {
                throw SimulationFailure(seed: seed, "the check of tablet \(tablet.id) ended \(check)")
            }
        }
    }

    /// Rows of what was acknowledged, read from every replica there is.
    public func expectEveryReplicaWhole() throws {
        guard let master = frontend.master else { throw SimulationFailure(seed: seed, "the FE is down") }
        for tablet in try master.tablets(of: Self.table) {
            for replica in tablet.replicas {
                guard let backend = backend(host: replica.host) else { continue }
                _ = try rows(of: tablet.id, on: backend, at: tablet.visibleVersion)
            }
        }
        try check()
        let read = try readThroughFollowers()
        guard read == acknowledgedRows else {
            throw SimulationFailure(seed: seed, "read \(read), acknowledged \(acknowledgedRows)")
        }
    }

    /// Files that backends fetched from backends so far, in order.
    public var sentFiles: [SentFile] { watchedPeers.sent }
    /// DROP tasks that the FE sent so far, a repeated one each time.
    public var dropTasks: Int { watch.dropTasks }
    /// CLONE tasks that the FE sent so far, a repeated one each time.
    public var cloneTasks: Int { watch.cloneTasks }

    /// Nothing of clones is left on the disks: no file in a staging folder, no snapshot.
    public func expectNoCloneLeftovers() throws {
        let left = backends.flatMap { backend in
            backend.machine.fileSystem.allFiles().map(\.path)
                .filter { $0.contains("/clone/") || $0.contains("/snapshot/") }.map { "\(backend.name) \($0)" }
        }
        guard left.isEmpty else { throw SimulationFailure(seed: seed, "left over: \(left)") }
    }
}
