import ClusterTestKit
import Platform
import StoredFormats
import Synchronization
import TabletModel
import Testing

@testable import StorageEngine

@Suite("Cooldown protocol")
struct CooldownProtocolTests {
    private let rows = sampleRows(30)

    private func coldCluster() throws -> ColdCluster {
        let cluster = try ColdCluster(loads: [Array(rows[..<10]), Array(rows[10..<20]), Array(rows[20...])])
        try cluster.push(cluster.conf(0, term: 1))
        return cluster
    }

    @Test("one replica uploads, two follow, rows are read back from the bucket, local files are gone")
    func wholeWay() throws {
        let cluster = try coldCluster()
        #expect(cluster.nodes[0].cooldown.dueTablets(now: cluster.time.wallNow).isEmpty)
        try cluster.settle()
        try cluster.checkAlways(rows: rows)
        try cluster.checkCold()
        let uploads = cluster.nodes.map { $0.cooldown.counters.values.uploadedRowsets }
        #expect(uploads == [4, 0, 0])
        let values = cluster.nodes[0].cooldown.counters.values
        #expect(values.uploadedObjects == Int64(cluster.store.keys.count { $0.hasSuffix(".dat") }))
        #expect(cluster.nodes[1].cooldown.counters.values.followedRowsets == 4)
        #expect(cluster.store.keys.filter { $0.hasSuffix(".meta") } == ["data/1/101.1.meta"])
        #expect(cluster.nodes[0].records(MetaKeys.remoteRowsetGarbage) == 0)
        // Quiet afterwards.
        for node in cluster.nodes { #expect(node.cooldown.dueTablets(now: cluster.time.wallNow).isEmpty) }
    }

    @Test("later versions are cooled and followed on top of the prefix")
    func laterVersions() throws {
        let cluster = try coldCluster()
        try cluster.settle()
        let more = sampleRows(12, "more")
        try cluster.load(more)
        try cluster.settle()
        try cluster.checkAlways(rows: rows + more)
        try cluster.checkCold()
        #expect(cluster.nodes[1].cooldown.counters.values.followedRowsets == 5)
    }

    @Test("everything is there after all backends restart, cold rows too, before any master answered")
    func restart() throws {
        let cluster = try coldCluster()
        try cluster.settle()
        for node in cluster.nodes { try node.crashAndRestart() }
        try cluster.checkAlways(rows: rows)
        try cluster.checkCold()
        #expect(cluster.nodes[0].tablet.header.cooldownConf == cluster.conf(0, term: 1))
        let puts = cluster.store.putCounts
        try cluster.settle()
        #expect(cluster.store.putCounts == puts)
    }

    // MARK: Confs

    @Test("confs: persisted before they are answered; lower, conflicting, unset and unknown ones are told apart")
    func confs() throws {
        let cluster = try ColdCluster(nodes: 1, loads: [rows])
        let node = cluster.nodes[0]
        func apply(_ replica: Int64, _ term: Int64, tablet: TabletID = 1) throws -> CooldownConfVerdict {
            try node.cooldown.apply(
                CooldownConf(tabletID: tablet, cooldownReplicaID: ReplicaID(replica), term: term))
        }
        #expect(try apply(101, 2) == .applied)
        try node.crashAndRestart()
        #expect(node.tablet.header.cooldownTerm == 2 && node.tablet.header.cooldownReplicaID == 101)
        #expect(try apply(101, 2) == .unchanged)
        #expect(try apply(102, 2) == .conflict(current: 101))
        #expect(try apply(102, 1) == .staleTerm(current: 2))
        #expect(try apply(-1, 3) == .noReplica)
        #expect(try apply(101, 2, tablet: 99) == .unknownTablet)
        #expect(try apply(102, 3) == .applied)
        #expect(node.tablet.header.cooldownTerm == 3)
    }

    @Test("a conf that can't be persisted is not acknowledged and not kept")
    func confNotPersisted() throws {
        let cluster = try ColdCluster(nodes: 1, loads: [rows])
        let node = cluster.nodes[0]
        node.plan.restart(.failFrom(0))
        #expect(throws: EngineError.self) { try node.cooldown.apply(cluster.conf(0, term: 1)) }
        try node.crashAndRestart()
        #expect(node.tablet.header.cooldownTerm == -1)
    }

    @Test("a conf change in the middle of an upload ends it; nothing it uploaded stays")
    func confChangeMidUpload() throws {
        let cluster = try coldCluster()
        try cluster.time.advance(by: .seconds(20))
        let (old, next) = (cluster.nodes[0], cluster.conf(1, term: 2))
        let verdicts = Mutex<[CooldownConfVerdict]>([])
        let cooldown = old.cooldown
        cluster.store.setHook { operation in
            if case .put = operation {
                let verdict = try cooldown.apply(next)
                verdicts.withLock { $0.append(verdict) }
            }
        }
        #expect(try old.cooldown.runOnce(1) == .aborted)
        cluster.store.setHook(nil)
        #expect(verdicts.withLock { $0 } == [.busy])
        #expect(cluster.store.keys == [])
        #expect(old.records(MetaKeys.remoteRowsetGarbage) == 0)
        try cluster.push(next)
        try cluster.settle()
        try cluster.checkAlways(rows: rows)
        try cluster.checkCold()
        #expect(cluster.nodes.map { $0.cooldown.counters.values.uploadedRowsets }.last == 0)
        #expect(cluster.store.keys.filter { $0.hasSuffix(".meta") } == ["data/1/102.2.meta"])
    }

    @Test("a drop in the middle of an upload ends it: no meta of a replica that is gone, and nothing it uploaded stays")
    func dropMidUpload() throws {
        let cluster = try coldCluster()
        try cluster.time.advance(by: .seconds(20))
        let node = cluster.nodes[0]
        let engine = node.engine
        cluster.store.setHook { operation in
            if case .put = operation { try engine.dropTablet(DropTabletRequest(tabletID: 1)) }
        }
        #expect(try node.cooldown.runOnce(1) == .aborted)
        cluster.store.setHook(nil)
        #expect(!cluster.store.keys.contains { $0.hasSuffix(".meta") })
        node.cooldown.sweepRemoteGarbage()
        #expect(cluster.store.keys == [] && node.records(MetaKeys.remoteRowsetGarbage) == 0)
    }

    @Test("a run of the same tablet is not started beside another")
    func oneRun() throws {
        let cluster = try coldCluster()
        try cluster.time.advance(by: .seconds(20))
        let cooldown = cluster.nodes[0].cooldown
        let inner = Mutex<[CooldownOutcome]>([])
        cluster.store.setHook { operation in
            if case .put = operation {
                let outcome = try cooldown.runOnce(1)
                inner.withLock { $0.append(outcome) }
            }
        }
        _ = try cooldown.runOnce(1)
        #expect(inner.withLock { Set($0) } == [.busy])
    }

    @Test("a stale uploader that missed the new conf can't touch the new one's meta, and comes round")
    func staleUploader() throws {
        let cluster = try coldCluster()
        let next = cluster.conf(1, term: 2)
        for node in cluster.nodes.dropFirst() { #expect(try node.cooldown.apply(next) == .applied) }
        // Node 0 still believes in term 1, and so uploads too.
        try cluster.settle()
        try cluster.checkAlways(rows: rows)
        #expect(cluster.store.keys.filter { $0.hasSuffix(".meta") } == ["data/1/101.1.meta", "data/1/102.2.meta"])
        #expect(cluster.nodes[1].tablet.rowsets.map(\.meta.id) == cluster.nodes[2].tablet.rowsets.map(\.meta.id))
        #expect(cluster.nodes[0].tablet.rowsets.map(\.meta.id) != cluster.nodes[1].tablet.rowsets.map(\.meta.id))
        // The conf reaches it at last: it follows, and its own objects are unused.
        #expect(try cluster.nodes[0].cooldown.apply(next) == .applied)
        try cluster.settle()
        try cluster.checkAlways(rows: rows)
        try removeUnused(cluster, uploader: 1)
        try cluster.checkCold()
        #expect(cluster.store.keys.filter { $0.hasSuffix(".meta") } == ["data/1/102.2.meta"])
    }

    @Test("a follower that becomes uploader writes a meta with the id it stands on, and goes on from there")
    func newUploader() throws {
        let cluster = try coldCluster()
        try cluster.settle()
        let id = cluster.nodes[2].tablet.header.cooldownMetaID
        try cluster.push(cluster.conf(2, term: 2))
        try cluster.settle()
        #expect(cluster.nodes.map(\.tablet.header.cooldownMetaID) == [id, id, id])
        #expect(cluster.store.keys.contains("data/1/103.2.meta"))
        try cluster.load(sampleRows(5, "more"))
        try cluster.settle()
        try cluster.checkAlways(rows: rows + sampleRows(5, "more"))
        try cluster.checkCold()
        #expect(cluster.nodes.map { $0.cooldown.counters.values.uploadedRowsets } == [4, 0, 1])
    }

    // MARK: Order of the steps

    @Test("local files stay until the local commit and the remote meta are both there")
    func localFilesLast() throws {
        let cluster = try coldCluster()
        try cluster.time.advance(by: .seconds(20))
        let node = cluster.nodes[0]
        let before = node.segmentFiles
        let atMeta = Mutex<(files: [String], remote: Int)>(([], 0))
        let (fileSystem, tablet) = (node.machine.fileSystem, node.tablet)
        cluster.store.setHook { operation in
            if case .put(let key) = operation, key.hasSuffix(".meta") {
                let files = fileSystem.allFiles().map(\.path).filter { $0.contains("/data/") && $0.hasSuffix(".dat") }
                atMeta.withLock { $0 = (files, tablet.rowsets.count(where: \.meta.isRemote)) }
                throw ObjectStoreError(.unavailable, operation: "PUT", key: key, message: "down", isRetryable: true)
            }
        }
        #expect(throws: ObjectStoreError.self) { try node.cooldown.runOnce(1) }
        #expect(atMeta.withLock { $0.files } == before)
        #expect(atMeta.withLock { $0.remote } == 4)
        #expect(node.segmentFiles == before)
        #expect(!node.cooldown.dueTablets(now: cluster.time.wallNow).isEmpty)
        cluster.store.setHook(nil)
        #expect(try node.cooldown.runOnce(1) == .wroteRemoteMeta)
        #expect(node.segmentFiles == [])
    }

    @Test("a corrupt local segment is not uploaded: its rowset leaves the tablet, its file goes to the trash")
    func corruptLocalSegment() throws {
        let cluster = try coldCluster()
        try cluster.time.advance(by: .seconds(20))
        let node = cluster.nodes[0]
        let before = node.tablet.rowsets.count
        try node.machine.fileSystem.corrupt(node.segmentFiles[0], at: 20)
        #expect {
            try node.cooldown.runOnce(1)
        } throws: {
            if case CooldownError.localSegmentCorrupt = $0 { true } else { false }
        }
        #expect(node.tablet.singleRow.isUsed)
        #expect(node.tablet.rowsets.count == before - 1)
        #expect(try node.machine.fileSystem.list("/be/d1/trash").count == 1)
        try cluster.checkAlwaysRemote()
    }

    @Test("a local segment that is not there costs its rowset, and nothing else")
    func missingLocalSegment() throws {
        let cluster = try coldCluster()
        try cluster.time.advance(by: .seconds(20))
        let node = cluster.nodes[0]
        let before = node.tablet.rowsets.count
        try node.machine.fileSystem.remove(node.segmentFiles[0])
        #expect(throws: CooldownError.self) { try node.cooldown.runOnce(1) }
        #expect(node.tablet.singleRow.isUsed)
        #expect(node.tablet.rowsets.count == before - 1)
        try cluster.checkAlwaysRemote()
    }

    @Test("a tablet that gets another policy has its remote meta where the new policy points, too")
    func policyChange() throws {
        let cluster = try coldCluster()
        try cluster.settle()
        var resource = ColdCluster.resource
        resource.bucket = "colder"
        let other = StoragePolicyEntry(name: "other", cooldownTTLSeconds: 10, resource: resource, checksum: "1")
        for node in cluster.nodes {
            _ = try node.cooldown.policies.apply([other])
            try node.tablet.commit(TabletChange(editHeader: { $0.storagePolicy = "other" }))
        }
        try cluster.load(sampleRows(5, "more"))
        try cluster.settle()
        #expect(cluster.objects.memoryStore(for: resource).keys.contains("data/1/101.1.meta"))
        for node in cluster.nodes {
            #expect(node.tablet.snapshot.rowsets.allSatisfy { $0.meta.isRemote })
            #expect(try readRows(node.engine, 1) == rows + sampleRows(5, "more"))
        }
    }

    // MARK: Followers

    @Test("a follower that lacks versions waits; with them it follows")
    func followerBehind() throws {
        let cluster = try ColdCluster(loads: [Array(rows[..<20])])
        let late = cluster.nodes[2]
        for node in cluster.nodes.dropLast() { try node.load(Array(rows[20...]), version: 3, transaction: 2) }
        try cluster.push(cluster.conf(0, term: 1))
        try cluster.time.advance(by: .seconds(20))
        _ = try cluster.nodes[0].cooldown.runOnce(1)
        #expect(try late.cooldown.runOnce(1) == .waiting(.behind(end: 2, remoteEnd: 3)))
        #expect(late.tablet.rowsets.allSatisfy { !$0.meta.isRemote })
        try late.load(Array(rows[20...]), version: 3, transaction: 2)
        try cluster.settle()
        try cluster.checkAlways(rows: rows)
        try cluster.checkCold()
    }

    @Test("a follower depends on no object that is missing, short or not a segment", arguments: 0..<3)
    func badObject(kind: Int) throws {
        let cluster = try coldCluster()
        try cluster.time.advance(by: .seconds(20))
        _ = try cluster.nodes[0].cooldown.runOnce(1)
        let key = try #require(cluster.store.keys.first { $0.hasSuffix(".dat") })
        let good = try #require(cluster.store.bytes(key))
        var broken = good
        broken[broken.count - 30] ^= 1
        cluster.store.tamper(key, [nil, Array(good.dropLast()), broken][kind])
        let follower = cluster.nodes[1]
        #expect(throws: (any Error).self) { try follower.cooldown.runOnce(1) }
        #expect(follower.tablet.rowsets.allSatisfy { !$0.meta.isRemote })
        #expect(try readRows(follower.engine, 1) == rows)
        cluster.store.tamper(key, good)
        #expect(try follower.cooldown.runOnce(1) == .followed(rowsets: 4))
    }

    @Test("a corrupt or foreign remote meta is refused; its writer writes it anew after a restart")
    func badRemoteMeta() throws {
        let cluster = try coldCluster()
        try cluster.time.advance(by: .seconds(20))
        _ = try cluster.nodes[0].cooldown.runOnce(1)
        let key = "data/1/101.1.meta"
        let good = try #require(cluster.store.bytes(key))
        for index in stride(from: 0, to: good.count, by: 7) {
            var broken = good
            broken[index] ^= 0x40
            cluster.store.tamper(key, broken)
            #expect(throws: StoredFormatError.self) { try cluster.nodes[1].cooldown.runOnce(1) }
        }
        var foreign = try good.withUnsafeBytes { try RemoteCooldownMeta(decoding: $0, name: key) }
        foreign.term = 9
        cluster.store.tamper(key, try foreign.encoded())
        #expect(throws: CooldownError.self) { try cluster.nodes[1].cooldown.runOnce(1) }
        #expect(try readRows(cluster.nodes[1].engine, 1) == rows)
        cluster.store.tamper(key, [1, 2, 3])
        try cluster.nodes[0].crashAndRestart()
        try cluster.settle()
        try cluster.checkCold()
    }

    @Test("the older meta name is read when there is no new one")
    func legacyMeta() throws {
        let cluster = try coldCluster()
        try cluster.time.advance(by: .seconds(20))
        _ = try cluster.nodes[0].cooldown.runOnce(1)
        let bytes = try #require(cluster.store.bytes("data/1/101.1.meta"))
        cluster.store.tamper("data/1/101.1.meta", nil)
        #expect(try cluster.nodes[1].cooldown.runOnce(1) == .waiting(.noRemoteMeta(uploader: 101, term: 1)))
        cluster.store.tamper("data/1/101.meta", bytes)
        #expect(try cluster.nodes[1].cooldown.runOnce(1) == .followed(rowsets: 4))
    }

    // MARK: What goes away

    @Test("nothing is deleted that was not confirmed, or that changed since")
    func unconfirmed() throws {
        let cluster = try coldCluster()
        try cluster.settle()
        cluster.store.tamper("data/1/stray.tmp", [1])
        cluster.store.tamper("data/1/101.0.meta", [1])
        cluster.store.tamper("data/12/other.dat", [1])
        let node = cluster.nodes[0]
        let asked = node.cooldown.findUnusedRemoteFiles()
        #expect(asked.map(\.tabletID) == [1])
        #expect(asked.map(\.cooldownMetaID) == [node.tablet.header.cooldownMetaID])
        #expect(cluster.nodes[1].cooldown.findUnusedRemoteFiles() == [])
        try node.cooldown.removeUnusedRemoteFiles([])
        #expect(cluster.store.deletedKeys == [])
        // A new upload comes in between: the confirmation was for another meta id.
        try cluster.load(sampleRows(3, "more"))
        try cluster.time.advance(by: .seconds(20))
        _ = try node.cooldown.runOnce(1)
        try node.cooldown.removeUnusedRemoteFiles([1])
        #expect(cluster.store.deletedKeys == [])
        _ = node.cooldown.findUnusedRemoteFiles()
        try node.cooldown.removeUnusedRemoteFiles([1])
        #expect(cluster.store.deletedKeys.sorted() == ["data/1/101.0.meta", "data/1/stray.tmp"])
        try cluster.settle()
        try cluster.checkCold()
    }

    @Test("sweeps beside an upload delete nothing of it")
    func sweepBesideUpload() throws {
        let cluster = try coldCluster()
        try cluster.settle()
        try cluster.load(sampleRows(40, "more"))
        try cluster.time.advance(by: .seconds(20))
        let (cooldown, store) = (cluster.nodes[0].cooldown, cluster.store)
        store.setHook { operation in
            // After each object is there: its existence is asked for.
            if case .head = operation {
                cooldown.sweepRemoteGarbage()
                #expect(cooldown.findUnusedRemoteFiles() == [])
            }
        }
        _ = try cooldown.runOnce(1)
        store.setHook(nil)
        #expect(store.deletedKeys == [])
        try cluster.settle()
        try cluster.checkAlways(rows: rows + sampleRows(40, "more"))
        try cluster.checkCold()
    }

    /// Between the failed answer and the next start nobody knows whether the tablet names the object.
    @Test("an object whose commit has an unknown outcome is not unused")
    func unusedBesideADoubt() throws {
        let cluster = try coldCluster()
        try cluster.settle()
        try cluster.load(sampleRows(40, "more"))
        try cluster.time.advance(by: .seconds(20))
        let (node, store) = (cluster.nodes[0], cluster.store)
        cluster.store.tamper("data/1/stray.tmp", [1])
        _ = node.cooldown.findUnusedRemoteFiles()
        let plan = node.plan
        store.setHook { operation in
            if case .put(let key) = operation, key.hasSuffix(".dat") {
                plan.restart(.failAfterAndFrom(0), only: .keyValue)
            }
        }
        #expect(throws: EngineError.self) { try node.cooldown.runOnce(1) }
        store.setHook(nil)
        // What was found before is not removed now either.
        #expect(throws: EngineError.self) { try node.cooldown.removeUnusedRemoteFiles([1]) }
        #expect(node.cooldown.findUnusedRemoteFiles() == [])
        try node.cooldown.removeUnusedRemoteFiles([1])
        #expect(store.deletedKeys == [])
        try node.crashAndRestart()
        try cluster.settle()
        try cluster.checkAlways(rows: rows + sampleRows(40, "more"))
        cluster.store.tamper("data/1/stray.tmp", nil)
        try cluster.checkCold()
    }

    @Test("what the memory holds of a dropped tablet goes with the next sweep")
    func droppedTabletIsForgotten() throws {
        let cluster = try coldCluster()
        try cluster.time.advance(by: .seconds(20))
        let node = cluster.nodes[0]
        cluster.store.setHook { operation in
            if case .put(let key) = operation, key.hasSuffix(".meta") {
                throw ObjectStoreError(.unavailable, operation: "PUT", key: key, message: "down", isRetryable: true)
            }
        }
        #expect(throws: ObjectStoreError.self) { try node.cooldown.runOnce(1) }
        #expect(node.cooldown.memory.hasRetained(1))
        try node.engine.dropTablet(DropTabletRequest(tabletID: 1))
        node.cooldown.sweepRemoteGarbage()
        #expect(!node.cooldown.memory.hasRetained(1))
    }

    @Test("the remote folder of a dropped table goes, that of a dropped replica stays")
    func droppedTable() throws {
        let cluster = try coldCluster()
        try cluster.settle()
        let keys = cluster.store.keys
        try cluster.nodes[1].engine.dropTablet(DropTabletRequest(tabletID: 1))
        cluster.nodes[1].cooldown.sweepRemoteGarbage()
        #expect(cluster.store.keys == keys)
        cluster.store.tamper("data/11/x.dat", [1])
        let node = cluster.nodes[0]
        try node.engine.dropTablet(DropTabletRequest(tabletID: 1, isDropTableOrPartition: true))
        node.plan.restart(.failFrom(0))
        node.cooldown.sweepRemoteGarbage()
        #expect(cluster.store.keys.count == keys.count + 1)
        try node.crashAndRestart()
        #expect(node.cooldown.sweepRemoteGarbage() == (1, 0))
        #expect(cluster.store.keys == ["data/11/x.dat"])
        #expect(node.cooldown.sweepRemoteGarbage() == (0, 0))
    }

    // MARK: Policies

    @Test("policies survive a restart; a changed one replaces, a repeated or unnamed one changes nothing")
    func policies() throws {
        let cluster = try ColdCluster(nodes: 1)
        let node = cluster.nodes[0]
        var changed = ColdCluster.policy
        #expect(try node.cooldown.policies.apply([changed]) == ["hot10"])
        #expect(try node.cooldown.policies.apply([changed]) == [])
        changed.checksum = "2"
        changed.cooldownAt = UnixTime(seconds: 5)
        changed.resource?.secretKey = "rotated"
        changed.resource?.sessionToken = "token"
        let other = StoragePolicyEntry(name: "other", cooldownTTLSeconds: 1)
        #expect(try node.cooldown.policies.apply([changed, other]) == ["hot10", "other"])
        #expect(try node.cooldown.policies.apply([]) == [])
        try node.crashAndRestart()
        #expect(node.cooldown.policies.entries == [changed, other])
    }

    @Test("without its policy a tablet waits, and says which one is unknown")
    func unknownPolicy() throws {
        let cluster = try ColdCluster(nodes: 1)
        let node = cluster.nodes[0]
        _ = try node.engine.createTablet(.sample(1, replica: 101, policy: "hot10"))
        try node.load(rows, version: 2, transaction: 1)
        try cluster.push(cluster.conf(0, term: 1))
        try cluster.time.advance(by: .seconds(20))
        #expect(node.cooldown.dueTablets(now: cluster.time.wallNow).isEmpty)
        #expect(throws: CooldownError.unknownPolicy(1, policy: "hot10")) { try node.cooldown.runOnce(1) }
        _ = try node.cooldown.policies.apply([ColdCluster.policy])
        try cluster.settle()
        try cluster.checkCold()
    }
}

/// Asks the uploader, confirms by the FE's rule (every replica has the uploader's term and meta id), deletes.
func removeUnused(_ cluster: ColdCluster, uploader: Int) throws {
    let node = cluster.nodes[uploader]
    let confirmed = node.cooldown.findUnusedRemoteFiles().filter { asked in
        cluster.nodes.allSatisfy { other in
            let header = other.tablet.header
            return header.cooldownMetaID == asked.cooldownMetaID
                && header.cooldownConf == node.tablet.header.cooldownConf
        }
    }
    try node.cooldown.removeUnusedRemoteFiles(confirmed.map(\.tabletID))
}

extension ColdCluster {
    /// Objects that visible rowsets name are there.
    func checkAlwaysRemote() throws {
        for node in nodes {
            for rowset in node.tablet.rowsets where rowset.meta.isRemote {
                for key in RemoteKeys.segments(of: rowset.meta) { #expect(store.bytes(key) != nil) }
            }
        }
    }
}
