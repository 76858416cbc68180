import AccessControl
import TabletModel
import Testing

@testable import SQLGrammar

func parsed(_ text: String) throws -> SQLStatement { try ParsedStatement(Array(text.utf8)).statement }

/// What statements mean.
@Suite struct StatementTests {
    @Test func tables() throws {
        guard
            case .createTable(let table) = try parsed(
                """
                create table if not exists `my db`.t1 (
                    k int not null comment 'key', `from` varchar(20) null default "a""b", d decimal(9,2) default -1.5
                ) engine=olap duplicate key(k, `from`) comment "it's" distributed by hash(k) buckets 3
                properties ("replication_num" = "1", delimiter = '|')
                """)
        else {
            Issue.record("no CREATE TABLE")
            return
        }
        #expect(table.name == SQLTableName(database: "my db", table: "t1") && table.ifNotExists)
        #expect(table.columns.map(\.name) == ["k", "from", "d"])
        #expect(table.columns.map(\.type.description) == ["INT", "VARCHAR(20)", "DECIMAL(9, 2)"])
        #expect(table.columns.map(\.isNullable) == [false, true, true])
        #expect(table.columns.map(\.defaultValue) == [nil, .text("a\"b"), .number("-1.5")])
        #expect(table.keyColumns == ["k", "from"] && table.distributionColumn == "k" && table.buckets == 3)
        #expect(table.properties.map(\.key) == ["replication_num", "delimiter"])
        #expect(table.properties.map(\.value.value) == ["1", "|"])
        #expect(try parsed("DROP TABLE db.`set`") == .dropTable(.init(database: "db", table: "set"), ifExists: false))
        #expect(
            try parsed("ALTER TABLE t ADD c INT FIRST")
                == .alterTable(
                    .init(database: nil, table: "t"),
                    [
                        .addColumn(
                            .init(
                                name: "c", type: .init(name: "INT"), isNullable: true, defaultValue: nil, comment: nil),
                            .first)
                    ]))
        #expect(
            try parsed("show full tables in `d` where `Tables_in_d` like '%'")
                == .showTables(database: "d", isFull: true, .like("%")))
        #expect(try parsed("SHOW TABLES") == .showTables(database: nil, isFull: false, nil))
        #expect(
            try parsed("SHOW COLUMNS FROM t FROM d")
                == .showColumns(.init(database: "d", table: "t"), isFull: false, nil))
    }

    @Test func conditions() throws {
        func conditions(_ text: String) throws -> [String] {
            guard case .delete(_, let conditions) = try parsed("DELETE FROM t WHERE \(text)") else { return [] }
            return conditions.map { "\($0.column) \($0.operation) \($0.values)" }
        }
        #expect(try conditions("a = 1 AND `b c` <> 'x''y\\'z\\n'") == ["a = [\"1\"]", "b c != [\"x\\'y\\'z\\n\"]"])
        #expect(try conditions("((a IN (1, -2.5, 'x')) && t.b NOT IN ('q'))").count == 2)
        #expect(try conditions("a IS NULL and b is not null") == ["a IS [\"NULL\"]", "b IS [\"NOT NULL\"]"])
        #expect(try conditions("a between 1 and 5 and b = true") == ["a >= [\"1\"]", "a <= [\"5\"]", "b = [\"true\"]"])
        for text in ["a = 1 OR b = 2", "NOT a = 1", "a LIKE 'x%'", "a = b", "a = NULL", "a", "", "(a = 1", "a = 1)"] {
            #expect(throws: SQLSyntaxError.self) { try conditions(text) }
        }
    }

    @Test func selections() throws {
        guard
            case .select(let selection) = try parsed(
                "SELECT `a`, t.b AS 'x y', c d FROM db.t AS q WHERE a > 1 LIMIT 5, 10")
        else {
            Issue.record("no SELECT")
            return
        }
        #expect(selection.items.map(\.title) == ["a", "x y", "d"])
        #expect(selection.items.map(\.value) == [.column("a"), .column("b"), .column("c")])
        #expect(selection.limit == SQLLimit(count: 10, offset: 5) && selection.conditions.count == 1)
        guard case .select(let count) = try parsed("select count( * ) from t") else { return }
        #expect(count.items == [.init(value: .count, title: "count( * )")])
        guard case .select(let all) = try parsed("SELECT a FROM t LIMIT 5, 18446744073709551615") else { return }
        #expect(all.limit == SQLLimit(count: 1 << 61, offset: 5))
        for text in [
            "SELECT a FROM t ORDER BY a", "SELECT a FROM t, u", "SELECT a FROM t JOIN u", "SELECT sum(a) FROM t",
            "SELECT a + 1 FROM t", "SELECT DISTINCT a FROM t", "SELECT a FROM (SELECT 1)", "SELECT a, count(*) FROM t",
            "SELECT a FROM t GROUP BY a", "SELECT a", "SELECT *",
        ] {
            let error = #expect(throws: SQLSyntaxError.self) { try parsed(text) }
            #expect(error?.kind == .notSupported, "\(text): \(error.debugDescription)")
        }
    }

    @Test func whatClientsAsk() throws {
        let asked = [
            "/* mysql-connector-java-8.0.33 */SELECT  @@session.auto_increment_increment AS auto_increment_increment, "
                + "@@character_set_client AS character_set_client, @@tx_isolation AS transaction_isolation",
            "select @@version_comment limit 1", "SELECT DATABASE(), USER() LIMIT 1", "SELECT CONNECTION_ID()",
            "set autocommit=1, sql_mode = concat(@@sql_mode,',STRICT_TRANS_TABLES')", "SET NAMES 'utf8mb4' COLLATE 'x'",
            "SET @@session.autocommit = OFF", "SET AUTOCOMMIT = 0", "SET character_set_results = NULL",
            "SELECT 1 FROM DUAL",
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
            "SHOW VARIABLES WHERE Variable_name = 'a' OR "
                + "Variable_name = 'b'", "/* ping */ SELECT 1", "SELECT 'x'", "SELECT CURRENT_USER",
            "START TRANSACTION",
            "SET @a := 5", "SELECT @a, NULL, -3, 1.5e3 AS z", "SHOW KEYS FROM `t` FROM `d`", "SHOW COLLATION",
            "SET NAMES DEFAULT", "/*!40101 SET NAMES utf8 */", "# c\nSELECT 1 -- d",
            "SELECT @@GLOBAL.max_allowed_packet",
            "SHOW SESSION VARIABLES LIKE 'sql_mode'", "SET sql_mode=''", "SET SESSION wait_timeout = DEFAULT",
        ]
        for text in asked { #expect(throws: Never.self, "\(text)") { try parsed(text) } }
        guard case .selectValues(let items, _) = try parsed("SELECT 'it', DATABASE( ), @@x AS y, 'a' b, 1") else {
            return
        }
        #expect(items.map(\.title) == ["it", "DATABASE( )", "y", "b", "1"])
    }

    @Test func usersAndRights() throws {
        #expect(
            try parsed("CREATE USER 'jack'@'%' IDENTIFIED BY 'pw'")
                == .createUser(SQLUser(name: "jack", host: "%"), SQLSecret("pw"), ifNotExists: false))
        #expect(
            try parsed("GRANT LOAD, READ ON `my db`.* TO jack")
                == .grant(.init(rights: [.load, .read], database: "my db", user: SQLUser(name: "jack"))))
        #expect(
            try parsed("REVOKE ALL PRIVILEGES ON *.* FROM 'jack'")
                == .revoke(.init(rights: [.admin], database: nil, user: SQLUser(name: "jack"))))
        #expect(try parsed("SET PASSWORD = 'x'") == .setPassword(nil, SQLSecret("x")))
        #expect(throws: SQLSyntaxError.self) { try parsed("GRANT READ ON d.t TO jack") }
        let own = try ParsedStatement(Array("SET PASSWORD FOR jack = 'x'".utf8))
        #expect(own.right(of: "jack") == .anyone && own.right(of: "jill") == .cluster(.admin))
    }

    @Test func cluster() throws {
        #expect(
            try parsed("ALTER CLUSTER c ADD BACKENDS 'a:1', 'b:2' TO SHARD 7")
                == .addShardBackends(cluster: "c", ["a:1", "b:2"], shard: 7))
        #expect(try parsed("ALTER SYSTEM DROPP BACKEND 'a:1'") == .dropBackends(["a:1"], isForced: true))
        #expect(try parsed("ADMIN CLEAN TRASH") == .cleanTrash([]))
        #expect(try parsed("HELP create table") == .help("create table"))
    }

    @Test func preparedTexts() throws {
        let text = try #require(PreparedText(Array("SELECT '?', ? /* ? */ FROM t WHERE a = ?".utf8)))
        #expect(text.parameterCount == 2)
        #expect(
            String(decoding: text.text(with: [.text("a'b\\"), .number("5")]), as: UTF8.self)
                == "SELECT '?', 'a''b\\\\' /* ? */ FROM t WHERE a = 5")
    }

    @Test func patterns() {
        for (pattern, text, holds) in [
            ("%", "", true), ("a%", "ABC", true), ("%b%", "abc", true), ("_", "", false), ("_b_", "abc", true),
            ("a\\_c", "abc", false), ("a\\_c", "a_c", true), ("%a%a%b", "aaaaab", true), ("%ab", "aab", true),
            ("", "a", false),
            ("100\\%", "100%", true), ("é_", "Éa", true),
        ] {
            #expect(LikePattern(pattern).matches(text) == holds, "\(pattern) \(text)")
        }
    }
}
