import HTTPAPI
import MasterCore
import SQLSessions
import Synchronization
import TabletModel
import Testing

@testable import SQLExecution

@Suite struct CatalogTests {
    private static let create = """
        CREATE TABLE t (k BIGINT NOT NULL, day DATE, price DECIMAL(9, 2) DEFAULT '0', note VARCHAR(20))
        DUPLICATE KEY (k, day) DISTRIBUTED BY HASH (day) BUCKETS 4
        PROPERTIES ("replication_num" = "2", "delimiter" = "|", "in_memory" = "false")
        """

    private func made() throws -> (SQLTestCluster, any SQLSession) {
        let cluster = try SQLTestCluster().ready()
        let session = try cluster.session()
        _ = try session.run(Self.create)
        return (cluster, session)
    }

    @Test func aTableIsThereWhenTheStatementEnds() throws {
        let (cluster, session) = try made()
        let table = try cluster.master.table(TableName(database: "db", table: "t"))
        #expect(table.state == "normal" && table.buckets == 4 && table.replicationNum == 2 && table.delimiter == "|")
        #expect(table.columns == ["k", "day", "price", "note"] && table.distributionColumn == 1)
        #expect(table.columnTypes == ["BIGINT", "DATE", "DECIMALV2", "VARCHAR"])
        // What was not kept is told.
        #expect(try session.error(Self.create).message.contains("exists"))
        let again = Self.create.replacing("CREATE TABLE", with: "CREATE TABLE IF NOT EXISTS")
        guard case .done(_, let warnings, _) = try session.run(again) else { return }
        #expect(warnings == 1)
        #expect(try session.rows("SHOW TABLES") == [["Tables_in_db": "t"]])
        #expect(
            try session.rows("DESC t").map { $0["Type"] } == ["BIGINT", "DATE", "DECIMAL(27, 9)", "VARCHAR(65533)"])
        #expect(try session.rows("SHOW COLUMNS FROM t LIKE 'p%'").map { $0["Field"] } == ["price"])
        #expect(try session.rows("SHOW TABLETS FROM t").count == 8)
        #expect(try session.rows("SHOW TABLETS FROM t LIMIT 3").count == 3)
        #expect(
            try session.rows("SHOW TABLETS FROM t LIMIT 2 OFFSET 5").map { $0["ReplicaId"] }
                == Array(session.rows("SHOW TABLETS FROM t").map { $0["ReplicaId"] }[5..<7]))
        #expect(try session.rows("SHOW TABLETS FROM t LIMIT 9 OFFSET 8").isEmpty)
        #expect(try session.rows("SHOW DATA").last?["TableName"] == "Total")
        #expect(try session.rows("SHOW PARTITIONS FROM t").first?["Buckets"] == "4")
        #expect(try session.rows("SHOW TABLE STATUS").first?["Name"] == "t")
    }

    /// What SHOW CREATE TABLE shows makes the same table.
    @Test func showCreateTableCanBeRun() throws {
        let (cluster, session) = try made()
        let text = try #require(try session.rows("SHOW CREATE TABLE t").first?["Create Table"])
        _ = try session.run("DROP TABLE t")
        _ = try session.run(text)
        let table = try cluster.master.table(TableName(database: "db", table: "t"))
        #expect(table.buckets == 4 && table.columnTypes == ["BIGINT", "DATE", "DECIMALV2", "VARCHAR"])
        #expect(table.distributionColumn == 1 && table.delimiter == "|" && table.replicationNum == 2)
    }

    @Test func truncateMakesItAnew() throws {
        let (cluster, session) = try made()
        let old = try cluster.master.table(TableName(database: "db", table: "t"))
        _ = try session.run("TRUNCATE TABLE t")
        let new = try cluster.master.table(old.name)
        #expect(new.id != old.id && new.columns == old.columns && new.columnTypes == old.columnTypes)
        #expect(new.buckets == old.buckets && new.state == "normal")
        #expect(try session.rows("SHOW TABLES").count == 1)
    }

    @Test func truncateThatFailsLeavesTheTable() throws {
        let (cluster, session) = try made()
        let old = try cluster.master.table(TableName(database: "db", table: "t"))
        for backend in cluster.backends { backend.state.withLock { $0.silent = [.create] } }
        #expect(throws: SQLError.self) { try session.run("TRUNCATE TABLE t") }
        #expect(try cluster.master.table(old.name).id == old.id)
        #expect(try session.rows("SHOW TABLES").count == 1)
    }

    @Test func aJobThatTakesTooLongIsLeftAlone() throws {
        let cluster = try SQLTestCluster(jobLimit: .seconds(1)).ready()
        for backend in cluster.backends { backend.state.withLock { $0.silent = [.create] } }
        let error = try cluster.session().error(Self.create)
        #expect(error.number == 1205 && error.message.contains("goes on without this statement"))
    }

    @Test func alterTable() throws {
        let (cluster, session) = try made()
        _ = try session.run("ALTER TABLE t RENAME COLUMN note remark")
        #expect(try session.rows("DESC t").last?["Field"] == "remark")
        _ = try session.run("ALTER TABLE t ADD COLUMN tax DOUBLE DEFAULT '0' AFTER day")
        #expect(try session.rows("SHOW ALTER TABLE COLUMN").first?["TableName"] == "t")
        _ = try session.run("CANCEL ALTER TABLE COLUMN FROM t")
        #expect(try session.error("ALTER TABLE t MODIFY COLUMN day INT FIRST").number == 1235)
        #expect(try session.error("ALTER TABLE t MODIFY COLUMN none INT FIRST").number == 1054)
        #expect(try session.error("ALTER TABLE t SET ('storage_policy' = 'none')").message.contains("none"))
        #expect(try session.error("ALTER TABLE t SET ('other' = 'x')").number == 1210)
        _ = cluster
    }

    @Test func rightAndWrongTables() throws {
        let session = try SQLTestCluster().ready().session()
        for (text, number) in [
            ("CREATE TABLE t (k INT)", 1064), ("CREATE TABLE t (k INT) DISTRIBUTED BY HASH(x)", 1054),
            ("CREATE TABLE t (k JSON) DISTRIBUTED BY HASH(k)", 1235),
            ("CREATE TABLE t (k INT, v INT) DUPLICATE KEY(v) DISTRIBUTED BY HASH(k)", 1064),
            ("CREATE TABLE t (k INT) DISTRIBUTED BY HASH(k) PROPERTIES ('x' = 'y')", 1210),
            ("CREATE TABLE t (k INT) DISTRIBUTED BY HASH(k) PROPERTIES ('replication_num' = 'y')", 1210),
            ("CREATE TABLE t (k INT) DISTRIBUTED BY HASH(k) PROPERTIES ('replication_num' = '9')", 1053),
            ("DROP TABLE t", 1105), ("TRUNCATE TABLE t", 1105),
        ] as [(String, UInt16)] {
            #expect(try session.error(text).number == number, "\(text)")
        }
        _ = try session.run("DROP TABLE IF EXISTS t")
        #expect(try session.rows("SHOW WARNINGS").count == 1)
        _ = try session.run("CREATE DATABASE IF NOT EXISTS db")
        _ = try session.run("CREATE DATABASE two")
        #expect(try session.rows("SHOW DATABASES LIKE 't%'") == [["Database": "two"]])
        _ = try session.run("DROP DATABASE two")
    }
}
