import ClusterTestKit
import HTTPAPI
import TabletModel
import Testing

@testable import MasterCore

/// The whole way, with the journal failing at each append in turn: after a restart nothing acknowledged is lost, and
/// the cluster can go on.
@Suite struct FlowJournalFailureTests {
    private struct Progress {
        var hasTable = false
        var visible: Version = .initial
        var hasPolicy = false
    }

    /// Notes what was acknowledged.
    private func run(_ cluster: FlowCluster, _ progress: inout Progress) throws {
        try cluster.addBackends()
        guard try cluster.createTable(buckets: 2).state == .finished else { return }
        progress.hasTable = true
        for label in ["l1", "l2"] {
            let load = try cluster.load(label)
            if load.state == .visible { progress.visible = load.version }
        }
        try cluster.createPolicy()
        _ = try cluster.master.attachStoragePolicy("cold", to: FlowCluster.table)
        progress.hasPolicy = true
        try cluster.scheduler.advance(by: .seconds(6))
        try cluster.reportAll()
    }

    @Test func everyAppendMayFail() throws {
        let whole = try FlowCluster(failingAppend: 0)
        var all = Progress()
        try run(whole, &all)
        #expect(all.hasTable && all.visible == 3 && all.hasPolicy)
        let appends = whole.appendCount
        // The first append begins the epoch: without it nothing starts.
        for failing in 2...appends { try check(failing) }
    }

    private func check(_ failing: Int) throws {
        let cluster = try FlowCluster(failingAppend: failing)
        var progress = Progress()
        do {
            try run(cluster, &progress)
        } catch is MasterError {
            // Refused, as it should be.
        }
        cluster.killMaster()
        try cluster.startMaster()
        try cluster.scheduler.advance(by: .seconds(12))
        guard progress.hasTable else { return }
        let table = try cluster.master.table(FlowCluster.table)
        #expect(table.visibleVersion >= progress.visible, "append \(failing)")
        if progress.hasPolicy { #expect(table.storagePolicy == "cold", "append \(failing)") }
        try cluster.load("after")
        let after = try cluster.master.load(label: "after", database: "db")
        #expect(after.state == .visible, "append \(failing): \(after.message)")
        #expect(cluster.rows(on: cluster.backends[0]).count == 4 * Int(after.version.rawValue - 1), "append \(failing)")
        try cluster.reportAll()
        let healed = try cluster.master.table(FlowCluster.table)
        #expect(healed.healthyReplicaCount == healed.replicaCount, "append \(failing)")
    }
}
