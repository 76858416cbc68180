import CurlHTTP
import Foundation
import HTTPAPI
import Platform
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// MAKE_SNAPSHOT and RELEASE_SNAPSHOT, as tasks and as calls, and the downloads of what they make.
    @Suite struct SnapshotTests {
        private func withTablet(
            _ body: (DrivenBackends, BackendProcess, _ token: String) throws -> Void
        ) throws {
            try DrivenBackends.run(settings: ["disable_auto_compaction": "true"]) { driven in
                try driven.create(10)
                try driven.loadVersions(2...4, into: 10, on: driven.backends)
                try body(driven, driven.backend, driven.frontend.token)
            }
        }

        private func folder(_ path: String) -> String { "\(path)/10/\(DrivenBackends.schemaHash)" }

        private func text(_ answer: HTTPResponse) -> String { String(decoding: answer.body, as: UTF8.self) }

        @Test func aTaskMakesOneWithItsListAndATaskReleasesIt() throws {
            try withTablet { driven, backend, _ in
                let request = SnapshotRequest(
                    tabletID: 10, schemaHash: DrivenBackends.schemaHash, timeoutSeconds: 600, listFiles: true)
                let ended = try driven.frontend.run(.makeSnapshot, .makeSnapshot(request), on: backend)
                #expect(ended.status.isOK, "\(ended.status)")
                let path = try #require(ended.snapshotPath)
                #expect(path.hasPrefix(backend.storageFolder + "/snapshot/") && path.hasSuffix(".600"))
                let files = try #require(ended.snapshotFiles)
                #expect(files.filter { $0.hasSuffix(".dat") }.count == 3 && files.contains("10.hdr"))
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder(path)).sorted() == files.sorted())

                let released = try driven.frontend.run(.releaseSnapshot, .releaseSnapshot(path: path), on: backend)
                #expect(released.status.isOK)
                #expect(backend.names(under: "snapshot") == [])
                // Nothing was taken from the tablet.
                #expect(try backend.segmentFiles().count == 3)
                let again = try driven.frontend.run(.releaseSnapshot, .releaseSnapshot(path: path), on: backend)
                #expect(again.status.isOK)
            }
        }

        @Test func itHoldsWhatWasAskedFor() throws {
            try withTablet { driven, backend, token in
                let peer = driven.peer(backend)
                func segments(_ request: SnapshotRequest) throws -> (incremental: Bool?, count: Int) {
                    let answer = try peer.makeSnapshot(request)
                    #expect(answer.status.isOK, "\(answer.status)")
                    let path = try #require(answer.snapshotPath)
                    let list = text(try backend.download(folder(path), token: token))
                    #expect(try peer.releaseSnapshot(path: path).isOK)
                    return (
                        answer.allowIncrementalClone, list.split(separator: "\n").filter { $0.hasSuffix(".dat") }.count
                    )
                }
                let hash = DrivenBackends.schemaHash
                let all = try segments(SnapshotRequest(tabletID: 10, schemaHash: hash))
                #expect(all == (false, 3))
                let upTo3 = try segments(SnapshotRequest(tabletID: 10, schemaHash: hash, version: 3))
                #expect(upTo3.count == 2)
                let missing = try segments(
                    SnapshotRequest(
                        tabletID: 10, schemaHash: hash, missingVersions: [3], allowIncrementalClone: true))
                #expect(missing == (true, 1))
                // One of them is not here: everything instead.
                let absent = try segments(
                    SnapshotRequest(
                        tabletID: 10, schemaHash: hash, missingVersions: [3, 9], allowIncrementalClone: true))
                #expect(absent == (false, 3))
                // Stale ones serve, too.
                #expect(try driven.compact(10, .cumulative, on: backend).isOK)
                let stale = try segments(
                    SnapshotRequest(
                        tabletID: 10, schemaHash: hash, missingVersions: [3], allowIncrementalClone: true))
                #expect(stale == (true, 1))
            }
        }

        @Test func whatCanNotBeSnapshotIsRefusedByName() throws {
            try withTablet { driven, backend, _ in
                let peer = driven.peer(backend)
                let hash = DrivenBackends.schemaHash
                let absent = try peer.makeSnapshot(SnapshotRequest(tabletID: 99, schemaHash: hash)).status
                #expect(absent.code == .notFound && absent.messages.joined().contains("99"))
                let schema = try peer.makeSnapshot(SnapshotRequest(tabletID: 10, schemaHash: 5)).status
                #expect(!schema.isOK && schema.messages.joined().contains("4711"))
                let future = try peer.makeSnapshot(SnapshotRequest(tabletID: 10, schemaHash: hash, version: 9)).status
                #expect(!future.isOK && future.messages.joined().contains("9"))
                #expect(backend.names(under: "snapshot") == [])
                let tooShort = SnapshotRequest(tabletID: 10, schemaHash: hash, timeoutSeconds: -1)
                #expect(try peer.makeSnapshot(tooShort).status.code == .invalidArgument)
            }
        }

        @Test func aForgottenOneGoesByItself() throws {
            let settings = ["min_garbage_sweep_interval": "1", "max_garbage_sweep_interval": "1"]
            try DrivenBackends.run(settings: settings) { driven in
                let backend = driven.backend
                try driven.create(10)
                let rows = try driven.loadVersions(2...2, into: 10, on: driven.backends)
                let request = SnapshotRequest(
                    tabletID: 10, schemaHash: DrivenBackends.schemaHash, timeoutSeconds: 1)
                let path = try #require(try driven.peer(backend).makeSnapshot(request).snapshotPath)
                try eventually("sweep of the snapshot") { !FileManager.default.fileExists(atPath: path) }
                #expect(try backend.rows(10) == rows)
            }
        }

        @Test func onlyAPathOfASnapshotIsEverReleased() throws {
            try withTablet { driven, backend, _ in
                let peer = driven.peer(backend)
                let request = SnapshotRequest(tabletID: 10, schemaHash: DrivenBackends.schemaHash)
                let path = try #require(try peer.makeSnapshot(request).snapshotPath)
                let root = backend.storageFolder
                let name = try #require(path.split(separator: "/").last)
                let aside = "\(root)/snapshotX"
                try FileManager.default.createDirectory(
                    atPath: "\(aside)/\(name)", withIntermediateDirectories: true)
                let foreign = [
                    "", "/", "/etc", root, "\(root)/data", "\(root)/snapshot", "\(root)/snapshot/",
                    "\(root)/snapshot/..", "\(root)/snapshot/../data", "\(path)/..", "\(path)/../../data",
                    "\(aside)/\(name)", "\(root)/snapshot//\(name)", "\(path)/", folder(path),
                    "\(folder(path))/10.hdr", "snapshot/\(name)", "\(root)/snapshot/20260101000000.0.x",
                    path + "\0/../../data",
                ]
                let before = backend.names(under: ".")
                for bad in foreign {
                    let status = try peer.releaseSnapshot(path: bad)
                    #expect(status.code == .invalidArgument, "\(bad): \(status)")
                    let task = try driven.frontend.run(.releaseSnapshot, .releaseSnapshot(path: bad), on: backend)
                    #expect(task.status.code == .invalidArgument, "\(bad): \(task.status)")
                }
                let kept = before.filter { !$0.contains("/meta/") && !$0.hasPrefix("meta/") && !$0.hasPrefix("./meta") }
                let after = Set(backend.names(under: "."))
                #expect(kept.allSatisfy(after.contains))
                #expect(try peer.releaseSnapshot(path: path).isOK)
                #expect(!FileManager.default.fileExists(atPath: path))
            }
        }

        @Test func aDownloadNeedsTheTokenOfTheCluster() throws {
            try withTablet { driven, backend, token in
                let request = SnapshotRequest(tabletID: 10, schemaHash: DrivenBackends.schemaHash)
                let path = try #require(try driven.peer(backend).makeSnapshot(request).snapshotPath)
                #expect(try backend.download(folder(path), token: token).status == 200)
                #expect(try backend.download(folder(path), token: nil).status == 401)
                #expect(try backend.download(folder(path), token: "").status == 401)
                for wrong in ["x", token + "x", String(token.dropLast()), token.uppercased()] {
                    let answer = try backend.download(folder(path), token: wrong)
                    #expect(answer.status == 403 && !text(answer).contains(token), "\(wrong)")
                }
                #expect(try backend.download(nil, token: token).status == 400)
                #expect(!backend.daemon.log(from: 0).contains(token))

                // A backend that has not heard of a cluster in this life gives nothing out.
                try backend.restart()
                #expect(try backend.download(folder(path), token: token).status == 503)
            }
        }

        @Test func nothingButFilesOfSnapshotsIsServed() throws {
            try withTablet { driven, backend, token in
                let request = SnapshotRequest(tabletID: 10, schemaHash: DrivenBackends.schemaHash)
                let path = try #require(try driven.peer(backend).makeSnapshot(request).snapshotPath)
                let root = backend.storageFolder
                let segment = try #require(try backend.segmentFiles().first)
                try "secret".write(toFile: "\(root)/secret", atomically: true, encoding: .utf8)
                let link = "\(folder(path))/0000000000000000-0000000000000000_0.dat"
                try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "\(root)/secret")
                let forbidden = [
                    "/etc/passwd", "\(root)/secret", "\(root)/cluster_id", "\(root)/data/\(segment)",
                    "\(root)/snapshot", "\(folder(path))/../../../../secret", "\(folder(path))/../../../../cluster_id",
                    "\(path)/../../secret", "\(folder(path))/./10.hdr", "\(folder(path))//10.hdr",
                    "\(folder(path))/10.hdr/", "\(folder(path))/10.hdr\0", "snapshot", "", link,
                    "\(root)/snapshotX/\(path.split(separator: "/").last ?? "")",
                ]
                for bad in forbidden {
                    let answer = try backend.download(bad, token: token)
                    #expect([400, 403, 404].contains(answer.status), "\(bad): \(answer.status)")
                    #expect(!text(answer).contains("secret") || bad.contains("secret"), "\(bad)")
                    #expect(text(answer) != "secret", "\(bad)")
                }
                #expect(try backend.download("/etc/passwd", token: token).status == 403)
                #expect(try backend.download(link, token: token).status == 403)
                let absent = "\(root)/snapshot/20200101000000.0.60"
                #expect(try backend.download(absent, token: token).status == 404)
            }
        }

        @Test func aFileIsServedWholeInPartsAndAsAHead() throws {
            try withTablet { driven, backend, token in
                let request = SnapshotRequest(tabletID: 10, schemaHash: DrivenBackends.schemaHash)
                let path = try #require(try driven.peer(backend).makeSnapshot(request).snapshotPath)
                let list = text(try backend.download(folder(path), token: token)).split(separator: "\n").map(
                    String.init)
                #expect(list == list.sorted() && list.count == 4)
                let name = try #require(list.first { $0.hasSuffix(".dat") })
                let file = "\(folder(path))/\(name)"
                let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
                let size = bytes.count

                let whole = try backend.download(file, token: token)
                #expect(whole.status == 200 && whole.body == bytes && whole.contentLength == Int64(size))
                let head = try backend.download(file, token: token, method: .head)
                #expect(head.status == 200 && head.body.isEmpty && head.contentLength == Int64(size))
                func part(_ range: String) throws -> HTTPResponse {
                    try backend.download(file, token: token, range: range)
                }
                let middle = try part("bytes=10-19")
                #expect(middle.status == 206 && middle.body == Array(bytes[10..<20]))
                #expect(middle.header("Content-Range") == "bytes 10-19/\(size)")
                #expect(try part("bytes=10-").body == Array(bytes[10...]))
                #expect(try part("bytes=-5").body == Array(bytes.suffix(5)))
                #expect(try part("bytes=0-\(size + 100)").body == bytes)
                #expect(try part("bytes=\(size)-").status == 416)
                // Not a range that is served: the whole file, as HTTP allows.
                #expect(try part("bytes=0-1,4-5").status == 200)
                #expect(try part("bytes=9-3").status == 200)
                #expect(try part("rows=1-2").status == 200)
            }
        }
    }
}
