import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// found A8, A9, A10: somebody else fills the disk of a backend while it runs.
    @Suite struct FullDataDirTests {
        @Test(.enabled(if: SmallDisk.canBeMade, "needs the right to mount a file system"))
        func aFullDiskIsNotABrokenOne() throws {
            let disk = try SmallDisk(megabytes: 48)
            try ProcessCluster.run(backend: ["storage_root_path": disk.path]) { cluster in
                let backend = cluster.backends[0]
                func waitForState(_ state: String) throws {
                    try eventually("the disk is \(state)", within: 60) {
                        try cluster.decode([BackendView].self, "backends").first?.disks.first?.state == state
                    }
                }
                try cluster.createTable("t", buckets: 2, replicas: 1)
                let file = try cluster.makeRows("rows.csv", count: 500)
                let wanted = try cluster.checksum(file: file)
                _ = try cluster.control("load", "t", "--file", file, "--label", "before")

                try disk.fill()
                try waitForState("full")
                #expect(try cluster.unhealthyReplicas().isEmpty)
                #expect(try cluster.readChecksum("t") == wanted)
                let refused = try cluster.attempt(["load", "t", "--file", file, "--label", "during"])
                #expect(refused.status != 0 && refused.error.contains("full"), "\(refused.error)")

                // It starts on a full disk too, or it could never free what is its own.
                #expect(try backend.daemon.stop(within: 20) == 0)
                try disk.fill()
                try backend.start()
                try cluster.waitForAliveBackends()
                // The meta store drops old logs of its own while it is opened.
                try disk.fill()
                try waitForState("full")
                #expect(try cluster.readChecksum("t") == wanted)
                #expect(try cluster.unhealthyReplicas().isEmpty)

                try disk.free()
                try waitForState("good")
                let load = try cluster.decode(LoadView.self, "load", "t", "--file", file, "--label", "after")
                #expect(load.state == .visible)
                #expect(try cluster.readChecksum("t").rows == 1000)
                try backend.restart()
                try cluster.waitForAliveBackends()
                #expect(try cluster.readChecksum("t").rows == 1000)
            }
        }
    }
}
