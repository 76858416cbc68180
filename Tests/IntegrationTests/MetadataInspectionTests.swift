import Foundation
import HTTPAPI
import Platform
import RocksDBStore
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// `tabletctl meta` on the folder of a real FE, running and not.
    @Suite struct MetadataInspectionTests {
        private func json<Value: Decodable>(
            _ type: Value.Type, _ cluster: ProcessCluster, _ arguments: [String]
        ) throws -> Value {
            let result = try cluster.attempt(["meta"] + arguments + ["--json"])
            guard result.status == 0 else { throw FixtureError(result.error) }
            return try JSONDecoder().decode(type, from: Data(result.output.utf8))
        }

        private func metaDir(_ cluster: ProcessCluster) -> String { cluster.folder.path + "/fe/meta" }

        /// A table with rows, an image, and some entries behind it.
        private func fill(_ cluster: ProcessCluster) throws {
            try cluster.createTable("t", buckets: 3, replicas: 1)
            let file = try cluster.makeRows("rows.csv", count: 100)
            _ = try cluster.control("load", "t", "--file", file, "--label", "one")
            let written = try cluster.decode(CheckpointView.self, "meta", "checkpoint")
            #expect(written.imageBytes > 100 && written.durationMs >= 0 && written.logID > 0)
            _ = try cluster.control("load", "t", "--file", file, "--label", "two")
        }

        @Test func everyCommandTellsTheSameOfAFolderAndARunningFE() throws {
            try ProcessCluster.run { cluster in
                try fill(cluster)
                let folder = metaDir(cluster)
                let online = try json(MetadataInfoView.self, cluster, ["info"])
                #expect(online.images.count >= 1 && online.lastLogID > online.images[0].logID)
                let weights = try json(MetadataStatsView.self, cluster, ["stats"])
                #expect(weights.objects.first { $0.kind == "tablets" }?.count == 3)

                // Held: it says by whom, and how to go on.
                let told = try cluster.control("meta", "log", "--from", "1")
                #expect(told.contains("op 10 (create table)") && told.contains("(two) of table"))
                for command in [["info"], ["verify"], ["log"], ["dump"], ["skip", "3", "--yes-i-lose-it"]] {
                    let held = try cluster.attempt(["meta"] + command + ["--meta-dir", folder])
                    #expect(
                        held.status == 1 && held.error.contains("process \(cluster.frontend.pid) holds it"),
                        "\(command)")
                    #expect(held.error.contains(folder) && held.error.contains("copy"))
                }

                #expect(try cluster.frontend.stop() == 0)
                var offline = try json(MetadataInfoView.self, cluster, ["info", "--meta-dir", folder])
                #expect(offline.lastLogID >= online.lastLogID)
                offline.lastLogID = online.lastLogID
                #expect(offline.clusterID == online.clusterID && offline.lives == online.lives)

                let verdict = try json(MetadataVerdictView.self, cluster, ["verify", "--meta-dir", folder])
                #expect(verdict.isWell && verdict.tablets == 3 && verdict.entries > 5)
                let log = try cluster.control("meta", "log", "--meta-dir", folder)
                #expect(log.contains("op 10 (create table)") && log.contains("(two) of table"))
                let dump = try cluster.control("meta", "dump", "--replayed", "--meta-dir", folder).split(
                    separator: "\n")
                #expect(dump.filter { $0.hasPrefix("{\"kind\":\"tablet\"") }.count == 3)
                for line in dump { _ = try JSONSerialization.jsonObject(with: Data(line.utf8)) }
                let same = try cluster.attempt(["meta", "diff", folder, folder + "/."])
                // One folder is held once.
                #expect(same.status == 1)

                let copy = cluster.folder.path + "/copy"
                try FileManager.default.copyItem(atPath: folder, toPath: copy)
                #expect(try cluster.attempt(["meta", "diff", folder, copy]).status == 0)
                let image = "\(copy)/image/image.\(online.images[0].logID)"
                let differs = try cluster.attempt(["meta", "diff", image, folder])
                #expect(differs.status == 6 && differs.output.contains("+ transaction"))
            }
        }

        /// A record of the journal is damaged in the middle: the FE says which one, and how to go on, and that works.
        @Test func aCorruptRecordIsNamedSkippedAndTheFEStartsAgain() throws {
            try ProcessCluster.run { cluster in
                try fill(cluster)
                let folder = metaDir(cluster)
                #expect(try cluster.frontend.stop() == 0)
                let last = try json(MetadataInfoView.self, cluster, ["info", "--meta-dir", folder]).lastLogID
                let victim = last - 1
                try damage(entry: victim, in: folder)
                #expect(try cluster.frontend.runToEnd() == 1)
                let said = cluster.frontend.log(from: 0)
                #expect(said.contains("edit log entry \(victim) is corrupt"))
                #expect(said.contains("tabletctl meta skip \(victim)"))

                let bad = try cluster.attempt(["meta", "verify", "--meta-dir", folder])
                #expect(bad.status == 6 && bad.output.contains("journal entry \(victim): "))
                let words = try cluster.attempt(["meta", "log", "--meta-dir", folder, "--from", "\(victim)"])
                #expect(
                    words.status == 6 && words.output.contains("\(victim)  op ")
                        && words.output.contains("CAN'T BE READ"))
                #expect(try cluster.attempt(["meta", "skip", "\(victim)", "--meta-dir", folder]).status == 2)
                let skipped = try cluster.control(
                    "meta", "skip", "\(victim)", "--yes-i-lose-it", "--meta-dir", folder)
                #expect(skipped.contains("entry \(victim) is given up") && skipped.contains("/aside."))
                #expect(try cluster.attempt(["meta", "verify", "--meta-dir", folder]).status == 0)
                try cluster.frontend.start()
                try cluster.waitForAliveBackends()
                #expect(try cluster.decode(TableView.self, "table", "t").state == "normal")

                // Everything behind can be given up, too; the copy is the journal as it was.
                #expect(try cluster.frontend.stop() == 0)
                let cut = try cluster.control(
                    "meta", "truncate-after", "\(victim - 1)", "--yes-i-lose-what-follows", "--meta-dir", folder)
                #expect(cut.contains("are given up"))
                #expect(
                    try json(MetadataInfoView.self, cluster, ["info", "--meta-dir", folder]).lastLogID == victim - 1)
                #expect(try cluster.attempt(["meta", "verify", "--meta-dir", folder]).status == 0)
                let asides = try FileManager.default.contentsOfDirectory(atPath: folder)
                    .filter { $0.hasPrefix("aside.") }.sorted()
                #expect(asides.count == 2)
                let store = try RocksDBStoreOpener().open("\(folder)/\(asides[0])/journal")
                defer { store.close() }
                #expect(try store.get(key(victim)) != nil)
                #expect(try store.get(key(last)) != nil)
            }
        }

        private func key(_ logID: Int64) -> [UInt8] {
            Array("log/".utf8) + withUnsafeBytes(of: logID.bigEndian) { Array($0) }
        }

        private func damage(entry logID: Int64, in folder: String) throws {
            let store = try RocksDBStoreOpener().open(folder + "/journal")
            defer { store.close() }
            var record = try #require(try store.get(key(logID)))
            record[record.count - 1] ^= 1
            var batch = WriteBatch()
            batch.put(key(logID), record)
            try store.write(batch, sync: true)
        }

        @Test func aSecondFEOnOneFolderIsRefusedAndTheFirstGoesOn() throws {
            try ProcessCluster.run { cluster in
                let second = try DaemonProcess(
                    "second", program: "tabletd-fe", in: cluster.folder.path,
                    settings: [
                        "meta_dir": metaDir(cluster), "load_spool_dir": "\(cluster.folder.path)/second/spool",
                        "http_port": "0", "rpc_port": "0", "advertised_host": "127.0.0.1", "bind_host": "127.0.0.1",
                    ])
                #expect(try second.runToEnd() == 1)
                let said = second.log(from: 0)
                #expect(said.contains(metaDir(cluster)) && said.contains("process \(cluster.frontend.pid) holds it"))
                try cluster.createTable("t", buckets: 1, replicas: 1)
                // And a killed one holds nothing.
                cluster.frontend.kill()
                try cluster.frontend.start()
            }
        }
    }
}
