import ClusterTestKit
import Platform
import StoredFormats
import TabletModel
import Testing

@testable import StorageEngine

/// What a dir that takes no changes says is garbage proves nothing, so no object goes by it.
@Suite struct RemoteGarbageSweepTests {
    private func makeReadOnly(_ dir: DataDir) {
        dir.take(DirProbe.Outcome.unwritable(DiskCondition(.readOnly, reason: "mounted read-only")))
    }

    @Test("of a dir that stops taking changes in the middle of a sweep, the rowsets that are left keep their objects")
    func rowsets() throws {
        let cluster = try ColdCluster(nodes: 1, loads: [])
        let node = cluster.nodes[0]
        let dir = node.engine.dataDirs[0]
        var batch = WriteBatch()
        for _ in 0..<3 {
            let id = node.engine.environment.random.rowsetID()
            let garbage = RemoteRowsetGarbage(resource: "hot10", tabletID: 1, segmentCount: 1)
            batch.put(MetaKeys.remoteRowsetGarbage(id), try garbage.encoded())
            cluster.store.tamper(RemoteKeys.segment(1, id, 0), [1])
        }
        try dir.writeMeta(batch)
        cluster.store.setHook { operation in
            if case .delete = operation { makeReadOnly(dir) }
        }
        #expect(node.cooldown.sweepRemoteGarbage() == (0, 3))
        #expect(cluster.store.keys.count == 2)
        #expect(node.records(MetaKeys.remoteRowsetGarbage) == 3)

        cluster.store.setHook(nil)
        #expect(node.cooldown.sweepRemoteGarbage() == (0, 0))
        #expect(cluster.store.keys.count == 2)
        #expect(node.engine.checkDataDirs().wentBad == [])
        #expect(node.cooldown.sweepRemoteGarbage() == (3, 0))
        #expect(cluster.store.keys == [])
    }

    @Test("the folder of a dropped table stays while the dir that remembers it takes no changes")
    func folders() throws {
        let cluster = try ColdCluster(nodes: 1, loads: [sampleRows(5, "a")])
        try cluster.push(cluster.conf(0, term: 1))
        try cluster.settle()
        let node = cluster.nodes[0]
        let keys = cluster.store.keys
        #expect(!keys.isEmpty)
        try node.engine.dropTablet(DropTabletRequest(tabletID: 1, isDropTableOrPartition: true))
        makeReadOnly(node.engine.dataDirs[0])
        #expect(node.cooldown.sweepRemoteGarbage() == (0, 1))
        #expect(cluster.store.keys == keys)

        _ = node.engine.checkDataDirs()
        #expect(node.cooldown.sweepRemoteGarbage() == (1, 0))
        #expect(cluster.store.keys == [])
    }
}
