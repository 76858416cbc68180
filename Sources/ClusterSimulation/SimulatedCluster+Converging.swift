internal import HTTPAPI
internal import MasterCore
internal import StorageEngine
internal import TabletModel

extension SimulatedCluster {
    /// Everything is up, nothing is owed, and the FE sees every replica as its backend has it.
    public func converge(limit: Duration = .seconds(1200)) throws {
        var last: [String] = []
        let agrees = try runToRest(limit: limit) {
            guard isQuiet else { return false }
            last = try disagreements()
            return last.isEmpty
        }
        guard agrees else {
            throw SimulationFailure(
                seed: seed, "the cluster did not converge: \(last.joined(separator: "; ")); \(unrest)")
        }
        try check()
        try checkMetadata()
    }

    /// Every healthy replica of the table is cold: its backend holds no local rowset of the visible version.
    public func waitUntilCold(limit: Duration = .seconds(2400)) throws {
        var last = ""
        let isCold = try runToRest(limit: limit) {
            guard isQuiet, let master = frontend.master else { return false }
            let replicas = try master.tablets(of: Self.table).flatMap(\.replicas)
            let warm = replicas.filter { $0.isHealthy && !$0.isCold }
            last = warm.map { "replica \($0.id) on \($0.host): \($0.reason)" }.joined(separator: "; ")
            return warm.isEmpty && replicas.contains(where: \.isHealthy)
        }
        guard isCold else { throw SimulationFailure(seed: seed, "did not become cold: \(last); \(unrest)") }
        try check()
    }

    private var isQuiet: Bool { unrest.isEmpty }

    /// What is down or owed; empty when nothing is.
    var unrest: String {
        let needed = processes.filter { !retired.contains($0.name) }
        guard needed.allSatisfy(\.isRunning) else {
            return "down: " + needed.filter { !$0.isRunning }.map(\.name).joined(separator: " ")
        }
        guard let master = frontend.master else { return "no FE leads" }
        do {
            let status = try master.status()
            if status.aliveBackends < needed.count(where: { $0 is SimulatedBackend }) {
                return "\(status.aliveBackends) backends are alive"
            }
            if status.queuedTasks > 0 { return "\(status.queuedTasks) tasks are queued" }
            if status.runningLoads > 0 { return "\(status.runningLoads) loads are running" }
            return ""
        } catch {
            return "\(error)"
        }
    }

    /// Where the FE and the backends do not say the same.
    private func disagreements() throws -> [String] {
        guard let master = frontend.master else { return ["the FE is down"] }
        let tables = try master.tables(inDatabase: nil).map(\.name)
        guard tables.contains(Self.table) else { return [] }
        var wrong: [String] = []
        var known: Set<String> = []
        for tablet in try tables.flatMap({ try master.tablets(of: $0) }) {
            for replica in tablet.replicas {
                known.insert("\(replica.host)/\(tablet.id)")
                wrong += disagreements(replica, of: tablet)
            }
        }
        for backend in backends {
            for tablet in backend.engine?.allTablets ?? []
            where !known.contains("\(backend.heartbeatAddress.host)/\(tablet.id)") {
                wrong.append("\(backend.name) has tablet \(tablet.id), the FE has no such replica")
            }
        }
        return wrong
    }

    private func disagreements(_ replica: ReplicaView, of tablet: TabletView) -> [String] {
        let name = "replica \(replica.id) of tablet \(tablet.id) on \(replica.host)"
        guard let held = backend(host: replica.host)?.engine?.allTablets.first(where: { $0.id == tablet.id })?.snapshot
        else { return ["\(name) is not there"] }
        var wrong: [String] = []
        func compare(_ what: String, _ ours: String, _ theirs: String) {
            if ours != theirs { wrong.append("\(name): \(what) is \(theirs), the FE says \(ours)") }
        }
        compare("id", "\(replica.id)", "\(held.header.replicaID)")
        let isWhole = held.isComplete && held.maxContinuousVersion >= tablet.visibleVersion
        compare("health", "\(replica.isHealthy)", "\(isWhole)")
        guard replica.isHealthy else { return wrong }
        compare("version", "\(replica.version)", "\(held.maxVersion)")
        compare("rows", "\(replica.rowCount)", "\(held.rowsets.reduce(0) { $0 + $1.meta.rowCount })")
        compare("cooldown term", "\(tablet.cooldownTerm)", "\(held.header.cooldownTerm)")
        compare("reported term", "\(replica.reportedCooldownTerm)", "\(held.header.cooldownTerm)")
        compare("uploader", "\(tablet.cooldownReplicaID)", "\(held.header.cooldownReplicaID)")
        compare("meta id", replica.cooldownMetaID ?? "none", held.header.cooldownMetaID?.description ?? "none")
        return wrong
    }
}
