import ClusterTestKit
import SQLSessions
import Synchronization
import TabletModel
import Testing

@testable import SQLExecution

@Suite struct ClusterTests {
    @Test func backendsHaveDorisColumns() throws {
        let cluster = try SQLTestCluster().ready()
        let session = try cluster.session()
        let rows = try session.rows("SHOW BACKENDS")
        #expect(rows.count == 3 && rows.allSatisfy { $0["Alive"] == "true" && $0["HeartbeatPort"] == "9050" })
        #expect(rows[0]["LastStartTime"] == "2023-11-14 22:13:20")
        _ = try session.run("ALTER SYSTEM DECOMMISSION BACKEND '10.0.0.1:9050', \"10.0.0.2:9050\"")
        #expect(try session.rows("SHOW BACKENDS").map { $0["SystemDecommissioned"] } == ["true", "true", "false"])
        _ = try session.run("CANCEL DECOMMISSION BACKEND '10.0.0.1:9050'")
        let error = try session.error("ALTER SYSTEM DROP BACKEND '10.0.0.1:9050', '10.9.9.9:1'")
        #expect(error.message.contains("10.9.9.9:1") && error.message.contains("done for 10.0.0.1:9050"))
        #expect(try session.rows("SHOW BACKENDS").count == 2)
        #expect(try session.error("ALTER SYSTEM ADD BACKEND 'nonsense'").number == 1210)
        #expect(try session.columns("SHOW FRONTENDS").first == "Name")
    }

    @Test func clusterMembershipGoesToItsKeeper() throws {
        let cluster = try SQLTestCluster().ready()
        let session = try cluster.session()
        _ = try session.run("ALTER CLUSTER c ADD BACKENDS '10.0.0.1:9050' TO SHARD 3")
        _ = try session.run("ALTER CLUSTER c DROP BACKENDS '10.0.0.1:9050'")
        #expect(cluster.shards.calls.withLock { $0 } == ["add [\"10.0.0.1:9050\"] 3 c", "drop [\"10.0.0.1:9050\"] c"])
        #expect(try session.rows("SHOW CLUSTERS").isEmpty)
    }

    /// From the root of the tree every node can be reached by what its parent lists.
    @Test func procTreeIsWalked() throws {
        let cluster = try SQLTestCluster().ready()
        let session = try cluster.session()
        _ = try session.run(
            "CREATE TABLE t (k INT) DISTRIBUTED BY HASH(k) BUCKETS 2 PROPERTIES ('replication_num' = '2')")
        let tree = ProcTree(control: cluster.master, shards: cluster.shards)
        var seen: [String] = []
        func walk(_ path: String) throws {
            let table = try tree.table(at: path.isEmpty ? "/" : path)
            seen.append(path)
            #expect(table.rows.allSatisfy { $0.count == table.columns.count }, "\(path)")
            for row in table.rows.prefix(4) where path.split(separator: "/").count < 8 {
                guard let name = row.first ?? nil else { continue }
                do { try walk(path + "/" + name) } catch is SQLError {}
            }
        }
        try walk("")
        let depths = Set(seen.map { $0.split(separator: "/").count })
        #expect(depths.contains(7), "\(seen)")
        for path in ["/statistic", "/cluster_health/tablet_health", "/cluster_balance/history_tablets", "/frontends"] {
            #expect(seen.contains(path) || (try? tree.table(at: path)) != nil, "\(path)")
        }
        for path in ["", "backends", "/nothing", "/backends/1/2", "/dbs/x", "/dbs/../..", "/frontends/x"] {
            #expect(throws: SQLError.self) { try tree.table(at: path) }
        }
        #expect(try session.rows("SHOW PROC '/statistic'").last?["TabletNum"] == "2")
        #expect(try session.rows("SHOW PROC '/jobs'").count == 1)
    }

    @Test func administration() throws {
        let cluster = try SQLTestCluster().ready()
        let session = try cluster.session()
        _ = try session.run(
            "CREATE TABLE t (k INT) DISTRIBUTED BY HASH(k) BUCKETS 2 PROPERTIES ('replication_num' = '2')")
        #expect(try session.rows("ADMIN SHOW REPLICA STATUS FROM t").count == 4)
        #expect(try session.rows("ADMIN SHOW REPLICA STATUS FROM t WHERE STATUS != 'OK'").isEmpty)
        let replica = try #require(try session.rows("ADMIN SHOW REPLICA STATUS FROM t").first)
        let (tablet, backend) = (try #require(replica["TabletId"]), try #require(replica["BackendId"]))
        let properties = "'tablet_id' = '\(tablet)', 'backend_id' = '\(backend)', 'status' ="
        _ = try session.run("ADMIN SET REPLICA STATUS PROPERTIES (\(properties) 'bad')")
        #expect(
            try session.rows("ADMIN SHOW REPLICA STATUS FROM t WHERE STATUS = 'BAD'").map { $0["TabletId"] } == [tablet]
        )
        _ = try session.run("ADMIN SET REPLICA STATUS PROPERTIES (\(properties) 'ok')")
        #expect(try session.rows("ADMIN SHOW REPLICA STATUS FROM t WHERE STATUS = 'BAD'").isEmpty)
        #expect(try session.rows("SHOW TABLET \(tablet)").first?["TableName"] == "t")
        #expect(try session.error("SHOW TABLET 1").number == 1105)
        #expect(try session.rows("ADMIN SHOW REPLICA DISTRIBUTION FROM t").count == 3)
        _ = try session.run("ADMIN REPAIR TABLE t")
        _ = try session.run("ADMIN CANCEL REPAIR TABLE t")
        _ = try session.run("ADMIN CLEAN TRASH ON ('10.0.0.2:9050')")
        try cluster.scheduler.runUntilIdle()
        #expect(cluster.backends.map { $0.taken(.cleanTrash).count } == [0, 1, 0])
        #expect(try session.error("ADMIN CLEAN TRASH ON ('10.0.0.9:9050')").number == 1105)
        _ = try session.run("ADMIN CHECK TABLET (\(tablet)) PROPERTIES ('type' = 'consistency')")
        #expect(try session.error("ADMIN CHECK TABLET (\(tablet))").number == 1210)
    }

    @Test func configuration() throws {
        let cluster = try SQLTestCluster().ready()
        let session = try cluster.session()
        #expect(try session.rows("ADMIN SHOW FRONTEND CONFIG LIKE '%port'").map { $0["Key"] } == ["query_port"])
        _ = try session.run("ADMIN SET FRONTEND CONFIG ('disable_balance' = 'true') PERSIST")
        #expect(cluster.settings.changes.withLock { $0 } == ["disable_balance=true true"])
    }

    @Test func storage() throws {
        let cluster = try SQLTestCluster().ready()
        let session = try cluster.session()
        _ = try session.run(
            """
            CREATE RESOURCE "cold" PROPERTIES ("type" = "s3", "AWS_ENDPOINT" = "http://127.0.0.1:1", "AWS_REGION" = "r",
                "AWS_BUCKET" = "b", "AWS_ROOT_PATH" = "p", "AWS_ACCESS_KEY" = "ak", "AWS_SECRET_KEY" = "hush",
                "AWS_MAX_CONNECTIONS" = "70", "s3_validity_check" = "false")
            """)
        let rows = try session.rows("SHOW RESOURCES WHERE NAME = 'cold'")
        let items = Dictionary(uniqueKeysWithValues: rows.map { ($0["Item"]!, $0["Value"]!) })
        #expect(
            items["AWS_SECRET_KEY"] == "******" && items["AWS_MAX_CONNECTIONS"] == "70" && items["AWS_BUCKET"] == "b")
        #expect(!rows.contains { $0.values.contains("hush") })
        _ = try session.run("ALTER RESOURCE cold PROPERTIES ('s3.region' = 'q', 's3_validity_check' = 'false')")
        _ = try session.run("CREATE STORAGE POLICY p PROPERTIES ('storage_resource' = 'cold', 'cooldown_ttl' = '1d')")
        _ = try session.run("ALTER STORAGE POLICY p PROPERTIES ('cooldown_datetime' = '2024-06-08 12:00:00')")
        #expect(
            try session.rows("SHOW STORAGE POLICY").map { [$0["CooldownTtl"], $0["CooldownDatetime"]] }
                == [["-1", "2024-06-08 12:00:00"]])
        _ = try session.run(
            "CREATE TABLE t (k INT) DISTRIBUTED BY HASH(k) BUCKETS 1 PROPERTIES ('replication_num' = '1', 'storage_policy' = 'p')"
        )
        #expect(try session.rows("SHOW STORAGE POLICY USING FOR p").map { $0["Table"] } == ["t"])
        #expect(try session.rows("SHOW COOLDOWN").map { $0["StoragePolicy"] } == ["p"])
        #expect(try session.error("DROP STORAGE POLICY p").message.contains("db.t"))
        _ = try session.run("ALTER TABLE t SET ('storage_policy' = '')")
        _ = try session.run("DROP STORAGE POLICY p")
        _ = try session.run("DROP STORAGE POLICY IF EXISTS p")
        for (text, number) in [
            ("CREATE RESOURCE r PROPERTIES ('type' = 'hdfs')", 1235),
            ("CREATE RESOURCE r PROPERTIES ('type' = 's3')", 1210),
            ("ALTER RESOURCE cold PROPERTIES ('s3.bucket' = 'x')", 1235),
            ("CREATE STORAGE POLICY q PROPERTIES ('storage_resource' = 'cold', 'cooldown_ttl' = 'soon')", 1210),
            (
                "CREATE STORAGE POLICY q PROPERTIES ('storage_resource' = 'cold', 'cooldown_datetime' = '2024-02-30')",
                1210
            ),
            ("SHOW STORAGE POLICY USING FOR none", 1105), ("BACKUP SNAPSHOT l TO cold ON (t, u)", 1235),
            ("CANCEL BACKUP", 1105),
        ] as [(String, UInt16)] {
            #expect(try session.error(text).number == number, "\(text)")
        }
        #expect(try session.rows("SHOW BACKUP").isEmpty && session.rows("SHOW RESTORE").isEmpty)
    }
}
