import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// Real processes under several addresses, on copied data dirs, and on other machines than before.
    @Suite struct BackendIdentityTests {
        private func view(_ cluster: ProcessCluster, _ address: String) throws -> BackendView {
            let all = try cluster.decode([BackendView].self, "backends")
            return try #require(all.first { "\($0.host):\($0.heartbeatPort)" == address })
        }

        // found A4
        @Test func aSecondAddressOfAProcessIsRefusedAndCanTakeThePlaceOfTheFirst() throws {
            try ProcessCluster.run { cluster in
                let first = cluster.backends[0].heartbeatAddress
                let second = "localhost:\(first.port)"
                let refused = try cluster.attempt(["add-backend", second])
                #expect(refused.status != 0 && refused.error.contains("already registered as \(first)"))
                #expect(try cluster.decode([BackendView].self, "backends").count == 1)
                try cluster.createTable("t", buckets: 2, replicas: 1)
                let sum = try cluster.checksum(file: try cluster.loadRows("t", seed: 1))
                let id = try view(cluster, first.description).id
                _ = try cluster.control("move-backend", first.description, second)
                try eventually("it is alive there") { try view(cluster, second).isAlive }
                #expect(try view(cluster, second).id == id)
                _ = try cluster.loadRows("t", seed: 2)
                #expect(try cluster.readChecksum("t", "--version", "2") == sum)
            }
        }

        // found A5
        @Test func aCopyOfDataDirsIsRefusedByNameAndBothAreShown() throws {
            try ProcessCluster.run(frontend: ["tablet_repair_delay_factor_second": "600"]) { cluster in
                try cluster.createTable("t", buckets: 2, replicas: 1)
                let original = cluster.backends[0]
                let address = original.heartbeatAddress.description
                // A machine that was added before its first start.
                let copy = try BackendProcess("copy", in: cluster.folder.path)
                defer { copy.daemon.kill() }
                try copy.start()
                let other = copy.heartbeatAddress.description
                copy.daemon.kill()
                _ = try cluster.control("add-backend", other)
                original.daemon.kill()
                try FileManager.default.removeItem(atPath: copy.storageFolder)
                try FileManager.default.copyItem(atPath: original.storageFolder, toPath: copy.storageFolder)
                try copy.start()
                let refused = try eventually("the copy is refused") {
                    let view = try view(cluster, other)
                    return view.heartbeatError.contains("already registered as \(address)") ? view : nil
                }
                #expect(!refused.isAlive && refused.failingSinceMs > 0)
                let list = try cluster.control("backends")
                #expect(list.contains("a copy of its data dirs") && list.contains("backend \(refused.id)"))
                try original.start()
                try eventually("the original is alive") { try view(cluster, address).isAlive }
                #expect(try !view(cluster, other).isAlive)
                // Nobody is moved to the copy while the original answers.
                let moved = try cluster.attempt(["move-backend", address, other])
                #expect(moved.status != 0 && moved.error.contains("copy"))
                _ = try cluster.loadRows("t", seed: 2)
            }
        }

        // found A5
        @Test func dirsOfTwoBackendsAreRefusedAndBothAreNamed() throws {
            let folder = try TemporaryFolder()
            let uuids = ["0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"]
            let dirs = try ["a", "b"].map { try folder.makeDirectory($0) }
            for (dir, uuid) in zip(dirs, uuids) {
                try uuid.write(toFile: dir + "/backend_uuid", atomically: false, encoding: .utf8)
            }
            let backend = try BackendProcess("be", in: folder.path, storage: dirs.joined(separator: ";"))
            #expect(try backend.daemon.runToEnd() == 1)
            let said = backend.daemon.log(from: 0)
            #expect((dirs + uuids).allSatisfy { said.contains($0) })
        }

        // found C9
        @Test func backendsThatCanNotReachTheFrontendAreShownAsLate() throws {
            // Nobody listens where this FE says that it is.
            let settings = ["advertised_host": "127.0.0.2", "backend_report_timeout_second": "20"]
            try ProcessCluster.run(frontend: settings) { cluster in
                let address = cluster.backends[0].heartbeatAddress.description
                let late = try eventually("REPORT_LATE", within: 60) {
                    let view = try view(cluster, address)
                    return view.reportLateMs > 20_000 ? view : nil
                }
                #expect(late.isAlive && late.heartbeatError.isEmpty)
                #expect(try cluster.control("backends").contains("REPORT_LATE"))
                let refused = try cluster.attempt([
                    "create-table", "t", "--columns", "a", "--buckets", "1", "--replicas", "1", "--distribute-by", "a",
                ])
                #expect(refused.status != 0 && refused.error.contains("tabletctl backends"), "\(refused.error)")
            }
        }

        // found B11
        @Test func whatIsNoAddressIsRefusedWhereItIsGiven() throws {
            try ProcessCluster.run { cluster in
                for text in ["http://be1:9050", "[::1]:9050", "be1:9050-9060", "be 1:9050"] {
                    let refused = try cluster.attempt(["add-backend", text])
                    #expect(refused.status == 2 && refused.error.contains("tabletctl: "), "\(text): \(refused.error)")
                }
            }
        }
    }
}
