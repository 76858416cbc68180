import ClusterTestKit
import HTTPAPI
import Platform
import TabletModel
import Testing

@testable import MasterCore
@testable import MasterServices

@Suite struct TableFlowTests {
    @Test func tableIsThereWhenEveryReplicaWasCreated() throws {
        let cluster = try FlowCluster()
        try cluster.addBackends()
        #expect(try cluster.master.backends().allSatisfy(\.isAlive))
        let job = try cluster.createTable()
        #expect(job.state == .finished)
        #expect(job.done == 12)
        let table = try cluster.master.table(FlowCluster.table)
        #expect(table.state == "normal")
        #expect(table.healthyReplicaCount == 12)
        for backend in cluster.backends { #expect(backend.tablets.count == 4) }
        #expect(try cluster.master.status().queuedTasks == 0)
    }

    @Test func failedReplicaDropsTheTableAgain() throws {
        let cluster = try FlowCluster()
        try cluster.addBackends()
        cluster.backends[2].set { $0.failing[.create] = RPCStatus(.ioError, "disk broken") }
        let job = try cluster.createTable()
        #expect(job.state == .failed)
        #expect(job.message.contains("disk broken"))
        #expect(throws: MasterError.self) { try cluster.master.table(FlowCluster.table) }
        for backend in cluster.backends { #expect(backend.tablets.isEmpty) }
        cluster.backends[2].set { $0.failing = [:] }
        #expect(try cluster.createTable().state == .finished)
    }

    @Test func silentBackendLetsTheCreationTimeOut() throws {
        let cluster = try FlowCluster()
        try cluster.addBackends()
        cluster.backends[1].set { $0.silent = [.create] }
        #expect(try cluster.createTable().state == .running)
        try cluster.scheduler.advance(by: .seconds(31))
        let jobs = try cluster.master.jobs()
        #expect(jobs.first?.state == .failed)
        #expect(jobs.first?.message.contains("30000 ms") == true)
    }

    @Test func lostCreateTaskIsSentAgainAfterATaskReport() throws {
        let cluster = try FlowCluster()
        try cluster.addBackends()
        cluster.backends[1].set { $0.silent = [.create] }
        let job = try cluster.createTable(buckets: 1)
        // The backend forgets it, as a crash would.
        cluster.backends[1].set {
            $0.silent = []; $0.running = [:]
        }
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(cluster.backends[1].reportTasks()?.isOK == true)
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.job(job.id).state == .finished)
    }

    @Test func deadBackendEndsTheCreation() throws {
        let cluster = try FlowCluster()
        try cluster.addBackends()
        cluster.backends[1].set { $0.silent = [.create] }
        let job = try cluster.createTable(buckets: 1)
        cluster.backends[1].set { $0.isDown = true }
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(try cluster.master.job(job.id).state == .failed)
    }

    @Test func badRequestsAreRefusedWithANextStep() throws {
        let cluster = try FlowCluster(backends: 1)
        try cluster.addBackends()
        func code(_ request: CreateTableRequest) -> MasterError.Code? {
            do {
                _ = try cluster.master.createTable(request)
                return nil
            } catch {
                let error = error as? MasterError
                #expect(error?.nextStep.isEmpty == false)
                return error?.code
            }
        }
        let name = FlowCluster.table
        #expect(code(CreateTableRequest(name: name, buckets: 1, replicas: 1)) == .notFound)
        _ = try cluster.master.createDatabase("db")
        #expect(code(CreateTableRequest(name: name, buckets: 0, replicas: 1)) == .invalidArgument)
        #expect(code(CreateTableRequest(name: name, buckets: 1, replicas: 2)) == .unavailable)
        #expect(code(CreateTableRequest(name: name, buckets: 1, replicas: 1, delimiter: "ab")) == .invalidArgument)
        #expect(
            code(CreateTableRequest(name: name, buckets: 1, replicas: 1, columns: ["a"], distributionColumn: 1))
                == .invalidArgument)
        #expect(code(CreateTableRequest(name: name, buckets: 1, replicas: 1, storagePolicy: "x")) == .notFound)
        #expect(code(CreateTableRequest(name: name, buckets: 1, replicas: 1)) == nil)
        #expect(code(CreateTableRequest(name: name, buckets: 1, replicas: 1)) == .alreadyExists)
    }

    @Test func dropRemovesTabletsAndTheirRemoteFolder() throws {
        let cluster = try FlowCluster().ready()
        try cluster.master.dropTable(FlowCluster.table)
        try cluster.scheduler.runUntilIdle()
        for backend in cluster.backends {
            #expect(backend.tablets.isEmpty)
            #expect(backend.taken(.drop).count == 4)
            for task in backend.taken(.drop) {
                guard case .drop(let drop) = task.payload else { continue }
                #expect(drop.isDropTableOrPartition)
            }
        }
        #expect(try cluster.master.status().queuedTasks == 0)
    }

    @Test func unfinishedTableIsDroppedAfterARestart() throws {
        let cluster = try FlowCluster()
        try cluster.addBackends()
        cluster.backends[1].set { $0.silent = [.create] }
        try cluster.createTable()
        cluster.killMaster()
        try cluster.startMaster()
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(try cluster.master.tables(inDatabase: nil).isEmpty)
        #expect(cluster.backends[0].tablets.isEmpty)
    }
}

@Suite struct LoadFlowTests {
    @Test func loadBecomesVisibleOnEveryReplica() throws {
        let cluster = try FlowCluster().ready()
        let load = try cluster.load("l1")
        #expect(load.state == .visible)
        #expect(load.version == 2)
        #expect(load.rowCount == 4)
        for backend in cluster.backends { #expect(cluster.rows(on: backend) == ["a,1", "b,2", "c,3", "d,4"]) }
        let plan = try cluster.master.readPlan(FlowCluster.table, backend: nil, version: nil)
        #expect(plan.version == 2)
        #expect(plan.tablets.allSatisfy { $0.backends.count == 3 })
        #expect(try cluster.machine.fileSystem.list("/fe/spool").isEmpty)
        #expect(try cluster.master.status().queuedTasks == 0)
    }

    @Test func labelMakesALoadIdempotent() throws {
        let cluster = try FlowCluster().ready()
        try cluster.load("l1")
        #expect(throws: MasterError.self) { try cluster.load("l1") }
        do {
            try cluster.load("l1")
        } catch let error as MasterError {
            #expect(error.code == .labelAlreadyExists)
        }
        #expect(try cluster.load("l2").version == 3)
    }

    @Test func majorityCommitsWithoutTheSlowReplica() throws {
        let cluster = try FlowCluster().ready()
        cluster.backends[2].set { $0.silent = [.realtimePush] }
        #expect(try cluster.load("l1").state == .pushing)
        try cluster.scheduler.advance(by: .seconds(6))
        let load = try cluster.master.load(label: "l1", database: "db")
        #expect(load.state == .visible)
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0]
        let slow = tablet.replicas.first { $0.host == "10.0.0.3" }
        #expect(slow?.isHealthy == false)
        #expect(slow?.lastFailedVersion == 2)
        #expect(tablet.replicas.count { $0.isHealthy } == 2)
        let plan = try cluster.master.readPlan(FlowCluster.table, backend: nil, version: nil)
        #expect(plan.tablets.allSatisfy { $0.backends.count == 2 })
    }

    @Test func deadBackendIsNotWaitedFor() throws {
        let cluster = try FlowCluster().ready()
        cluster.backends[2].set { $0.isDown = true }
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(try cluster.load("l1").state == .visible)
    }

    @Test func lostMajorityAbortsAndClearsTheTransaction() throws {
        let cluster = try FlowCluster().ready()
        for backend in cluster.backends.dropFirst() {
            backend.set { $0.failing[.realtimePush] = RPCStatus(.ioError, "disk full") }
        }
        try cluster.load("l1")
        try cluster.scheduler.advance(by: .seconds(10))
        let load = try cluster.master.load(label: "l1", database: "db")
        #expect(load.state == .aborted)
        #expect(load.message.contains("disk full"))
        #expect(cluster.backends[0].tablets.values.allSatisfy { $0.pending.isEmpty })
        // The label is free again.
        for backend in cluster.backends { backend.set { $0.failing = [:] } }
        #expect(try cluster.load("l1").state == .visible)
    }

    @Test func versionsBecomeVisibleInOrder() throws {
        let cluster = try FlowCluster().ready()
        for backend in cluster.backends { backend.set { $0.silent = [.publishVersion] } }
        #expect(try cluster.load("l1").state == .committed)
        #expect(try cluster.load("l2").state == .committed)
        #expect(cluster.backends[0].taken(.publishVersion).count == 1)
        for backend in cluster.backends {
            backend.set { $0.silent = [] }
            for task in backend.taken(.publishVersion) { backend.run(task) }
        }
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.table(FlowCluster.table).visibleVersion == 3)
        #expect(cluster.rows(on: cluster.backends[1]).count == 8)
    }

    @Test func emptyAndBrokenFilesAreRefused() throws {
        let cluster = try FlowCluster().ready()
        let empty = try cluster.beginLoad("empty", "")
        #expect(throws: MasterError.self) { try cluster.master.finishLoad(empty) }
        #expect(try cluster.master.load(empty).state == .aborted)
        let load = try cluster.master.beginLoad(
            BeginLoadRequest(table: FlowCluster.table, label: "tabs", delimiter: "\\t"))
        try Array("a\tb\n".utf8).withUnsafeBytes { try cluster.master.appendToLoad(load.transactionID, $0) }
        _ = try cluster.master.finishLoad(load.transactionID)
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.load(load.transactionID).state == .visible)
    }

    @Test func loadTimesOut() throws {
        let cluster = try FlowCluster().ready()
        let id = try cluster.beginLoad("slow", "a,1\n")
        try cluster.scheduler.advance(by: .seconds(601))
        #expect(try cluster.master.load(id).state == .aborted)
        #expect(throws: MasterError.self) { try cluster.master.finishLoad(id) }
    }

    @Test func spooledRowsNeedTheToken() throws {
        let cluster = try FlowCluster().ready()
        for backend in cluster.backends { backend.set { $0.silent = [.realtimePush] } }
        let load = try cluster.load("l1")
        let tablet = try cluster.master.tablets(of: FlowCluster.table)[0].id
        #expect(throws: MasterError.self) { try cluster.master.loadFile(load.transactionID, tablet, token: "x") }
    }

    @Test func backendThatMissedThePublishCatchesUpWhenItIsBack() throws {
        let cluster = try FlowCluster { $0.stragglerPatience = .seconds(30) }.ready()
        cluster.backends[2].set { $0.silent = [.publishVersion] }
        try cluster.load("l1")
        cluster.backends[2].set { $0.isDown = true }
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(try cluster.master.table(FlowCluster.table).visibleVersion == 2)
        cluster.backends[2].set {
            $0.isDown = false; $0.silent = []
        }
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(cluster.rows(on: cluster.backends[2]).count == 4)
        try cluster.reportAll()
        #expect(try cluster.master.table(FlowCluster.table).healthyReplicaCount == 12)
    }

    @Test func preparedLoadIsAbortedAndCommittedOneGoesOnAfterARestart() throws {
        let cluster = try FlowCluster().ready()
        for backend in cluster.backends { backend.set { $0.silent = [.publishVersion] } }
        let committed = try cluster.load("committed").transactionID
        let prepared = try cluster.beginLoad("prepared", "a,1\n")
        cluster.killMaster()
        for backend in cluster.backends { backend.set { $0.silent = [] } }
        try cluster.startMaster()
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(try cluster.master.load(prepared).state == .aborted)
        #expect(try cluster.master.load(committed).state == .visible)
        #expect(cluster.rows(on: cluster.backends[0]).count == 4)
    }
}
