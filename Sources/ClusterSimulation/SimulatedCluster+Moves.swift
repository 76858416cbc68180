public import ClusterTestKit
internal import HTTPAPI
internal import MasterCore
internal import Platform
internal import StorageEngine
internal import TabletModel

/// Moves of replicas between the data dirs of a machine.
extension SimulatedCluster {
    /// A person asks for a move of any replica to another data dir of its machine. What becomes of it is the FE's business.
    /// - Returns: false when none can be asked for now.
    public func beginMove(_ random: SeededRandom) throws -> Bool {
        guard settings.dataDirsPerBackend > 1, let master = frontend.master, !frontend.plan.hasCrashed else {
            return false
        }
        let places = try master.tablets(of: Self.table).flatMap { tablet in tablet.replicas.map { (tablet.id, $0) } }
        guard !places.isEmpty else { return false }
        let (tablet, replica) = places[Int(random.next(below: UInt64(places.count)))]
        guard let target = dataDirs.first(where: { $0 != replica.dataDir }) else { return false }
        do {
            _ = try master.moveReplica(tablet, MoveReplicaRequest(backendID: replica.backendID, path: target))
            log.note("asked to move tablet \(tablet) on \(replica.host) to \(target)")
            return true
        } catch let error as MasterError {
            log.note("tablet \(tablet) on \(replica.host) stays: \(error)")
            return false
        }
    }

    private var dataDirs: [String] { (1...settings.dataDirsPerBackend).map { SimulatedBackend.dataDir($0) } }

    /// Every replica goes to another data dir of its machine, one after the other: it reads there what it read before, and
    /// nothing of it is left where it was but trash. Nothing else may be wrong.
    public func moveEveryReplica() throws {
        guard settings.dataDirsPerBackend > 1, let master = frontend.master else { return }
        for tablet in try master.tablets(of: Self.table) {
            for replica in tablet.replicas {
                guard let backend = backend(host: replica.host),
                    let held = backend.engine?.allTablets.first(where: { $0.id == tablet.id }),
                    let target = dataDirs.first(where: { $0 != held.dataDir.path })
                else { throw SimulationFailure(seed: seed, "\(replica.host) does not hold tablet \(tablet.id)") }
                let version = tablet.visibleVersion
                let before = try rows(of: tablet.id, on: backend, at: version)
                try move(tablet.id, replica, to: target)
                let after = try rows(of: tablet.id, on: backend, at: version)
                let dir = backend.engine?.allTablets.first { $0.id == tablet.id }?.dataDir.path
                guard before == after, dir == target else {
                    throw SimulationFailure(
                        seed: seed,
                        "tablet \(tablet.id) of \(backend.name) was to go to \(target), is in \(dir ?? "none"), "
                            + "read \(before) before and reads \(after)")
                }
            }
        }
        try check()
    }

    private func move(_ tablet: TabletID, _ replica: ReplicaView, to target: String) throws {
        try persist("move tablet \(tablet) on \(replica.host) to \(target)") { master in
            let job = try master.moveReplica(
                tablet, MoveReplicaRequest(backendID: replica.backendID, path: target))
            _ = try run(limit: .seconds(300)) { try master.job(job.id).state != .running }
            let ended = try master.job(job.id)
            if ended.state != .finished { log.note("tablet \(tablet) did not move: \(ended.message)") }
            return ended.state == .finished
        }
    }
}
