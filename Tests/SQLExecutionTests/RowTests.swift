import HTTPAPI
import MasterCore
import SQLSessions
import Synchronization
import TabletModel
import Testing

@testable import SQLExecution

@Suite struct RowTests {
    private func made() throws -> (SQLTestCluster, any SQLSession) {
        let cluster = try SQLTestCluster().ready()
        let session = try cluster.session()
        _ = try session.run(
            "CREATE TABLE t (k INT, v VARCHAR(9)) DISTRIBUTED BY HASH(k) BUCKETS 2 PROPERTIES ('replication_num' = '2')"
        )
        return (cluster, session)
    }

    @Test func selectsOpenAPlan() throws {
        let (cluster, session) = try made()
        #expect(
            try session.columns("SELECT *, v AS w FROM t WHERE k IN (1, 2) AND v != 'x' LIMIT 3") == ["k", "v", "w"])
        let read = try #require(cluster.rows.reads.withLock { $0.last })
        #expect(read.columns == [0, 1, 1] && read.limit == 3 && read.plan.tablets.count == 2)
        #expect(read.conditions.count == 2 && read.schema.columns.map(\.type) == [.int, .varchar])
        #expect(try session.columns("SELECT K FROM t WHERE V = 'x' LIMIT 1") == ["K"])
        #expect(cluster.rows.reads.withLock { $0.last?.conditions.map(\.column) } == ["v"])
        #expect(try session.rows("SELECT v FROM t LIMIT 2") == [["v": "1"], ["v": "1"]])
        #expect(try session.rows("SELECT count(*) FROM t WHERE k = 1") == [["count(*)": "42"]])
        #expect(try session.rows("SELECT k FROM t LIMIT 0").isEmpty)
        #expect(try session.error("SELECT x FROM t").number == 1054)
        #expect(try session.error("SELECT k FROM t WHERE x = 1").number == 1054)
        #expect(try session.error("SELECT k FROM t WHERE k = 'word'").number == 1054)
    }

    @Test func rowsStopWhenTheirStatementIsKilled() throws {
        let (cluster, session) = try made()
        guard case .rows(_, let rows) = try session.run("SELECT k FROM t") else { return }
        var writer = SQLRowWriter()
        #expect(try rows.next(into: &writer))
        let other = try cluster.session(connection: 2)
        let list = try other.rows("SHOW PROCESSLIST")
        #expect(list.map { $0["Command"] } == ["Query", "Query"] && list[0]["Info"] == "SELECT k FROM t")
        _ = try other.run("KILL QUERY 1")
        #expect(throws: SQLError.interrupted("the statement was killed")) { try rows.next(into: &writer) }
        #expect(try other.rows("SHOW PROCESSLIST")[0]["Command"] == "Sleep")
        #expect(try session.rows("SELECT 1") == [["1": "1"]])
        session.end()
        #expect(try other.rows("SHOW PROCESSLIST").count == 1)
        #expect(throws: SQLError.self) { try session.run("SELECT 1") }
        #expect(try other.error("KILL 99").number == 1094)
    }

    @Test func rowsThatAreLetGoLateDoNotEndTheNextStatement() throws {
        let (cluster, session) = try made()
        let other = try cluster.session(connection: 2)
        var old: SQLReply? = try session.run("SELECT k FROM t")
        let new = try session.run("SELECT v FROM t")
        #expect(old != nil)
        old = nil
        #expect(try other.rows("SHOW PROCESSLIST")[0]["Info"] == "SELECT v FROM t")
        _ = new
        session.end()
    }

    @Test func deleteWaitsUntilItIsVisible() throws {
        let (cluster, session) = try made()
        guard case .done(_, _, let note) = try session.run("DELETE FROM t WHERE k > 5 AND v IS NULL") else { return }
        #expect(note.contains("'status':'VISIBLE'"))
        #expect(try cluster.master.loads().first?.state == .visible)
        #expect(try session.rows("SHOW LOAD").first?["State"] == "FINISHED")
        #expect(try session.rows("SHOW LOAD WHERE LABEL = 'none'").isEmpty)
        #expect(try session.error("DELETE FROM t WHERE none = 1").message.contains("none"))
        #expect(try session.error("CANCEL LOAD WHERE LABEL = 'none'").number == 1105)
    }
}
