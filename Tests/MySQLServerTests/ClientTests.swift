import Foundation
import MySQLProtocol
import MySQLServer
import ServerFixtures
import Testing

/// Clients that people have. Those that are missing fail: `scripts/setup` installs them.
@Suite struct ClientTests {
    private static let password = "sécret"

    // MARK: mariadb

    @discardableResult
    static func mariadb(
        _ server: TestServer, _ arguments: [String] = [], user: String = "ann", password: String = password,
        input: String
    ) throws -> ClientProgram.Result {
        let program = try ServerBinary.find("mariadb", variable: "TABLETD_MARIADB")
        return try ClientProgram.run(
            program,
            ["--no-defaults", "--protocol=tcp", "-h127.0.0.1", "-P\(server.port)", "-u\(user)", "--batch"] + arguments,
            input: input, environment: ["MYSQL_PWD": password])
    }

    @Test(
        arguments: ["mysql_native_password", "caching_sha2_password"],
        ["mysql_native_password", "caching_sha2_password"])
    func mariadbLogsInByEitherPlugin(named: String, preferred: String) async throws {
        try await TestServer.run({ $0.conversation.plugin = .init(rawValue: named)! }) { server in
            let answer = try Self.mariadb(
                server, ["--default-auth=\(preferred)", "--default-character-set=utf8mb4", "db"],
                input: "SELECT DATABASE(), 7 AS seven;\nTYPES;\nINSERT;\n")
            #expect(answer.error == "" && answer.status == 0)
            #expect(
                answer.output == """
                    DATABASE()\tseven
                    db\t7
                    t\ti\tf\td\tday\tat
                    grüße 🙂\t-9223372036854775808\t1.5\t12.50\t2024-02-29\t2024-02-29 12:34:56
                    NULL\tNULL\tNULL\tNULL\tNULL\tNULL
                    \t0\t0\t0\t2000-01-01\t2000-01-01 00:00:00

                    """)
            let wrong = try Self.mariadb(server, ["--default-auth=\(preferred)"], password: "no", input: "SELECT 1")
            #expect(wrong.status == 1 && wrong.error.contains("ERROR 1045 (28000): Access denied for user 'ann'"))
            let none = try Self.mariadb(
                server, ["--default-auth=\(preferred)"], user: "nobody", password: "", input: "SELECT 1")
            #expect(none.status == 0 && none.output == "1\n1\n")
        }
    }

    @Test func mariadbShowsErrorsNotesAndLongAnswers() async throws {
        try await TestServer.run { server in
            let answer = try Self.mariadb(
                server, ["-vvv", "--force"], input: "INSERT;\nbad;\nROWS 3 2 0;\nSELECT 1;\n")
            #expect(answer.output.contains("Query OK, 2 rows affected, 1 warning"))
            #expect(answer.output.contains("{'label':'l1'}"))
            #expect(answer.error.contains("ERROR 1064 (42000) at line 2: no such statement: bad"))
            #expect(answer.error.contains("ERROR 1105 (HY000) at line 3: row 0 is broken"))
            #expect(answer.output.contains("1 row in set"))
            let rows = try Self.mariadb(server, ["--quick", "--skip-column-names"], input: "ROWS 100000 100")
            #expect(rows.output.utf8.count { $0 == UInt8(ascii: "\n") } == 100_000 && rows.output.hasPrefix("0\tx"))
            let status = try Self.mariadb(server, input: "status")
            #expect(status.output.contains("5.7.99-tabletd") && status.output.contains("Threads: 1"))
        }
    }

    @Test func mariadbCompletesNamesAndChangesDatabase() async throws {
        try await TestServer.run { server in
            let answer = try Self.mariadb(server, ["--auto-rehash"], input: "use db\nSELECT DATABASE();\nuse other\n")
            #expect(answer.output == "DATABASE()\ndb\n")
            #expect(answer.error.contains("ERROR 1049 (42000) at line 3: Unknown database 'other'"))
        }
    }

    // MARK: Python

    static func python(_ server: TestServer, _ script: String, _ arguments: [String] = []) throws -> String {
        let program = try ServerBinary.find("python", variable: "TABLETD_PYTHON")
        let result = try ClientProgram.run(program, ["-c", script, "\(server.port)"] + arguments)
        #expect(result.status == 0, "\(result.error)")
        return result.output
    }

    @Test(arguments: ["mysql_native_password", "caching_sha2_password"])
    func pyMySQLWorks(plugin: String) async throws {
        try await TestServer.run({ $0.conversation.plugin = .init(rawValue: plugin)! }) { server in
            let output = try Self.python(
                server,
                """
                import sys, pymysql, pymysql.cursors, datetime, decimal
                # A password of text goes out as Latin-1.
                to = dict(host='127.0.0.1', port=int(sys.argv[1]), user='ann', password='sécret'.encode())
                db = pymysql.connect(database='db', **to)
                c = db.cursor()
                c.execute('TYPES')
                assert [d[1] for d in c.description] == [253, 8, 5, 246, 10, 12], c.description
                row = c.fetchone()
                assert row == ('grüße 🙂', -2**63, 1.5, decimal.Decimal('12.50'), datetime.date(2024, 2, 29),
                               datetime.datetime(2024, 2, 29, 12, 34, 56)), row
                assert c.fetchone() == (None,) * 6
                assert c.execute('INSERT') == 2
                for number, text in ((1064, 'bad'), (1105, 'ROWS 9000 100 5000')):
                    try:
                        c.execute(text)
                        assert False, text
                    except pymysql.MySQLError as error:
                        assert error.args[0] == number, error
                db.select_db('db'); db.ping(); db.commit(); db.autocommit(True)
                stream = pymysql.cursors.SSCursor(db)
                stream.execute('ROWS 50000 200')
                assert sum(int(n) for n, _ in stream) == 50000 * 49999 // 2
                long = 'LENGTH ' + 'x' * (1 << 24)
                try:
                    c.execute(long)
                    assert False
                except pymysql.MySQLError as error:
                    print(error.args[0])
                db = pymysql.connect(**to)
                c = db.cursor()
                c.execute(long[:-8])
                print(c.fetchone()[0])
                for change in (dict(password='no'), dict(user='nobody'), dict(database='other')):
                    try:
                        pymysql.connect(**{**to, **change})
                        assert False
                    except pymysql.MySQLError as error:
                        print(error.args[0])
                pymysql.connect(**{**to, 'user': 'nobody', 'password': ''}).close()
                """)
            #expect(output == "1153\n16777215\n1045\n1045\n1049\n")
        }
    }

    @Test(arguments: ["mysql_native_password", "caching_sha2_password"], [true, false])
    func mysqlConnectorWorks(plugin: String, isPure: Bool) async throws {
        try await TestServer.run({ $0.conversation.plugin = .init(rawValue: plugin)! }) { server in
            let output = try Self.python(
                server,
                """
                import sys, mysql.connector, datetime, decimal
                to = dict(host='127.0.0.1', port=int(sys.argv[1]), user='ann', password='sécret',
                          use_pure=sys.argv[2] == 'true', ssl_disabled=True)
                db = mysql.connector.connect(database='db', **to)
                c = db.cursor()
                c.execute('TYPES')
                row = c.fetchall()[0]
                assert row == ('grüße 🙂', -2**63, 1.5, decimal.Decimal('12.50'), datetime.date(2024, 2, 29),
                               datetime.datetime(2024, 2, 29, 12, 34, 56)), row
                c.execute('INSERT')
                assert c.rowcount == 2
                try:
                    c.execute('bad')
                    assert False
                except mysql.connector.Error as error:
                    assert (error.errno, error.sqlstate) == (1064, '42000'), error
                c.execute('ROWS 20000 200')
                assert sum(int(row[0]) for row in c) == 20000 * 19999 // 2
                db.ping(); db.reset_session(); db.cmd_change_user('nobody', '')
                try:
                    p = db.cursor(prepared=True)
                    p.execute('SELECT %s', (1,))
                    print('prepared', p.fetchall())
                except mysql.connector.Error as error:
                    print(error.errno)
                try:
                    mysql.connector.connect(**{**to, 'password': 'no'})
                    assert False
                except mysql.connector.Error as error:
                    print(error.errno)
                """, ["\(isPure)"])
            #expect(output == "1295\n1045\n")
        }
    }

    // MARK: Java

    /// - Parameter options: of the driver, with "&" between them.
    static func java(_ server: TestServer, options: String = "") throws {
        let jar = "/usr/share/java/mariadb-java-client.jar"
        guard FileManager.default.fileExists(atPath: jar) else {
            throw FixtureError("\(jar) is not there: run scripts/setup")
        }
        let folder = try TemporaryFolder()
        let source = folder.path + "/Client.java"
        try Data(javaSource.utf8).write(to: URL(fileURLWithPath: source))
        let url = "jdbc:mariadb://127.0.0.1:\(server.port)/db?" + options
        let result = try ClientProgram.run(
            ServerBinary.find("java", variable: "TABLETD_JAVA"), ["-Dfile.encoding=UTF-8", "-cp", jar, source, url])
        #expect(result.status == 0, "\(result.error)")
        #expect(result.output == "grüße 🙂 -9223372036854775808 12.50 2024-02-29\n2 4999950000 1064 42000 1045 7\n")
        #expect(server.statistics.errors == 1 && server.statistics.loginsFailed == 1)
    }

    @Test func theJDBCDriverWorks() async throws {
        try await TestServer.run { server in try Self.java(server) }
    }

    private static let javaSource = """
        import java.sql.*;

        public class Client {
            public static void main(String[] arguments) throws Exception {
                System.setOut(new java.io.PrintStream(System.out, true, "UTF-8"));
                String url = arguments[0];
                try (Connection db = DriverManager.getConnection(url, "ann", "s\\u00e9cret")) {
                    Statement statement = db.createStatement();
                    ResultSet row = statement.executeQuery("TYPES");
                    row.next();
                    System.out.println(row.getString(1) + " " + row.getLong(2) + " " + row.getBigDecimal("d") + " "
                        + row.getDate(5));
                    int done = statement.executeUpdate("INSERT");
                    long sum = 0;
                    statement.setFetchSize(100);
                    row = statement.executeQuery("ROWS 100000 100");
                    while (row.next()) sum += row.getLong(1);
                    String error = "";
                    try {
                        statement.execute("bad");
                    } catch (SQLException e) {
                        error = e.getErrorCode() + " " + e.getSQLState();
                    }
                    int denied = 0;
                    try {
                        DriverManager.getConnection(url, "ann", "no");
                    } catch (SQLException e) {
                        denied = e.getErrorCode();
                    }
                    // The refusal of binary statements makes it prepare them by itself.
                    int binary = 0;
                    String prepares = url + "&useServerPrepStmts=true";
                    try (Connection other = DriverManager.getConnection(prepares, "ann", "s\\u00e9cret")) {
                        PreparedStatement prepared = other.prepareStatement("SELECT ?");
                        prepared.setInt(1, 7);
                        row = prepared.executeQuery();
                        row.next();
                        binary = row.getInt(1);
                    }
                    if (!db.isValid(5)) throw new Exception("not valid");
                    PreparedStatement text = db.prepareStatement("SELECT ?");
                    text.setInt(1, 5);
                    row = text.executeQuery();
                    row.next();
                    if (row.getInt(1) != 5) throw new Exception("not 5");
                    System.out.println(done + " " + sum + " " + error + " " + denied + " " + binary);
                }
            }
        }
        """
}
