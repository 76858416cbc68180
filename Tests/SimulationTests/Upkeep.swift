import ClusterSimulation
import ClusterTestKit
import HTTPAPI
import TabletModel

/// What people do to a table while it is in use: they change its columns, move its replicas between disks, back it up and
/// restore it. Each seed has some of that.
final class Upkeep {
    let cluster: SimulatedCluster
    private let random: SeededRandom
    private let alters: Bool
    private let moves: Bool
    private let backs: Bool
    private var names = 0

    init(_ cluster: SimulatedCluster) {
        self.cluster = cluster
        random = cluster.random.fork("upkeep")
        alters = random.oneIn(2)
        backs = random.oneIn(3)
        moves = cluster.settings.dataDirsPerBackend > 1
    }

    /// In the middle of whatever goes on. Nothing is waited for.
    func begin() throws {
        if alters, random.oneIn(2) { _ = try cluster.beginAlter(random) }
        if moves, random.oneIn(2) { _ = try cluster.beginMove(random) }
        if backs { try beginCopy() }
    }

    /// No columns change any more: until then a delete is refused.
    func endAlters() throws { if alters { try cluster.endAlters() } }

    private func beginCopy() throws {
        guard let jobs = try cluster.backupJobs(), !jobs.contains(where: { $0.endedMs == 0 }) else { return }
        names += 1
        if let last = finished(jobs, "backup").first, random.oneIn(2) {
            _ = try cluster.beginRestore(last.label, as: "copy_\(names)")
        } else {
            _ = try cluster.beginBackup("backup-\(names)")
        }
    }

    private func finished(_ jobs: [BackupJobView], _ kind: String) -> [BackupJobView] {
        jobs.filter { $0.kind == kind && $0.phase == "finished" }
    }

    /// Trouble is over: what was begun ends.
    func settle() throws {
        if alters { try cluster.waitForAlters() }
        if backs { try cluster.waitForBackups() }
    }

    /// The cluster is healed: what was moved, backed up and restored is what it was, and each of these things works.
    func finish() throws {
        if moves { try cluster.moveEveryReplica() }
        guard backs else { return }
        try expectEveryCopy()
        guard try cluster.beginBackup("quiet") != nil else { throw failure("no backup is begun") }
        try cluster.waitForBackups()
        guard try cluster.beginRestore("quiet", as: "quiet") != nil else { throw failure("no restore is begun") }
        try cluster.waitForBackups()
        guard try cluster.copies() == ["quiet"] else { throw failure("there is no restored table") }
        try expectEveryCopy()
    }

    /// Of each restore that is finished there is a table, and of no other.
    private func expectEveryCopy() throws {
        for job in finished(try cluster.backupJobs() ?? [], "restore") {
            let name = job.table.table
            guard try cluster.copies().contains(name) else { continue }
            try cluster.expectRestored(try cluster.kept(job.label), as: name)
        }
        let left = try cluster.copies()
        guard left.isEmpty else { throw failure("restores that failed left \(left)") }
    }

    private func failure(_ reason: String) -> SimulationFailure {
        SimulationFailure(seed: cluster.seed, "nothing was wrong, and \(reason)")
    }
}
