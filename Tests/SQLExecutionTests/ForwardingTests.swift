import AccessControl
import HTTPAPI
import MasterCore
import SQLSessions
import Synchronization
import TabletModel
import Testing

@testable import SQLExecution

/// An FE that follows.
@Suite struct ForwardingTests {
    @Test func statementsGoOnToTheMasterAndTheirRightsAreLookedAtThere() throws {
        let (follower, leader) = (try SQLTestCluster().ready(), try SQLTestCluster().ready())
        let passedOn = Mutex<[String]>([])
        follower.line.forward.withLock { [executor = leader.executor] forward in
            forward = { statement in
                passedOn.withLock { $0.append(String(decoding: statement.text, as: UTF8.self)) }
                return try executor.run(statement)
            }
        }
        let session = try follower.session()
        _ = try session.run("CREATE DATABASE made")
        #expect(try leader.master.databases().contains { $0.name == "made" })
        #expect(try !follower.master.databases().contains { $0.name == "made" })
        #expect(try session.rows("SHOW DATABASES LIKE 'made'").count == 1)
        #expect(try session.rows("SHOW TABLES").isEmpty)
        #expect(try session.rows("SELECT 1 AS one") == [["one": "1"]])
        #expect(passedOn.withLock { $0.count } == 3)
        // Somebody whom the master does not know, whatever the follower thinks.
        try follower.access.createUser("ghost", password: nil)
        try follower.access.grant(.admin, on: nil, to: "ghost")
        #expect(try follower.session("ghost").error("CREATE DATABASE x").number == 1227)
        // What a connection has to itself is for no master.
        #expect(throws: SQLError.self) {
            try leader.executor.run(ForwardedStatement(user: "root", database: nil, text: Array("KILL 1".utf8)))
        }
    }

    @Test func aStatementThatWaitsAtTheMasterEndsWithWhoeverAsked() throws {
        let (follower, leader) = (try SQLTestCluster().ready(), try SQLTestCluster().ready())
        for backend in leader.backends { backend.state.withLock { $0.silent = [.create] } }
        let session = try follower.session()
        follower.line.forward.withLock { [executor = leader.executor, session] forward in
            forward = { statement in
                session.end()
                return try executor.run(statement)
            }
        }
        let error = try session.error(
            "CREATE TABLE t (k INT) DISTRIBUTED BY HASH(k) BUCKETS 1 PROPERTIES ('replication_num' = '1')")
        #expect(error.number == 1317 && error.message.contains("the connection has ended"))
    }

    @Test func withoutAMasterReadsAreOfWhatWasReplayedAndSaySo() throws {
        let cluster = try SQLTestCluster().ready()
        cluster.line.forward.withLock { $0 = { _ in throw MasterAway(reason: "fe2 does not answer") } }
        let session = try cluster.session()
        #expect(try session.rows("SHOW DATABASES") == [["Database": "db"]])
        let warning = try #require(try session.rows("SHOW WARNINGS").first)
        #expect(warning["Message"]?.contains("fe2 does not answer") == true && warning["Level"] == "Warning")
        let error = try session.error("CREATE DATABASE x")
        #expect(error.number == 1053 && error.message.contains("fe2"))
    }
}
