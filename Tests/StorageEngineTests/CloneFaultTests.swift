import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct CloneFaultTests {
    /// The first segment of a source's version.
    private func segment(_ node: CloneNode, _ version: Int64) throws -> String {
        let rowset = try #require(try node.tablet().rowsets.first { $0.meta.versions.start.rawValue == version })
        return DataDirLayout.segmentName(rowset.meta.id, 0)
    }

    private func gap(_ nodes: Int = 2) throws -> CloneCluster {
        let cluster = try CloneCluster(nodes)
        let members = Array(0..<nodes)
        let dest = nodes - 1
        try cluster.load(members, versions: 8, lacks: [dest: [4, 5, 6]])
        return cluster
    }

    // MARK: Sources that fail

    @Test func aBrokenConnectionGoesOnWhereItBroke() throws {
        let cluster = try gap()
        let name = try segment(cluster.nodes[0], 5)
        cluster.inject(name, .broken(after: 120), .broken(after: 70))
        let result = try cluster.nodes[1].clones.clone(cluster.request(upTo: 8, from: [0]))
        #expect(cluster.ranges(name).map(\.lowerBound) == [120, 190])
        #expect(try cluster.nodes[1].rows() == CloneCluster.rows(upTo: 8))
        let sizes = try cluster.nodes[0].tablet().rowsets.filter { (4...6).contains($0.meta.versions.start.rawValue) }
        #expect(result.copiedBytes == sizes.reduce(0) { $0 + $1.meta.sizeBytes })
    }

    @Test(arguments: ["unreachable", "500", "truncated", "checksum", "too long", "empty list", "garbage", "no header"])
    func aSourceThatFailsIsReplacedByTheNextAndWhatItGaveIsKept(kind: String) throws {
        let cluster = try gap(3)
        let name = try segment(cluster.nodes[0], 5)
        let folder = "/1/7"
        switch kind {
        case "unreachable": cluster.inject(name, .unreachable, .unreachable, .unreachable)
        case "500": cluster.inject(name, .status(500), .status(503), .status(500))
        case "truncated": cluster.inject(name, .short(100), .short(10), .short(10))
        case "checksum": cluster.inject(name, .flipped(33))
        case "too long": cluster.inject(name, .replaced([UInt8](repeating: 1, count: 5000)))
        case "empty list": cluster.inject(folder, .replaced([]))
        case "garbage": cluster.inject("1.hdr", .replaced(Array("what is this".utf8)))
        default: cluster.inject("1.hdr", .status(404))
        }
        _ = try cluster.nodes[2].clones.clone(cluster.request(upTo: 8, from: [0, 1]))
        #expect(try cluster.nodes[2].rows() == CloneCluster.rows(upTo: 8))
        for node in cluster.nodes {
            #expect(node.files("snapshot") == [])
            #expect(node.files("clone") == [])
            #expect(try node.orphans() == [])
        }
    }

    @Test(arguments: ["checksum", "truncated", "garbage", "empty list", "schema", "down"])
    func theErrorNamesTheSourceAndWhatIsWrong(kind: String) throws {
        let cluster = try gap()
        let name = try segment(cluster.nodes[0], 5)
        let expected: String
        switch kind {
        case "checksum":
            cluster.inject(name, .flipped(33))
            expected = "source be0:9060, file \(name): its checksum is"
        case "truncated":
            cluster.inject(name, .short(100), .short(0), .short(0))
            expected = "source be0:9060, file \(name): it ended after 100 of"
        case "garbage":
            cluster.inject("1.hdr", .replaced([1, 2, 3]))
            expected = "source be0:9060: its 1.hdr is not of tabletd, or cut off: rows of a backend of Doris"
        case "empty list":
            cluster.inject("/1/7", .replaced([]))
            expected = "source be0:9060 does not list file 1.hdr"
        case "schema":
            let node = cluster.nodes[0]
            try node.engine.dropTablet(DropTabletRequest(tabletID: 1))
            _ = try node.engine.createTablet(.sample(1, schemaHash: 9))
            expected = "source be0:9060 makes no snapshot"
        default:
            cluster.nodes[0].isUp = false
            expected = "connection refused"
        }
        let error = #expect(throws: CloneError.self) {
            try cluster.nodes[1].clones.clone(cluster.request(upTo: 8, from: [0]))
        }
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("still missing 4-6") == true)
        #expect(error?.description.contains(CloneCluster.token) == false)
        #expect(cluster.nodes[1].held == "0-3, 7-8")
        #expect(try cluster.nodes[1].orphans() == [])
    }

    @Test func aSourceThatDiesBetweenTwoFilesIsReplaced() throws {
        let cluster = try gap(3)
        let source = cluster.nodes[0]
        let name = try segment(source, 5)
        cluster.onFetch { path in if path.hasSuffix(name) { source.isUp = false } }
        _ = try cluster.nodes[2].clones.clone(cluster.request(upTo: 8, from: [0, 1]))
        #expect(try cluster.nodes[2].rows() == CloneCluster.rows(upTo: 8))
        source.isUp = true
        #expect(source.files("snapshot") != [], "nobody could release it")
        try cluster.time.advance(by: .seconds(2000))
        try source.snapshots.sweep(now: cluster.time.wallNow)
        #expect(source.files("snapshot") == [])
    }

    @Test func aSnapshotThatExpiresBetweenIsAFailureOfItsSource() throws {
        let cluster = try gap(3)
        let source = cluster.nodes[0]
        let name = try segment(source, 5)
        cluster.onFetch { path in
            if path.hasSuffix(name), path.contains("/snapshot/") {
                try source.snapshots.sweep(now: cluster.time.wallNow + .seconds(100_000))
            }
        }
        _ = try cluster.nodes[2].clones.clone(cluster.request(upTo: 8, from: [0, 1]))
        #expect(try cluster.nodes[2].rows() == CloneCluster.rows(upTo: 8))
    }

    @Test func aCloneEndsAtItsDeadline() throws {
        let cluster = try gap()
        let name = try segment(cluster.nodes[0], 6)
        let time = cluster.time
        cluster.onFetch { path in if path.hasSuffix(name) { try time.advance(by: .seconds(700)) } }
        let error = #expect(throws: CloneError.self) {
            try cluster.nodes[1].clones.clone(cluster.request(upTo: 8, from: [0], timeout: 600))
        }
        #expect(error == .deadline(1, source: "be0:9060", file: name, offset: 0))
    }

    /// Bytes that come one at a time are no silence: only the time that a file may take ends it.
    @Test(arguments: [600, 100]) func aSourceThatDripsIsGivenUpBeforeTheDeadline(timeout: Int64) throws {
        let cluster = try gap()
        let name = try segment(cluster.nodes[0], 6)
        _ = try cluster.nodes[1].clones.clone(cluster.request(upTo: 8, from: [0], timeout: timeout))
        #expect(cluster.timeoutSeconds(name) == min(timeout, 300))
    }

    // MARK: Going on

    @Test func verifiedFilesAreNotFetchedAgain() throws {
        let cluster = try gap()
        let name = try segment(cluster.nodes[0], 5)
        cluster.inject(name, .status(404))
        #expect(throws: CloneError.self) { try cluster.nodes[1].clones.clone(cluster.request(upTo: 8, from: [0])) }
        let first = cluster.takeFetchedSegments()
        #expect(first.count == 3)
        // Also after a crash: what was verified was durable.
        cluster.nodes[1].stop()
        cluster.nodes[1].machine.crash()
        try cluster.nodes[1].restart()
        let result = try cluster.nodes[1].clones.clone(cluster.request(upTo: 8, from: [0]))
        #expect(cluster.takeFetchedSegments() == [name])
        #expect(try cluster.nodes[1].rows() == CloneCluster.rows(upTo: 8))
        #expect(result.copiedBytes > 0)
        #expect(cluster.nodes[1].files("clone") == [])
    }

    /// What a repair of the file system cut off, say: the name still says that it was verified.
    @Test func aVerifiedFileThatWasCutOffIsFetchedAgain() throws {
        let cluster = try gap()
        let node = cluster.nodes[1]
        let name = try segment(cluster.nodes[0], 5)
        cluster.inject(name, .status(404))
        #expect(throws: CloneError.self) { try node.clones.clone(cluster.request(upTo: 8, from: [0])) }
        let staged = node.files("clone")
        #expect(staged.count == 2)
        let path = try #require(staged.first)
        try node.machine.fileSystem.replaceFile(path, with: [1, 2, 3])
        _ = cluster.takeFetchedSegments()
        _ = try node.clones.clone(cluster.request(upTo: 8, from: [0]))
        #expect(cluster.takeFetchedSegments().count == 2)
        #expect(try node.rows() == CloneCluster.rows(upTo: 8))
    }

    @Test func whatAnAbandonedCloneLeftGoesByTimeOrWithItsTablet() throws {
        let cluster = try gap()
        let name = try segment(cluster.nodes[0], 5)
        func fail() {
            cluster.inject(name, .status(404))
            #expect(throws: CloneError.self) { try cluster.nodes[1].clones.clone(cluster.request(upTo: 8, from: [0])) }
        }
        let node = cluster.nodes[1]
        fail()
        try node.clones.sweepStaging(now: cluster.time.wallNow + .seconds(3600))
        #expect(node.files("clone") != [])
        try node.clones.sweepStaging(now: cluster.time.wallNow + .seconds(90_000))
        #expect(node.files("clone") == [])
        fail()
        #expect(node.files("clone") != [])
        node.clones.forget(1)
        #expect(node.files("clone") == [])
        fail()
        for version in 4...6 { try node.load(Int64(version)) }
        try node.clones.sweepStaging(now: cluster.time.wallNow + .seconds(3599))
        #expect(node.files("clone") != [])
        try node.clones.sweepStaging(now: cluster.time.wallNow + .seconds(3600))
        #expect(node.files("clone") == [], "the tablet is whole by now")
    }

    // MARK: The own side

    @Test func aFullDiskEndsTheCloneAndGivesItsSpaceBack() throws {
        var options = EngineOptions.small
        options.floodStageUsagePercent = 100
        let cluster = try CloneCluster(2, options: options)
        try cluster.load([0], versions: 4)
        let disk = cluster.nodes[1].machine.fileSystem
        let used = disk.usedBytes
        disk.capacityBytes = used + 600
        let error = #expect(throws: FileSystemError.self) {
            try cluster.nodes[1].clones.clone(cluster.request(upTo: 4, from: [0]))
        }
        #expect(error?.code == .noSpace)
        #expect(cluster.nodes[1].held == "no tablet")
        #expect(cluster.nodes[1].files("clone") == [])
        // Once the space was looked at, nothing is fetched in vain.
        _ = cluster.nodes[1].engine.checkDataDirs()
        let early = #expect(throws: EngineError.self) {
            try cluster.nodes[1].clones.clone(cluster.request(upTo: 4, from: [0]))
        }
        #expect(early?.description.contains("/be/d1") == true)
        disk.capacityBytes = 1 << 40
        _ = cluster.nodes[1].engine.checkDataDirs()
        _ = try cluster.nodes[1].clones.clone(cluster.request(upTo: 4, from: [0]))
        #expect(try cluster.nodes[1].rows() == CloneCluster.rows(upTo: 4))
    }

    enum Scenario: String, CaseIterable, Sendable { case repair, new, bad }

    /// Every change of disk and meta store of the destination fails or crashes in turn: after the restart the replica is as
    /// before or as afterwards, and the clone can be done.
    @Test(arguments: FaultKind.allCases, Scenario.allCases)
    func theReplicaIsTheOldOneOrTheNewOne(kind: FaultKind, scenario: Scenario) throws {
        var faults = 0
        for index in 0... {
            let cluster = try CloneCluster(2)
            try cluster.load(
                scenario == .new ? [0] : [0, 1], versions: 4, lacks: scenario == .repair ? [1: [2, 3]] : [:])
            let node = cluster.nodes[1]
            if scenario == .bad { try node.tablet().markBroken("a test") }
            let before = node.held
            node.plan.restart(kind.fault(index))
            let request = cluster.request(upTo: 4, from: [0], replica: scenario == .new ? 0 : 501)
            let isDone = (try? node.clones.clone(request)) != nil
            let wasTouched = node.plan.wasTouched
            let place = "\(scenario) \(kind) \(index): \(node.plan.touchedOperation?.description ?? "none")"
            let hasCrashed = node.plan.hasCrashed
            node.stop()
            if hasCrashed { node.machine.crash(kind == .crashBeforeKeepingSome ? .seeded(UInt64(index)) : .everything) }
            node.plan.restart()
            try node.start()
            #expect(node.held == before || node.held == "0-4", "\(place): \(node.held)")
            if isDone { #expect(node.held == "0-4", "\(place): it was acknowledged") }
            #expect(try node.orphans() == [], "\(place)")
            _ = try node.clones.clone(request)
            #expect(try node.rows() == CloneCluster.rows(upTo: 4), "\(place)")
            try node.clones.sweepStaging(now: cluster.time.wallNow + .seconds(3600))
            try node.engine.sweepTrash(all: true)
            #expect(try node.orphans() == [], "\(place): in the end")
            #expect(node.files("clone") == [], "\(place)")
            if !wasTouched { break }
            faults += 1
        }
        #expect(faults > 15, "the sweep met \(faults) operations only")
    }
}
