import Checksums
import ClusterTestKit
import Platform
import StoredFormats
import TabletModel
import Testing

@testable import StorageEngine

@Suite struct BackupTests {
    // MARK: Names and places

    @Test func anObjectIsNamedByItsFileAndMD5AndNothingElseIsOne() {
        let digest = String(repeating: "0f", count: 16)
        let segment = DataDirLayout.segmentName(RowsetID(high: 1, middle: 2, low: 3), 4)
        let name = BackupFileName(file: segment, md5: [UInt8](repeating: 0x0f, count: 16))
        #expect(name.description == "\(segment).\(digest)")
        #expect(BackupFileName("\(segment).\(digest)") == name)
        #expect(BackupFileName("12.hdr.\(digest)")?.isHeader == true)
        for text in [
            "", digest, ".\(digest)", "x.\(digest)", "\(segment).\(digest.uppercased())", "\(segment).\(digest)0",
            "012.hdr.\(digest)", "12.hdr", "a/12.hdr.\(digest)", "../12.hdr.\(digest)", "12.hdr.json.\(digest)",
            "\(segment).\(digest.dropLast())g",
        ] { #expect(BackupFileName(text) == nil, "\(text)") }
    }

    @Test func remoteFoldersAreTakenApartOrRefused() throws {
        let folder = try RemoteFolder("s3://b//x/__12/")
        #expect(folder.bucket == "b" && folder.key == "x/__12")
        for text in [
            "", "s3://", "s3://b", "s3://b/", "hdfs://b/x", "/b/x", "s3://b/../x", "s3://b/x/./y", "s3://b/a\nb",
            "s3://b/" + String(repeating: "x", count: 1000),
        ] { #expect(throws: BackupError.self, "\(text)") { try RemoteFolder(text) } }
        #expect(try RemoteFolder("s3://b/ein Ordner/日本").key == "ein Ordner/日本")
    }

    @Test func thePropertiesOfBothYearsOpenABucket() throws {
        let old = BackupPlace(
            type: .s3,
            properties: [
                "AWS_ENDPOINT": "e", "AWS_ACCESS_KEY": "a", "AWS_SECRET_KEY": "s", "AWS_REGION": "r",
                "AWS_TOKEN": "t", "use_path_style": "TRUE",
            ])
        let new = BackupPlace(
            type: .s3,
            properties: [
                "s3.endpoint": "e", "s3.access_key": "a", "s3.secret_key": "s", "s3.region": "r",
                "s3.session_token": "t", "use_path_style": "true",
            ])
        #expect(try old.resource(bucket: "b") == new.resource(bucket: "b"))
        #expect(try old.resource(bucket: "b").usePathStyle && new.resource(bucket: "b").sessionToken == "t")
        for missing in old.properties.keys where missing.contains("KEY") || missing.contains("ENDPOINT") {
            var place = old
            place.properties[missing] = nil
            let error = #expect(throws: BackupError.self) { try place.resource(bucket: "b") }
            #expect(error?.statusCode == .invalidArgument)
        }
        for type in [StorageBackendType.broker, .hdfs, .local, StorageBackendType(rawValue: 77)] {
            let error = #expect(throws: BackupError.self) { try BackupPlace(type: type).resource(bucket: "b") }
            #expect(error?.statusCode == .notImplementedError)
        }
    }

    // MARK: Upload

    @Test func anUploadHoldsEveryFileByItsMD5AndIsNotRepeated() throws {
        let fixture = try BackupFixture()
        let folder = try fixture.snapshot(fixture.source, 1)
        let progress = ReportedProgress()
        let named = try fixture.source.backups.upload(fixture.uploadRequest(folder), report: progress.report)
        let names = try #require(named[1])
        let files = try fixture.source.machine.fileSystem.list(folder)
        #expect(names.map { String($0.dropLast(33)) } == files)
        #expect(try fixture.store.keys == names.map { "backup/l/__1/\($0)" })
        for (name, file) in zip(names, files) {
            let bytes = try fixture.source.machine.fileSystem.readAll("\(folder)/\(file)")
            #expect(try fixture.store.bytes("backup/l/__1/\(name)") == bytes)
            var md5 = MD5()
            bytes.withUnsafeBytes { md5.update($0) }
            #expect(BackupFileName(file: file, md5: md5.digest).description == name)
        }
        #expect(progress.all.first.map { $0.finished == 0 && $0.total == files.count } == true)
        #expect(progress.all.last.map { $0.finished == files.count } == true)

        #expect(try fixture.upload(folder) == named)
        #expect(try fixture.store.overwrittenKeys == [])
        // What is there with another size, or another state of a file, or of another try, is replaced.
        let key = "backup/l/__1/\(names[0])"
        let old = "backup/l/__1/\(files[0]).\(String(repeating: "0", count: 32))"
        let foreign = "backup/l/__1/notes.txt"
        try fixture.store.tamper(key, [1])
        try fixture.store.tamper(old, [2])
        try fixture.store.tamper(foreign, [3])
        #expect(try fixture.upload(folder) == named)
        #expect(try fixture.store.overwrittenKeys == [key])
        #expect(try fixture.store.bytes(old) == nil && fixture.store.bytes(foreign) == [3])
    }

    @Test func onlyTabletFoldersOfOwnSnapshotsAreUploaded() throws {
        let fixture = try BackupFixture()
        let folder = try fixture.snapshot(fixture.source, 1)
        let root = String(folder.dropLast(4))
        for path in [
            "", "/", "/etc", root, "\(root)/1", "\(root)/1/7/1.hdr", "\(root)/../x/1/7", "\(root)/1/7/..",
            "/be/d1/data/1/1/7", "\(root)//1/7", "\(root)/1/8/", "\(root)/2/7",
        ] {
            let error = #expect(throws: BackupError.self, "\(path)") { try fixture.upload(path) }
            #expect(error?.statusCode == .invalidArgument || error?.statusCode == .corruption, "\(path)")
        }
        #expect(try fixture.store.keys == [])
        try fixture.source.snapshots.release(root)
        #expect(throws: BackupError.self) { try fixture.upload(folder) }
    }

    @Test func anUploadThatIsNotWantedEnds() throws {
        let fixture = try BackupFixture()
        let folder = try fixture.snapshot(fixture.source, 1)
        let never = ReportedProgress(wanted: 0)
        #expect(throws: BackupError.cancelled(job: 8)) {
            try fixture.source.backups.upload(fixture.uploadRequest(folder), report: never.report)
        }
        #expect(try fixture.store.keys == [])
        // The second report is a second after the first.
        let once = ReportedProgress(wanted: 1)
        let time = fixture.cluster.time
        try fixture.store.setHook { if case .put = $0 { try time.advance(by: .seconds(1)) } }
        #expect(throws: BackupError.cancelled(job: 8)) {
            try fixture.source.backups.upload(fixture.uploadRequest(folder), report: once.report)
        }
        #expect(try fixture.store.keys.count == 1)
    }

    @Test func aSegmentThatIsNotWhatItsHeaderSaysIsNotUploadedAndIsLost() throws {
        let fixture = try BackupFixture()
        let folder = try fixture.snapshot(fixture.source, 1)
        let rowset = try #require(try fixture.source.tablet().rowsets.last).meta
        let file = "\(folder)/\(DataDirLayout.segmentName(rowset.id, 0))"
        try fixture.source.machine.fileSystem.corrupt(file, at: 20)
        let error = #expect(throws: BackupError.self) { try fixture.upload(folder) }
        #expect(error?.statusCode == .corruption)
        #expect(try fixture.source.tablet().rowsets.contains { $0.meta.id == rowset.id } == false)
    }

    @Test func coldRowsetsAreFetchedIntoTheSnapshot() throws {
        let fixture = try BackupFixture()
        try fixture.coolSource(2)
        let folder = try fixture.snapshot(fixture.source, 1)
        let before = try fixture.source.machine.fileSystem.list(folder).count
        let names = try #require(try fixture.upload(folder)[1])
        #expect(names.count > before)
        let target = try fixture.snapshot(fixture.target, BackupFixture.restored)
        try fixture.download(target)
        _ = try fixture.target.backups.move(fixture.moveRequest(target))
        #expect(try fixture.restoredRows() == BackupFixture.rows)
        #expect(try fixture.target.engine.tablet(BackupFixture.restored).rowsets.allSatisfy { !$0.meta.isRemote })
    }

    // MARK: Download and move

    @Test func aBackupBecomesAnotherTablet() throws {
        let fixture = try BackupFixture()
        let folder = try fixture.filled()
        let row = try fixture.target.backups.move(fixture.moveRequest(folder))
        #expect(row.version == Version(BackupFixture.last) && row.tabletID == BackupFixture.restored)
        #expect(try fixture.restoredRows() == BackupFixture.rows)
        let tablet = try fixture.target.engine.tablet(BackupFixture.restored)
        #expect(tablet.replicaID == 900 && tablet.partitionID == 77)
        let own = Set(try fixture.source.tablet().rowsets.map(\.meta.id))
        #expect(tablet.rowsets.allSatisfy { !own.contains($0.meta.id) && $0.meta.tabletID == BackupFixture.restored })
        #expect(tablet.rowsets.allSatisfy { $0.meta.transactionID == 0 })
        // Again: nothing happens.
        let ids = tablet.rowsets.map(\.meta.id)
        _ = try fixture.target.backups.move(fixture.moveRequest(folder))
        #expect(try fixture.target.engine.tablet(BackupFixture.restored).rowsets.map(\.meta.id) == ids)
        // It outlives its snapshot and a crash, and takes loads.
        try fixture.target.snapshots.release(String(folder.dropLast(4)))
        fixture.target.stop()
        fixture.target.machine.crash()
        try fixture.target.start()
        #expect(try fixture.restoredRows() == BackupFixture.rows)
        let push = PushRequest.sample(
            BackupFixture.restored, transaction: 3, url: "http://fe/10/v6", partition: 77)
        _ = try fixture.target.engine.push(push)
        let result = try fixture.target.engine.publish(.sample(3, 6, partition: 77), gaps: .wait)
        #expect(result.failures.isEmpty && result.waiting.isEmpty)
        #expect(try fixture.restoredRows() == BackupFixture.rows + sampleRows(10, "v6"))
    }

    @Test func aDownloadFetchesOnlyWhatIsMissingOrWrongAndRemovesTheRest() throws {
        let fixture = try BackupFixture()
        let folder = try fixture.filled()
        let files = fixture.target.machine.fileSystem
        let names = try files.list(folder)
        try files.corrupt("\(folder)/\(names[1])", at: 3)
        try files.replaceFile("\(folder)/\(names[0]).part", with: [1])
        let read = try fixture.store.bytesRead
        #expect(try fixture.download(folder) == [BackupFixture.restored])
        #expect(try files.list(folder) == names)
        #expect(try fixture.store.bytesRead - read == files.status("\(folder)/\(names[1])")?.sizeBytes)
        _ = try fixture.target.backups.move(fixture.moveRequest(folder))
        #expect(try fixture.restoredRows() == BackupFixture.rows)
    }

    @Test(arguments: ["flipped", "cut", "longer", "no header", "two headers", "two states", "empty", "gone"])
    func aBackupThatIsNotWhatItSaysIsRefused(kind: String) throws {
        let fixture = try BackupFixture()
        let names = try #require(try fixture.upload(try fixture.snapshot(fixture.source, 1))[1])
        let store = try fixture.store
        let keys = names.map { "backup/l/__1/\($0)" }
        let segment = try #require(keys.first { !$0.contains(".hdr.") })
        let header = try #require(keys.first { $0.contains(".hdr.") })
        let bytes = try #require(store.bytes(segment))
        switch kind {
        case "flipped":
            var wrong = bytes
            wrong[7] ^= 1
            store.tamper(segment, wrong)
        case "cut": store.tamper(segment, Array(bytes.dropLast()))
        case "longer": store.tamper(segment, bytes + [0])
        case "no header": store.tamper(header, nil)
        case "two headers": store.tamper("backup/l/__1/3.hdr.\(String(repeating: "1", count: 32))", [1])
        case "two states": store.tamper(segment.dropLast() + (segment.hasSuffix("0") ? "1" : "0"), bytes)
        case "empty": for key in keys { store.tamper(key, nil) }
        default: fixture.objects.removeBucket("b")
        }
        let folder = try fixture.snapshot(fixture.target, BackupFixture.restored)
        #expect(throws: (any Error).self) { try fixture.download(folder) }
        if ["flipped", "cut", "longer"].contains(kind) {
            // Without its header the folder can't be moved.
            #expect(throws: BackupError.self) { try fixture.target.backups.move(fixture.moveRequest(folder)) }
        }
        #expect(try fixture.restoredRows() == [])
    }

    @Test func aMoveTakesItsOwnTabletsWholeFolderAndNothingElse() throws {
        let fixture = try BackupFixture()
        let folder = try fixture.filled()
        let move = { try fixture.target.backups.move($0) }
        func refused(_ request: MoveRequest, _ code: StatusCode, _ name: Comment) {
            let error = #expect(throws: BackupError.self, name) { try move(request) }
            #expect(error?.statusCode == code, name)
        }
        refused(fixture.moveRequest(folder, overwrite: false), .notImplementedError, "adding")
        refused(fixture.moveRequest(folder + "/../7"), .invalidArgument, "dots")
        var foreign = fixture.moveRequest(folder)
        foreign.tabletID = 3
        refused(foreign, .invalidArgument, "another tablet")
        foreign = fixture.moveRequest(folder)
        foreign.schemaHash = 8
        refused(foreign, .invalidArgument, "another hash")
        // A segment is wrong, then missing.
        let files = fixture.target.machine.fileSystem
        let segment = try #require(try files.list(folder).first { $0.hasSuffix(".dat") })
        try files.corrupt("\(folder)/\(segment)", at: 9)
        refused(fixture.moveRequest(folder), .corruption, "a wrong byte")
        try files.remove("\(folder)/\(segment)")
        refused(fixture.moveRequest(folder), .corruption, "a missing file")
        #expect(try fixture.restoredRows() == [])
        #expect(fixture.target.files("data") == [])
        // A snapshot with a hole.
        try fixture.download(folder)
        let path = "\(folder)/2.hdr"
        var header = try files.readAll(path).withUnsafeBytes { try SnapshotHeader(decoding: $0, name: "h") }
        header.rowsets.remove(at: 2)
        try files.replaceFile(path, with: try header.encoded())
        refused(fixture.moveRequest(folder), .corruption, "a hole")
        // Other columns.
        try fixture.download(folder)
        header = try files.readAll(path).withUnsafeBytes { try SnapshotHeader(decoding: $0, name: "h") }
        header.tablet.schema.columns.append(.init(name: "k2", type: .varchar, isKey: false, isNullable: true))
        try files.replaceFile(path, with: try header.encoded())
        refused(fixture.moveRequest(folder), .corruption, "columns")
    }

    @Test func aBackupOfAnotherBackendsSnapshotComesOverHTTP() throws {
        let fixture = try BackupFixture()
        let from = try fixture.snapshot(fixture.source, 1)
        let to = try fixture.snapshot(fixture.target, BackupFixture.restored)
        let segment = try #require(try fixture.source.tablet().rowsets.last).meta
        fixture.cluster.inject(DataDirLayout.segmentName(segment.id, 0), .broken(after: 60))
        func request(token: String) -> DownloadRequest {
            DownloadRequest(
                jobID: 9, folders: [:], place: BackupPlace(type: .s3),
                remoteSnapshots: [
                    .init(
                        localTabletID: 2, localPath: to, remoteTabletID: 1,
                        remoteAddress: NetworkAddress(host: "be0", port: 8040), remotePath: from, token: token)
                ])
        }
        let wrong = #expect(throws: HTTPFetchError.self) {
            try fixture.target.backups.download(request(token: "guessed")) { _, _ in true }
        }
        #expect(wrong?.httpStatus == 403 && !"\(wrong!)".contains("guessed"))
        #expect(
            try fixture.target.backups.download(request(token: CloneCluster.token)) { _, _ in true } == [2])
        _ = try fixture.target.backups.move(fixture.moveRequest(to))
        #expect(try fixture.restoredRows() == BackupFixture.rows)
        fixture.cluster.inject(DataDirLayout.segmentName(segment.id, 0), .flipped(11))
        let other = try fixture.snapshot(fixture.target, BackupFixture.restored)
        var bad = request(token: CloneCluster.token)
        bad.remoteSnapshots?[0].localPath = other
        #expect(throws: BackupError.self) { try fixture.target.backups.download(bad) { _, _ in true } }
        #expect(throws: BackupError.self) { try fixture.target.backups.move(fixture.moveRequest(other)) }
    }
}
