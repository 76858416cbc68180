import ClusterTestKit
import HTTPAPI
import Platform
import TabletModel
import Testing

@testable import AgentTasks
@testable import ClusterMetadata
@testable import MasterCore
@testable import MasterServices
@testable import ReplicaRepair

@Suite struct ConsistencyCheckerTests {
    private struct Stage {
        let cluster: FlowCluster
        let checker: ConsistencyChecker
        let tablet: TabletID
        let backends: [BackendID]

        init(replicas: Int = 3) throws {
            cluster = try FlowCluster()
            try cluster.addBackends()
            for backend in cluster.backends { backend.set { $0.silent = [.checkConsistency] } }
            try cluster.createTable(buckets: 1, replicas: replicas)
            try cluster.load("l1")
            checker = ConsistencyChecker(environment: cluster.master.environment)
            tablet = try cluster.master.tablets(of: FlowCluster.table)[0].id
            backends = try cluster.master.tablet(tablet).replicas.map(\.backendID)
        }

        var request: CheckConsistencyRequest {
            get throws {
                let view = try cluster.master.tablet(tablet)
                return CheckConsistencyRequest(
                    tabletID: tablet, schemaHash: view.schemaHash, version: view.visibleVersion)
            }
        }

        func answer(_ place: Int, _ checksum: Int64?, version: Version? = nil) throws {
            var end = FinishTaskRequest(
                backend: BackendAddress(host: "", bePort: 0, httpPort: 0), type: .checkConsistency,
                signature: tablet.rawValue, status: .ok)
            end.tabletChecksum = checksum
            end.requestVersion = version
            checker.finished(end, task: try request, on: backends[place])
        }
    }

    @Test func everyReplicaIsAskedAndEqualChecksumsAreConsistent() throws {
        let stage = try Stage()
        #expect(try stage.checker.start(stage.tablet).state == .running)
        try stage.cluster.scheduler.runUntilIdle()
        for backend in stage.cluster.backends {
            let task = try #require(backend.taken(.checkConsistency).first)
            #expect(task.payload == .checkConsistency(try stage.request))
        }
        // A second one while it runs is the same.
        #expect(try stage.checker.start(stage.tablet).startedMs == stage.checker.view(stage.tablet).startedMs)
        for place in 0..<3 { try stage.answer(place, 42, version: 2) }
        let view = try stage.checker.view(stage.tablet)
        #expect(view.state == .consistent && view.version == 2 && view.endedMs > 0)
        #expect(view.replicas.map(\.checksum) == [42, 42, 42])
    }

    // found D4, its kind
    @Test func theLateFailureOfAnEarlierCheckIsNotThisOnes() throws {
        let stage = try Stage()
        let checker = stage.cluster.master.consistency
        let backend = stage.cluster.backends[0]
        _ = try checker.start(stage.tablet)
        try stage.cluster.scheduler.advance(by: ConsistencyChecker.timeout + .seconds(1))
        #expect(try checker.view(stage.tablet).state == .failed)
        _ = try checker.start(stage.tablet)
        try stage.cluster.scheduler.runUntilIdle()
        let tasks = backend.taken(.checkConsistency)
        #expect(tasks.count == 2)
        var late = FinishTaskRequest(
            backend: backend.addressAsBackend, type: .checkConsistency, signature: try #require(tasks.first).signature,
            status: RPCStatus(.internalError, "the disk was slow"))
        #expect(stage.cluster.master.frontend.finishTask(late).code == .cancelled)
        #expect(try checker.view(stage.tablet).replicas.allSatisfy { $0.error.isEmpty })
        late.signature = try #require(tasks.last).signature
        #expect(stage.cluster.master.frontend.finishTask(late).isOK)
        #expect(try checker.view(stage.tablet).replicas.contains { $0.error.contains("the disk was slow") })
    }

    @Test func differingReplicaIsNamedAndNotMarked() throws {
        let stage = try Stage()
        _ = try stage.checker.start(stage.tablet)
        try stage.answer(0, 1)
        try stage.answer(1, 2)
        try stage.answer(2, 1)
        let view = try stage.checker.view(stage.tablet)
        #expect(view.state == .inconsistent)
        #expect(view.message.contains("differing from the majority: \(stage.backends[1]);"))
        #expect(try stage.cluster.master.tablet(stage.tablet).replicas.allSatisfy { !$0.isBad })
    }

    @Test func withoutAMajorityNobodyIsNamed() throws {
        let stage = try Stage()
        _ = try stage.checker.start(stage.tablet)
        for place in 0..<3 { try stage.answer(place, Int64(place)) }
        let view = try stage.checker.view(stage.tablet)
        #expect(view.state == .inconsistent && view.message.contains("no majority"))
    }

    @Test func replicaThatCouldNotAnswerFailsTheCheck() throws {
        let stage = try Stage()
        _ = try stage.checker.start(stage.tablet)
        try stage.answer(0, 1)
        stage.checker.failed(try stage.request, on: stage.backends[1], "segment 3 is corrupt")
        try stage.answer(2, 1, version: 9)
        let view = try stage.checker.view(stage.tablet)
        #expect(view.state == .failed)
        #expect(view.message.contains("segment 3 is corrupt") && view.message.contains("version 9"))
    }

    @Test func silentBackendLetsTheCheckTimeOutAndFreesItsTask() throws {
        let stage = try Stage()
        _ = try stage.checker.start(stage.tablet)
        try stage.cluster.scheduler.runUntilIdle()
        try stage.answer(0, 1)
        try stage.cluster.scheduler.advance(by: ConsistencyChecker.timeout + .seconds(1))
        let view = try stage.checker.view(stage.tablet)
        #expect(view.state == .failed && view.message.contains("no answer in time"))
        for backend in stage.backends.dropFirst() {
            #expect(stage.cluster.master.environment.tasks.count(of: backend) == 0)
        }
        // An answer that comes after the end changes nothing, and a new check can begin.
        try stage.answer(1, 1)
        #expect(try stage.checker.view(stage.tablet) == view)
        #expect(try stage.checker.start(stage.tablet).state == .running)
    }

    @Test func deadBackendIsNotWaitedFor() throws {
        let stage = try Stage()
        _ = try stage.checker.start(stage.tablet)
        try stage.answer(0, 1)
        try stage.answer(1, 1)
        stage.checker.lost(stage.backends[2])
        #expect(try stage.checker.view(stage.tablet).state == .failed)
    }

    @Test func onlyReplicaIsReadThoughThereIsNothingToCompare() throws {
        let stage = try Stage(replicas: 1)
        _ = try stage.checker.start(stage.tablet)
        try stage.answer(0, 1)
        #expect(try stage.checker.view(stage.tablet).state == .consistent)
    }

    @Test func brokenReplicasAreLeftOutAndAnUnknownTabletIsRefused() throws {
        let stage = try Stage()
        _ = try stage.cluster.backends[0].reportTablets { $0.isUsed = false }
        try stage.cluster.scheduler.runUntilIdle()
        let view = try stage.checker.start(stage.tablet)
        #expect(view.replicas.count { $0.error.hasPrefix("not asked") } == 1)
        _ = try stage.cluster.backends[1].reportTablets { $0.isUsed = false }
        try stage.cluster.scheduler.runUntilIdle()
        let other = ConsistencyChecker(environment: stage.cluster.master.environment)
        #expect(throws: MasterError.self) { try other.start(stage.tablet) }
        #expect(throws: MasterError.self) { try other.start(1) }
        #expect(throws: MasterError.self) { try other.view(stage.tablet) }
    }
}
