import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// Tasks that a right FE does not send, or whose world is broken, to a real BE over the wire.
    @Suite struct BadTaskTests {
        @Test func aRefusedTaskIsAnsweredAndFinishedWithItsReason() throws {
            try DrivenBackends.run { driven in
                let frontend = driven.frontend
                let absent = AgentTask(type: .create, signature: 1, payload: .absent)
                let unknown = AgentTask(type: TaskType(rawValue: 4242), signature: 2, payload: .absent)
                let good = AgentTask(type: .create, signature: 3, payload: driven.creation(10))
                let answer = try frontend.submit([absent, unknown, good], to: driven.backend)
                #expect(answer.code == .invalidArgument)
                #expect(answer.messages.joined().contains("create_tablet_req"))
                #expect(answer.messages.joined().contains("4242"))

                let first = try frontend.finish(.create, 1).status
                #expect(first.code == .invalidArgument && first.messages.joined().contains("create_tablet_req"))
                let second = try frontend.finish(TaskType(rawValue: 4242), 2).status
                #expect(second.code == .invalidArgument && second.messages.joined().contains("4242"))
                // The rest of the batch is not held against it.
                #expect(try frontend.finish(.create, 3).status.isOK)
            }
        }

        @Test func aTypeThatIsNotRunIsFinishedWithItsNameAndNotDroppedInSilence() throws {
            try DrivenBackends.run { driven in
                // Types that no BE ever ran. The others lack their member.
                let types = [5, 6, 7, 13, 19, 20, 23, 24, 26].map { TaskType(rawValue: $0) }
                for type in types {
                    let ended = try driven.frontend.run(type, .absent, on: driven.backend)
                    #expect(ended.status.code == .notImplementedError)
                    #expect(ended.status.messages.joined().contains(type.description))
                }
                let lacking: [TaskType] = [
                    .clone, .alter, .checkConsistency, .compaction, .move, .makeSnapshot, .storageMediumMigrate,
                    .upload,
                    .download, .clearAlterTask, .pushStoragePolicy, .alterInvertedIndex, .gcBinlog, .cleanTrash,
                    .updateVisibleVersion, .cleanUDFCache, .pushIndexPolicy, .calculateDeleteBitmap,
                ]
                for type in lacking {
                    let ended = try driven.frontend.run(type, .absent, on: driven.backend)
                    #expect(ended.status.code == .invalidArgument)
                    #expect(ended.status.messages.joined().contains(type.description))
                }
            }
        }

        @Test func tasksForAnUnknownTabletFailAndNameIt() throws {
            try DrivenBackends.run { driven in
                let (frontend, backend) = (driven.frontend, driven.backend)
                driven.serve("/rows", rows: "a\n")
                let push = try frontend.run(
                    .push, driven.push(999, 1, path: "/rows", sizeBytes: 2), on: backend
                ).status
                #expect(push.code == .notFound && push.messages.joined().contains("999"))
                let drop = try frontend.run(.drop, .drop(DropTabletRequest(tabletID: 999)), on: backend).status
                #expect(drop.code == .notFound && drop.messages.joined().contains("999"))
                let conf = try driven.appoint(1, of: 999, term: 1, on: backend)
                #expect(conf.code == .notFound)
                // As in Doris, these skip what is not here.
                let update = TabletMetaUpdate(tabletID: 999, partitionID: 1)
                #expect(try frontend.run(.updateTabletMetaInfo, .updateTabletMeta([update]), on: backend).status.isOK)
                let clear = ClearTransactionRequest(transactionID: 999)
                #expect(try frontend.run(.clearTransactionTask, .clearTransaction(clear), on: backend).status.isOK)
            }
        }

        @Test func aRepeatedTaskRunsOnceWhileItRunsAndAgainAfterItEnded() throws {
            try DrivenBackends.run { driven in
                let (frontend, backend) = (driven.frontend, driven.backend)
                try driven.create(10)
                let rows = "a\nb\n"
                driven.serve("/rows", .stall(declared: 4, body: []))
                let task = AgentTask(
                    type: .push, signature: 5, payload: driven.push(10, 1, path: "/rows", sizeBytes: 4))
                #expect(try frontend.submit([task], to: backend).isOK)
                try eventually("PUSH under way") {
                    try backend.running("push") == 1 && driven.files.requests.count == 1
                }
                for _ in 0..<3 { #expect(try frontend.submit([task], to: backend).isOK) }
                let status = try backend.status()
                #expect(status.taskCount == 1)
                #expect(driven.files.requests.count == 1)

                try driven.killAndRestart(backend)
                driven.serve("/rows", rows: rows)
                #expect(try frontend.submit([task], to: backend).isOK)
                #expect(try frontend.finish(.push, 5).status.isOK)
                let fetched = driven.files.requests.count
                // After its end: done already, and acknowledged again without another fetch.
                try eventually("its entry is gone") { try backend.status().taskCount == 0 }
                #expect(try frontend.submit([task], to: backend).isOK)
                try eventually("second end") { frontend.finishes(.push, 5).count == 2 }
                #expect(frontend.finishes(.push, 5).allSatisfy { $0.status.isOK })
                #expect(driven.files.requests.count == fetched)
                #expect(try frontend.run(.publishVersion, driven.publish(1, as: 2), on: backend).status.isOK)
                #expect(try backend.rows(10) == rows)
            }
        }

        @Test func creatingAnExistingTabletIsFineUnlessItsSchemaDiffers() throws {
            try DrivenBackends.run { driven in
                try driven.create(10)
                try driven.load("a\n", into: 10, 1, as: 2)
                let again = try driven.frontend.run(.create, driven.creation(10), on: driven.backend)
                #expect(again.status.isOK && again.tablets?.first?.tabletID == 10)
                let other = try driven.frontend.run(.create, driven.creation(10, hash: 5), on: driven.backend)
                #expect(other.status.code == .alreadyExist)
                #expect(other.status.messages.joined().contains("4711"))
                #expect(try driven.backend.rows(10) == "a\n")
            }
        }

        @Test func aPushThatCanNotGetItsWholeFileLeavesNothing() throws {
            try DrivenBackends.run { driven in
                try driven.create(10)
                driven.serve("/short", .truncated(declared: 1000, body: Array("half a row".utf8)))
                driven.serve("/longer", rows: "more than announced\n")
                driven.serve("/broken", .reset)
                func push(_ path: String, sizeBytes: Int64) throws -> RPCStatus {
                    try driven.frontend.run(
                        .push, driven.push(10, 1, path: path, sizeBytes: sizeBytes), on: driven.backend
                    ).status
                }
                let short = try push("/short", sizeBytes: 1000)
                #expect(short.code == .networkError && short.messages.joined().contains("/short"))
                let wrong = try push("/longer", sizeBytes: 5)
                #expect(wrong.code == .corruption && wrong.messages.joined().contains("5"))
                let missing = try push("/missing", sizeBytes: 5)
                #expect(missing.code == .networkError && missing.messages.joined().contains("404"))
                #expect(try push("/broken", sizeBytes: 5).code == .networkError)
                let dead = AgentTask.Payload.push(
                    PushRequest(
                        tabletID: 10, schemaHash: DrivenBackends.schemaHash, timeoutSeconds: 5,
                        url: "http://127.0.0.1:\(try LoopbackSocket.freePort())/rows", sizeBytes: 5, transactionID: 1,
                        partitionID: 5))
                #expect(try driven.frontend.run(.push, dead, on: driven.backend).status.code == .networkError)
                try eventually("no files are left") { try driven.backend.segmentFiles().isEmpty }
                // The transaction is as new.
                try driven.load("right\n", into: 10, 1, as: 2)
                #expect(try driven.backend.rows(10) == "right\n")
            }
        }

        @Test func aDeleteOrABadPushTypeIsRefusedByName() throws {
            try DrivenBackends.run { driven in
                try driven.create(10)
                func push(_ type: PushType) throws -> RPCStatus {
                    try driven.frontend.run(
                        .push,
                        .push(
                            PushRequest(
                                tabletID: 10, schemaHash: DrivenBackends.schemaHash, pushType: type,
                                url: "http://127.0.0.1:9/", transactionID: 1, partitionID: 5)), on: driven.backend
                    ).status
                }
                // It names a file to load as well.
                let both = try push(.delete)
                #expect(both.code == .invalidArgument && both.messages.joined().contains("file"))
                let refused = try push(.loadDelete)
                #expect(refused.code == .invalidArgument && refused.messages.joined().contains("LOAD_DELETE"))
            }
        }

        @Test func publishOfAnUnknownTransactionChangesNothing() throws {
            try DrivenBackends.run { driven in
                try driven.create(10)
                let ended = try driven.frontend.run(.publishVersion, driven.publish(404, as: 2), on: driven.backend)
                // Nothing of it is here, and the partition's tablet does not hold the version: not published.
                #expect(!ended.status.isOK && ended.errorTabletIDs == [10])
                #expect(ended.status.messages.joined().contains("404"))
                #expect(try driven.backend.tablet(10)?.tablet.maxVersion == 1)
                // Strict: every tablet of the partition must hold the version, and says that it does not.
                let strict = PublishVersionRequest(
                    transactionID: 404, partitions: [.init(partitionID: 5, version: 2)], strictMode: true)
                let named = try driven.frontend.run(.publishVersion, .publishVersion(strict), on: driven.backend)
                #expect(!named.status.isOK && named.errorTabletIDs == [10])
            }
        }

        /// The version before was lost on its way here: the later one is kept, the gap is named, and filling it heals.
        @Test func publishOverAGapWaitsAndThenKeepsWhatItHas() throws {
            try DrivenBackends.run(settings: ["publish_version_wait_seconds": "1"]) { driven in
                let (frontend, backend) = (driven.frontend, driven.backend)
                try driven.create(10)
                for transaction in [TransactionID(1), 2] {
                    driven.serve("/\(transaction)", rows: "txn \(transaction)\n")
                    let payload = driven.push(10, transaction, path: "/\(transaction)", sizeBytes: 6)
                    #expect(try frontend.run(.push, payload, on: backend).status.isOK)
                }
                #expect(try frontend.run(.publishVersion, driven.publish(2, as: 3), on: backend).status.isOK)
                #expect(try backend.versionGraph(10).missing == [.init(start: 2, end: 2)])
                // Rows up to 3 are not whole here: they are refused, never served in part.
                let refused = #expect(throws: (any Error).self) { try backend.rows(10, version: 3) }
                #expect(refused.map { "\($0)".contains("2") } == true, "\(String(describing: refused))")

                #expect(try frontend.run(.publishVersion, driven.publish(1, as: 2), on: backend).status.isOK)
                #expect(try backend.versionGraph(10).missing == [])
                #expect(try backend.rows(10) == "txn 1\ntxn 2\n")
            }
        }

        @Test func cooldownConfsObeyTheirTermAndAreKept() throws {
            try DrivenBackends.run { driven in
                try driven.create(10)
                let backend = driven.backend
                #expect(try driven.appoint(7, of: 10, term: 5, on: backend).isOK)
                #expect(try driven.appoint(7, of: 10, term: 5, on: backend).isOK)
                let lower = try driven.appoint(8, of: 10, term: 4, on: backend)
                #expect(lower.code == .aborted && lower.messages.joined().contains("5"))
                let rival = try driven.appoint(8, of: 10, term: 5, on: backend)
                #expect(rival.code == .aborted && rival.messages.joined().contains("7"))
                #expect(try driven.appoint(-1, of: 10, term: 9, on: backend).code == .invalidArgument)
                #expect(try driven.appoint(8, of: 10, term: 6, on: backend).isOK)
                try driven.killAndRestart(backend)
                let tablet = try backend.tablet(10)?.tablet
                #expect(tablet?.cooldownReplicaID == 8 && tablet?.cooldownTerm == 6)
                #expect(try driven.appoint(7, of: 10, term: 5, on: backend).code == .aborted)
            }
        }
    }
}
