import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// found A9, A10: the disk of `meta_dir` is full when the FE starts.
    @Suite struct FullMetadataDiskTests {
        @Test(.enabled(if: SmallDisk.canBeMade, "needs the right to mount a file system"))
        func aFrontendOnAFullDiskServesWhatItHasAndGoesOnByItself() throws {
            let disk = try SmallDisk(megabytes: 48)
            try ProcessCluster.run(frontend: ["meta_dir": disk.path + "/meta"]) { cluster in
                try cluster.createTable("t", buckets: 2, replicas: 1)
                let file = try cluster.makeRows("rows.csv", count: 500)
                _ = try cluster.control("load", "t", "--file", file, "--label", "before")

                #expect(try cluster.frontend.stop(within: 20) == 0)
                try disk.fill()
                try cluster.frontend.start()
                let status = try cluster.decode(MasterStatusView.self, "status")
                #expect(!status.isReady && status.metadataTrouble?.reason.contains("No space left") == true)
                #expect(try cluster.control("status").contains("METADATA CAN'T BE WRITTEN"))
                let refusal = try cluster.attempt(["create-database", "other"])
                #expect(refusal.status != 0 && refusal.error.contains("meta_dir"), "\(refusal.error)")
                #expect(try cluster.decode([TableView].self, "tables").map(\.name.table) == ["t"])
                try cluster.waitForAliveBackends()
                #expect(try cluster.readChecksum("t") == cluster.checksum(file: file))

                try disk.free()
                try eventually("writable again", within: 90) {
                    try cluster.decode(MasterStatusView.self, "status").isReady
                }
                let load = try cluster.decode(LoadView.self, "load", "t", "--file", file, "--label", "after")
                #expect(load.state == .visible)
                #expect(try cluster.readChecksum("t").rows == 1000)
                try cluster.frontend.restart()
                try cluster.waitForAliveBackends()
                #expect(try cluster.readChecksum("t").rows == 1000)
            }
        }

        /// The disk fills up under a running FE: a checkpoint says why there is none, nothing is lost, and it goes on by itself.
        @Test(.enabled(if: SmallDisk.canBeMade, "needs the right to mount a file system"))
        func aCheckpointOnAFullDiskSaysWhyAndWorksOnceThereIsRoom() throws {
            let disk = try SmallDisk(megabytes: 48)
            try ProcessCluster.run(frontend: ["meta_dir": disk.path + "/meta"]) { cluster in
                try cluster.createTable("t", buckets: 200, replicas: 1)
                let first = try cluster.decode(CheckpointView.self, "meta", "checkpoint")
                let file = try cluster.makeRows("rows.csv", count: 200)
                _ = try cluster.control("load", "t", "--file", file, "--label", "before")
                try disk.fill()
                let failed = try cluster.attempt(["meta", "checkpoint"])
                #expect(failed.status == 1, "\(failed.output)")
                #expect(failed.error.contains("No space left") && failed.error.contains("meta_dir"), "\(failed.error)")
                let info = try cluster.decode(MetadataInfoView.self, "meta", "info")
                #expect(info.images.first?.logID == first.logID)

                try disk.free()
                try eventually("writable again", within: 90) {
                    try cluster.decode(MasterStatusView.self, "status").isReady
                }
                let second = try cluster.decode(CheckpointView.self, "meta", "checkpoint")
                #expect(second.logID > first.logID)
                #expect(
                    try cluster.decode(LoadView.self, "load", "t", "--file", file, "--label", "after").state == .visible
                )
                cluster.frontend.kill()
                let verdict = try cluster.attempt(["meta", "verify", "--meta-dir", disk.path + "/meta"])
                #expect(verdict.status == 0, "\(verdict.output)")
                try cluster.frontend.start()
                try cluster.waitForAliveBackends()
                #expect(try cluster.readChecksum("t").rows == 400)
            }
        }
    }
}
