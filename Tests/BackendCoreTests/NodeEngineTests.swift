import BackendCore
import ClusterTestKit
import Logging
import NodeMetrics
import Platform
import TabletModel
import Testing

@testable import StorageEngine

/// The agent over the real storage engine, in memory: what an FE asks is what the disks and the bucket hold.
@Suite struct NodeEngineTests {
    struct Backend {
        let scheduler = ManualScheduler()
        let machine: MemoryMachine
        let fetcher = MemoryHTTPFetcher()
        let stores = MemoryObjectStoreProvider()
        let master: RecordingMaster
        let engine: NodeEngine
        let node: BackendNode

        init() throws {
            machine = MemoryMachine(time: scheduler)
            master = RecordingMaster(time: scheduler)
            try machine.fileSystem.createDirectory("/be/d1")
            let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let storage = try StorageEngine.open(
                [DataDirSpec(path: "/be/d1")], options: EngineOptions(),
                environment: EngineEnvironment(
                    fileSystem: machine.fileSystem, keyValueStores: machine.keyValueStores,
                    compressor: NoCompression(), fetcher: fetcher, time: scheduler, random: SeededRandom(seed: 1),
                    logger: quiet))
            engine = NodeEngine(
                storage: storage, cooldown: CooldownService(engine: storage, stores: stores),
                snapshots: SnapshotService(engine: storage),
                clones: CloneService(engine: storage, peers: DirectNetwork().peerConnector(from: "10.0.0.2")),
                backups: BackupService(engine: storage, stores: stores))
            node = BackendNode(
                options: BackendOptions(), identity: Fixture.identity, engine: engine, connector: master,
                scheduler: scheduler, random: SeededRandom(seed: 2), logger: quiet, metrics: MetricsRegistry())
            node.start()
            _ = node.heartbeatHandler.heartbeat(
                MasterInfo(address: masterAddress, clusterID: 12, epoch: 1, token: "t"), from: masterHost)
        }

        /// Runs the task and gives its end.
        func finish(_ task: AgentTask) throws -> FinishTaskRequest {
            let before = master.finishes.count
            #expect(node.backendHandler.submitTasks([task], from: masterHost) == .ok)
            #expect(try scheduler.run(limit: .seconds(60)) { master.finishes.count > before })
            return try #require(master.finishes.last)
        }

        func push(_ transaction: Int64, _ rows: String) throws -> FinishTaskRequest {
            let url = "http://10.0.0.1/load/\(transaction)"
            fetcher.set(url, .body(Array(rows.utf8)))
            return try finish(
                AgentTask(
                    type: .realtimePush, signature: transaction,
                    payload: .push(
                        PushRequest(
                            tabletID: 5, schemaHash: 7, url: url, sizeBytes: Int64(rows.utf8.count),
                            transactionID: TransactionID(transaction), partitionID: 3))))
        }

        func publishTask(_ transaction: Int64, _ version: Version) -> AgentTask {
            AgentTask(
                type: .publishVersion, signature: transaction,
                payload: .publishVersion(
                    PublishVersionRequest(
                        transactionID: TransactionID(transaction), partitions: [.init(partitionID: 3, version: version)]
                    )))
        }

        func createTask(schemaHash: SchemaHash = 7) -> AgentTask {
            AgentTask(
                type: .create, signature: 5,
                payload: .create(
                    CreateTabletRequest(
                        tabletID: 5, schema: TabletSchema(schemaHash: schemaHash, columns: []), partitionID: 3,
                        replicaID: 50, storagePolicy: "cold")))
        }
    }

    @Test func tasksWaitForTheTabletsAndTheFirstHeartbeatWritesTheCluster() throws {
        let backend = try Backend()
        #expect(backend.engine.clusterID == 12)
        _ = backend.node.backendHandler.submitTasks([backend.createTask()], from: masterHost)
        try backend.scheduler.advance(by: .seconds(1))
        #expect(backend.master.finishes.isEmpty)
        try backend.engine.storage.loadAllTablets()
        try backend.scheduler.advance(by: .seconds(1))
        #expect(backend.master.finishes.map(\.status) == [.ok])
        #expect(backend.node.status().startup.isLoaded)
    }

    @Test func createPushPublishAndCool() throws {
        let backend = try Backend()
        try backend.engine.storage.loadAllTablets()
        let created = try backend.finish(backend.createTask())
        #expect(created.tablets?.map(\.version) == [1])
        #expect(try backend.finish(backend.createTask()).status == .ok)
        #expect(try backend.finish(backend.createTask(schemaHash: 8)).status.code == .alreadyExist)

        #expect(try backend.push(100, "1,a\n2,b\n").tablets?.map(\.tabletID) == [5])
        #expect(try backend.finish(backend.publishTask(100, 2)).status == .ok)
        #expect(try backend.finish(backend.publishTask(100, 2)).status == .ok)

        let resource = S3Resource(endpoint: "s3", accessKey: "a", secretKey: "s", bucket: "b")
        backend.master.set {
            $0.policies = [StoragePolicyEntry(name: "cold", cooldownTTLSeconds: 0, resource: resource)]
        }
        try backend.scheduler.advance(by: .seconds(6))
        let conf = CooldownConf(tabletID: 5, cooldownReplicaID: 50, term: 1)
        #expect(try backend.finish(.confs(conf)).status == .ok)
        #expect(
            try backend.finish(.confs(CooldownConf(tabletID: 5, cooldownReplicaID: 51, term: 0))).status.code
                == .aborted)
        #expect(
            try backend.finish(.confs(CooldownConf(tabletID: 6, cooldownReplicaID: 51, term: 0))).status.code
                == .notFound)
        try backend.scheduler.advance(by: .seconds(70))

        let report = try #require(backend.master.reports("tablet").last?.report)
        guard case .tablets(let source, _) = report.body else { return }
        var rows: [TabletReportRow] = []
        source.forEachChunk { rows += $0 }
        let row = try #require(rows.first)
        #expect(row.tabletID == 5 && row.version == 2 && row.isCooldown)
        #expect(row.cooldownReplicaID == 50 && row.cooldownTerm == 1 && row.cooldownMetaID != nil)
        #expect(row.dataSizeBytes == 0 && row.remoteDataSizeBytes > 0)
    }

    @Test func aPublishOutOfOrderWaitsForTheOneBefore() throws {
        let backend = try Backend()
        try backend.engine.storage.loadAllTablets()
        _ = try backend.finish(backend.createTask())
        _ = try backend.push(100, "1,a\n")
        _ = try backend.push(101, "2,b\n")
        _ = backend.node.backendHandler.submitTasks([backend.publishTask(101, 3)], from: masterHost)
        try backend.scheduler.advance(by: .seconds(1))
        #expect(backend.node.status().tasks.map(\.phase) == [.pausing])
        _ = backend.node.backendHandler.submitTasks([backend.publishTask(100, 2)], from: masterHost)
        try backend.scheduler.advance(by: .seconds(1))
        let ends = backend.master.finishes.filter { $0.type == .publishVersion }
        #expect(ends.map(\.signature) == [100, 101])
        #expect(ends.allSatisfy { $0.status.isOK })
    }

    @Test func aPublishWithAGapIsTakenAfterTheWaitAndTheReportNamesTheHole() throws {
        let backend = try Backend()
        try backend.engine.storage.loadAllTablets()
        _ = try backend.finish(backend.createTask())
        _ = try backend.push(101, "2,b\n")
        let end = try backend.finish(backend.publishTask(101, 3))
        #expect(end.status == .ok)
        #expect(end.errorTabletIDs == nil)
        let row = try backend.engine.storage.tablet(5).singleRow
        #expect(row.version == 3 && row.versionMiss && row.isUsed)
        #expect(try backend.engine.storage.tablet(5).versionGraph.missing == [VersionRange(2, 2)])
    }

    @Test func compactionAndChecksumTasks() throws {
        let backend = try Backend()
        try backend.engine.storage.loadAllTablets()
        _ = try backend.finish(backend.createTask())
        for (transaction, version) in [(100, 2), (101, 3), (102, 4)] as [(Int64, Version)] {
            _ = try backend.push(transaction, "\(transaction),a\n")
            _ = try backend.finish(backend.publishTask(transaction, version))
        }
        func compact(_ tablet: TabletID, _ kind: CompactionRequest.Kind) throws -> RPCStatus {
            try backend.finish(
                AgentTask(
                    type: .compaction, signature: tablet.rawValue,
                    payload: .compaction(CompactionRequest(tabletID: tablet, schemaHash: 7, kind: kind)))
            ).status
        }
        func checksum(_ tablet: TabletID) throws -> FinishTaskRequest {
            try backend.finish(
                AgentTask(
                    type: .checkConsistency, signature: tablet.rawValue,
                    payload: .checkConsistency(
                        CheckConsistencyRequest(tabletID: tablet, schemaHash: 7, version: 4))))
        }
        let before = try checksum(5)
        #expect(before.status == .ok && before.requestVersion == 4)
        #expect(try compact(5, .base) == .ok)
        #expect(try backend.engine.storage.tablet(5).rowsets.count == 4)
        // It has a storage policy: its first rowset is merged with the others of the same window of versions.
        #expect(try compact(5, .cumulative) == .ok)
        #expect(try backend.engine.storage.tablet(5).rowsets.count == 1)
        let sum = try #require(before.tabletChecksum)
        #expect(sum > 0)
        #expect(try checksum(5).tabletChecksum == sum)
        #expect(try compact(6, .cumulative).code == .notFound)
        #expect(try checksum(6).status.code == .notFound)
    }

    @Test func theBackendCompactsByItselfAndSaysHowMuchThereIsToDo() throws {
        let backend = try Backend()
        try backend.engine.storage.loadAllTablets()
        _ = try backend.finish(backend.createTask())
        for number in 1...5 as ClosedRange<Int64> {
            _ = try backend.push(100 + number, "\(number),a\n")
            _ = try backend.finish(backend.publishTask(100 + number, Version(number + 1)))
        }
        let tablet = try backend.engine.storage.tablet(5)
        #expect(try backend.scheduler.run(limit: .seconds(30)) { tablet.rowsets.count <= 2 })
        #expect(tablet.snapshot.maxVersion == 6 && tablet.snapshot.isComplete)
        try backend.scheduler.advance(by: .seconds(70))
        let report = try #require(backend.master.reports("tablet").last?.report)
        guard case .tablets(_, let score) = report.body else { return }
        // Nothing is left that would gain from being merged.
        #expect(score < 5)
    }

    @Test func aPublishOfAnUnknownTransactionNamesTheTabletsWithoutIt() throws {
        let backend = try Backend()
        try backend.engine.storage.loadAllTablets()
        _ = try backend.finish(backend.createTask())
        let end = try backend.finish(backend.publishTask(999, 2))
        #expect(!end.status.isOK)
        #expect(end.errorTabletIDs == [5])
    }

    @Test func aDeadLoadURLIsTheTasksStatus() throws {
        let backend = try Backend()
        try backend.engine.storage.loadAllTablets()
        _ = try backend.finish(backend.createTask())
        let end = try backend.finish(
            AgentTask(
                type: .realtimePush, signature: 100,
                payload: .push(
                    PushRequest(
                        tabletID: 5, schemaHash: 7, url: "http://10.0.0.1/gone", transactionID: 100, partitionID: 3))))
        #expect(end.status.code == .networkError)
        #expect(end.tablets == nil)
    }

    @Test func trashIsSweptAlthoughSnapshotsCantBe() throws {
        let backend = try Backend()
        try backend.engine.storage.loadAllTablets()
        let files = backend.machine.fileSystem
        try files.removeTree("/be/d1/snapshot")
        try files.createDirectory("/be/d1/trash/1.0.77")
        #expect(throws: FileSystemError.self) { try backend.engine.sweepTrash(all: false) }
        #expect(try files.list("/be/d1/trash") == [])
    }
}
