import AgentTasks
import ClusterTestKit
import HTTPAPI
import Platform
import Synchronization
import TabletModel
import Testing

@testable import ClusterMetadata
@testable import MasterCore
@testable import MasterServices

/// Backups and restores between a master, its backends and a bucket.
@Suite struct BackupFlowTests {
    private static let restored = TableName(database: "db", table: "r")

    private func ready(backends: Int = 3, buckets: Int = 4) throws -> FlowCluster {
        let cluster = try FlowCluster(backends: backends)
        try cluster.addBackends()
        #expect(try cluster.createTable(buckets: buckets, replicas: min(3, backends)).state == .finished)
        try cluster.reportAll()
        try cluster.createPolicy()
        #expect(try cluster.load("l1").state == .visible)
        try cluster.reportAll()
        return cluster
    }

    /// The bucket as a backup sees it.
    private func store(_ cluster: FlowCluster) -> MemoryObjectStore {
        cluster.objects.memoryStore(
            for: S3Resource(endpoint: "http://127.0.0.1:1", accessKey: "", secretKey: "", bucket: "b"))
    }

    private func backUp(_ cluster: FlowCluster, _ label: String = "monday") throws -> Int64 {
        let job = try cluster.master.backUp(BackupRequest(table: FlowCluster.table, resource: "s3", label: label))
        try cluster.scheduler.runUntilIdle()
        return job.id
    }

    private func restore(
        _ cluster: FlowCluster, as table: TableName? = restored, replicas: Int? = nil, replaces: Bool = false
    ) throws -> Int64 {
        let job = try cluster.master.restore(
            RestoreRequest(
                label: "monday", resource: "s3", table: table, replicas: replicas, replaces: replaces))
        try cluster.scheduler.runUntilIdle()
        return job.id
    }

    private func job(_ cluster: FlowCluster, _ id: Int64) throws -> BackupJobView {
        try #require(try cluster.master.backups(from: nil, prefix: nil).jobs.first { $0.id == id })
    }

    /// Rows of the table as readers would get them from each replica that is served; they must agree.
    private func rows(_ cluster: FlowCluster, _ table: TableName) throws -> [String] {
        var rows: [String] = []
        for target in try cluster.master.readPlan(table, backend: nil, version: nil).tablets {
            let all = target.backends.map { at in
                cluster.backends.first { $0.address.host == at.host }?.tablets[target.tabletID]?.rows ?? "?"
            }
            #expect(Set(all).count == 1)
            rows += all[0].split(separator: "\n").map(String.init)
        }
        return rows.sorted()
    }

    private func hidden(_ cluster: FlowCluster) -> Int {
        cluster.master.environment.store.read { $0.tables.count { $0.state == .restoring } }
    }

    private func advance(_ cluster: FlowCluster, _ seconds: Int64) throws {
        for _ in 0..<seconds { try cluster.scheduler.advance(by: .seconds(1)) }
    }

    static let loaded = ["a,1", "b,2", "c,3", "d,4"]

    @Test func aTableIsBackedUpDroppedAndRestored() throws {
        let cluster = try ready()
        let id = try backUp(cluster)
        let done = try job(cluster, id)
        #expect(done.phase == "finished" && done.kind == "backup" && done.version == 2 && done.sizeBytes > 0)
        let listed = try cluster.master.backups(from: "s3", prefix: nil).backups
        #expect(listed.map(\.label) == ["monday"] && listed[0].buckets == 4 && listed[0].error == "")
        #expect(store(cluster).keys.count == 5)
        // Snapshots are released.
        #expect(cluster.backends.allSatisfy { $0.state.withLock { $0.snapshots.isEmpty } })
        try cluster.master.dropTable(FlowCluster.table)
        try cluster.scheduler.runUntilIdle()

        let restoring = try restore(cluster, as: nil)
        #expect(try job(cluster, restoring).phase == "finished")
        #expect(try rows(cluster, FlowCluster.table) == Self.loaded)
        let view = try cluster.master.table(FlowCluster.table)
        #expect(view.state == "normal" && view.visibleVersion == 2 && view.healthyReplicaCount == 12)
        try cluster.reportAll()
        #expect(try cluster.master.table(FlowCluster.table).healthyReplicaCount == 12)
        #expect(try cluster.master.unhealthyReplicas(of: nil, limit: 10).isEmpty)
        #expect(try cluster.master.metadataStatus().isHeld == false)
        #expect(try cluster.load("l2").state == .visible)
        #expect(cluster.backends.allSatisfy { $0.state.withLock { $0.snapshots.isEmpty } })
        #expect(try cluster.master.job(restoring).state == .finished)
        #expect(store(cluster).deletedKeys.isEmpty)
    }

    @Test func aRestoreHasAnotherNameAndAnotherNumberOfReplicas() throws {
        let cluster = try ready()
        _ = try backUp(cluster)
        for replicas in [1, 2] {
            let name = TableName(database: "db", table: "r\(replicas)")
            #expect(try job(cluster, try restore(cluster, as: name, replicas: replicas)).phase == "finished")
            #expect(try cluster.master.table(name).replicaCount == Int64(4 * replicas))
            #expect(try rows(cluster, name) == Self.loaded)
        }
        #expect(throws: MasterError.self) { try restore(cluster, as: Self.restored, replicas: 9) }
        #expect(hidden(cluster) == 0)
    }

    @Test func aTableIsReplacedOnlyByAWholeOne() throws {
        let cluster = try ready()
        _ = try backUp(cluster)
        #expect(try cluster.load("l2", "e,5\n").state == .visible)
        let before = try rows(cluster, FlowCluster.table)
        let refused = #expect(throws: MasterError.self) { try restore(cluster, as: FlowCluster.table) }
        #expect(refused?.code == .alreadyExists)
        for backend in cluster.backends { backend.set { $0.silent = [.move] } }
        let id = try restore(cluster, as: FlowCluster.table, replaces: true)
        #expect(try job(cluster, id).phase == "moving")
        #expect(try rows(cluster, FlowCluster.table) == before)
        #expect(try cluster.master.tables(inDatabase: nil).map(\.name.table) == ["t"])
        #expect(try cluster.master.databases().map(\.tableCount) == [1])
        let old = try cluster.master.table(FlowCluster.table).id
        for backend in cluster.backends {
            backend.set { $0.silent = [] }
            _ = try cluster.scheduler.advance(by: .seconds(6))
            backend.set { $0.running = [:] }
            _ = backend.reportTasks()
        }
        try cluster.scheduler.runUntilIdle()
        #expect(try job(cluster, id).phase == "finished")
        #expect(try rows(cluster, FlowCluster.table) == Self.loaded)
        #expect(try cluster.master.table(FlowCluster.table).id != old)
        #expect(cluster.backends.allSatisfy { $0.tablets.count == 4 })
    }

    @Test func labelsAndNamesAreCheckedBeforeAnythingIsMade() throws {
        let cluster = try ready()
        _ = try backUp(cluster)
        func code(_ body: () throws -> Void) -> MasterError.Code? {
            do {
                try body()
                return nil
            } catch { return (error as? MasterError)?.code }
        }
        func refusal(_ label: String, _ resource: String = "s3", _ prefix: String? = nil) -> MasterError.Code? {
            code {
                _ = try cluster.master.backUp(
                    BackupRequest(table: FlowCluster.table, resource: resource, prefix: prefix, label: label))
            }
        }
        #expect(refusal("monday") == .labelAlreadyExists)
        #expect(refusal("a/b") == .invalidArgument && refusal("") == .invalidArgument)
        #expect(refusal("x", "nowhere") == .notFound)
        #expect(refusal("x", "s3", "data/x") == .invalidArgument && refusal("x", "s3", "../x") == .invalidArgument)
        #expect(
            code {
                _ = try cluster.master.restore(RestoreRequest(label: "tuesday", resource: "s3"))
            } == .notFound)
        #expect(
            code {
                _ = try cluster.master.restore(
                    RestoreRequest(
                        label: "monday", resource: "s3", table: TableName(database: "nowhere", table: "x")))
            } == .notFound)
        let key = "backups/meta/monday.backup"
        let meta = try #require(store(cluster).bytes(key))
        for wrong in [[], Array(meta.dropLast()), meta.dropLast() + [meta.last! ^ 1], Array("{}".utf8)] {
            store(cluster).tamper(key, wrong)
            #expect(code { _ = try restore(cluster) } == .conflict)
            #expect(try cluster.master.backups(from: "s3", prefix: nil).backups.first?.error.isEmpty == false)
        }
        cluster.objects.removeBucket("b")
        #expect(refusal("y") == .unavailable)
        #expect(hidden(cluster) == 0)
        #expect(try cluster.master.backups(from: nil, prefix: nil).jobs.count == 1)
    }

    // MARK: Trouble

    @Test func aBucketThatRefusesForMinutesFailsTheBackupWithItsWords() throws {
        let cluster = try ready()
        store(cluster).setHook { operation in
            guard case .put = operation else { return }
            throw ObjectStoreError(
                .unavailable, operation: "PUT", key: "k", httpStatus: 503, message: "SlowDown", isRetryable: true)
        }
        let id = try backUp(cluster)
        #expect(try job(cluster, id).message.contains("SlowDown"))
        #expect(try job(cluster, id).endedMs == 0)
        try advance(cluster, 120)
        let failed = try job(cluster, id)
        #expect(failed.phase == "failed" && failed.message.contains("SlowDown"))
        #expect(try cluster.master.job(id).state == .failed)
        store(cluster).setHook(nil)
        #expect(try job(cluster, try backUp(cluster)).phase == "finished")
    }

    @Test func theMetaFileIsWrittenOnceTheBucketTakesIt() throws {
        let cluster = try ready()
        let left = Mutex(3)
        store(cluster).setHook { operation in
            guard case .put(let key) = operation, key.hasSuffix(".backup"),
                left.withLock({
                    $0 -= 1
                    return $0 >= 0
                })
            else { return }
            throw ObjectStoreError(.timeout, operation: "PUT", key: key, message: "no answer", isRetryable: true)
        }
        let id = try backUp(cluster)
        #expect(try job(cluster, id).phase == "saving")
        try advance(cluster, 30)
        #expect(try job(cluster, id).phase == "finished")
    }

    @Test func aBackendThatDiesLeavesItsPartToOthers() throws {
        let cluster = try ready(backends: 4)
        for backend in cluster.backends { backend.set { $0.silent = [.upload] } }
        let id = try backUp(cluster)
        let dead = try #require(cluster.backends.first { $0.taken(.upload).count > 0 })
        for backend in cluster.backends { backend.set { $0.silent = [] } }
        dead.set { $0.isDown = true }
        for backend in cluster.backends where backend !== dead {
            backend.set { $0.running = [:] }
            _ = backend.reportTasks()
        }
        try advance(cluster, 180)
        let done = try job(cluster, id)
        #expect(done.phase == "finished" && done.attempt == 2)
        // The dead one is not owed a task that nobody waits for.
        let (tasks, state) = (cluster.master.environment.tasks, cluster.master.environment.store.snapshot())
        #expect(state.backends.allSatisfy { tasks.keys(of: $0.id).allSatisfy { $0.type != .upload } })
        // Only the last attempt's objects are left.
        #expect(store(cluster).keys.filter { $0.contains("/content/") }.allSatisfy { $0.contains(".2/__") })
    }

    @Test func aRestoreGoesOnWithoutAReplicaAndRepairMakesIt() throws {
        let cluster = try ready()
        _ = try backUp(cluster)
        cluster.backends[1].set { $0.failing[.download] = RPCStatus(.ioError, "disk broken") }
        let id = try restore(cluster)
        try advance(cluster, 60)
        #expect(try job(cluster, id).phase == "finished")
        #expect(try job(cluster, id).message.contains("disk broken"))
        #expect(try rows(cluster, Self.restored) == Self.loaded)
        cluster.backends[1].set { $0.failing = [:] }
        try cluster.live(for: 120)
        #expect(try cluster.master.table(Self.restored).healthyReplicaCount == 12)
        #expect(try rows(cluster, Self.restored) == Self.loaded)
    }

    /// Its backend reports it before repair came to it: the table is short of a replica then, and any whole one is taken in.
    @Test func aReplicaThatWasNeverFilledIsNotTakenForWhole() throws {
        let cluster = try ready()
        _ = try backUp(cluster)
        cluster.backends[1].set { $0.failing[.download] = RPCStatus(.ioError, "disk broken") }
        let id = try restore(cluster)
        for _ in 0..<60 where try job(cluster, id).endedMs == 0 { try cluster.scheduler.advance(by: .seconds(1)) }
        #expect(try job(cluster, id).phase == "finished")
        for _ in 0..<3 {
            try cluster.reportAll()
            #expect(try rows(cluster, Self.restored) == Self.loaded)
        }
        cluster.backends[1].set { $0.failing = [:] }
        try cluster.live(for: 120)
        #expect(try cluster.master.table(Self.restored).healthyReplicaCount == 12)
        #expect(try rows(cluster, Self.restored) == Self.loaded)
    }

    @Test func aRestoreThatCantBeLeavesNothing() throws {
        let cluster = try ready()
        _ = try backUp(cluster)
        let before = store(cluster).keys
        for backend in cluster.backends { backend.set { $0.failing[.download] = RPCStatus(.remoteError, "gone") } }
        let id = try restore(cluster)
        try advance(cluster, 120)
        #expect(try job(cluster, id).phase == "failed" && hidden(cluster) == 0)
        #expect(cluster.backends.allSatisfy { $0.tablets.count == 4 && $0.state.withLock { $0.snapshots.isEmpty } })
        #expect(store(cluster).keys == before)
    }

    @Test(arguments: [TaskType.create, .makeSnapshot, .download, .move])
    func aCancelledRestoreLeavesNothing(type: TaskType) throws {
        let cluster = try ready()
        _ = try backUp(cluster)
        let before = store(cluster).keys
        for backend in cluster.backends { backend.set { $0.silent = [type] } }
        let id = try restore(cluster)
        #expect(try job(cluster, id).endedMs == 0)
        #expect(try cluster.master.cancelBackup(id).phase == "cancelled")
        try cluster.scheduler.runUntilIdle()
        #expect(hidden(cluster) == 0 && store(cluster).keys == before)
        #expect(cluster.backends.allSatisfy { $0.tablets.count == 4 })
        let task = try #require(cluster.backends[0].taken.last { $0.type == type })
        if type == .download {
            let answer = cluster.master.frontend.snapshotLoaderReport(
                LoaderProgress(jobID: id, taskID: task.signature, type: .download))
            #expect(answer.code == .cancelled)
        }
        #expect(throws: MasterError.self) { try cluster.master.cancelBackup(id) }
    }

    @Test func aCancelledBackupLeavesNoObjects() throws {
        let cluster = try ready()
        cluster.backends[0].set { $0.silent = [.upload] }
        let id = try backUp(cluster)
        #expect(store(cluster).keys.isEmpty == false)
        #expect(try cluster.master.cancelBackup(id).phase == "cancelled")
        try advance(cluster, 31)
        #expect(store(cluster).keys == [])
        #expect(cluster.backends.allSatisfy { $0.state.withLock { $0.snapshots.isEmpty || $0.silent != [] } })
    }

    // MARK: The FE dies

    @Test(arguments: [TaskType.makeSnapshot, .upload, .create, .download, .move])
    func aKilledFrontendTakesTheJobUp(type: TaskType) throws {
        let cluster = try ready()
        let isRestore = ![.makeSnapshot, .upload].contains(type)
        if isRestore { _ = try backUp(cluster) }
        cluster.backends[1].set { $0.silent = [type] }
        let id = isRestore ? try restore(cluster) : try backUp(cluster)
        #expect(try job(cluster, id).endedMs == 0)
        cluster.killMaster()
        cluster.backends[1].set {
            $0.silent = []
            $0.running = [:]
        }
        try cluster.startMaster()
        try advance(cluster, 40)
        let done = try job(cluster, id)
        #expect(done.phase == "finished", "\(done)")
        if !isRestore { _ = try restore(cluster) }
        #expect(try rows(cluster, Self.restored) == Self.loaded)
        #expect(hidden(cluster) == 0)
        try cluster.reportAll()
        #expect(try cluster.master.unhealthyReplicas(of: nil, limit: 10).isEmpty)
    }

    /// Each write of the journal fails, with and without effect, or is the FE's last.
    @Test(arguments: [0, 1, 2])
    func everyWriteOfTheJournalMayFail(kind: Int) throws {
        for index in 0... {
            let cluster = try ready(backends: 2, buckets: 2)
            switch kind {
            case 0: cluster.faults.restart(.fail(index))
            case 1: cluster.faults.restart(.failAfter(index))
            default: cluster.faults.restart(.crashAfter(index))
            }
            func trying(_ body: () throws -> Void) {
                do { try body() } catch {}
            }
            trying { _ = try backUp(cluster) }
            trying { try advance(cluster, 20) }
            trying { _ = try restore(cluster) }
            trying { try advance(cluster, 20) }
            let wasTouched = cluster.faults.wasTouched
            if cluster.faults.hasCrashed {
                cluster.killMaster()
                cluster.faults.restart()
                try cluster.startMaster()
            }
            cluster.faults.restart()
            try advance(cluster, 60)
            let jobs = try cluster.master.backups(from: "s3", prefix: nil)
            #expect(jobs.jobs.allSatisfy { $0.endedMs != 0 }, "\(kind) \(index)")
            #expect(hidden(cluster) == 0, "\(kind) \(index)")
            if jobs.backups.isEmpty { _ = try backUp(cluster) }
            if try cluster.master.tables(inDatabase: nil).contains(where: { $0.name == Self.restored }) == false {
                _ = try restore(cluster)
                try advance(cluster, 20)
            }
            #expect(try rows(cluster, Self.restored) == Self.loaded, "\(kind) \(index)")
            #expect(try rows(cluster, FlowCluster.table) == Self.loaded, "\(kind) \(index)")
            if !wasTouched {
                #expect(index >= 9, "a backup and a restore write nine times at least")
                break
            }
        }
    }
}
