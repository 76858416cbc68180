import Platform
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct CloneTests {
    private func clone(
        _ cluster: CloneCluster, to node: Int, _ request: CloneRequest
    ) throws -> CloneOutcome {
        try cluster.nodes[node].clones.clone(request)
    }

    private func checkClean(_ cluster: CloneCluster) throws {
        for node in cluster.nodes {
            #expect(node.files("snapshot") == [], "\(node.host) keeps a snapshot")
            #expect(node.files("clone") == [], "\(node.host) keeps staged files")
            #expect(try node.orphans() == [])
        }
    }

    // MARK: What is done

    @Test func missingVersionsAndNothingElseAreFetched() throws {
        let cluster = try CloneCluster(2)
        try cluster.load([0, 1], versions: 8, lacks: [1: [4, 6, 7]])
        #expect(cluster.nodes[1].held == "0-3, 5, 8")
        let result = try clone(cluster, to: 1, cluster.request(upTo: 8, from: [0], replica: 501))
        #expect(cluster.nodes[1].held == "0-8")
        #expect(try cluster.nodes[1].rows() == CloneCluster.rows(upTo: 8))
        #expect(result.row.version == 8)
        #expect(result.row.versionMiss == false)
        let fetched = try cluster.nodes[0].tablet().rowsets.filter {
            [4, 6, 7].contains($0.meta.versions.start.rawValue)
        }
        #expect(result.copiedBytes == fetched.reduce(0) { $0 + $1.meta.sizeBytes })
        #expect(cluster.takeFetchedSegments().count == fetched.reduce(0) { $0 + $1.meta.segments.count })
        let ids = Set(try cluster.nodes[0].tablet().rowsets.map(\.meta.id))
        #expect(try cluster.nodes[1].tablet().rowsets.allSatisfy { !ids.contains($0.meta.id) })
        try checkClean(cluster)
        try cluster.nodes[1].restart()
        #expect(try cluster.nodes[1].rows() == CloneCluster.rows(upTo: 8))
    }

    @Test func aReplicaThatLacksNothingIsDoneAtOnceWithoutASource() throws {
        let cluster = try CloneCluster(2)
        try cluster.load([0, 1], versions: 3)
        cluster.nodes[0].isUp = false
        let result = try clone(cluster, to: 1, cluster.request(upTo: 3, from: [0]))
        #expect(result.copiedBytes == 0)
        #expect(result.row.version == 3)
    }

    @Test func aNewReplicaIsMadeWhole() throws {
        let cluster = try CloneCluster(2)
        try cluster.load([0], versions: 5)
        var request = cluster.request(upTo: 5, from: [0], replica: 777)
        request.partitionID = 21
        _ = try clone(cluster, to: 1, request)
        let header = try cluster.nodes[1].tablet().header
        #expect(header.replicaID == 777)
        #expect(header.partitionID == 21)
        #expect(header.state == .running)
        #expect(try header.uid != cluster.nodes[0].tablet().header.uid)
        #expect(try cluster.nodes[1].tablet().rowsets.allSatisfy { $0.meta.partitionID == 21 })
        #expect(try cluster.nodes[1].rows() == CloneCluster.rows(upTo: 5))
        try checkClean(cluster)
        try cluster.nodes[1].restart()
        #expect(try cluster.nodes[1].rows() == CloneCluster.rows(upTo: 5))
    }

    @Test func aNewReplicaGoesToTheDirThatTheTaskNames() throws {
        let cluster = try CloneCluster(2, dirs: 3)
        try cluster.load([0], versions: 2)
        for dir in cluster.nodes[1].engine.dataDirs {
            var request = cluster.request(upTo: 2, from: [0])
            request.destinationPathHash = dir.pathHash
            _ = try clone(cluster, to: 1, request)
            #expect(try cluster.nodes[1].tablet().dataDir === dir)
            try cluster.nodes[1].engine.dropTablet(DropTabletRequest(tabletID: 1))
        }
    }

    @Test func replicasWithDifferentGapsRepairEachOther() throws {
        let cluster = try CloneCluster(3)
        try cluster.load([0, 1, 2], versions: 10, lacks: [0: [3, 9], 1: [5, 6], 2: [3, 5, 10]])
        let expected = CloneCluster.rows(upTo: 10)
        // Nobody has everything: version 3 is at the second only, 10 not at the third.
        for node in 0..<3 {
            let others = (0..<3).filter { $0 != node }
            _ = try clone(cluster, to: node, cluster.request(upTo: 10, from: others))
            #expect(cluster.nodes[node].held == "0-10")
            #expect(try cluster.nodes[node].rows() == expected)
        }
        try checkClean(cluster)
    }

    @Test func aNewReplicaIsMadeOfSeveralThatEachLackSomething() throws {
        let cluster = try CloneCluster(3)
        try cluster.load([0, 1], versions: 8, lacks: [0: [3, 4], 1: [7]])
        _ = try clone(cluster, to: 2, cluster.request(upTo: 8, from: [0, 1], replica: 502))
        #expect(cluster.nodes[2].held == "0-8")
        #expect(try cluster.nodes[2].rows() == CloneCluster.rows(upTo: 8))
        try checkClean(cluster)
    }

    @Test func aSourceThatMergedTheMissingVersionsReplacesAnAlignedRun() throws {
        let cluster = try CloneCluster(2)
        try cluster.load([0, 1], versions: 8, lacks: [1: [5]])
        try cluster.nodes[0].merge(VersionRange(4, 6))
        _ = try clone(cluster, to: 1, cluster.request(upTo: 8, from: [0]))
        #expect(try cluster.nodes[1].rows() == CloneCluster.rows(upTo: 8))
        #expect(cluster.nodes[1].held == "0-8")
    }

    @Test func staleRowsetsOfTheSourceServeAsWell() throws {
        let cluster = try CloneCluster(2)
        try cluster.load([0, 1], versions: 8, lacks: [1: [5]])
        try cluster.nodes[0].merge(VersionRange(2, 8))
        let result = try clone(cluster, to: 1, cluster.request(upTo: 8, from: [0]))
        #expect(try cluster.nodes[1].tablet().rowsets.count == 8)
        let five = try cluster.nodes[1].tablet().rowsets.first { $0.meta.versions.start == 5 }
        #expect(result.copiedBytes == five?.meta.sizeBytes)
    }

    @Test func aBadReplicaIsReplacedAtOneStroke() throws {
        let cluster = try CloneCluster(2)
        try cluster.load([0, 1], versions: 5)
        try cluster.nodes[1].tablet().markBroken("a test")
        // In a scope: what holds a tablet holds its data dir's lock.
        try {
            let before = try cluster.nodes[1].tablet()
            #expect(!before.singleRow.isUsed)
            _ = try clone(cluster, to: 1, cluster.request(upTo: 5, from: [0], replica: 501))
            let after = try cluster.nodes[1].tablet()
            #expect(after !== before)
            #expect(after.singleRow.isUsed)
            #expect(after.replicaID == 501)
            #expect(try cluster.nodes[1].rows() == CloneCluster.rows(upTo: 5))
            #expect(throws: EngineError.self) { try before.commit(TabletChange()) }
            #expect(cluster.nodes[1].engine.diskReports()[0].dataUsedBytes == after.singleRow.dataSizeBytes)
        }()
        try checkClean(cluster)
        try cluster.nodes[1].restart()
        #expect(try cluster.nodes[1].rows() == CloneCluster.rows(upTo: 5))
    }

    @Test func aBadReplicaWithoutASourceStaysAsItIs() throws {
        let cluster = try CloneCluster(2)
        try cluster.load([0, 1], versions: 5, lacks: [0: [3]])
        try cluster.nodes[1].tablet().markBroken("a test")
        let before = try cluster.nodes[1].tablet()
        let error = #expect(throws: CloneError.self) {
            try clone(cluster, to: 1, cluster.request(upTo: 5, from: [0], replica: 501))
        }
        #expect(error == .incomplete(1, upTo: 5, missing: VersionSet([VersionRange(3, 3)]), reasons: []))
        #expect(try cluster.nodes[1].tablet() === before)
    }

    @Test func aPublishDuringTheCloneIsNotLost() throws {
        let cluster = try CloneCluster(2)
        try cluster.load([0, 1], versions: 6, lacks: [1: [3]])
        let node = cluster.nodes[1]
        cluster.onFetch { path in
            if path.hasSuffix(".hdr") { try node.load(7) }
        }
        _ = try clone(cluster, to: 1, cluster.request(upTo: 6, from: [0]))
        #expect(node.held == "0-7")
        #expect(try node.rows() == CloneCluster.rows(upTo: 7))
    }

    @Test func aVersionThatComesFromElsewhereMeanwhileIsPlannedAround() throws {
        let cluster = try CloneCluster(2)
        try cluster.load([0, 1], versions: 6, lacks: [1: [3, 4]])
        let node = cluster.nodes[1]
        cluster.onFetch { path in
            if path.hasSuffix(".hdr") { try node.load(3) }
        }
        _ = try clone(cluster, to: 1, cluster.request(upTo: 6, from: [0]))
        #expect(node.held == "0-6")
        #expect(try node.rows() == CloneCluster.rows(upTo: 6))
        try checkClean(cluster)
    }

    // found A6
    @Test func aTabletWhoseColdRowsCouldNotBeReadHereIsNotCloned() throws {
        let cluster = try CloneCluster(2)
        try cluster.load([0], versions: 4)
        let source = try cluster.nodes[0].tablet()
        let old = source.rowsets.map(\.meta).filter { $0.versions.end <= 3 }
        let cold = old.map { meta in
            var remote = meta
            remote.id = cluster.nodes[0].random.rowsetID()
            remote.location = .remote(resource: "10021")
            return remote
        }
        try source.commit(TabletChange(addRowsets: cold, removeRowsets: old.map(\.id)))
        cluster.nodes[1].engine.remoteSegments = CloneNode.NamedResources(unknown: ["10021"])
        #expect(throws: CloneError.unknownResource(1, name: "10021")) {
            try clone(cluster, to: 1, cluster.request(upTo: 4, from: [0], replica: 777))
        }
        #expect(cluster.nodes[1].engine.allTablets.isEmpty)
        // The master has sent it.
        cluster.nodes[1].engine.remoteSegments = CloneNode.NamedResources()
        _ = try clone(cluster, to: 1, cluster.request(upTo: 4, from: [0], replica: 777))
        #expect(try cluster.nodes[1].tablet().snapshot.rowsets.contains { $0.meta.isRemote })
    }

    @Test func remoteRowsetsAreTakenByNameAndAnUploaderTakesAFreshMetaID() throws {
        for uploader in [ReplicaID(500), 777] {
            let cluster = try CloneCluster(2)
            try cluster.load([0], versions: 4)
            let source = try cluster.nodes[0].tablet()
            let old = source.rowsets.map(\.meta).filter { $0.versions.end <= 3 }
            let cold = old.map { meta in
                var remote = meta
                remote.id = cluster.nodes[0].random.rowsetID()
                remote.location = .remote(resource: "cold")
                return remote
            }
            try source.commit(
                TabletChange(
                    editHeader: { header in
                        header.storagePolicy = "cold"
                        header.cooldownReplicaID = uploader
                        header.cooldownTerm = 3
                        header.cooldownMetaID = UniqueID(high: 1, low: 2)
                    }, addRowsets: cold, removeRowsets: old.map(\.id)))
            _ = try clone(cluster, to: 1, cluster.request(upTo: 4, from: [0], replica: 777))
            let copy = try cluster.nodes[1].tablet().snapshot
            #expect(copy.rowsets.filter(\.meta.isRemote).map(\.meta.id) == cold.map(\.id))
            #expect(copy.header.cooldownReplicaID == uploader)
            #expect(copy.header.cooldownTerm == 3)
            #expect(copy.header.storagePolicy == "cold")
            #expect(copy.header.cooldownMetaID != nil)
            #expect((copy.header.cooldownMetaID == UniqueID(high: 1, low: 2)) == (uploader == 500))
        }
    }

    // MARK: What is refused

    @Test func anotherReplicaOrSchemaIsRefusedAndNothingIsTouched() throws {
        let cluster = try CloneCluster(2)
        try cluster.load([0, 1], versions: 4, lacks: [1: [3]])
        let late = #expect(throws: EngineError.self) {
            try clone(cluster, to: 1, cluster.request(upTo: 4, from: [0], replica: 400))
        }
        #expect(late == .replicaMismatch(1, local: 501, requested: 400))
        #expect(late?.statusCode == .aborted)
        #expect(throws: EngineError.schemaHashMismatch(1, local: 7, requested: 8)) {
            try clone(cluster, to: 1, cluster.request(upTo: 4, from: [0], hash: 8))
        }
        // The DROP of a replica that a newer one has replaced.
        #expect(throws: EngineError.replicaMismatch(1, local: 501, requested: 400)) {
            try cluster.nodes[1].engine.dropTablet(DropTabletRequest(tabletID: 1, replicaID: 400))
        }
        #expect(cluster.nodes[1].held == "0-2, 4")
    }

    @Test func aDropOrACreationDuringACloneIsBusy() throws {
        let cluster = try CloneCluster(2)
        try cluster.load([0, 1], versions: 4, lacks: [1: [3]])
        let node = cluster.nodes[1]
        cluster.onFetch { path in
            guard path.hasSuffix(".hdr") else { return }
            let error = #expect(throws: EngineError.self) {
                try node.engine.dropTablet(DropTabletRequest(tabletID: 1))
            }
            #expect(error?.statusCode == .aborted)
            let again = #expect(throws: EngineError.self) {
                try node.clones.clone(cluster.request(upTo: 4, from: [0]))
            }
            #expect(again?.statusCode == .aborted)
            #expect(node.clones.progress.map(\.tabletID) == [1])
            let isFree = try node.tablet().tryBegin(.compaction)
            #expect(!isFree)
        }
        _ = try clone(cluster, to: 1, cluster.request(upTo: 4, from: [0]))
        #expect(node.held == "0-4")
        #expect(node.clones.progress.isEmpty)
        #expect(try node.tablet().currentWork == nil)
        try node.engine.dropTablet(DropTabletRequest(tabletID: 1))
    }

    @Test func withoutATokenOrASourceNothingIsAsked() throws {
        let cluster = try CloneCluster(2)
        try cluster.load([0], versions: 2)
        #expect(throws: EngineError.self) { try clone(cluster, to: 1, cluster.request(upTo: 2, from: [])) }
        cluster.nodes[1].clones.useToken { nil }
        #expect(throws: CloneError.noToken(1)) { try clone(cluster, to: 1, cluster.request(upTo: 2, from: [0])) }
        #expect(cluster.nodes[1].held == "no tablet")
    }
}
