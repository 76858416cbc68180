import Foundation
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// An object store in trouble while a real BE cools: local rows stay until the objects are proven, and it heals.
    @Suite struct CooldownTroubleTests {
        private static let rows = (0..<2000).map { "key\($0),value \($0)\n" }.joined()

        /// A tablet with rows and a policy, whose cooldown has failed once.
        private func withTrouble(
            _ resource: S3Resource, causing message: String, _ heal: (DrivenBackends) throws -> Void
        ) throws {
            try DrivenBackends.run(settings: ["max_s3_client_retry": "1"]) { driven in
                let backend = driven.backend
                try driven.create(10)
                try driven.load(Self.rows, into: 10, 7, as: 2)
                try driven.attachPolicy(to: 10, resource)
                try driven.appoint(1, of: 10, term: 1, on: backend)
                try eventually("a failed run") { try backend.metric("tabletd_be_cooldown_failed_runs_total") >= 1 }
                let log = backend.daemon.log(from: 0)
                let line = log.split(separator: "\n").first { $0.contains("cooldown failed") } ?? ""
                #expect(line.contains("tablet=10") && line.contains(message), "\(line)")
                #expect(!log.contains(resource.secretKey))
                #expect(try backend.tablet(10)?.isCold == false)
                #expect(try !backend.segmentFiles().isEmpty)
                #expect(try backend.rows(10) == Self.rows)

                try heal(driven)
                try eventually("cold at last") { try backend.tablet(10)?.isCold == true }
                #expect(try backend.rows(10) == Self.rows)
                try eventually("no local segments") { try backend.segmentFiles().isEmpty }
            }
        }

        @Test func aServerThatWasDownIsUsedOnceItIsUpAgain() throws {
            let server = try RcloneS3Server()
            defer { server.stop() }
            server.stop()
            try withTrouble(server.resource(), causing: "127.0.0.1") { _ in try server.startAgain() }
            // Two segments of one tablet at most, and its meta: the failed runs left nothing behind.
            #expect(try server.objects().filter { $0.hasSuffix(".meta") } == ["it/data/10/1.1.meta"])
        }

        @Test func aWrongSecretIsNamedAndHealsWithTheRightOne() throws {
            let server = try RcloneS3Server()
            defer { server.stop() }
            try withTrouble(server.resource(secret: "not-the-secret-at-all"), causing: "403") { driven in
                #expect(try server.objects().isEmpty)
                let right = StoragePolicyEntry(
                    name: "cold", cooldownTTLSeconds: 0, resource: server.resource(), checksum: "2")
                driven.frontend.setPolicies([right])
                try driven.appoint(1, of: 10, term: 2, on: driven.backend)
            }
        }

        @Test func aMissingBucketIsNamedAndHealsWhenItIsMade() throws {
            let server = try RcloneS3Server()
            defer { server.stop() }
            try withTrouble(server.resource(bucket: "nowhere"), causing: "bucket nowhere") { _ in
                // rclone remembers for minutes which buckets there are.
                server.stop()
                try FileManager.default.createDirectory(
                    atPath: server.root + "/nowhere", withIntermediateDirectories: false)
                try server.startAgain()
            }
        }

        @Test func stormsOfErrorsDropNoLocalRow() throws {
            // Says 503 to everything: nothing is ever stored, whatever the BE believes.
            let server = try FaultyHTTPServer { _ in .s3Error(503, "SlowDown", headers: ["Retry-After": "0"]) }
            defer { server.stop() }
            let real = try RcloneS3Server()
            defer { real.stop() }
            let resource = S3Resource(
                endpoint: server.endpoint, accessKey: "key", secretKey: "a-secret-of-no-use", bucket: "bucket",
                requestTimeoutMs: 1000)
            try withTrouble(resource, causing: "503") { driven in
                let right = StoragePolicyEntry(
                    name: "cold", cooldownTTLSeconds: 0, resource: real.resource(), checksum: "2")
                driven.frontend.setPolicies([right])
            }
        }

        /// A store that takes objects and has lost them when they are looked at.
        @Test func objectsThatAreNotThereAfterTheUploadDropNoLocalRow() throws {
            let server = try FaultyHTTPServer { request in
                request.method == "PUT" ? .respond(status: 200) : .s3Error(404, "NoSuchKey")
            }
            defer { server.stop() }
            let real = try RcloneS3Server()
            defer { real.stop() }
            let resource = S3Resource(
                endpoint: server.endpoint, accessKey: "key", secretKey: "a-secret-of-no-use", bucket: "bucket",
                requestTimeoutMs: 1000)
            try withTrouble(resource, causing: "10") { driven in
                let right = StoragePolicyEntry(
                    name: "cold", cooldownTTLSeconds: 0, resource: real.resource(), checksum: "2")
                driven.frontend.setPolicies([right])
            }
        }

        @Test func aPersonIsToldThatATableDoesNotCoolAndItDoesOnceTheServerIsBack() throws {
            let server = try RcloneS3Server()
            defer { server.stop() }
            try ProcessCluster.run(backends: 2) { cluster in
                try cluster.createTable("t", buckets: 2, replicas: 2)
                let file = try cluster.makeRows("rows.csv", count: 1000)
                _ = try cluster.control("load", "t", "--file", file)
                try cluster.createPolicy("cold", on: server)
                server.stop()
                _ = try cluster.control("attach-policy", "t", "cold")
                try eventually("a failed run") { try cluster.sum("tabletd_be_cooldown_failed_runs_total") >= 1 }
                let waited = try cluster.attempt(["cooldown", "--wait", "t", "--timeout", "0.5"])
                #expect(waited.status == 5 && waited.error.contains("0 of 4 replicas"), "\(waited.error)")
                #expect(waited.error.contains("tabletctl table default.t"), "\(waited.error)")
                #expect(try cluster.control("table", "t").contains("nothing of it is remote yet"))
                #expect(try cluster.readChecksum("t") == cluster.checksum(file: file))
                try server.startAgain()
                try cluster.waitUntilCold("t")
                #expect(try cluster.readChecksum("t", "--followers") == cluster.checksum(file: file))
            }
        }

        @Test func aLostObjectIsAnErrorOfTheReadThatNamesIt() throws {
            let server = try RcloneS3Server()
            defer { server.stop() }
            try DrivenBackends.run(settings: ["max_s3_client_retry": "1"]) { driven in
                try driven.create(10)
                try driven.load(Self.rows, into: 10, 7, as: 2)
                try driven.attachPolicy(to: 10, server.resource())
                try driven.appoint(1, of: 10, term: 1, on: driven.backend)
                try eventually("cold") { try driven.backend.tablet(10)?.isCold == true }
                let segment = try #require(try server.objects().first { $0.hasSuffix(".dat") })
                try FileManager.default.removeItem(atPath: "\(server.root)/bucket/\(segment)")
                let failure = #expect(throws: FixtureError.self) { try driven.backend.rows(10) }
                let name = try #require(segment.split(separator: "/").last)
                #expect(failure?.message.contains(name) == true, "\(failure?.message ?? "")")
            }
        }
    }
}
