import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// Tablets that move between the two data dirs of a backend.
    @Suite struct DiskMigrationTests {
        private struct Place: Hashable {
            var tablet: TabletID
            var dir: String?
        }

        private func places(_ cluster: ProcessCluster) throws -> [Place] {
            let tablets = try cluster.decode([TabletView].self, "tablets", "t")
            return tablets.map { Place(tablet: $0.id, dir: $0.replicas[0].dataDir) }
        }

        private func other(than dir: String, _ cluster: ProcessCluster) -> String {
            dir == cluster.dataDir(1) ? cluster.dataDir(2) : cluster.dataDir(1)
        }

        /// Folders under `data` of a dir that hold a segment of the tablet.
        private func holds(_ dir: String, _ tablet: TabletID) -> Bool {
            let files = FileManager.default.enumerator(atPath: dir + "/data")?.compactMap { $0 as? String } ?? []
            return files.contains { $0.contains("/\(tablet)/") && $0.hasSuffix(".dat") }
        }

        @Test func tabletsMoveWhereAPersonSaysAndSurviveKillsMeanwhile() throws {
            try ProcessCluster.run(dataDirs: 2) { cluster in
                let backend = cluster.backends[0]
                try cluster.createTable("t", buckets: 4, replicas: 1)
                let file = try cluster.makeRows("rows.csv", count: 300_000)
                let wanted = try cluster.checksum(file: file)
                _ = try cluster.control("load", "t", file)
                try eventually("places reported") { try places(cluster).allSatisfy { $0.dir != nil } }
                let id = try cluster.decode([BackendView].self, "backends")[0].id

                // One, and wait: the answer, the report and the disk say so.
                let first = try places(cluster)[0]
                let target = other(than: try #require(first.dir), cluster)
                let said = try cluster.control("migrate", "\(first.tablet)", "--to", "\(id):\(target)")
                #expect(said.contains("is in \(target)"))
                #expect(try places(cluster)[0].dir == target)
                #expect(holds(target, first.tablet) && !holds(try #require(first.dir), first.tablet))
                #expect(try cluster.readChecksum("t") == wanted)
                #expect(try backend.metric("tabletd_be_migrations_total") == 1)

                // What can't be is said at once, and by its name.
                for (path, word) in [
                    (target, "already"), ("/nowhere", "no data dir"), ("\(target)/../x", "no data dir"),
                ] {
                    let refused = try cluster.attempt(["migrate", "\(first.tablet)", "--to", "\(id):\(path)"])
                    #expect(refused.status != 0 && refused.error.contains(word), "\(refused.error)")
                }

                // All of them, and kill -9 while they move.
                for round in 1...3 {
                    let before = try places(cluster)
                    for place in before {
                        guard let dir = place.dir else { continue }
                        _ = try cluster.attempt([
                            "migrate", "\(place.tablet)", "--to", "\(id):\(other(than: dir, cluster))", "--no-wait",
                        ])
                    }
                    try eventually("a move under way") {
                        let moves = try backend.json("/api/migrations", as: [MigrationView].self)
                        return moves.contains { $0.bytesDone > 0 }
                            || (try backend.metric("tabletd_be_migrations_total")) > 0
                    }
                    try backend.restart()
                    try cluster.waitForAliveBackends()
                    #expect(try cluster.readChecksum("t") == wanted, "round \(round)")
                    // The FE's tasks go on, or have ended with the backend that was killed.
                    try eventually("moves are over", within: 60) {
                        try cluster.decode([JobView].self, "jobs").allSatisfy { $0.state != .running }
                    }
                    for place in before {
                        let dirs = [cluster.dataDir(1), cluster.dataDir(2)].filter { holds($0, place.tablet) }
                        #expect(dirs.count == 1, "round \(round): tablet \(place.tablet) in \(dirs)")
                    }
                    #expect(try cluster.readChecksum("t") == wanted, "round \(round)")
                    try eventually("places reported") { try places(cluster).allSatisfy { $0.dir != nil } }
                }
                _ = try cluster.control("load", "t", file)
                #expect(try cluster.readChecksum("t").rows == 2 * wanted.rows)
                #expect(try cluster.stop() == [0, 0])
            }
        }
    }
}
