import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// The story of the demo on a smaller file.
    @Suite struct DemoFlowTests {
        @Test func rowsAreReadBackFromS3ThroughFollowersAndEachRowsetWasUploadedOnce() throws {
            let server = try RcloneS3Server()
            defer { server.stop() }
            try ProcessCluster.run(backends: 3) { cluster in
                let file = try cluster.makeRows("rows.csv", count: 20_000)
                try cluster.createTable("t", buckets: 4, replicas: 3)
                let load = try cluster.decode(LoadView.self, "load", "t", "--file", file)
                #expect(load.state == .visible && load.rowCount == 20_000 && load.version == 2)
                let wanted = try cluster.checksum(file: file)
                #expect(try cluster.readChecksum("t") == wanted)

                try cluster.createPolicy("cold", on: server)
                _ = try cluster.control("attach-policy", "t", "cold")
                try cluster.waitUntilCold("t")

                let table = try cluster.decode(TableView.self, "table", "t")
                #expect(table.coldReplicaCount == 12 && table.replicaCount == 12 && table.localBytes == 0)
                #expect(table.remoteBytes > 0)
                #expect(try cluster.readChecksum("t", "--followers") == wanted)
                for backend in try cluster.decode([BackendView].self, "backends") {
                    #expect(try cluster.readChecksum("t", "--backend", "\(backend.id)") == wanted)
                }
                let tablets = try cluster.decode([TabletView].self, "tablets", "t")
                let rowsets = tablets.reduce(0) { $0 + ($1.replicas.map(\.versionCount).max() ?? 0) }
                #expect(try cluster.sum("tabletd_be_cooldown_uploaded_rowsets_total") == Double(rowsets))
                for backend in cluster.backends {
                    try eventually("no local segments on \(backend.daemon.name)") { try backend.segmentFiles().isEmpty }
                }
                #expect(try cluster.stop() == [0, 0, 0, 0])
            }
        }

        @Test func everythingIsThereAfterAnOrderlyRestartOfAllProcesses() throws {
            try ProcessCluster.run(backends: 2) { cluster in
                let file = try cluster.makeRows("rows.csv", count: 3000)
                try cluster.createTable("t", buckets: 2, replicas: 2)
                _ = try cluster.control("load", "t", "--file", file)
                #expect(try cluster.stop() == [0, 0, 0])
                for backend in cluster.backends { try backend.start() }
                try cluster.frontend.start()
                try cluster.waitForAliveBackends()
                #expect(try cluster.readChecksum("t") == cluster.checksum(file: file))
                let second = try cluster.makeRows("more.csv", count: 100, seed: 9)
                #expect(try cluster.decode(LoadView.self, "load", "t", "--file", second).version == 3)
            }
        }

        @Test func tabletctlTellsScriptsHowItEnded() throws {
            try ProcessCluster.run { cluster in
                let file = try cluster.makeRows("rows.csv", count: 10)
                try cluster.createTable("t", buckets: 1, replicas: 1)
                _ = try cluster.control("load", "t", "--file", file, "--label", "one")

                let again = try cluster.attempt(["load", "t", "--file", file, "--label", "one"])
                #expect(again.status == 1 && again.error.contains("label one"))
                let absent = try cluster.attempt(["table", "nowhere"])
                #expect(absent.status == 4 && absent.error.contains("nowhere"))
                #expect(try cluster.attempt(["load", "t", "--file", "/nowhere/at/all"]).status == 2)
                #expect(try cluster.attempt(["no-such-command"]).status == 2)
                #expect(try cluster.attempt(["drop-table", "t"]).status == 2)
                cluster.backends[0].daemon.kill()
                let read = try cluster.attempt(["read", "t"])
                #expect(read.status == 3 && read.error.contains("tablet"), "\(read.status): \(read.error)")
                // It ends the same way once the FE has noticed.
                try eventually("a dead backend") {
                    try cluster.decode(MasterStatusView.self, "status").aliveBackends == 0
                }
                let later = try cluster.attempt(["read", "t"])
                #expect(later.status == 3 && later.error.contains("tablet"), "\(later.status): \(later.error)")
                cluster.frontend.kill()
                let gone = try cluster.attempt(["status"])
                #expect(gone.status == 3 && gone.error.contains(cluster.frontendAddress))
            }
        }
    }
}
