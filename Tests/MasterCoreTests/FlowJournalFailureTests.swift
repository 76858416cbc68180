import ClusterTestKit
import HTTPAPI
import Platform
import TabletModel
import Testing

@testable import MasterCore

/// The whole way, with the journal failing at each of its operations in turn while the FE lives on: nothing acknowledged is
/// lost, nothing stays half done, and the cluster goes on once the disk works.
@Suite struct FlowJournalFailureTests {
    private struct Progress {
        var hasTable = false
        var visible: Version = .initial
        var hasPolicy = false
    }

    enum Kind: String, CaseIterable, Sendable {
        /// Once, and nothing was written.
        case refused
        /// Once, and it was written: a sync that fails.
        case durable
        /// For two minutes; nothing was written.
        case refusedForLong
        /// For two minutes; it was written.
        case durableForLong

        func fault(_ index: Int) -> FaultPlan.Fault {
            switch self {
            case .refused: .fail(index)
            case .durable: .failAfter(index)
            case .refusedForLong: .failFrom(index)
            case .durableForLong: .failAfterAndFrom(index)
            }
        }
        var isLong: Bool { self == .refusedForLong || self == .durableForLong }
    }

    /// Notes what was acknowledged. A client that hears of trouble goes on with what comes next.
    private func run(_ cluster: FlowCluster, _ progress: inout Progress) throws {
        func trying(_ step: () throws -> Void) throws {
            do {
                try step()
            } catch let error as MasterError {
                let expected: [MasterError.Code] = [.readOnly, .outcomeUnknown, .notFound, .conflict, .unavailable]
                #expect(expected.contains(error.code), "\(error)")
            }
        }
        try trying { try cluster.addBackends() }
        try trying {
            guard try cluster.createTable(buckets: 2).state == .finished else { return }
            progress.hasTable = true
        }
        for label in ["l1", "l2"] {
            try trying {
                let load = try cluster.load(label)
                if load.state == .visible { progress.visible = load.version }
            }
        }
        try trying {
            try cluster.createPolicy()
            _ = try cluster.master.attachStoragePolicy("cold", to: FlowCluster.table)
            progress.hasPolicy = true
        }
        try cluster.scheduler.advance(by: .seconds(6))
        // Of backends that are not registered, or while nothing can be changed, a report may be refused.
        for backend in cluster.backends { _ = try backend.reportTablets() }
        try cluster.scheduler.runUntilIdle()
    }

    @Test(arguments: Kind.allCases, [true, false]) func everyOperationMayFail(kind: Kind, restarts: Bool) throws {
        let whole = try FlowCluster()
        var all = Progress()
        try run(whole, &all)
        #expect(all.hasTable && all.visible == 3 && all.hasPolicy)
        let operations = whole.faults.count
        #expect(operations > 10)
        // The first opens the journal: without it nothing starts.
        for failing in 1..<operations { try check(kind, failing, restarts: restarts) }
    }

    private func check(_ kind: Kind, _ failing: Int, restarts: Bool) throws {
        let place: Comment = "\(kind.rawValue) at operation \(failing)"
        let cluster = try FlowCluster(fault: kind.fault(failing))
        var progress = Progress()
        try run(cluster, &progress)
        #expect(cluster.faults.wasTouched, place)
        if kind.isLong {
            try cluster.live(for: 120)
            let status = try cluster.master.status()
            #expect(!status.isReady && status.metadataTrouble?.reason.isEmpty == false, place)
            #expect(try cluster.master.loads().allSatisfy { $0.state != .aborted || $0.version == .none }, place)
        }
        cluster.faults.restart()
        if restarts {
            cluster.killMaster()
            try cluster.startMaster()
        }
        try cluster.live(for: 60)
        #expect(try cluster.master.status().isReady, place)
        // A client that comes back for what it did not get.
        if try cluster.master.backends().count < 3 {
            for backend in cluster.backends {
                do {
                    _ = try cluster.master.addBackend(backend.address)
                } catch let error as MasterError where error.code == .alreadyExists {}
            }
            try cluster.live(for: 40)
        }
        try checkTable(cluster, progress, place)
    }

    private func checkTable(_ cluster: FlowCluster, _ progress: Progress, _ place: Comment) throws {
        let tables = try cluster.master.tables(inDatabase: nil)
        #expect(tables.allSatisfy { $0.state == "normal" }, place)
        #expect(!progress.hasTable || tables.count == 1, place)
        if tables.isEmpty { #expect(try cluster.createTable(buckets: 2).state == .finished, place) }
        let table = try cluster.master.table(FlowCluster.table)
        #expect(table.visibleVersion >= progress.visible, place)
        if progress.hasPolicy { #expect(table.storagePolicy == "cold", place) }
        // No load hangs between two states, and later ones become visible.
        #expect(try cluster.master.loads().allSatisfy { $0.state == .visible || $0.state == .aborted }, place)
        try cluster.load("after")
        let after = try cluster.master.load(label: "after", database: "db")
        #expect(after.state == .visible, "\(place.rawValue): \(after.message)")
        #expect(cluster.rows(on: cluster.backends[0]).count == 4 * Int(after.version.rawValue - 1), place)
        try cluster.reportAll()
        let healed = try cluster.master.table(FlowCluster.table)
        #expect(healed.healthyReplicaCount == healed.replicaCount, place)
    }

    /// found A1: the commit of a load is written, and its sync fails.
    @Test(arguments: [true, false]) func aLoadWhoseCommitIsInDoubtIsNeitherAbortedNorCleared(happened: Bool) throws {
        let cluster = try FlowCluster().ready()
        let id = try cluster.beginLoad("doubt", "a,1\nb,2\n")
        cluster.faults.restart(happened ? .failAfterAndFrom(0) : .failFrom(0))
        _ = try cluster.master.finishLoad(id)
        try cluster.live(for: 120)
        let held = try cluster.master.load(label: "doubt", database: "db")
        #expect(held.state == .pushing && held.message.contains("may be written or not"))
        #expect(cluster.backends.allSatisfy { $0.taken(.clearTransactionTask).isEmpty })
        #expect(cluster.backends.allSatisfy { $0.taken(.publishVersion).isEmpty })
        let told = #expect(throws: MasterError.self) { try cluster.master.abortLoad(id, reason: "impatient") }
        #expect(told?.code == .outcomeUnknown)
        let refused = #expect(throws: MasterError.self) { try cluster.beginLoad("other", "a,1\n") }
        #expect(refused?.code == .readOnly)

        cluster.faults.restart()
        try cluster.live(for: 40)
        #expect(try cluster.master.load(id).state == .visible)
        #expect(cluster.rows(on: cluster.backends[0]) == ["a,1", "b,2"])
        #expect(try cluster.load("next").state == .visible)
    }

    /// found A1: the same when a load is to become visible.
    @Test(arguments: [true, false]) func aLoadWhoseEndIsInDoubtIsShownOnceThatIsKnown(happened: Bool) throws {
        let cluster = try FlowCluster().ready()
        for backend in cluster.backends { backend.set { $0.silent = [.publishVersion] } }
        let id = try cluster.beginLoad("doubt", "a,1\nb,2\n")
        _ = try cluster.master.finishLoad(id)
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.load(id).state == .committed)
        cluster.faults.restart(happened ? .failAfterAndFrom(0) : .failFrom(0))
        for backend in cluster.backends {
            backend.set { $0.silent = [] }
            for task in backend.taken(.publishVersion) { backend.run(task) }
        }
        try cluster.live(for: 120)
        let held = try cluster.master.load(id)
        #expect(held.state == .committed && held.message.contains("may be written or not"))

        cluster.faults.restart()
        try cluster.live(for: 40)
        #expect(try cluster.master.load(id).state == .visible)
        #expect(cluster.rows(on: cluster.backends[0]) == ["a,1", "b,2"])
        #expect(try cluster.load("next").state == .visible)
    }

    /// found A1: no tablet goes before it is known that its table is dropped, and then no report is needed.
    @Test(arguments: [true, false]) func aDropThatIsInDoubtReachesNoBackendUntilThatIsKnown(happened: Bool) throws {
        let cluster = try FlowCluster().ready()
        cluster.faults.restart(happened ? .failAfterAndFrom(0) : .failFrom(0))
        let told = #expect(throws: MasterError.self) { try cluster.master.dropTable(FlowCluster.table) }
        #expect(told?.code == .outcomeUnknown)
        try cluster.live(for: 60)
        #expect(cluster.backends.allSatisfy { $0.taken(.drop).isEmpty })
        cluster.faults.restart()
        try cluster.scheduler.advance(by: .seconds(60))
        #expect(try cluster.master.tables(inDatabase: nil).isEmpty == happened)
        #expect(cluster.backends.allSatisfy { $0.taken(.drop).count == (happened ? 4 : 0) })
    }

    @Test func aLoadThatCouldNotBeCommittedInItsTimeIsAbortedOnceThatIsKnown() throws {
        let cluster = try FlowCluster().ready()
        let load = try cluster.master.beginLoad(
            BeginLoadRequest(table: FlowCluster.table, label: "late", timeoutMs: 30_000))
        try Array("a,1\n".utf8).withUnsafeBytes { try cluster.master.appendToLoad(load.transactionID, $0) }
        cluster.faults.restart(.failFrom(0))
        _ = try cluster.master.finishLoad(load.transactionID)
        try cluster.live(for: 60)
        #expect(try cluster.master.load(load.transactionID).state == .pushing)
        cluster.faults.restart()
        try cluster.live(for: 40)
        #expect(try cluster.master.load(load.transactionID).state == .aborted)
        #expect(cluster.backends.allSatisfy { !$0.taken(.clearTransactionTask).isEmpty })
        #expect(try cluster.load("late").state == .visible)
    }
}
