import ClusterTestKit
import Platform
import StoredFormats
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct SnapshotTests {
    private func node(versions: Int64 = 4, lacks: Set<Int64> = []) throws -> (CloneCluster, CloneNode) {
        let cluster = try CloneCluster(1)
        try cluster.load([0], versions: versions, lacks: [0: lacks])
        return (cluster, cluster.nodes[0])
    }

    private func header(_ node: CloneNode, _ path: String) throws -> SnapshotHeader {
        let bytes = try node.machine.fileSystem.readAll("\(path)/1/7/1.hdr")
        return try bytes.withUnsafeBytes { try SnapshotHeader(decoding: $0, name: "1.hdr") }
    }

    private func versions(_ header: SnapshotHeader) -> String {
        header.rowsets.map(\.versions.description).joined()
    }

    @Test func aFullSnapshotHoldsEveryFileAndSurvivesACrashAndTheTablet() throws {
        let (_, node) = try node()
        let made = try node.snapshots.make(SnapshotRequest(tabletID: 1, schemaHash: 7))
        #expect(!made.isIncremental)
        let header = try header(node, made.path)
        #expect(try header.tablet == node.tablet().header)
        #expect(try header.rowsets == node.tablet().rowsets.map(\.meta))
        let files = header.rowsets.flatMap { rowset in
            rowset.segments.indices.map { DataDirLayout.segmentName(rowset.id, $0) }
        }
        #expect(made.files == (files + ["1.hdr"]).sorted())
        try node.engine.dropTablet(DropTabletRequest(tabletID: 1))
        try node.engine.sweepTrash(all: true)
        node.stop()
        node.machine.crash()
        try node.start()
        for name in made.files { #expect(try node.machine.fileSystem.exists("\(made.path)/1/7/\(name)")) }
    }

    @Test func aSnapshotGoesUpToAVersionAlsoOverStaleRowsets() throws {
        let (_, node) = try node(versions: 6)
        try node.merge(VersionRange(4, 6))
        let made = try node.snapshots.make(SnapshotRequest(tabletID: 1, schemaHash: 7, version: 5))
        #expect(versions(try header(node, made.path)) == "[0-1][2-2][3-3][4-4][5-5]")
        #expect(throws: EngineError.self) {
            try node.snapshots.make(SnapshotRequest(tabletID: 1, schemaHash: 7, version: 9))
        }
    }

    @Test func onlyMissingVersionsAreLinkedWhenTheyAreHereAsSuch() throws {
        let (_, node) = try node(versions: 8, lacks: [7])
        func make(_ missing: [Version]) throws -> (Bool, String) {
            let made = try node.snapshots.make(
                SnapshotRequest(tabletID: 1, schemaHash: 7, missingVersions: missing, allowIncrementalClone: true))
            return (made.isIncremental, versions(try header(node, made.path)))
        }
        #expect(try make([3, 4, 6]) == (true, "[3-3][4-4][6-6]"))
        let full = "[0-1][2-2][3-3][4-4][5-5][6-6][8-8]"
        #expect(try make([6, 7]) == (false, full), "7 is not here")
        #expect(try make([1]) == (false, full), "1 is here with 0 only")
        try node.merge(VersionRange(2, 4))
        #expect(try make([3]) == (true, "[3-3]"), "from the stale path")
        #expect(try make([2, 3, 4]) == (true, "[2-4]"))
    }

    @Test func remoteRowsetsAreNamedAndMakeTheSnapshotFull() throws {
        let (cluster, node) = try node()
        let tablet = try node.tablet()
        let old = tablet.rowsets.prefix(2).map(\.meta)
        let cold = old.map { meta in
            var remote = meta
            remote.id = node.random.rowsetID()
            remote.location = .remote(resource: "cold")
            return remote
        }
        try tablet.commit(TabletChange(addRowsets: cold, removeRowsets: old.map(\.id)))
        let made = try node.snapshots.make(SnapshotRequest(tabletID: 1, schemaHash: 7, missingVersions: [2]))
        #expect(!made.isIncremental)
        let header = try header(node, made.path)
        #expect(header.rowsets.filter(\.isRemote) == cold)
        #expect(!made.files.contains { name in cold.contains { name.hasPrefix($0.id.description) } })
        _ = cluster
    }

    @Test func releasingIsIdempotentAndTakesOwnPathsOnly() throws {
        let (_, node) = try node()
        let made = try node.snapshots.make(SnapshotRequest(tabletID: 1, schemaHash: 7))
        let before = node.machine.fileSystem.allFiles().map(\.path)
        let name = made.path.split(separator: "/").last!
        let wrong = [
            "", "/", "/be/d1", "/be/d1/snapshot", "/be/d1/snapshot/", "/be/d1/snapshot/..", "/be/d1/snapshotX/\(name)",
            "/be/d1/snapshot/../snapshot/\(name)", made.path + "/", made.path + "/..", made.path + "/1/7",
            made.path + ".tmp",
            "/be/d1/snapshot//\(name)", "/be/d1/snapshot/\(name)x", "be/d1/snapshot/\(name)",
            "/be/d1/./snapshot/\(name)",
            "/be/d1/snapshot/../data", "/be/d1/snapshot/20200101000000.0.-1", "/be/d1/snapshot/20209901000000.0.1",
        ]
        for path in wrong {
            let error = #expect(throws: EngineError.self, "\(path)") { try node.snapshots.release(path) }
            #expect(error?.statusCode == .invalidArgument)
        }
        #expect(node.machine.fileSystem.allFiles().map(\.path) == before)
        try node.snapshots.release(made.path)
        #expect(node.files("snapshot") == [])
        try node.snapshots.release(made.path)
    }

    @Test func aForgottenSnapshotExpiresByItsName() throws {
        let (cluster, node) = try node()
        let short = try node.snapshots.make(SnapshotRequest(tabletID: 1, schemaHash: 7, timeoutSeconds: 100))
        let long = try node.snapshots.make(SnapshotRequest(tabletID: 1, schemaHash: 7))
        #expect(short.path.hasSuffix(".100") && long.path.hasSuffix(".172800"))
        func exists(_ path: String) throws -> Bool { try node.machine.fileSystem.exists(path) }
        try node.snapshots.sweep(now: cluster.time.wallNow + .seconds(99))
        #expect(try exists(short.path))
        try node.snapshots.sweep(now: cluster.time.wallNow + .seconds(100))
        #expect(try !exists(short.path) && exists(long.path))
        try node.snapshots.sweep(now: cluster.time.wallNow + .seconds(172_800))
        #expect(try !exists(long.path))
    }

    @Test func aSnapshotThatCantBeRemovedKeepsNoOther() throws {
        let (cluster, node) = try node()
        for _ in 0..<3 {
            _ = try node.snapshots.make(SnapshotRequest(tabletID: 1, schemaHash: 7, timeoutSeconds: 10))
        }
        let later = cluster.time.wallNow + .seconds(11)
        node.plan.restart(.fail(0))
        #expect(throws: FileSystemError.self) { try node.snapshots.sweep(now: later) }
        #expect(Set(node.files("snapshot").map { $0.split(separator: "/")[3] }).count == 1)
        try node.snapshots.sweep(now: later)
        #expect(node.files("snapshot") == [])
    }

    @Test func theNameSaysTheTimeAsPeopleReadIt() {
        let known: [(Int64, String)] = [
            (0, "19700101000000"), (951_782_400, "20000229000000"), (1_709_251_199, "20240229235959"),
            (1_735_689_600, "20250101000000"), (4_102_444_799, "20991231235959"),
        ]
        for (seconds, text) in known {
            let name = SnapshotName(createdAt: UnixTime(seconds: seconds), sequence: 3, timeoutSeconds: 60)
            #expect(name.description == "\(text).3.60")
            #expect(SnapshotName(text: name.description)?.createdAt == seconds)
        }
        #expect(SnapshotName(text: "20230229000000.0.1") == nil, "no such day")
        #expect(SnapshotName(text: "20230228240000.0.1") == nil, "no such hour")
    }

    @Test func downloadsReachSnapshotsAndNothingElse() throws {
        let (_, node) = try node()
        let made = try node.snapshots.make(SnapshotRequest(tabletID: 1, schemaHash: 7))
        for path in [made.path + "/1/7", made.path + "/1/7/"] {
            guard case .folder(let names) = try node.snapshots.download(path) else {
                Issue.record("no folder")
                return
            }
            #expect(names == made.files)
        }
        guard case .file(let file) = try node.snapshots.download(made.path + "/1/7/1.hdr") else {
            Issue.record("no file")
            return
        }
        #expect(file.sizeBytes > 0)
        let segment = try node.tablet().rowsets[1]
        let outside = [
            "/be/d1/cluster_id", made.path + "/../../cluster_id", made.path + "/1/7/../../../../cluster_id",
            made.path + "/1/7//", made.path + "/1/", made.path + "/1/7/x", "/etc/passwd",
            try node.tablet().segmentPath(segment.meta.id, 0), "/be/d1/snapshot", made.path + "/1/07/1.hdr",
        ]
        for path in outside {
            #expect(throws: SnapshotDownload.Refusal.outside, "\(path)") { try node.snapshots.download(path) }
        }
        try node.snapshots.release(made.path)
        #expect(throws: SnapshotDownload.Refusal.absent(made.path + "/1/7")) {
            try node.snapshots.download(made.path + "/1/7")
        }
    }

    @Test func afterAnyFaultASnapshotIsThereWholeOrGone() throws {
        for kind in FaultKind.allCases {
            for index in 0... {
                let (cluster, node) = try node()
                node.plan.restart(kind.fault(index))
                let made = try? node.snapshots.make(SnapshotRequest(tabletID: 1, schemaHash: 7))
                let wasTouched = node.plan.wasTouched
                let hasCrashed = node.plan.hasCrashed
                node.stop()
                if hasCrashed { node.machine.crash(.seeded(UInt64(index))) }
                node.plan.restart()
                try node.start()
                try node.snapshots.sweep(now: cluster.time.wallNow)
                let names = try node.machine.fileSystem.list("/be/d1/snapshot")
                #expect(names.count <= 1 && names.allSatisfy { SnapshotName(text: $0) != nil }, "\(kind) \(index)")
                if let made { #expect(names == [String(made.path.split(separator: "/").last!)]) }
                for name in names { #expect(try header(node, "/be/d1/snapshot/" + name).rowsets.count == 4) }
                #expect(try node.rows() == CloneCluster.rows(upTo: 4))
                if !wasTouched { break }
            }
        }
    }
}
