import ClusterTestKit
import HTTPAPI
import Platform
import Synchronization
import TabletModel
import Testing

@testable import ClusterMetadata
@testable import MasterCore
@testable import MasterServices
@testable import ReplicaRepair

/// What loads make of replicas that come and go while they run.
@Suite struct LoadQuorumTests {
    private func tablet(_ cluster: FlowCluster) throws -> TabletView {
        try cluster.master.tablets(of: FlowCluster.table)[0]
    }

    private func cluster(_ backends: Int = 3) throws -> FlowCluster {
        let cluster = try FlowCluster(backends: backends) { $0.repair.isDisabled = true }
        try cluster.addBackends()
        try cluster.createTable(buckets: 1)
        try cluster.load("first")
        try cluster.reportAll()
        return cluster
    }

    /// Two replicas took the rows and one of them is gone before the third answers: the rows are on one.
    @Test func aReplicaThatIsGoneCountsForNoQuorum() throws {
        let cluster = try cluster()
        let view = try tablet(cluster)
        let hosts = view.replicas.map(\.host)
        let slow = try #require(cluster.backends.first { $0.address.host == hosts[0] })
        slow.set { $0.silent = [.realtimePush] }
        let id = try cluster.beginLoad("second", "x,1\n")
        _ = try cluster.master.finishLoad(id)
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.load(id).replicasPushed == 2)
        try cluster.master.environment.commit([
            .deleteReplica(ReplicaKey(tabletID: view.id, backendID: view.replicas[1].backendID))
        ])
        try cluster.scheduler.advance(by: .seconds(60))
        let load = try cluster.master.load(id)
        #expect(load.state == .aborted && load.version == .none)
    }

    /// The second of three replicas with the rows of a committed load is lost: no majority will ever publish it. Its version
    /// becomes visible from the one that is left, so that a clone can bring it to the others and later loads go on.
    @Test func aCommittedLoadThatLostItsMajorityBecomesVisibleAndCanBeCloned() throws {
        let cluster = try cluster()
        let view = try tablet(cluster)
        let backends = try view.replicas.map { replica in
            try #require(cluster.backends.first { $0.address.host == replica.host })
        }
        backends[0].set { $0.failing[.realtimePush] = RPCStatus(.ioError, "no") }
        for backend in backends { backend.set { $0.silent = [.publishVersion] } }
        let id = try cluster.beginLoad("second", "x,1\n")
        _ = try cluster.master.finishLoad(id)
        try cluster.scheduler.advance(by: .seconds(10))
        #expect(try cluster.master.load(id).state == .committed)
        // It comes back without what it had not published.
        backends[1].set { state in
            state.tablets[view.id]?.pending = [:]
            state.failing[.publishVersion] = RPCStatus(.internalError, "no rows")
        }
        backends[0].set { $0.failing = [.publishVersion: RPCStatus(.internalError, "no rows")] }
        for backend in backends {
            backend.set { $0.silent = [] }
            for task in backend.taken(.publishVersion).suffix(1) { backend.run(task) }
        }
        try cluster.scheduler.advance(by: .seconds(40))
        #expect(try cluster.master.load(id).state == .committed)
        try cluster.scheduler.advance(by: .seconds(40))
        #expect(try cluster.master.load(id).state == .visible)
        let plan = try cluster.master.readPlan(FlowCluster.table, backend: nil, version: nil)
        #expect(plan.tablets[0].backends.map(\.replicaID) == [view.replicas[2].id])
        #expect(try cluster.master.load(id).message.isEmpty)
    }

    /// A surplus replica with the rows of a committed load stays until enough others have them.
    @Test func aReplicaThatACommittedVersionNeedsIsNotDropped() throws {
        let cluster = try cluster()
        let store = cluster.master.environment.store
        let view = try tablet(cluster)
        let keys = view.replicas.map { ReplicaKey(tabletID: view.id, backendID: $0.backendID) }
        func needed(by state: ClusterState, _ place: Int) throws -> Version? {
            let subject = try #require(RepairSubject(view.id, in: state))
            return state.versionNeeding(subject.replicas[place], of: subject)
        }
        #expect(try needed(by: store.snapshot(), 0) == nil)
        let table = try #require(store.read { $0.tablets.tablet(view.id)?.tableID })
        var state = store.snapshot()
        var load = Transaction(
            id: 90_000, databaseID: 1, tableID: table, label: "l", state: .committed,
            partitions: [.init(partitionID: view.partitionID, version: 3)], failedReplicas: [keys[0]], timeoutMs: 1,
            preparedAt: UnixTime(seconds: 0))
        state.apply(.upsertTransaction(load))
        #expect(try needed(by: state, 0) == nil)
        #expect(try needed(by: state, 1) == 3)
        // The report that shows the first whole says nothing of what is not visible; the others still count alone.
        state.apply(.updateReplicas([.init(key: keys[0], versions: ReplicaVersions(version: 2), isBad: false)]))
        #expect(try needed(by: state, 2) == 3)
        // A replica that was made since does not have the rows either.
        state.apply(.addReplica(view.id, NewReplica(id: 95_000, backendID: 77, versions: ReplicaVersions(version: 2))))
        #expect(try needed(by: state, 1) == 3)
        load.state = .visible
        state.apply(.upsertTransaction(load))
        #expect(try needed(by: state, 1) == nil)
    }
}
