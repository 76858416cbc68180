import AgentTasks
import ClusterTestKit
import HTTPAPI
import Platform
import TabletModel
import Testing

@testable import MasterCore
@testable import MasterServices

/// Ends of tasks that a backend tells together: each counts as if it had come alone.
@Suite struct EndsTogetherTests {
    private let cluster: FlowCluster

    init() throws {
        cluster = try FlowCluster()
        try cluster.addBackends()
        for backend in cluster.backends { backend.set { $0.silent = [.create] } }
    }

    private func end(
        _ type: TaskType, _ signature: Int64, of backend: FlowBackend, _ status: RPCStatus = .ok, version: Int64? = 2000
    ) -> FinishTaskRequest {
        var end = FinishTaskRequest(
            backend: backend.addressAsBackend, type: type, signature: signature, status: status)
        end.reportVersion = version
        return end
    }

    /// Of everything that the backend took.
    private func ends(of backend: FlowBackend) -> [FinishTaskRequest] {
        backend.taken.filter { $0.type == .create }.map { end(.create, $0.signature, of: backend) }
    }

    @Test func creationsEndTogether() throws {
        let job = try cluster.createTable()
        for (place, backend) in cluster.backends.enumerated() {
            #expect(try cluster.master.job(job.id).state == .running)
            #expect(cluster.master.frontend.finishTasks(ends(of: backend)) == Array(repeating: .ok, count: 4))
            let left = 4 * (cluster.backends.count - 1 - place)
            #expect(try cluster.master.status().queuedTasks == left)
            #expect(try cluster.master.job(job.id).done == 12 - left)
        }
        #expect(try cluster.master.job(job.id).state == .finished)
    }

    @Test func eachGetsItsOwnAnswerInItsPlace() throws {
        let job = try cluster.createTable()
        for backend in cluster.backends.dropLast() { _ = cluster.master.frontend.finishTasks(ends(of: backend)) }
        let last = try #require(cluster.backends.last)
        let good = ends(of: last)
        let mixed = [
            good[0], good[0], end(.create, 999_999, of: last), good[1],
            end(.create, good[2].signature, of: last, version: nil), end(.clone, 7, of: last), good[2], good[3],
        ]
        // The doubled one is a retry that came with the first; an end without its version is told again.
        #expect(
            cluster.master.frontend.finishTasks(mixed).map(\.code) == [
                .ok, .ok, .cancelled, .ok, .cancelled, .cancelled, .ok, .ok,
            ])
        #expect(try cluster.master.job(job.id).state == .finished)
        #expect(try cluster.master.status().queuedTasks == 0)
    }

    @Test func oneThatFailedAmongThemEndsTheCreation() throws {
        let job = try cluster.createTable()
        let backend = cluster.backends[0]
        var ends = ends(of: backend)
        ends[2].status = RPCStatus(.ioError, "disk broken")
        // The table goes with the third, and nobody waits for the fourth any more.
        #expect(cluster.master.frontend.finishTasks(ends).map(\.code) == [.ok, .ok, .ok, .cancelled])
        #expect(try cluster.master.job(job.id).state == .failed)
        #expect(try cluster.master.job(job.id).message.contains("disk broken"))
    }

    @Test func thoseOfAnUnknownBackendAreRefused() throws {
        try cluster.createTable()
        var ends = ends(of: cluster.backends[0])
        for place in ends.indices { ends[place].backend.bePort += 1 }
        #expect(cluster.master.frontend.finishTasks(ends).allSatisfy { $0.code == .cancelled })
        #expect(try cluster.master.status().queuedTasks == 12)
    }

    /// What a report must not undo: it was made before the tablets were there.
    @Test func anOlderReportIsNotBelievedAboutThem() throws {
        try cluster.createTable()
        for backend in cluster.backends {
            _ = cluster.master.frontend.finishTasks(ends(of: backend))
            #expect(try backend.reportTablets(version: 1999)?.isOK == true)
        }
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.table(FlowCluster.table).healthyReplicaCount == 12)
    }
}
