import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// The SQL port of real FEs, asked by the client that people have.
    @Suite struct SQLPortTests {
        private let mariadb: URL

        init() throws { mariadb = try ServerBinary.find("mariadb", variable: "TABLETD_MARIADB") }

        /// Rows of tabs and newlines.
        private func sql(
            _ port: Int32, _ text: String, user: String = "root", password: String = "", in folder: String
        ) throws -> (status: Int32, output: String, error: String) {
            let ended = try Command(
                mariadb,
                ["-h127.0.0.1", "-P\(port)", "-u\(user)", "--skip-ssl", "-N", "-B", "-e", text],
                environment: ["MYSQL_PWD": password], in: folder
            ).wait(within: 60)
            return (ended.status, ended.output, ended.error)
        }

        @Test func tablesUsersAndRowsByStatements() throws {
            try ProcessCluster.run(backends: 2) { cluster in
                let port = cluster.frontend.port("query_port")
                let folder = cluster.folder.path
                func run(_ text: String) throws -> String {
                    let ended = try sql(port, text, in: folder)
                    guard ended.status == 0 else { throw FixtureError("\(text): \(ended.error)") }
                    return ended.output
                }
                _ = try run(
                    """
                    CREATE DATABASE d;
                    CREATE TABLE d.t (k INT, v VARCHAR(20)) DISTRIBUTED BY HASH(k) BUCKETS 3
                        PROPERTIES ("replication_num" = "2");
                    """)
                let lines = (1...500).map { "\($0),value \($0 % 7)" } + ["501,"]
                let file = cluster.folder.path + "/rows.csv"
                try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: file))
                _ = try cluster.control("load", "d.t", "--file", file, "--label", "first")
                #expect(try run("SELECT COUNT(*) FROM d.t") == "501\n")
                let wanted = lines.map { $0.hasSuffix(",") ? "501\tNULL" : $0.replacing(",", with: "\t") }.sorted()
                #expect(try run("SELECT * FROM d.t").split(separator: "\n").map(String.init).sorted() == wanted)
                #expect(try run("SELECT v FROM d.t WHERE k = 8") == "value 1\n")
                #expect(try run("SELECT COUNT(*) FROM d.t WHERE v = 'value 3' AND k > 400") == "15\n")
                #expect(try run("SELECT k FROM d.t LIMIT 7").split(separator: "\n").count == 7)
                _ = try run("DELETE FROM d.t WHERE k <= 500")
                #expect(try run("SELECT * FROM d.t") == "501\tNULL\n")
                #expect(try run("SHOW BACKENDS").split(separator: "\n").count == 2)

                // Members of shards, and a table that is spread over them.
                let backends = cluster.backends.map { "127.0.0.1:\($0.daemon.port("heartbeat_service_port"))" }
                _ = try run("ALTER CLUSTER c ADD BACKENDS '\(backends[0])' TO SHARD 1")
                let second = try sql(port, "ALTER CLUSTER c ADD BACKENDS '\(backends[0])' TO SHARD 2", in: folder)
                #expect(second.status != 0 && second.error.contains("shard 1 of cluster c"), "\(second.error)")
                let few = try sql(
                    port,
                    """
                    CREATE TABLE d.c (k INT) DISTRIBUTED BY HASH(k) BUCKETS 1
                        PROPERTIES ("replication_num" = "2", "cluster" = "c")
                    """, in: folder)
                #expect(few.status != 0 && few.error.contains("shard"), "\(few.error)")
                _ = try run("ALTER CLUSTER c ADD BACKENDS '\(backends[1])' TO SHARD 2")
                _ = try run(
                    """
                    CREATE TABLE d.c (k INT) DISTRIBUTED BY HASH(k) BUCKETS 4
                        PROPERTIES ("replication_num" = "2", "cluster" = "c")
                    """)
                try cluster.frontend.restart()
                try cluster.waitForAliveBackends()
                let after = cluster.frontend.port("query_port")
                let shown = try sql(after, "SHOW CLUSTERS", in: folder)
                #expect(shown.output.contains("c"), "\(shown.output) \(shown.error)")

                // Who may.
                func ran(_ text: String, _ user: String = "root", _ password: String = "") throws -> Bool {
                    try sql(after, text, user: user, password: password, in: folder).status == 0
                }
                #expect(
                    try ran(
                        """
                        CREATE USER reader IDENTIFIED BY 'r e a d'; GRANT READ ON d.* TO reader;
                        SET PASSWORD FOR root = PASSWORD('of root');
                        """))
                #expect(try !ran("SELECT 1"))
                #expect(try ran("SELECT 1", "root", "of root"))
                #expect(try !ran("SELECT 1", "root", "wrong"))
                #expect(try ran("SELECT COUNT(*) FROM d.t", "reader", "r e a d"))
                for text in ["DROP TABLE d.t", "SHOW BACKENDS", "DELETE FROM d.t WHERE k = 1", "CREATE USER x"] {
                    #expect(try !ran(text, "reader", "r e a d"), "\(text)")
                }
                let log = cluster.frontend.log(from: 0)
                #expect(!log.contains("r e a d") && !log.contains("of root"))
            }
        }

        /// A write sent to an FE that follows goes to the master, and that session sees its own write.
        @Test func anFEThatFollowsPassesStatementsOn() throws {
            try ReplicatedCluster.run(backends: 1) { cluster in
                let master = try cluster.master()
                let follower = try #require(cluster.frontends.first { $0 !== master })
                for round in 0..<5 {
                    let ended = try sql(
                        follower.port("query_port"),
                        "CREATE DATABASE d\(round); USE d\(round); SHOW DATABASES LIKE 'd\(round)'",
                        in: cluster.folder.path)
                    #expect(ended.status == 0 && ended.output == "d\(round)\n", "\(ended)")
                }
                let refused = try sql(follower.port("query_port"), "DROP DATABASE nowhere", in: cluster.folder.path)
                #expect(refused.status != 0 && refused.error.contains("nowhere"), "\(refused.error)")
                #expect(try cluster.databases(at: follower).isSuperset(of: ["d0", "d4"]))
            }
        }
    }
}
