import ClusterTestKit
import HTTPAPI
import Platform
import TabletModel
import Testing

@testable import ClusterMembership
@testable import ClusterMetadata
@testable import MasterCore

/// Backends that answer heartbeats and whose own calls do not arrive. found C9
@Suite struct SilentBackendTests {
    private func cluster(_ count: Int = 3) throws -> FlowCluster {
        try FlowCluster(backends: count, reportTimeout: .seconds(60)).ready()
    }

    private func mute(_ backend: FlowBackend) { backend.set { $0.master = nil } }

    private func view(_ cluster: FlowCluster, _ place: Int) throws -> BackendView {
        let host = cluster.backends[place].address.host
        return try #require(try cluster.master.backends().first { $0.host == host })
    }

    @Test func itIsShownAsLateWithItsAgeUntilItIsHeardAgain() throws {
        let cluster = try cluster()
        mute(cluster.backends[2])
        try cluster.live(for: 50)
        #expect(try view(cluster, 2).reportLateMs == 0)
        try cluster.live(for: 50)
        let late = try view(cluster, 2)
        #expect(late.isAlive && late.heartbeatError.isEmpty)
        #expect((95_000...105_000).contains(late.reportLateMs))
        #expect(try view(cluster, 0).reportLateMs == 0)
        cluster.backends[2].set { [master = cluster.master] in $0.master = master }
        _ = cluster.backends[2].reportTasks()
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(try view(cluster, 2).reportLateMs == 0)
    }

    @Test func aLoadWaitsForItOnlyBrieflyAndThenNotAtAll() throws {
        let cluster = try cluster()
        mute(cluster.backends[2])
        #expect(try cluster.load("l1").state == .pushing)
        try cluster.scheduler.advance(by: .seconds(11))
        #expect(try cluster.master.load(label: "l1", database: "db").state == .visible)
        try cluster.live(for: 80)
        #expect(try view(cluster, 2).reportLateMs > 0)
        #expect(try cluster.load("l2", "e,5\n").state == .visible)
        // It got the rows all the same.
        #expect(cluster.backends[2].taken(.realtimePush).count == 8)
    }

    @Test func aLoadThatHasNoMajorityWithoutItSaysSo() throws {
        let cluster = try cluster()
        for place in [1, 2] { mute(cluster.backends[place]) }
        let id = try cluster.beginLoad("l1", "a,1\n")
        _ = try cluster.master.finishLoad(id)
        try cluster.live(for: 80)
        let load = try cluster.master.load(id)
        #expect(load.state == .aborted && load.message.contains("nothing comes from its backend"))
        #expect(throws: Never.self) { try cluster.beginLoad("l2", "a,1\n") }
    }

    @Test func itGetsNoNewReplicas() throws {
        let cluster = try cluster(4)
        mute(cluster.backends[1])
        try cluster.live(for: 80)
        let late = try view(cluster, 1).id
        _ = try cluster.master.createTable(
            CreateTableRequest(
                name: TableName(database: "db", table: "u"), buckets: 8, replicas: 3, columns: ["k"]))
        try cluster.scheduler.runUntilIdle()
        let replicas = try cluster.master.tablets(of: TableName(database: "db", table: "u")).flatMap(\.replicas)
        #expect(replicas.count == 24 && replicas.allSatisfy { $0.backendID != late })
    }

    @Test func afterTheGraceItsReplicasAreMadeElsewhere() throws {
        let cluster = try cluster(4)
        try cluster.load("l1")
        mute(cluster.backends[1])
        try cluster.live(for: 200)
        let late = try view(cluster, 1).id
        for tablet in try cluster.master.tablets(of: FlowCluster.table) {
            #expect(tablet.replicas.count { $0.isHealthy && $0.backendID != late } == 3)
        }
        #expect(cluster.backends[1].taken(.clone).isEmpty)
        cluster.backends[1].set { [master = cluster.master] in $0.master = master }
        try cluster.live(for: 200)
        #expect(try cluster.master.tablets(of: FlowCluster.table).allSatisfy { $0.replicas.count == 3 })
    }

    @Test func aBackendThatHasJustStartedHasTheTimeToLoadItsTablets() {
        var info = BackendInfo()
        (info.bePort, info.httpPort, info.startTime) = (9060, 8040, UnixTime(seconds: 100))
        let fresh = Backend(id: 10_001, host: "be1", heartbeatPort: 9050)
        let now = UnixTime(seconds: 1_000)
        func next(
            _ last: LivenessTransition?, silent seconds: Int64, _ outcome: LivenessTransition.Outcome
        ) -> LivenessTransition {
            LivenessTransition(
                outcome, of: last?.backend ?? fresh, status: last?.status ?? BackendStatus(), now: now,
                silence: .init(
                    now: MonotonicTime(nanoseconds: 7), lasted: .seconds(seconds), limit: .seconds(60)))
        }
        let first = next(nil, silent: 0, .answered(info))
        #expect(first.events == [.becameAlive])
        let late = next(first, silent: 61, .answered(info))
        #expect(late.events == [.becameLate(.seconds(61))])
        #expect(late.status.isAlive && late.status.lateSince == MonotonicTime(nanoseconds: 7))
        #expect(next(late, silent: 66, .answered(info)).events.isEmpty)
        #expect(next(late, silent: 1, .answered(info)).events == [.isHeardAgain])
        let dead = next(late, silent: 70, .failed("timeout"))
        #expect(dead.events == [.becameDead(reason: "timeout")] && dead.status.lateSince == nil)
        info.startTime = UnixTime(seconds: 200)
        let restarted = next(late, silent: 70, .answered(info))
        #expect(restarted.events == [.restarted, .isHeardAgain] && restarted.status.lateSince == nil)
    }
}
