import BackendCore
import ClusterTestKit
import Logging
import NodeMetrics
import Platform
import StorageEngine
import Synchronization
import TabletModel
import Testing

/// CLONE and snapshots as tasks and calls of the agent port, over the real engine.
@Suite struct CloneTests {
    /// Two backends of one cluster.
    final class Pair: HTTPFetcher, @unchecked Sendable {
        // Unchecked: used by one thread.
        let scheduler = ManualScheduler()
        let network = DirectNetwork()
        /// Set while the pair is made, before anything runs.
        nonisolated(unsafe) private(set) var members: [Member] = []

        struct Member {
            let host: String
            let machine: MemoryMachine
            let master: RecordingMaster
            let engine: NodeEngine
            let node: BackendNode

            var storage: StorageEngine { engine.storage }
        }

        init(heartbeat: Bool = true) throws {
            for number in 1...2 { members.append(try member(number)) }
            guard heartbeat else { return }
            for member in members { Self.beat(member) }
        }

        static func beat(_ member: Member, token: String = "t") {
            _ = member.node.heartbeatHandler.heartbeat(
                MasterInfo(address: masterAddress, clusterID: 12, epoch: 1, token: token), from: masterHost)
        }

        private func member(_ number: Int) throws -> Member {
            let host = "10.0.0.\(number)"
            let machine = MemoryMachine(time: scheduler)
            try machine.fileSystem.createDirectory("/be/d1")
            let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let storage = try StorageEngine.open(
                [DataDirSpec(path: "/be/d1")], options: EngineOptions(),
                environment: EngineEnvironment(
                    fileSystem: machine.fileSystem, keyValueStores: machine.keyValueStores,
                    compressor: NoCompression(), fetcher: self, time: scheduler,
                    random: SeededRandom(seed: UInt64(number)), logger: quiet))
            try storage.loadAllTablets()
            let service = CloneService(engine: storage, peers: network.peerConnector(from: host))
            let engine = NodeEngine(
                storage: storage, cooldown: CooldownService(engine: storage, stores: MemoryObjectStoreProvider()),
                snapshots: SnapshotService(engine: storage), clones: service,
                backups: BackupService(engine: storage, stores: MemoryObjectStoreProvider()))
            let master = RecordingMaster(time: scheduler)
            let node = BackendNode(
                options: BackendOptions(), identity: Fixture.identity, engine: engine, connector: master,
                scheduler: scheduler, random: SeededRandom(seed: UInt64(10 + number)), logger: quiet,
                metrics: MetricsRegistry())
            service.useToken { [weak node] in node?.clusterToken }
            network.listen(backend: NetworkAddress(host: host, port: 9060), node.backendHandler)
            node.start()
            return Member(host: host, machine: machine, master: master, engine: engine, node: node)
        }

        func fetch(
            _ url: String, range: Range<Int64>?, timeoutSeconds: Int64, _ body: (UnsafeRawBufferPointer) throws -> Void
        ) throws {
            if url == "http://fe/rows" { return try Array("a\nb\n".utf8).withUnsafeBytes { try body($0) } }
            let member = members.first { url.hasPrefix("cluster://\($0.host):8040/api/_tablet/_download?token=") }
            let parts = url.split(separator: "?token=")[1].split(separator: "&file=")
            guard let member, member.node.accepts(token: String(parts[0])) == true else {
                throw HTTPFetchError(url: url, httpStatus: 403, message: "refused", isRetryable: false)
            }
            switch try member.engine.snapshots.download(String(parts[1])) {
            case .folder(let names):
                try Array(names.map { $0 + "\n" }.joined().utf8).withUnsafeBytes { try body($0) }
            case .file(let file):
                try file.read(count: Int(file.sizeBytes), at: 0).withUnsafeBytes { try body($0) }
            }
        }

        /// Runs the task and gives its end.
        func finish(_ index: Int, _ task: AgentTask) throws -> FinishTaskRequest {
            let member = members[index]
            let before = member.master.finishes.count
            #expect(member.node.backendHandler.submitTasks([task], from: masterHost) == .ok)
            #expect(try scheduler.run(limit: .seconds(60)) { member.master.finishes.count > before })
            return try #require(member.master.finishes.last)
        }

        /// Tablet 5 with versions up to 2.
        func load(_ index: Int) throws {
            let storage = members[index].storage
            _ = try storage.createTablet(
                CreateTabletRequest(
                    tabletID: 5, schema: TabletSchema(schemaHash: 7, columns: []), partitionID: 3, replicaID: 50))
            _ = try storage.push(
                PushRequest(tabletID: 5, schemaHash: 7, url: "http://fe/rows", transactionID: 9, partitionID: 3))
            _ = try storage.publish(
                PublishVersionRequest(transactionID: 9, partitions: [.init(partitionID: 3, version: 2)]))
        }

        func cloneTask(replica: ReplicaID = 51, version: Version = 2) -> AgentTask {
            AgentTask(
                type: .clone, signature: 5,
                payload: .clone(
                    CloneRequest(
                        tabletID: 5, schemaHash: 7,
                        sources: [BackendAddress(host: "10.0.0.1", bePort: 9060, httpPort: 8040)],
                        committedVersion: version, replicaID: replica, partitionID: 3)))
        }
    }

    @Test func aCloneTaskMakesTheReplicaAndReportsWhatItCopied() throws {
        let pair = try Pair()
        try pair.load(0)
        let before = pair.members[1].node.status().reportVersion
        let end = try pair.finish(1, pair.cloneTask())
        #expect(end.status.isOK, "\(end.status)")
        #expect(end.tablets?.map(\.replicaID) == [51])
        #expect(end.tablets?.first?.version == 2)
        #expect(end.copySizeBytes == end.tablets?.first?.dataSizeBytes)
        #expect(end.copyTimeMs != nil)
        #expect(try #require(end.reportVersion) > before)
        #expect(pair.network.callCounts["make_snapshot"] == 1)
        #expect(pair.network.callCounts["release_snapshot"] == 1)
    }

    @Test func aLateCloneOfAnotherReplicaIsAborted() throws {
        let pair = try Pair()
        try pair.load(0)
        #expect(try pair.finish(1, pair.cloneTask()).status.isOK)
        let late = try pair.finish(1, pair.cloneTask(replica: 40, version: 9))
        #expect(late.status.code == .aborted)
        #expect(try pair.members[1].storage.tablet(5).replicaID == 51)
    }

    @Test func whatNoSourceHasIsNamedInTheEndOfTheTask() throws {
        let pair = try Pair()
        try pair.load(0)
        let end = try pair.finish(1, pair.cloneTask(version: 4))
        #expect(!end.status.isOK)
        #expect(end.status.description.contains("still missing 3-4"), "\(end.status)")
        #expect(throws: EngineError.unknownTablet(5)) { try pair.members[1].storage.tablet(5) }
    }

    @Test func theTokenComesByHeartbeat() throws {
        let pair = try Pair(heartbeat: false)
        try pair.load(0)
        let (source, target) = (pair.members[0], pair.members[1])
        #expect(source.node.clusterToken == nil && source.node.accepts(token: "t") == nil)
        let request = try #require(
            { if case .clone(let request) = pair.cloneTask().payload { request } else { nil } }())
        let early = #expect(throws: CloneError.self) { try target.engine.clone(request) }
        #expect(early == .noToken(5) && early.map { TaskError($0).status.code } == .serviceUnavailable)
        Pair.beat(source)
        Pair.beat(target)
        #expect(source.node.accepts(token: "t") == true)
        #expect(source.node.accepts(token: "T") == false && source.node.accepts(token: "") == false)
        #expect(try target.engine.clone(request).row.version == 2)
    }

    @Test func snapshotsAreMadeAndReleasedByTaskAndByCall() throws {
        let pair = try Pair()
        try pair.load(0)
        let handler = pair.members[0].node.backendHandler
        let request = SnapshotRequest(tabletID: 5, schemaHash: 7, listFiles: true)
        let task = try pair.finish(0, AgentTask(type: .makeSnapshot, signature: 1, payload: .makeSnapshot(request)))
        #expect(task.status.isOK)
        #expect(task.snapshotFiles?.contains("5.hdr") == true && task.snapshotFiles?.count == 2)
        let path = try #require(task.snapshotPath)

        let made = handler.makeSnapshot(request)
        #expect(made.status.isOK && made.snapshotPath != path && made.snapshotVersion == 4)
        #expect(handler.releaseSnapshot(path: try #require(made.snapshotPath)).status.isOK)
        #expect(handler.releaseSnapshot(path: "/be/d1/snapshot/../data").status.code == .invalidArgument)
        let end = try pair.finish(
            0, AgentTask(type: .releaseSnapshot, signature: 2, payload: .releaseSnapshot(path: path)))
        #expect(end.status.isOK)
        #expect(try pair.members[0].machine.fileSystem.list("/be/d1/snapshot") == [])
    }

    @Test func theSweepTakesForgottenSnapshotsAndADropTakesStagedFiles() throws {
        let pair = try Pair()
        try pair.load(0)
        let member = pair.members[0]
        _ = try member.engine.makeSnapshot(SnapshotRequest(tabletID: 5, schemaHash: 7, timeoutSeconds: 60))
        try pair.scheduler.advance(by: .seconds(61))
        try member.engine.sweepTrash(all: false)
        #expect(try member.machine.fileSystem.list("/be/d1/snapshot") == [])
        try member.machine.fileSystem.createDirectory("/be/d1/clone/5/7")
        try member.engine.dropTablet(DropTabletRequest(tabletID: 5))
        #expect(try member.machine.fileSystem.list("/be/d1/clone") == [])
    }
}
