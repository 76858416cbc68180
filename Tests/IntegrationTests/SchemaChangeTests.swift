import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// Columns change while rows are loaded and processes are killed; what was loaded is there in the new columns.
    @Suite struct SchemaChangeTests {
        private static func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

        private static func lines(file: String) throws -> [String] {
            lines(try String(contentsOfFile: file, encoding: .utf8))
        }

        /// The first fields of each row, sorted.
        private static func firstFields(_ rows: [String], _ count: Int) -> [String] {
            rows.map { $0.split(separator: ",", omittingEmptySubsequences: false).prefix(count).joined(separator: ",") }
                .sorted()
        }

        @Test func columnsChangeWhileLoadsGoOn() throws {
            try ProcessCluster.run(backends: 3) { cluster in
                try cluster.createTable("t", buckets: 4, replicas: 3)
                let old = try cluster.decode([TabletView].self, "tablets", "t").map(\.id)
                let first = try cluster.makeRows("first.csv", count: 2000)
                _ = try cluster.control("load", "t", "--file", first)
                var loaded = try Self.lines(file: first)

                let alter = try cluster.start("alter-table", "t", "add-column", "extra:INT", "--default", "7")
                for round in 2...6 {
                    // Three fields, in whatever columns the table is: the new column is the last.
                    let file = try cluster.makeRows("rows\(round).csv", count: 200, seed: UInt64(round))
                    #expect(try cluster.decode(LoadView.self, "load", "t", "--file", file).state == .visible)
                    loaded += try Self.lines(file: file)
                }
                let ended = try alter.wait()
                #expect(ended.status == 0, "\(ended.error)")
                #expect(ended.output.contains("add column extra:INT"))
                let table = try cluster.decode(TableView.self, "table", "t")
                #expect(table.columns == ["key", "number", "text", "extra"])
                #expect(table.replicaCount == 12 && table.healthyReplicaCount == 12)
                let rows = Self.lines(try cluster.control("read", "t"))
                #expect(Self.firstFields(rows, 3) == loaded.sorted())
                // Those of before have the default, and no row has anything else.
                #expect(rows.count { $0.hasSuffix(",7") } >= 2000)
                #expect(rows.allSatisfy { $0.hasSuffix(",7") || $0.split(separator: ",").count == 3 })

                _ = try cluster.control("alter-table", "t", "modify-order", "extra,text,key,number")
                _ = try cluster.control("alter-table", "t", "drop-column", "extra")
                _ = try cluster.control("alter-table", "t", "rename-column", "text", "城市")
                #expect(try cluster.decode(TableView.self, "table", "t").columns == ["城市", "key", "number"])
                try "x,k1,1\n".write(toFile: "\(cluster.folder.path)/last.csv", atomically: true, encoding: .utf8)
                _ = try cluster.control("load", "t", "--file", "\(cluster.folder.path)/last.csv")
                let wanted = loaded.map { row in
                    let fields = row.split(separator: ",")
                    return "\(fields[2]),\(fields[0]),\(fields[1])"
                }
                try cluster.frontend.restart()
                try cluster.backends[1].restart()
                try cluster.waitForAliveBackends()
                try eventually("rows in their last columns") {
                    Self.lines(try cluster.control("read", "t")).sorted() == (wanted + ["x,k1,1"]).sorted()
                }
                // The replicas agree, and the old tablets are gone from the backends.
                _ = try cluster.control("check", "--table", "t")
                try eventually("old tablets dropped") {
                    try cluster.backends.allSatisfy { backend in try old.allSatisfy { try backend.tablet($0) == nil } }
                }
                let states = try cluster.decode([AlterView].self, "alters").map(\.state)
                #expect(states == ["FINISHED", "FINISHED", "FINISHED"])
            }
        }

        @Test func killsInTheMiddleLoseNothing() throws {
            try ProcessCluster.run(backends: 3) { cluster in
                try cluster.createTable("t", buckets: 2, replicas: 3)
                let file = try cluster.makeRows("rows.csv", count: 20_000)
                _ = try cluster.control("load", "t", "--file", file)
                var wanted = try Self.lines(file: file)
                for round in 1...4 {
                    let place = cluster.frontend.logLength
                    _ = try cluster.control(
                        "alter-table", "t", "add-column", "c\(round)", "--default", "d\(round)", "--no-wait")
                    try cluster.frontend.waitForLog(
                        round % 2 == 0 ? "schema change goes on" : "columns change", from: place)
                    if round <= 2 {
                        try cluster.frontend.restart()
                    } else {
                        try cluster.backends[round % 3].restart()
                    }
                    try cluster.waitForAliveBackends()
                    try eventually("change \(round) done") {
                        try cluster.decode([AlterView].self, "alters").first?.state == "FINISHED"
                            && cluster.decode(TableView.self, "table", "t").columns.last == "c\(round)"
                    }
                    wanted = wanted.map { $0 + ",d\(round)" }
                    #expect(Self.lines(try cluster.control("read", "t")).sorted() == wanted.sorted(), "round \(round)")
                }
            }
        }

        @Test func whatCanNotBeIsSaid() throws {
            try ProcessCluster.run { cluster in
                try cluster.createTable("t", buckets: 1, replicas: 1)
                for (arguments, status, text) in [
                    (["drop-column", "key"], Int32(2), "chooses the bucket"),
                    (["drop-column", "nowhere"], 4, "no column"),
                    (["add-column", "text"], 1, "already"), (["add-column", "x:BITMAP"], 2, "no type"),
                    (["add-column", "x:INT", "--default", "much"], 2, "no INT"),
                    (["add-column"], 2, "NAME"), (["turn-around"], 2, "no change of columns"),
                    (["drop-column", "text", "--first"], 2, "add-column"), (["--cancel"], 1, "no change"),
                    (["modify-order", "key,text"], 2, "names 2 columns"),
                ] {
                    let ended = try cluster.attempt(["alter-table", "t"] + arguments)
                    #expect(ended.status == status, "\(arguments): \(ended.error)")
                    #expect(ended.error.contains(text), "\(arguments): \(ended.error)")
                }
                #expect(try cluster.decode(TableView.self, "table", "t").columns == ["key", "number", "text"])
                #expect(try cluster.decode([AlterView].self, "alters").isEmpty)
            }
        }
    }
}
