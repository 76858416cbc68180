import Foundation
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// `kill -9` of a BE in each phase of a tablet's life: what it acknowledged is there in its next life, and the FE's
    /// next try finishes what it did not.
    @Suite struct BackendKillTests {
        private static let rows = (0..<500).map { "key\($0),value \($0)\n" }.joined()

        @Test func aCreatedTabletSurvives() throws {
            try DrivenBackends.run { driven in
                try driven.create(10)
                try driven.killAndRestart(driven.backend)
                #expect(try driven.backend.tablet(10)?.tablet.maxVersion == 1)
                // The FE that did not hear of it asks again.
                #expect(try driven.frontend.run(.create, driven.creation(10), on: driven.backend).status.isOK)
                #expect(try driven.backend.tablet(10)?.rowsets.count == 1)
            }
        }

        @Test func aPushThatWasCutOffLeavesNothingAndItsRepetitionSucceeds() throws {
            try DrivenBackends.run { driven in
                try driven.create(10)
                let size = Int64(Self.rows.utf8.count)
                driven.serve("/slow", .stall(declared: Int(size), body: Array(Self.rows.utf8.prefix(100))))
                let payload = driven.push(10, 7, path: "/slow", sizeBytes: size)
                try driven.frontend.submit([AgentTask(type: .push, signature: 1, payload: payload)], to: driven.backend)
                try eventually("PUSH under way") { try driven.backend.running("push") == 1 }
                try driven.killAndRestart(driven.backend)
                #expect(try driven.backend.segmentFiles().isEmpty)

                let publish = try driven.frontend.run(.publishVersion, driven.publish(7, as: 2), on: driven.backend)
                #expect(publish.errorTabletIDs == [10] && driven.frontend.finishes(.push, 1).isEmpty)
                #expect(try driven.backend.tablet(10)?.tablet.maxVersion == 1)
                try driven.load(Self.rows, into: 10, 7, as: 2)
                #expect(try driven.backend.rows(10) == Self.rows)
            }
        }

        @Test func anAcknowledgedPushIsPublishedInTheNextLife() throws {
            try DrivenBackends.run { driven in
                try driven.create(10)
                driven.serve("/rows", rows: Self.rows)
                let payload = driven.push(10, 7, path: "/rows", sizeBytes: Int64(Self.rows.utf8.count))
                #expect(try driven.frontend.run(.realtimePush, payload, on: driven.backend).status.isOK)
                try driven.killAndRestart(driven.backend)
                // Nobody serves the file any more: what was acknowledged must be on disk.
                driven.serve("/rows", .respond(status: 404))
                let ended = try driven.frontend.run(.publishVersion, driven.publish(7, as: 2), on: driven.backend)
                #expect(ended.status.isOK)
                #expect(try driven.backend.rows(10) == Self.rows)
            }
        }

        @Test func publishedVersionsSurviveAnyNumberOfKills() throws {
            try DrivenBackends.run { driven in
                try driven.create(10)
                var wanted = ""
                for round in 1...3 {
                    let rows = "round \(round)\n"
                    wanted += rows
                    try driven.load(rows, into: 10, TransactionID(Int64(round)), as: Version(Int64(round + 1)))
                    try driven.killAndRestart(driven.backend)
                    #expect(try driven.backend.rows(10) == wanted)
                }
                #expect(try driven.backend.rows(10, version: 2) == "round 1\n")
                // The publish whose answer was lost is repeated.
                #expect(
                    try driven.frontend.run(.publishVersion, driven.publish(3, as: 4), on: driven.backend).status.isOK)
                #expect(try driven.backend.rows(10) == wanted)
            }
        }

        @Test func aTaskEndThatTheMasterDidNotHearOfIsNotLost() throws {
            try DrivenBackends.run { driven in
                try driven.create(10)
                let master = driven.frontend.master()
                driven.frontend.answerFinishes(with: RPCStatus(.uninitialized, "still starting"))
                let payload = driven.creation(11)
                try driven.frontend.submit(
                    [AgentTask(type: .create, signature: 11, payload: payload)], to: driven.backend)
                try eventually("second try") { driven.frontend.finishes(.create, 11).count >= 2 }
                try eventually("task in the report") { driven.frontend.reportedTasks[.create]?.contains(11) == true }
                driven.frontend.answerFinishes(with: .ok)
                try eventually("acknowledged") { try driven.backend.status().unacknowledgedTasks == 0 }
                try driven.frontend.heartbeat(driven.backend, master)
                try eventually("gone from the report") { driven.frontend.reportedTasks[.create]?.isEmpty ?? true }
            }
        }

        @Test func anUploadThatWasCutOffIsFinishedInTheNextLife() throws {
            let server = try RcloneS3Server()
            defer { server.stop() }
            try DrivenBackends.run { driven in
                try driven.create(10)
                try driven.load(Self.rows, into: 10, 7, as: 2)
                try driven.attachPolicy(to: 10, server.resource())
                try server.whileFrozen {
                    #expect(try driven.appoint(1, of: 10, term: 1, on: driven.backend).isOK)
                    try eventually("upload under way") { try driven.backend.running("cooldown") == 1 }
                    driven.backend.daemon.kill()
                }
                try driven.backend.start()
                try driven.frontend.heartbeat(driven.backend)
                #expect(try driven.backend.rows(10) == Self.rows)
                // The conf was acknowledged, so it is known: nobody sends it again.
                try eventually("cold") { try driven.backend.tablet(10)?.isCold == true }
                try eventually("no local segments") { try driven.backend.segmentFiles().isEmpty }
                #expect(try driven.backend.rows(10) == Self.rows)
                try driven.killAndRestart(driven.backend)
                #expect(try driven.backend.rows(10) == Self.rows)
            }
        }

        @Test func aFollowerThatWasCutOffFollowsInTheNextLife() throws {
            let server = try RcloneS3Server()
            defer { server.stop() }
            try DrivenBackends.run(2) { driven in
                let (uploader, follower) = (driven.backends[0], driven.backends[1])
                try driven.create(10)
                try driven.load(Self.rows, into: 10, 7, as: 2)
                try driven.attachPolicy(to: 10, server.resource())
                try driven.appoint(1, of: 10, term: 1, on: uploader)
                try eventually("remote meta") { try server.objects().contains { $0.hasSuffix("10/1.1.meta") } }
                try server.whileFrozen {
                    try driven.appoint(1, of: 10, term: 1, on: follower)
                    try eventually("follow under way") { try follower.running("cooldown") == 1 }
                    follower.daemon.kill()
                }
                try follower.start()
                try driven.frontend.heartbeat(follower)
                #expect(try follower.rows(10) == Self.rows)
                try eventually("follower cold") { try follower.tablet(10)?.isCold == true }
                #expect(try follower.rows(10) == Self.rows)
                #expect(try follower.metric("tabletd_be_cooldown_uploaded_objects_total") == 0)
            }
        }

        @Test func aNewUploaderTakesOverWhenTheOldOneDiedBeforeItsUpload() throws {
            let server = try RcloneS3Server()
            defer { server.stop() }
            try DrivenBackends.run(2) { driven in
                let (first, second) = (driven.backends[0], driven.backends[1])
                try driven.create(10)
                try driven.load(Self.rows, into: 10, 7, as: 2)
                try driven.attachPolicy(to: 10, server.resource())
                try server.whileFrozen {
                    try driven.appoint(1, of: 10, term: 1, on: first)
                    try eventually("upload under way") { try first.running("cooldown") == 1 }
                    first.daemon.kill()
                }
                try driven.appoint(2, of: 10, term: 2, on: second)
                try eventually("second uploader cold") { try second.tablet(10)?.isCold == true }
                try driven.killAndRestart(first)
                try driven.appoint(2, of: 10, term: 2, on: first)
                try eventually("old uploader follows") {
                    let tablet = try first.tablet(10)
                    return tablet?.isCold == true && tablet?.tablet.cooldownTerm == 2
                }
                #expect(try first.rows(10) == Self.rows)
                #expect(try second.rows(10) == Self.rows)
            }
        }

        @Test func aTerminatedBackendEndsInZeroAndKeepsEverything() throws {
            try DrivenBackends.run { driven in
                try driven.create(10)
                try driven.load(Self.rows, into: 10, 7, as: 2)
                driven.serve("/slow", .stall(declared: 100_000, body: Array("x\n".utf8)))
                let payload = driven.push(10, 8, path: "/slow", sizeBytes: 100_000)
                try driven.frontend.submit([AgentTask(type: .push, signature: 1, payload: payload)], to: driven.backend)
                try eventually("PUSH under way") { try driven.backend.running("push") == 1 }
                // In the middle of work, too.
                #expect(try driven.backend.daemon.stop() == 0)
                try driven.backend.start()
                try driven.frontend.heartbeat(driven.backend)
                #expect(try driven.backend.rows(10) == Self.rows)
            }
        }
    }
}
