import SQLSessions
import Testing

@testable import SQLExecution

/// What clients ask at connect, and what is the connection's own.
@Suite struct ConnectTests {
    @Test func valuesAndFunctions() throws {
        let session = try SQLTestCluster().ready().session(connection: 7)
        let row = try session.rows(
            "SELECT @@version_comment, DATABASE(), CONNECTION_ID() AS id, USER(), 1, 'x', NULL, @@autocommit LIMIT 1")
        #expect(
            row == [
                [
                    "@@version_comment": "tabletd-test", "DATABASE()": "db", "id": "7",
                    "USER()": "'root'@'127.0.0.1'", "1": "1", "x": "x", "NULL": "NULL", "@@autocommit": "1",
                ]
            ])
        #expect(try session.error("SELECT @@nothing").number == 1193)
        #expect(try session.error("SELECT SLEEP(1)").number == 1235)
        #expect(try session.rows("SELECT 1 LIMIT 0").isEmpty)
    }

    @Test func variables() throws {
        let session = try SQLTestCluster().ready().session()
        _ = try session.run("SET autocommit = 0, sql_mode = CONCAT(@@sql_mode, 'STRICT'), @a = 'b', @n = NULL")
        #expect(
            try session.rows("SELECT @@autocommit a, @@sql_mode m, @a x, @n n, @none o")
                == [["a": "0", "m": "STRICT", "x": "b", "n": "NULL", "o": "NULL"]])
        #expect(try session.rows("SHOW VARIABLES LIKE 'autoc%'") == [["Variable_name": "autocommit", "Value": "OFF"]])
        #expect(try session.rows("SHOW GLOBAL VARIABLES LIKE 'autocommit'").first?["Value"] == "ON")
        #expect(try session.error("SET GLOBAL autocommit = 1").number == 1235)
        #expect(try session.error("SET nothing = 1").number == 1193)
        #expect(try session.error("SET NAMES klingon").number == 1115)
        session.reset()
        #expect(try session.rows("SELECT @@autocommit a, @a x") == [["a": "1", "x": "NULL"]])
    }

    @Test func databases() throws {
        let cluster = try SQLTestCluster().ready()
        let session = try cluster.session(database: nil)
        #expect(try session.rows("SELECT DATABASE() d") == [["d": "NULL"]])
        #expect(try session.error("SHOW TABLES").number == 1046)
        #expect(try session.error("USE nowhere").number == 1049)
        _ = try session.run("USE db")
        #expect(try session.rows("SHOW TABLES").isEmpty)
        #expect(throws: SQLError.self) { try cluster.session(database: "nowhere") }
        #expect(throws: SQLError.self) { try cluster.session("stranger") }
    }

    @Test func preparedTexts() throws {
        let session = try SQLTestCluster().ready().session()
        _ = try session.run("PREPARE s FROM 'SELECT ?, CONCAT(?, 1) AS c'")
        _ = try session.run("SET @a = 'it''s', @b = 'x'")
        #expect(try session.rows("EXECUTE s USING @a, @b") == [["it's": "it's", "c": "x1"]])
        #expect(try session.error("EXECUTE s USING @a").number == 1210)
        #expect(try session.error("PREPARE t FROM 'INSERT INTO x'").number == 1235)
        _ = try session.run("PREPARE r FROM 'EXECUTE r'")
        #expect(try session.error("EXECUTE r").number == 1235)
        _ = try session.run("DEALLOCATE PREPARE s")
        #expect(try session.error("EXECUTE s").number == 1243)
    }

    @Test func warningsTellOfTheStatementBefore() throws {
        let session = try SQLTestCluster().ready().session()
        _ = try? session.run("SHOW BACKEND")
        #expect(try session.rows("SHOW WARNINGS").first?["Code"] == "1235")
        #expect(try session.rows("SELECT @@warning_count w") == [["w": "1"]])
        #expect(try session.rows("SELECT 1 AS one") == [["one": "1"]])
        #expect(try session.rows("SHOW WARNINGS").isEmpty)
    }

    @Test func errorsHaveTheirNumbers() throws {
        let session = try SQLTestCluster().ready().session()
        for (text, number) in [
            ("", 1065), ("SELECT", 1064), ("INSERT INTO t VALUES (1)", 1235), ("DESC nothing", 1051),
            ("DROP DATABASE nothing", 1105), (String(repeating: "x", count: 5 << 20), 1153),
        ] as [(String, UInt16)] {
            #expect(try session.error(text).number == number, "\(text.prefix(30))")
        }
    }

    @Test func helpShowsTheTable() throws {
        let session = try SQLTestCluster().ready().session()
        #expect(try session.rows("HELP").count == 7)
        #expect(try session.rows("HELP 'create table'").first?["description"]?.contains("DISTRIBUTED BY") == true)
        #expect(try session.rows("HELP SHOW").count > 20 && session.columns("HELP SHOW") == ["name", "is_it_category"])
        #expect(try session.rows("HELP 'the cluster'").contains { $0["name"] == "SHOW BACKENDS" })
        #expect(try session.rows("HELP 'no such thing'").isEmpty)
    }
}
