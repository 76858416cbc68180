import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// Rows that go by condition, in clusters of real processes.
    @Suite struct DeleteTests {
        /// Rows of the files that stay, as a file.
        private func kept(
            _ cluster: ProcessCluster, _ files: [String], _ stays: ([Substring]) -> Bool
        ) throws -> ProcessCluster.Summary {
            let lines = try files.flatMap { file in
                try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").filter { line in
                    stays(line.split(separator: ",", omittingEmptySubsequences: false))
                }
            }
            let path = "\(cluster.folder.path)/kept-\(UUID().uuidString).csv"
            try lines.map { $0 + "\n" }.joined().write(toFile: path, atomically: false, encoding: .utf8)
            return try cluster.checksum(file: path)
        }

        private func createTable(_ cluster: ProcessCluster, replicas: Int) throws {
            _ = try cluster.control(
                "create-table", "t", "--columns", "key,number:INT,text", "--buckets", "2", "--replicas", "\(replicas)",
                "--distribute-by", "key")
        }

        @Test func deletedRowsStayGoneThroughRestartsCopiesAndTheObjectStore() throws {
            let server = try RcloneS3Server()
            defer { server.stop() }
            try ProcessCluster.runQuickToRepair(backends: 3) { cluster in
                try createTable(cluster, replicas: 2)
                let first = try cluster.makeRows("first.csv", count: 3000)
                _ = try cluster.control("load", "t", "--file", first)
                let where1 = "number < 1000 AND key != 'k7'"
                let deleted = try cluster.decode(LoadView.self, "delete", "t", "--where", where1, "--label", "d1")
                #expect(deleted.state == .visible && deleted.version == 3)
                #expect(deleted.deleteCondition == "number < '1000' AND key != 'k7'")
                var wanted = try kept(cluster, [first]) { Int($0[1])! >= 1000 || $0[0] == "k7" }
                #expect(try cluster.readChecksum("t") == wanted && wanted.rows == 2001)
                #expect(try cluster.control("loads").contains("deletes number < '1000'"))
                let again = try cluster.attempt(["delete", "t", "--where", where1, "--label", "d1"])
                #expect(again.status == 1 && again.error.contains("label d1"))

                // The same rows once more: they came after the delete.
                _ = try cluster.control("load", "t", "--file", first, "--label", "again")
                let values = (1..<10_001).map { "'k\($0)'" }.joined(separator: ",\n")
                let file = "\(cluster.folder.path)/where.txt"
                try "key IN (\(values))\n".write(toFile: file, atomically: false, encoding: .utf8)
                _ = try cluster.control("delete", "t", "--where-file", file)
                wanted = try kept(cluster, [first]) { $0[0] == "k0" }
                #expect(try cluster.readChecksum("t") == wanted)
                let more = try cluster.makeRows("more.csv", count: 500, seed: 5)
                _ = try cluster.control("load", "t", "--file", more)
                wanted = try summary(cluster, first, more)
                #expect(try cluster.readChecksum("t") == wanted)

                for backend in cluster.backends { backend.daemon.kill() }
                for backend in cluster.backends { try backend.start() }
                try cluster.waitForAliveBackends()
                try cluster.waitUntilHealthy("t")
                #expect(try cluster.readChecksum("t") == wanted)
                _ = try cluster.control("check", "--table", "t")

                // Its replicas are copied to the third backend.
                let leaving = try #require(
                    try cluster.decode([TabletView].self, "tablets", "t").first?.replicas.first?.backendID)
                let address = try #require(
                    try cluster.decode([BackendView].self, "backends").first { $0.id == leaving })
                _ = try cluster.control("decommission", "\(address.host):\(address.heartbeatPort)")
                try eventually("its replicas are elsewhere") {
                    try !cluster.decode([BackendView].self, "backends").contains { $0.id == leaving }
                }
                #expect(try cluster.readChecksum("t") == wanted)
                _ = try cluster.control("check", "--table", "t")

                try cluster.createPolicy("cold", on: server)
                _ = try cluster.control("attach-policy", "t", "cold")
                try cluster.waitUntilCold("t")
                #expect(try cluster.readChecksum("t") == wanted)
                #expect(try cluster.readChecksum("t", "--followers") == wanted)
                // A delete of cold rows, and its own way to the followers.
                _ = try cluster.control("delete", "t", "--where", "key = 'k0'")
                wanted = try kept(cluster, [more]) { $0[0] != "k0" }
                #expect(try cluster.readChecksum("t") == wanted)
                try cluster.waitUntilCold("t")
                #expect(try cluster.readChecksum("t", "--followers") == wanted)
                _ = try cluster.control("check", "--table", "t")
            }
        }

        /// `k0` of the first file and all of the second.
        private func summary(
            _ cluster: ProcessCluster, _ first: String, _ second: String
        ) throws -> ProcessCluster.Summary {
            let old = try String(contentsOfFile: first, encoding: .utf8).split(separator: "\n")
                .filter { $0.hasPrefix("k0,") }
            let new = try String(contentsOfFile: second, encoding: .utf8)
            let path = "\(cluster.folder.path)/both.csv"
            try (old.map { $0 + "\n" }.joined() + new).write(toFile: path, atomically: false, encoding: .utf8)
            return try cluster.checksum(file: path)
        }

        @Test func whatIsNotUnderstoodIsToldAndChangesNothing() throws {
            try ProcessCluster.run { cluster in
                try createTable(cluster, replicas: 1)
                let file = try cluster.makeRows("rows.csv", count: 100)
                _ = try cluster.control("load", "t", "--file", file)
                func refused(_ condition: String, _ wanted: String) throws {
                    let ended = try cluster.attempt(["delete", "t", "--where", condition])
                    #expect(ended.status == 2 && ended.error.contains(wanted), "\(condition): \(ended.error)")
                }
                try refused("number < 'many'", "column number: 'many' is no INT")
                try refused("number << 3", "at character 8, \"<< 3\"")
                try refused("nummer = 3", "the columns are key, number, text")
                try refused("text = 'unfinished", "at character 8")
                #expect(try cluster.attempt(["delete", "t"]).status == 2)
                #expect(try cluster.attempt(["delete", "nowhere", "--where", "a = 1"]).status == 4)
                #expect(try cluster.readChecksum("t") == cluster.checksum(file: file))
                #expect(try cluster.decode([LoadView].self, "loads").count == 1)
            }
        }

        /// Over the wire, as an FE of either year sends it.
        @Test func aBackendKeepsADeleteThroughAKillAndSaysWhatItCanNotDo() throws {
            try DrivenBackends.run { driven in
                let (frontend, backend) = (driven.frontend, driven.backend)
                let columns = ["key", "n"].map { name in
                    TabletSchema.Column(
                        name: name, type: name == "n" ? .int : .varchar, isKey: name == "key", isNullable: true,
                        uniqueID: name == "n" ? 1 : 0)
                }
                for (tablet, delimiter) in [(10, UInt8(ascii: ",")), (11, nil)] as [(TabletID, UInt8?)] {
                    let schema = TabletSchema(
                        schemaHash: DrivenBackends.schemaHash, columns: columns, delimiter: delimiter)
                    let request = CreateTabletRequest(
                        tabletID: tablet, schema: schema, tableID: 1, partitionID: 5, replicaID: 1)
                    #expect(try frontend.run(.create, .create(request), on: backend).status.isOK)
                }
                try driven.load("a,1\nb,2\nc,x\nd,\n", into: 10, 1, as: 2)
                func delete(
                    _ tablet: TabletID, _ transaction: TransactionID?, _ conditions: [DeleteCondition],
                    _ type: TaskType = .realtimePush
                ) throws -> FinishTaskRequest {
                    let request = PushRequest(
                        tabletID: tablet, schemaHash: DrivenBackends.schemaHash, version: 7, pushType: .delete,
                        transactionID: transaction, partitionID: 5, deleteConditions: conditions)
                    return try frontend.run(type, .push(request), on: backend)
                }
                let condition = DeleteCondition(column: "n", operation: ">=", values: ["2"], columnUniqueID: 1)
                let taken = try delete(10, 2, [condition])
                #expect(taken.status.isOK && taken.requestVersion == 7 && taken.tablets?.map(\.tabletID) == [10])
                try driven.killAndRestart(backend)
                #expect(try backend.rows(10) == "a,1\nb,2\nc,x\nd,\n")
                #expect(try frontend.run(.publishVersion, driven.publish(2, as: 3), on: backend).status.isOK)
                try driven.killAndRestart(backend)
                #expect(try backend.rows(10) == "a,1\nc,x\nd,\n")
                #expect(try backend.rows(10, version: 2) == "a,1\nb,2\nc,x\nd,\n")

                func refused(_ ended: FinishTaskRequest, _ wanted: String) {
                    #expect(ended.status.code == .invalidArgument && ended.requestVersion == 7)
                    #expect(ended.status.messages.joined().contains(wanted), "\(ended.status)")
                }
                refused(try delete(11, 3, [condition]), "where the fields of its rows end")
                refused(try delete(10, nil, [condition], .push), "names no transaction, only version 7")
                refused(try delete(10, 3, []), "no condition")
                refused(
                    try delete(10, 3, [DeleteCondition(column: "n", operation: "=", values: ["zwei"])]),
                    "'zwei' is no INT")
                refused(
                    try delete(
                        10, 3, [DeleteCondition(column: "n", operation: "*=", values: (0...10_000).map(String.init))]),
                    "at most 10000")
                #expect(try delete(12, 3, [condition]).status.code == .notFound)
            }
        }

        /// The FE dies at any moment of a delete; under its label it is carried out once.
        @Test func aDeleteGoesOnAfterTheFrontendWasKilled() throws {
            try ProcessCluster.run(backends: 2) { cluster in
                try createTable(cluster, replicas: 2)
                let file = try cluster.makeRows("rows.csv", count: 2000)
                _ = try cluster.control("load", "t", "--file", file)
                for round in 0..<3 {
                    let condition = "number < \(100 * (round + 1))"
                    let running = try cluster.start("delete", "t", "--where", condition, "--label", "d\(round)")
                    Thread.sleep(forTimeInterval: [0.02, 0.06, 0.12][round])
                    cluster.frontend.kill()
                    _ = try running.wait()
                    try cluster.frontend.start()
                    try cluster.waitForAliveBackends()
                    try eventually("delete \(round)") {
                        let ended = try cluster.attempt(["delete", "t", "--where", condition, "--label", "d\(round)"])
                        return ended.status == 0 || ended.error.contains("label d\(round) belongs")
                    }
                    let wanted = try kept(cluster, [file]) { Int($0[1])! >= 100 * (round + 1) }
                    try eventually("the rows are gone") { try cluster.readChecksum("t") == wanted }
                }
            }
        }
    }
}
