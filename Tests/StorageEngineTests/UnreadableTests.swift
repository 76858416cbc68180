import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

/// Rows that can't be read although their versions are there. // found A12
@Suite struct UnreadableTests {
    private static let loads = [sampleRows(5, "a"), sampleRows(5, "b"), sampleRows(5, "c")]

    /// Three replicas on one remote prefix.
    private func cold() throws -> ColdCluster {
        let cluster = try ColdCluster(loads: Self.loads)
        try cluster.push(cluster.conf(0, term: 1))
        try cluster.settle()
        try cluster.checkCold()
        return cluster
    }

    private func firstObject(_ cluster: ColdCluster) throws -> String {
        let rowset = try #require(cluster.nodes[0].tablet.rowsets.first { !$0.meta.segments.isEmpty })
        return RemoteKeys.segments(of: rowset.meta)[0]
    }

    private func readAgain(_ cluster: ColdCluster) throws {
        try cluster.time.advance(by: .seconds(1200))
        for node in cluster.nodes { node.engine.recheckUnreadable() }
    }

    @Test func anObjectThatAStrangerDeletedIsTheReplicasHealthUntilItIsBack() throws {
        let cluster = try cold()
        let key = try firstObject(cluster)
        let bytes = cluster.store.bytes(key)
        cluster.store.tamper(key, nil)
        let engine = cluster.nodes[1].engine
        // Nobody has looked yet.
        #expect(engine.unreadableReplicas.isEmpty)
        #expect(throws: ObjectStoreError.self) { try readRows(engine, 1) }
        let found = try #require(engine.unreadableReplicas.first)
        #expect(found.tabletID == 1 && found.replicaID == cluster.nodes[1].replicaID && !found.isHealedByCopy)
        #expect(found.reason.contains(key))
        #expect(engine.tabletReport().unreadable == [found])
        #expect(engine.checkDataDirs().replicasChanged && !engine.checkDataDirs().replicasChanged)
        // It stays, with its age, as long as the object is away.
        try readAgain(cluster)
        #expect(engine.unreadableReplicas.map(\.since) == [found.since])
        cluster.store.tamper(key, bytes)
        try readAgain(cluster)
        #expect(engine.unreadableReplicas.isEmpty && engine.checkDataDirs().replicasChanged)
        #expect(try readRows(engine, 1) == Self.loads.flatMap { $0 })
    }

    @Test func aCheckFindsItToo() throws {
        let cluster = try cold()
        cluster.store.tamper(try firstObject(cluster), nil)
        for node in cluster.nodes {
            #expect(throws: ObjectStoreError.self) {
                try node.engine.checksum(CheckConsistencyRequest(tabletID: 1, schemaHash: 7, version: 4))
            }
            #expect(node.engine.unreadableReplicas.count == 1)
        }
    }

    @Test(arguments: ["shorter", "other"])
    func anObjectWithWrongBytesIsFoundAndForgottenWhenTheRightOnesAreBack(what: String) throws {
        let cluster = try cold()
        let key = try firstObject(cluster)
        let bytes = try #require(cluster.store.bytes(key))
        var wrong = bytes
        if what == "shorter" { wrong.removeLast(3) } else { wrong[20] ^= 0xFF }
        cluster.store.tamper(key, wrong)
        let engine = cluster.nodes[2].engine
        #expect(throws: (any Error).self) { try readRows(engine, 1) }
        #expect(engine.unreadableReplicas.first?.reason.contains(what == "shorter" ? key : "corrupt") == true)
        cluster.store.tamper(key, bytes)
        try readAgain(cluster)
        #expect(engine.unreadableReplicas.isEmpty)
    }

    @Test(arguments: [ObjectStoreError.Code.network, .accessDenied, .noSuchBucket, .timeout, .throttled])
    func aStoreThatCanNotSayIsNoLoss(code: ObjectStoreError.Code) throws {
        let cluster = try cold()
        cluster.store.tamper(try firstObject(cluster), nil)
        cluster.store.setHook { _ in throw ObjectStoreError(code, operation: "any", key: "k", message: "no") }
        let engine = cluster.nodes[1].engine
        #expect(throws: ObjectStoreError.self) { try readRows(engine, 1) }
        #expect(engine.unreadableReplicas.isEmpty)
    }

    /// A HEAD has no body: by it alone a bucket that is gone looks like a key that is.
    @Test func aBucketThatIsGoneIsNoMissingObject() throws {
        let cluster = try cold()
        let key = try firstObject(cluster)
        cluster.store.tamper(key, nil)
        cluster.store.setHook { operation in
            guard case .get(_, let range) = operation, range == 0..<1 else { return }
            throw ObjectStoreError(.noSuchBucket, operation: "GET", key: key, httpStatus: 404, message: "no bucket")
        }
        #expect(throws: ObjectStoreError.self) { try readRows(cluster.nodes[1].engine, 1) }
        #expect(cluster.nodes[1].engine.unreadableReplicas.isEmpty)
    }

    // MARK: Local files

    private func local() throws -> (fixture: EngineFixture, engine: StorageEngine, file: String) {
        let fixture = try EngineFixture()
        let engine = try fixture.start()
        _ = try engine.createTablet(.sample(1))
        _ = fixture.serve("http://fe/1", sampleRows(3))
        _ = try engine.push(.sample(1, transaction: 5, url: "http://fe/1"))
        _ = try engine.publish(.sample(5, 2))
        return (fixture, engine, fixture.segmentFiles[0])
    }

    @Test(arguments: [FileSystemError.Code.io, .permissionDenied])
    func aFileThatCanNotBeReadIsNotLostAndACopyHealsIt(code: FileSystemError.Code) throws {
        let (fixture, engine, file) = try local()
        fixture.machine.fileSystem.setTrouble(code, under: file)
        #expect(throws: FileSystemError.self) { try readRows(engine, 1) }
        let found = try #require(engine.unreadableReplicas.first)
        #expect(found.isHealedByCopy && found.reason.contains(file))
        #expect(engine.counters.lostRowsets == 0)
        fixture.machine.fileSystem.setTrouble(nil)
        try fixture.time.advance(by: .seconds(60))
        engine.recheckUnreadable()
        #expect(engine.unreadableReplicas.isEmpty)
        #expect(try readRows(engine, 1) == sampleRows(3))
    }

    @Test func aFileThatIsGoneFromAReadOnlyDiskIsTakenOutOnceTheDiskTakesChanges() throws {
        let (fixture, engine, file) = try local()
        try fixture.machine.fileSystem.remove(file)
        fixture.machine.fileSystem.setReadOnly("/be/d1")
        _ = engine.checkDataDirs()
        #expect(throws: FileSystemError.self) { try readRows(engine, 1) }
        #expect(engine.unreadableReplicas.map(\.isHealedByCopy) == [true])
        #expect(try engine.tablet(1).singleRow.isUsed)
        fixture.machine.fileSystem.setReadOnly(nil)
        _ = engine.checkDataDirs()
        try fixture.time.advance(by: .seconds(60))
        engine.recheckUnreadable()
        #expect(engine.unreadableReplicas.isEmpty)
        #expect(engine.counters.lostRowsets == 1)
        #expect(try engine.tablet(1).singleRow.version == 1)
    }

    @Test func oneReadThatFailsLeavesNoMark() throws {
        let cluster = try ColdCluster(nodes: 1, loads: Self.loads)
        let node = cluster.nodes[0]
        for k in 0..<12 {
            node.plan.restart(.fail(k))
            _ = try? readRows(node.engine, 1)
            #expect(node.engine.unreadableReplicas.isEmpty && node.engine.counters.lostRowsets == 0, "operation \(k)")
        }
        node.plan.restart()
        #expect(try readRows(node.engine, 1) == Self.loads.flatMap { $0 })
    }
}
