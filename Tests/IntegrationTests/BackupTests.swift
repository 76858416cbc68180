import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// Backups to a real S3 server and restores from it, with real processes.
    @Suite struct BackupTests {
        private func createResource(_ cluster: ProcessCluster, on server: RcloneS3Server) throws {
            _ = try cluster.control(
                "create-resource", "s3", "--endpoint", server.endpoint, "--bucket", "bucket", "--region", "us-east-1",
                "--root-path", "it",
                environment: ["AWS_ACCESS_KEY_ID": server.accessKey, "AWS_SECRET_ACCESS_KEY": server.secretKey])
        }

        private func jobs(_ cluster: ProcessCluster) throws -> [BackupJobView] {
            try cluster.decode(BackupsView.self, "backups").jobs
        }

        @Test func aTableComesBackInTheSameClusterAndInAnother() throws {
            let server = try RcloneS3Server()
            defer { server.stop() }
            var wanted: ProcessCluster.Summary?
            try ProcessCluster.run(backends: 2) { cluster in
                let file = try cluster.makeRows("rows.csv", count: 20_000)
                try cluster.createTable("t", buckets: 4, replicas: 2)
                _ = try cluster.control("load", "t", "--file", file)
                wanted = try cluster.checksum(file: file)
                try createResource(cluster, on: server)
                let made = try cluster.decode(
                    BackupJobView.self, "backup", "t", "--to", "s3", "--label", "monday")
                #expect(made.phase == "finished" && made.sizeBytes > 0)
                let listed = try cluster.decode(BackupsView.self, "backups", "--from", "s3").backups
                #expect(listed.map(\.label) == ["monday"] && listed[0].files == 8)
                #expect(try cluster.attempt(["backup", "t", "--to", "s3", "--label", "monday"]).status == 1)
                let objects = try server.objects()
                #expect(objects.allSatisfy { $0.hasPrefix("it/backups/") } && objects.count == 9)

                _ = try cluster.control("drop-table", "t", "--yes")
                _ = try cluster.control("restore", "monday", "--from", "s3")
                #expect(try cluster.readChecksum("t") == wanted)
                for backend in try cluster.decode([BackendView].self, "backends") {
                    #expect(try cluster.readChecksum("t", "--backend", "\(backend.id)") == wanted)
                }
                // A load goes on where the backup ended, and the backup stays as it was.
                let more = try cluster.makeRows("more.csv", count: 100, seed: 9)
                #expect(try cluster.decode(LoadView.self, "load", "t", "--file", more).version == 3)
                #expect(try cluster.attempt(["restore", "monday", "--from", "s3"]).status == 1)
                _ = try cluster.control("restore", "monday", "--from", "s3", "--replace", "--replicas", "1")
                #expect(try cluster.readChecksum("t") == wanted)
                #expect(try cluster.decode(TableView.self, "table", "t").replicaCount == 4)
                _ = try cluster.control("restore", "monday", "--from", "s3", "--as", "other.copy")
                #expect(try cluster.readChecksum("other.copy") == wanted)
                #expect(try server.objects() == objects)
                #expect(try jobs(cluster).allSatisfy { $0.phase == "finished" })
                for backend in cluster.backends {
                    try eventually("no snapshots on \(backend.daemon.name)") {
                        try FileManager.default.contentsOfDirectory(atPath: backend.storageFolder + "/snapshot")
                            .isEmpty
                    }
                }
                #expect(try cluster.stop() == [0, 0, 0])
            }
            try ProcessCluster.run(backends: 1) { cluster in
                try createResource(cluster, on: server)
                _ = try cluster.control("restore", "monday", "--from", "s3", "--replicas", "1", "--as", "here")
                #expect(try cluster.readChecksum("here") == wanted)
                #expect(try cluster.decode(TableView.self, "table", "here").columns == ["key", "number", "text"])
                #expect(try cluster.attempt(["restore", "tuesday", "--from", "s3"]).status == 4)
                server.stop()
                let away = try cluster.attempt(["backup", "here", "--to", "s3", "--label", "away"])
                #expect(away.status != 0 && away.error.contains("storage resource s3"))
                #expect(try jobs(cluster).count == 1)
            }
        }

        @Test func killedProcessesTakeBackupAndRestoreUp() throws {
            let server = try RcloneS3Server()
            defer { server.stop() }
            try ProcessCluster.run(backends: 2) { cluster in
                let file = try cluster.makeRows("rows.csv", count: 20_000)
                try cluster.createTable("t", buckets: 4, replicas: 2)
                _ = try cluster.control("load", "t", "--file", file)
                let wanted = try cluster.checksum(file: file)
                try createResource(cluster, on: server)

                _ = try cluster.control("backup", "t", "--to", "s3", "--label", "b1", "--no-wait")
                cluster.backends[0].daemon.kill()
                cluster.frontend.kill()
                try cluster.backends[0].start()
                try cluster.frontend.start()
                try eventually("the backup is whole", within: 90) {
                    try self.jobs(cluster).contains { $0.label == "b1" && $0.phase == "finished" }
                }
                let started = try cluster.decode(
                    BackupJobView.self, "restore", "b1", "--from", "s3", "--as", "r", "--no-wait")
                cluster.frontend.kill()
                cluster.backends[1].daemon.kill()
                try cluster.backends[1].start()
                try cluster.frontend.start()
                try eventually("the restore is whole", within: 90) {
                    try self.jobs(cluster).contains { $0.id == started.id && $0.phase == "finished" }
                }
                #expect(try cluster.readChecksum("r") == wanted)
                #expect(try cluster.readChecksum("t") == wanted)
            }
        }

        @Test func aColdTableIsBackedUpWhole() throws {
            let server = try RcloneS3Server()
            defer { server.stop() }
            try ProcessCluster.run(backends: 1) { cluster in
                let file = try cluster.makeRows("rows.csv", count: 5000)
                try cluster.createTable("t", buckets: 2, replicas: 1)
                _ = try cluster.control("load", "t", "--file", file)
                try cluster.createPolicy("cold", on: server)
                _ = try cluster.control("attach-policy", "t", "cold")
                try cluster.waitUntilCold("t")
                _ = try cluster.control("backup", "t", "--to", "cold-s3", "--label", "b")
                _ = try cluster.control("drop-table", "t", "--yes")
                _ = try cluster.control("restore", "b", "--from", "cold-s3", "--replicas", "1")
                #expect(try cluster.readChecksum("t") == cluster.checksum(file: file))
                #expect(try cluster.decode(TableView.self, "table", "t").storagePolicy == nil)
            }
        }
    }
}
