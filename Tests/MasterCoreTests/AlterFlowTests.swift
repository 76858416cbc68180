import AgentTasks
import ClusterTestKit
import HTTPAPI
import Platform
import TabletModel
import Testing

@testable import ClusterMetadata
@testable import MasterCore
@testable import MasterServices

/// Schema changes over backends in memory: every state, with restarts, cancels, drops and loads beside it.
@Suite struct AlterFlowTests {
    /// Where a change stands still until the test lets it go on.
    enum Stop: String, CaseIterable, Sendable {
        case pending, waiting, running

        var state: String { self == .waiting ? "WAITING_TXN" : rawValue.uppercased() }
        var silent: Set<TaskType> {
            switch self {
            case .pending: [.create]
            case .waiting: []
            case .running: [.alter]
            }
        }
    }

    static let table = FlowCluster.table
    static let before = "a,1\nb,2\nc,3\nd,4\n"
    static let add = AlterTableRequest(action: .addColumn, column: "n", type: "INT", defaultValue: "7", after: "k")

    /// A table with a load, and a change of it that stands still.
    private final class Scene {
        let cluster: FlowCluster
        var open: TransactionID?

        init(_ stop: Stop) throws {
            cluster = try FlowCluster().ready()
            #expect(try cluster.load("one", AlterFlowTests.before).state == .visible)
            if stop == .waiting { open = try cluster.beginLoad("open", "o,9\n") }
            for backend in cluster.backends { backend.set { $0.silent = stop.silent } }
            _ = try cluster.master.alterTable(AlterFlowTests.table, AlterFlowTests.add)
            try cluster.scheduler.advance(by: .seconds(3))
            #expect(try cluster.master.alterViews().map(\.state) == [stop.state])
        }

        /// What stood still goes on.
        func release() throws {
            for backend in cluster.backends {
                backend.set {
                    $0.silent = []
                    $0.running = [:]
                }
            }
            try cluster.scheduler.advance(by: .seconds(6))
            for backend in cluster.backends { _ = backend.reportTasks() }
            try cluster.scheduler.advance(by: .seconds(6))
        }

        func finish() throws {
            if let open {
                _ = try cluster.master.finishLoad(open)
                try cluster.scheduler.runUntilIdle()
            }
            try release()
        }

        var state: ClusterState { cluster.master.environment.store.snapshot() }
        var table: Table { state.tables[0] }
        var rows: [[String]] { cluster.backends.map { cluster.rows(on: $0) } }
    }

    private func checkDone(_ scene: Scene, _ rows: [String], _ location: SourceLocation = #_sourceLocation) throws {
        #expect(try scene.cluster.master.alterViews().map(\.state) == ["FINISHED"], sourceLocation: location)
        let view = try scene.cluster.master.table(Self.table)
        #expect(view.columns == ["k", "n", "v"], sourceLocation: location)
        #expect(view.columnTypes == ["VARCHAR", "INT", "VARCHAR"], sourceLocation: location)
        #expect(view.state == "normal", sourceLocation: location)
        #expect(view.replicaCount == 12, sourceLocation: location)
        #expect(scene.table.partitions[0].indexes.count == 1, sourceLocation: location)
        for found in scene.rows { #expect(found == rows.sorted(), sourceLocation: location) }
        // The old tablets are gone from the backends.
        for backend in scene.cluster.backends {
            #expect(backend.tablets.keys.sorted() == scene.table.tabletIDs, sourceLocation: location)
        }
    }

    private func checkUnchanged(_ scene: Scene, _ rows: [String], _ location: SourceLocation = #_sourceLocation) throws
    {
        let view = try scene.cluster.master.table(Self.table)
        #expect(view.columns == ["k", "v"], sourceLocation: location)
        #expect(view.state == "normal", sourceLocation: location)
        #expect(scene.table.alter == nil, sourceLocation: location)
        #expect(scene.table.partitions[0].indexes.count == 1, sourceLocation: location)
        for found in scene.rows { #expect(found == rows.sorted(), sourceLocation: location) }
    }

    static let altered = ["a,7,1", "b,7,2", "c,7,3", "d,7,4"]

    @Test func aColumnIsAddedAndLoadsGoOn() throws {
        let cluster = try FlowCluster().ready()
        try cluster.load("one", Self.before)
        let begun = try cluster.master.alterTable(Self.table, Self.add)
        #expect(begun.state == "PENDING")
        #expect(begun.change == "add column n:INT")
        try cluster.scheduler.advance(by: .seconds(5))
        #expect(try cluster.master.alterViews().map(\.state) == ["FINISHED"])
        #expect(try cluster.load("two", "e,8,5\n").state == .visible)
        for backend in cluster.backends { #expect(cluster.rows(on: backend) == Self.altered + ["e,8,5"]) }
        try cluster.reportAll()
        try cluster.live(for: 120)
        #expect(try cluster.master.unhealthyReplicas(of: nil, limit: 10).isEmpty)
        #expect(try cluster.master.alterViews()[0].change == "add column n:INT")
    }

    @Test(arguments: Stop.allCases) func aRestartGoesOnWhereItWas(stop: Stop) throws {
        let scene = try Scene(stop)
        scene.cluster.killMaster()
        try scene.cluster.startMaster()
        try scene.cluster.scheduler.advance(by: .seconds(3))
        // A load that was open is given up by the restart.
        scene.open = nil
        try scene.finish()
        try checkDone(scene, Self.altered)
    }

    @Test(arguments: Stop.allCases) func anImageKeepsIt(stop: Stop) throws {
        let scene = try Scene(stop)
        _ = try scene.cluster.master.checkpoint()
        scene.cluster.killMaster()
        try scene.cluster.startMaster()
        #expect(try scene.cluster.master.alterViews().map(\.state) == [stop.state])
        scene.open = nil
        try scene.finish()
        try checkDone(scene, Self.altered)
    }

    @Test(arguments: Stop.allCases) func aCancelLeavesTheTableAsItWas(stop: Stop) throws {
        let scene = try Scene(stop)
        let ended = try scene.cluster.master.cancelAlter(Self.table)
        #expect(ended.state == "CANCELLED")
        try scene.finish()
        let rows = ["a,1", "b,2", "c,3", "d,4"] + (stop == .waiting ? ["o,9"] : [])
        try checkUnchanged(scene, rows)
        for backend in scene.cluster.backends { #expect(backend.tablets.keys.sorted() == scene.table.tabletIDs) }
        #expect(throws: MasterError.self) { try scene.cluster.master.cancelAlter(Self.table) }
        // And again, to the end.
        _ = try scene.cluster.master.alterTable(Self.table, Self.add)
        try scene.cluster.scheduler.advance(by: .seconds(5))
        #expect(try scene.cluster.master.alterViews().map(\.state) == ["FINISHED", "CANCELLED"])
    }

    @Test(arguments: Stop.allCases) func aDropTakesEverything(stop: Stop) throws {
        let scene = try Scene(stop)
        try scene.cluster.master.dropTable(Self.table)
        try scene.release()
        #expect(scene.state.tables.isEmpty)
        #expect(scene.state.tablets.count == 0)
        #expect(try scene.cluster.master.alterViews().isEmpty)
        try scene.cluster.live(for: 60)
        for backend in scene.cluster.backends { #expect(backend.tablets.isEmpty) }
        for backend in scene.state.backends {
            #expect(scene.cluster.master.environment.tasks.count(of: backend.id) == 0)
        }
    }

    @Test(arguments: Stop.allCases) func reportsDisturbNothing(stop: Stop) throws {
        let scene = try Scene(stop)
        if stop == .pending {
            // Some of its tablets are there already.
            scene.cluster.backends[0].set { $0.silent = [] }
            try scene.cluster.scheduler.advance(by: .seconds(3))
        }
        let tablets = scene.table.tabletIDs
        for _ in 0..<3 {
            try scene.cluster.reportAll()
            try scene.cluster.scheduler.advance(by: .seconds(5))
        }
        #expect(scene.table.tabletIDs == tablets)
        for backend in scene.cluster.backends {
            #expect(backend.taken(.drop).isEmpty)
            #expect(backend.taken(.clone).isEmpty)
        }
        #expect(try scene.cluster.master.unhealthyReplicas(of: nil, limit: 100).isEmpty)
        try scene.finish()
        try checkDone(scene, Self.altered + (stop == .waiting ? ["o,7,9"] : []))
    }

    @Test func loadsOfEveryMomentAreThere() throws {
        let scene = try Scene(.waiting)
        // Begun while the change waits: written to both.
        #expect(try scene.cluster.load("during", "w,5\n").state != .aborted)
        for backend in scene.cluster.backends { backend.set { $0.silent = [.alter] } }
        _ = try scene.cluster.master.finishLoad(try #require(scene.open))
        try scene.cluster.scheduler.advance(by: .seconds(5))
        #expect(try scene.cluster.master.alterViews().map(\.state) == ["RUNNING"])
        #expect(try scene.cluster.load("running", "r,6\n").state == .visible)
        // Begun in the old columns, and ended after the swap.
        let late = try scene.cluster.beginLoad("late", "z,1\n")
        scene.open = nil
        try scene.release()
        #expect(try scene.cluster.master.alterViews().map(\.state) == ["FINISHED"])
        _ = try scene.cluster.master.finishLoad(late)
        try scene.cluster.scheduler.runUntilIdle()
        #expect(try scene.cluster.master.load(late).state == .visible)
        #expect(try scene.cluster.load("after", "y,3,4\n").state == .visible)
        try checkDone(scene, Self.altered + ["o,7,9", "w,7,5", "r,7,6", "z,7,1", "y,3,4"])
    }

    @Test func aLoadThatIsBeingPushedGoesOnOverTheSwap() throws {
        let scene = try Scene(.running)
        for backend in scene.cluster.backends { backend.set { $0.silent = [.alter, .realtimePush] } }
        let late = try scene.cluster.beginLoad("late", "z,1\n")
        _ = try scene.cluster.master.finishLoad(late)
        try scene.cluster.scheduler.advance(by: .seconds(1))
        for backend in scene.cluster.backends {
            backend.set {
                $0.silent = [.realtimePush]
                $0.running[.alter] = nil
            }
        }
        try scene.cluster.scheduler.advance(by: .seconds(6))
        for backend in scene.cluster.backends { _ = backend.reportTasks() }
        try scene.cluster.scheduler.advance(by: .seconds(6))
        #expect(try scene.cluster.master.alterViews().map(\.state) == ["FINISHED"])
        try scene.release()
        #expect(try scene.cluster.master.load(late).state == .visible)
        try checkDone(scene, Self.altered + ["z,7,1"])
    }

    @Test func newTabletsCoolOnceTheyAreTheTables() throws {
        let cluster = try FlowCluster()
        try cluster.addBackends()
        _ = try cluster.master.createDatabase("db")
        try cluster.createPolicy()
        #expect(try cluster.createTable(policy: "cold").state == .finished)
        try cluster.load("one", Self.before)
        try cluster.live(for: 60)
        for backend in cluster.backends { backend.set { $0.silent = [.alter] } }
        _ = try cluster.master.alterTable(Self.table, Self.add)
        try cluster.live(for: 60)
        let state = { cluster.master.environment.store.snapshot() }
        let shadows = try #require(state().tables[0].partitions[0].shadowIndex?.tabletIDs)
        // Nothing is told to them meanwhile.
        #expect(shadows.allSatisfy { state().tablets.tablet($0)?.cooldownReplicaID == -1 })
        for backend in cluster.backends {
            backend.set {
                $0.silent = []
                $0.running = [:]
            }
            _ = backend.reportTasks()
        }
        try cluster.live(for: 120)
        #expect(try cluster.master.alterViews().map(\.state) == ["FINISHED"])
        #expect(shadows.allSatisfy { (state().tablets.tablet($0)?.cooldownReplicaID ?? -1) > 0 })
        for backend in cluster.backends {
            #expect(backend.tablets.values.allSatisfy { $0.policy == "cold" && $0.conf?.term == 1 })
        }
        // The old ones' objects go, too.
        let drops = cluster.backends[0].taken(.drop).compactMap { task -> DropTabletRequest? in
            if case .drop(let drop) = task.payload { drop } else { nil }
        }
        #expect(drops.count == 4 && drops.allSatisfy(\.isDropTableOrPartition))
    }

    // MARK: Trouble

    /// Each operation of the journal fails in turn, once or for long, written or not, while a column is added.
    @Test(arguments: FlowJournalFailureTests.Kind.allCases, [true, false])
    func everyOperationOfTheJournalMayFail(kind: FlowJournalFailureTests.Kind, restarts: Bool) throws {
        func run(_ cluster: FlowCluster) throws {
            do {
                _ = try cluster.master.alterTable(Self.table, Self.add)
            } catch let error as MasterError {
                #expect([.readOnly, .outcomeUnknown].contains(error.code), "\(error)")
            }
            try cluster.live(for: 20)
        }
        let whole = try FlowCluster().ready()
        try whole.load("one", Self.before)
        whole.faults.restart()
        try run(whole)
        let operations = whole.faults.count
        #expect(operations > 4)
        for failing in 0..<operations {
            let place: Comment = "\(kind.rawValue) at operation \(failing)"
            let cluster = try FlowCluster().ready()
            try cluster.load("one", Self.before)
            cluster.faults.restart(kind.fault(failing))
            try run(cluster)
            if kind.isLong { try cluster.live(for: 40) }
            cluster.faults.restart()
            if restarts {
                cluster.killMaster()
                try cluster.startMaster()
            }
            try cluster.live(for: 90)
            let views = try cluster.master.alterViews()
            #expect(views.count <= 1 && views.allSatisfy { $0.state == "FINISHED" }, place)
            // A client that comes back for what it did not get.
            if views.isEmpty {
                _ = try cluster.master.alterTable(Self.table, Self.add)
                try cluster.live(for: 20)
            }
            #expect(try cluster.load("two", "e,8,5\n").state == .visible, place)
            try cluster.live(for: 60)
            let state = cluster.master.environment.store.snapshot()
            for backend in cluster.backends {
                #expect(cluster.rows(on: backend) == Self.altered + ["e,8,5"], place)
                #expect(backend.tablets.keys.sorted() == state.tables[0].tabletIDs, place)
            }
        }
    }

    /// The FE dies before and after each write of the journal: there is no change then, or one that goes on and ends.
    @Test(arguments: [true, false]) func everyWriteOfTheJournalMayBeTheLast(isWritten: Bool) throws {
        var outcomes: Set<[String]> = []
        for index in 0... {
            let place: Comment = "at \(index), written: \(isWritten)"
            let cluster = try FlowCluster().ready()
            try cluster.load("one", Self.before)
            cluster.faults.restart(isWritten ? .crashAfter(index) : .crashBefore(index))
            do { _ = try cluster.master.alterTable(Self.table, Self.add) } catch {}
            do { try cluster.live(for: 20) } catch {}
            let wasTouched = cluster.faults.wasTouched
            let creates = cluster.backends.map { $0.taken(.create).count }
            cluster.faults.restart()
            cluster.killMaster()
            try cluster.startMaster()
            try cluster.live(for: 60)
            let states = try cluster.master.alterViews().map(\.state)
            outcomes.insert(states)
            if states.isEmpty {
                // No backend has heard of it.
                #expect(creates == cluster.backends.map { $0.taken(.create).count }, place)
                #expect(cluster.backends.allSatisfy { $0.taken(.drop).isEmpty }, place)
                #expect(try cluster.master.table(Self.table).state == "normal", place)
                _ = try cluster.master.alterTable(Self.table, Self.add)
                try cluster.live(for: 20)
            }
            #expect(try cluster.master.alterViews().map(\.state) == ["FINISHED"], place)
            #expect(try cluster.load("two", "e,8,5\n").state == .visible, place)
            for backend in cluster.backends {
                #expect(cluster.rows(on: backend) == Self.altered + ["e,8,5"], place)
            }
            guard wasTouched else {
                #expect(index > 8, "its begin takes a write for each tablet")
                break
            }
        }
        #expect(outcomes == [[], ["FINISHED"]])
    }

    /// A part of a begin that can't be written is taken back, and whoever asked may ask again.
    @Test func aBeginThatBreaksOffIsTakenBackAtOnce() throws {
        let cluster = try FlowCluster().ready()
        try cluster.load("one", Self.before)
        cluster.faults.restart(.fail(2))
        let refused = #expect(throws: MasterError.self) { try cluster.master.alterTable(Self.table, Self.add) }
        #expect(refused?.code == .readOnly)
        #expect(try cluster.master.alterViews().isEmpty)
        #expect(try cluster.master.table(Self.table).state == "normal")
        #expect(cluster.backends.allSatisfy { $0.taken(.drop).isEmpty })
        #expect(try cluster.master.alterTable(Self.table, Self.add).state == "PENDING")
        try cluster.scheduler.advance(by: .seconds(5))
        #expect(try cluster.master.alterViews().map(\.state) == ["FINISHED"])
    }

    @Test func oneThatFailsIsLeftBehindAndMadeAnew() throws {
        let scene = try Scene(.running)
        scene.cluster.backends[2].set { $0.failing[.alter] = RPCStatus(.ioError, "disk") }
        try scene.release()
        try scene.cluster.scheduler.advance(by: .seconds(120))
        #expect(try scene.cluster.master.alterViews().map(\.state) == ["FINISHED"])
        scene.cluster.backends[2].set { $0.failing = [:] }
        try scene.cluster.live(for: 300)
        try checkDone(scene, Self.altered)
        #expect(try scene.cluster.master.unhealthyReplicas(of: nil, limit: 10).isEmpty)
    }

    @Test func whereAMajorityFailsItIsCancelled() throws {
        let scene = try Scene(.running)
        for backend in scene.cluster.backends.dropFirst() {
            backend.set { $0.failing[.alter] = RPCStatus(.notImplementedError, "no expressions") }
        }
        try scene.release()
        try scene.cluster.scheduler.advance(by: .seconds(120))
        let view = try #require(try scene.cluster.master.alterViews().first)
        #expect(view.state == "CANCELLED")
        #expect(view.message.contains("no expressions"))
        try checkUnchanged(scene, ["a,1", "b,2", "c,3", "d,4"])
    }

    @Test func aReplicaThatCanNotBeMadeCancelsIt() throws {
        let cluster = try FlowCluster().ready()
        cluster.backends[1].set { $0.failing[.create] = RPCStatus(.ioError, "no space") }
        _ = try cluster.master.alterTable(Self.table, Self.add)
        try cluster.scheduler.advance(by: .seconds(3))
        let view = try #require(try cluster.master.alterViews().first)
        #expect(view.state == "CANCELLED")
        #expect(view.message.contains("no space"))
    }

    @Test func aBackendThatDiesIsNotWaitedForForLong() throws {
        let scene = try Scene(.running)
        scene.cluster.backends[0].set { $0.isDown = true }
        try scene.cluster.live(for: 60)
        for backend in scene.cluster.backends.dropFirst() {
            backend.set {
                $0.silent = []
                $0.running = [:]
            }
            _ = backend.reportTasks()
        }
        try scene.cluster.live(for: 60)
        #expect(try scene.cluster.master.alterViews().map(\.state) == ["FINISHED"])
        #expect(try scene.cluster.load("later", "e,8,5\n").state == .visible)
        scene.cluster.backends[0].set {
            $0.isDown = false
            $0.silent = []
            $0.running = [:]
        }
        try scene.cluster.live(for: 300)
        try checkDone(scene, Self.altered + ["e,8,5"])
    }

    // MARK: Requests

    @Test func aRenameIsDoneAtOnce() throws {
        let cluster = try FlowCluster().ready()
        try cluster.load("one", Self.before)
        let tablets = try cluster.master.tablets(of: Self.table).map(\.id)
        let view = try cluster.master.alterTable(
            Self.table, AlterTableRequest(action: .renameColumn, column: "v", newName: "значение"))
        #expect(view.state == "FINISHED")
        #expect(try cluster.master.table(Self.table).columns == ["k", "значение"])
        #expect(try cluster.master.tablets(of: Self.table).map(\.id) == tablets)
        cluster.killMaster()
        try cluster.startMaster()
        #expect(try cluster.master.table(Self.table).columns == ["k", "значение"])
        // The rows of a change after it come from the column under its new name.
        try cluster.scheduler.advance(by: .seconds(10))
        _ = try cluster.master.alterTable(Self.table, AlterTableRequest(action: .addColumn, column: "v"))
        try cluster.scheduler.advance(by: .seconds(5))
        for backend in cluster.backends { #expect(cluster.rows(on: backend) == ["a,1,", "b,2,", "c,3,", "d,4,"]) }
    }

    @Test func orderAndDrop() throws {
        let cluster = try FlowCluster().ready()
        try cluster.load("one", Self.before)
        _ = try cluster.master.alterTable(Self.table, AlterTableRequest(action: .orderColumns, order: ["v", "k"]))
        try cluster.scheduler.advance(by: .seconds(5))
        #expect(try cluster.master.table(Self.table).distributionColumn == 1)
        #expect(cluster.rows(on: cluster.backends[0]) == ["1,a", "2,b", "3,c", "4,d"])
        try cluster.load("two", "5,e\n")
        _ = try cluster.master.alterTable(Self.table, AlterTableRequest(action: .dropColumn, column: "v"))
        try cluster.scheduler.advance(by: .seconds(5))
        #expect(cluster.rows(on: cluster.backends[0]) == ["a", "b", "c", "d", "e"])
        #expect(try cluster.master.table(Self.table).distributionColumn == 0)
    }

    @Test func oneAtATime() throws {
        let scene = try Scene(.running)
        #expect {
            try scene.cluster.master.alterTable(Self.table, Self.add)
        } throws: {
            ($0 as? MasterError)?.code == .conflict
        }
        #expect(throws: MasterError.self) {
            try scene.cluster.master.alterTable(
                Self.table, AlterTableRequest(action: .renameColumn, column: "v", newName: "w"))
        }
    }
}
