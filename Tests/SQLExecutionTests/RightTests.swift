import AccessControl
import MasterCore
import SQLGrammar
import SQLSessions
import Synchronization
import Testing

@testable import SQLExecution

/// Who may ask what.
@Suite struct RightTests {
    private func cluster() throws -> SQLTestCluster {
        let cluster = try SQLTestCluster().ready()
        let root = try cluster.session()
        for user in ["nobody", "reader", "loader", "owner", "admin"] { _ = try root.run("CREATE USER \(user)") }
        _ = try root.run("GRANT READ ON db.* TO reader")
        _ = try root.run("GRANT LOAD ON db.* TO loader")
        _ = try root.run("GRANT ADMIN ON db.* TO owner")
        _ = try root.run("GRANT ADMIN ON *.* TO admin")
        return cluster
    }

    /// Every statement by every user: refused for want of a right exactly where its row says so.
    @Test(arguments: StatementTable.rows.map(\.name)) func everyStatementByEveryUser(_ name: String) throws {
        let cluster = try cluster()
        _ = try cluster.master.createDatabase("sales")
        let row = try #require(StatementTable.rows.first { $0.name == name })
        for (user, own, all) in [
            ("nobody", nil, nil), ("reader", .read, nil), ("loader", .load, nil), ("owner", .admin, nil),
            ("admin", .admin, .admin),
        ] as [(String, Right?, Right?)] {
            let session = try cluster.session(user, database: user == "nobody" ? nil : "db")
            // In examples the database is `sales`, in which only the admin may something.
            for (text, right) in [(row.example, all), (row.example.replacing("sales", with: "db"), own)] {
                let parsed = try ParsedStatement(Array(text.utf8))
                // What is waited for is not what is asked here.
                if case .createTable = parsed.statement, user == "admin" { continue }
                let isAllowed: Bool =
                    switch parsed.right(of: user) {
                    case .anyone: true
                    case .cluster(let needed): all.map { $0 >= needed } ?? false
                    case .databases(let needed):
                        parsed.statement.databases.contains(nil) || right.map { $0 >= needed } ?? false
                    }
                var refusal: SQLError?
                do { _ = try session.run(text) } catch let error as SQLError where error.number == 1227 {
                    refusal = error
                } catch {}
                if case .use = parsed.statement { continue }
                #expect((refusal == nil) == isAllowed, "\(user): \(text): \(refusal?.message ?? "allowed")")
            }
        }
    }

    @Test func listsShowWhatOneMaySee() throws {
        let cluster = try cluster()
        _ = try cluster.master.createDatabase("secret")
        #expect(try cluster.session("reader").rows("SHOW DATABASES") == [["Database": "db"]])
        #expect(try cluster.session("nobody", database: nil).rows("SHOW DATABASES").isEmpty)
        #expect(try cluster.session("admin").rows("SHOW DATABASES").count == 2)
        let reader = try cluster.session("reader", connection: 5)
        _ = try cluster.session("admin", connection: 6)
        #expect(try reader.rows("SHOW PROCESSLIST").map { $0["Id"] } == ["5"])
        #expect(try reader.error("KILL 6").number == 1095)
        #expect(try reader.error("USE secret").number == 1044)
        #expect(throws: SQLError.self) { try cluster.session("reader", database: "secret") }
    }

    @Test func whatChangesHoldsAtOnce() throws {
        let cluster = try cluster()
        let (root, reader) = (try cluster.session(connection: 2), try cluster.session("reader"))
        #expect(try reader.rows("SHOW TABLES").isEmpty)
        _ = try root.run("REVOKE READ ON db.* FROM reader")
        #expect(try reader.error("SHOW TABLES").number == 1227)
        _ = try root.run("DROP USER reader")
        #expect(try reader.error("SHOW BACKENDS").number == 1227)
    }

    @Test func passwordsAndGrants() throws {
        let cluster = try cluster()
        let reader = try cluster.session("reader")
        _ = try reader.run("SET PASSWORD = PASSWORD('mine')")
        _ = try reader.run("ALTER USER reader IDENTIFIED BY 'mine too'")
        #expect(cluster.access.passwords.withLock { $0["reader"] } == "mine too")
        #expect(try reader.error("SET PASSWORD FOR loader = 'x'").number == 1227)
        #expect(try reader.rows("SHOW GRANTS").map { $0["DatabasePrivs"] } == ["db: READ"])
        #expect(try reader.error("SHOW ALL GRANTS").number == 1227)
        #expect(try cluster.session("admin").rows("SHOW ALL GRANTS").count == 6)
        #expect(try cluster.session("admin").rows("SHOW USERS").count == 6)
        let root = try cluster.session(connection: 2)
        #expect(try root.error("CREATE USER x@'10.0.0.1'").number == 1235)
        _ = try root.run("CREATE USER IF NOT EXISTS reader IDENTIFIED BY 'other'")
        #expect(cluster.access.passwords.withLock { $0["reader"] } == "mine too")
        _ = try root.run("DROP USER IF EXISTS none")
    }
}
