import ClusterTestKit
import Platform
import StoredFormats
import TabletModel
import Testing

@testable import StorageEngine

/// Changes of a tablet between two steps of a clone or a snapshot.
@Suite struct CloneRaceTests {
    /// Versions up to `end` of the tablet become remote ones of an uploader.
    private func cool(
        _ node: CloneNode, upTo end: Version, uploader: ReplicaID, metaID: UniqueID, term: Int64 = 3
    ) throws {
        let tablet = try node.tablet()
        let old = tablet.rowsets.map(\.meta).filter { $0.versions.end <= end }
        let cold = old.map { meta in
            var remote = meta
            remote.id = node.random.rowsetID()
            remote.location = .remote(resource: "cold")
            return remote
        }
        try tablet.commit(
            TabletChange(
                editHeader: { header in
                    header.storagePolicy = "cold"
                    header.cooldownReplicaID = uploader
                    header.cooldownTerm = term
                    header.cooldownMetaID = metaID
                }, addRowsets: cold, removeRowsets: old.map(\.id)))
    }

    private func setConf(_ node: CloneNode, uploader: ReplicaID, term: Int64) {
        #expect(throws: Never.self) {
            try node.tablet().commit(
                TabletChange(editHeader: { header in
                    header.cooldownReplicaID = uploader
                    header.cooldownTerm = term
                }))
        }
    }

    @Test func aConfThatArrivesWhileABadReplicaIsReplacedIsKept() throws {
        let cluster = try CloneCluster(2)
        try cluster.load([0, 1], versions: 5)
        let node = cluster.nodes[1]
        try node.tablet().markBroken("a test")
        node.interruption.before("link") { setConf(node, uploader: 501, term: 9) }
        _ = try node.clones.clone(cluster.request(upTo: 5, from: [0], replica: 501))
        #expect(!node.interruption.cancel())
        #expect(try node.tablet().header.cooldownTerm == 9)
        try node.restart()
        #expect(try node.tablet().header.cooldownReplicaID == 501)
        #expect(try node.rows() == CloneCluster.rows(upTo: 5))
    }

    @Test func aReplicaThatIsMadeUploaderDuringItsRepairTakesAFreshMetaID() throws {
        let cluster = try CloneCluster(2)
        try cluster.load([0, 1], versions: 6, lacks: [1: [2, 5]])
        try cool(cluster.nodes[0], upTo: 3, uploader: 500, metaID: UniqueID(high: 1, low: 2))
        let node = cluster.nodes[1]
        node.interruption.before("link") { setConf(node, uploader: 501, term: 4) }
        _ = try node.clones.clone(cluster.request(upTo: 6, from: [0]))
        #expect(!node.interruption.cancel())
        let snapshot = try node.tablet().snapshot
        #expect(snapshot.maxRemoteVersion == 3)
        #expect(snapshot.isComplete)
        #expect(snapshot.header.cooldownMetaID != nil)
        #expect(snapshot.header.cooldownMetaID != UniqueID(high: 1, low: 2), "it is another's")
    }

    @Test func aSnapshotsHeaderAndRowsetsAreOfOneMoment() throws {
        for version in [Version?.none, 4] {
            let cluster = try CloneCluster(1)
            try cluster.load([0], versions: 4)
            let node = cluster.nodes[0]
            node.interruption.before("mkdir", "/1/7") {
                #expect(throws: Never.self) {
                    try cool(node, upTo: 3, uploader: 500, metaID: UniqueID(high: 1, low: 2))
                }
            }
            let made = try node.snapshots.make(SnapshotRequest(tabletID: 1, schemaHash: 7, version: version))
            #expect(!node.interruption.cancel())
            let bytes = try node.machine.fileSystem.readAll("\(made.path)/1/7/1.hdr")
            let header = try bytes.withUnsafeBytes { try SnapshotHeader(decoding: $0, name: "1.hdr") }
            #expect(header.tablet.cooldownMetaID == nil, "its rowsets are those before any was cold")
            #expect(header.rowsets.allSatisfy { !$0.isRemote })
        }
    }

    /// Whichever file or folder the clone is about to touch: a DROP meanwhile is told to come again, and neither takes harm.
    @Test(arguments: [false, true]) func aDropAtAnyStepOfACloneIsBusy(isNew: Bool) throws {
        var steps = 0
        while true {
            let cluster = try CloneCluster(2)
            try cluster.load(isNew ? [0] : [0, 1], versions: 4, lacks: [1: [3]])
            let node = cluster.nodes[1]
            let place: Comment = "step \(steps)"
            node.interruption.before(skipping: steps, { $0.seam == .file }) {
                let error = #expect(throws: EngineError.self) {
                    try node.engine.dropTablet(DropTabletRequest(tabletID: 1, schemaHash: 7))
                }
                #expect([.busy(1, what: "a creation or a drop"), .unknownTablet(1)].contains(error), place)
            }
            _ = try node.clones.clone(cluster.request(upTo: 4, from: [0], replica: 501))
            let isOver = node.interruption.cancel()
            #expect(try node.rows() == CloneCluster.rows(upTo: 4), place)
            try node.engine.dropTablet(DropTabletRequest(tabletID: 1, schemaHash: 7))
            node.clones.forget(1)
            #expect(node.files("data") == [] && node.files("clone") == [], place)
            if isOver { break }
            steps += 1
        }
        #expect(steps > 10)
    }
}
