import CurlHTTP
import Foundation
import HTTPAPI
import Platform
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// What frontends ask each other, over HTTP.
    @Suite struct PeerRouteTests {
        private struct Answer: Decodable {
            struct Info: Decodable {
                var clusterID: Int32
                var imageSeq: Int64
                var editsSeq: Int64
            }
            var msg: String
            var code: Int
            var count: Int
            var data: Info?
        }

        private let http: HTTPClient

        init() throws {
            http = try HTTPClient(configuration: HTTPClientConfiguration(name: "peer", userAgent: "peer"))
        }

        private func get(
            _ path: String, _ cluster: ProcessCluster, token: String?, range: Range<Int64>? = nil
        ) throws -> HTTPResponse {
            let headers = token.map { [HTTPHeader("token", $0)] } ?? []
            return try http.execute(
                HTTPRequest(
                    .get, "http://\(cluster.frontendAddress)\(path)", headers: headers, range: range,
                    responseLimitBytes: 1 << 26))
        }

        private func code(_ path: String, _ cluster: ProcessCluster, token: String?) throws -> Int {
            let response = try get(path, cluster, token: token)
            #expect(response.status == 200)
            return try JSONDecoder().decode(Answer.self, from: Data(response.body)).code
        }

        private func identity(_ cluster: ProcessCluster) throws -> (file: [UInt8], token: String) {
            let file = try Data(contentsOf: URL(fileURLWithPath: cluster.folder.path + "/fe/meta/image/VERSION"))
            let line = String(decoding: file, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("token=") }
            return (Array(file), String(try #require(line).dropFirst("token=".count)))
        }

        @Test func onlyWhoHasTheTokenIsAnswered() throws {
            try ProcessCluster.run { cluster in
                let paths = [
                    "/info", "/version", "/check", "/journal_id", "/role?host=127.0.0.1&port=1", "/image?version=1",
                    "/put?version=1&port=1",
                ]
                let (_, token) = try identity(cluster)
                for path in paths {
                    #expect(try code(path, cluster, token: nil) == 403)
                    #expect(try code(path, cluster, token: "wrong") == 403)
                    let body = String(decoding: try get(path, cluster, token: "wrong").body, as: UTF8.self)
                    #expect(!body.contains(token))
                }
            }
        }

        @Test func identityAndImagesAreGivenAsDorisGivesThem() throws {
            try ProcessCluster.run(frontend: ["image_send_bytes_per_second": "1000000"]) { cluster in
                try cluster.createTable("t", buckets: 50, replicas: 1)
                let written = try cluster.decode(CheckpointView.self, "checkpoint")
                let (file, token) = try identity(cluster)
                let status = try cluster.decode(MasterStatusView.self, "status")

                let info = try JSONDecoder().decode(
                    Answer.self, from: Data(try get("/info", cluster, token: token).body))
                #expect(info.code == 0 && info.msg == "success" && info.count == 0)
                #expect(info.data?.clusterID == status.clusterID && info.data?.imageSeq == written.logID)
                #expect(try #require(info.data).editsSeq >= written.logID)
                #expect(try get("/version", cluster, token: token).body == file)
                let check = try get("/check", cluster, token: token)
                #expect(check.header("cluster_id") == "\(status.clusterID)" && check.header("token") == token)
                let id = try get("/journal_id", cluster, token: token).header("id").flatMap { Int64($0) }
                #expect(try #require(id) >= written.logID)
                let rpc = cluster.frontend.port("rpc_port")
                let own = try get("/role?host=127.0.0.1&port=\(rpc)", cluster, token: token)
                #expect(own.header("role") == "FOLLOWER")
                #expect(own.header("name")?.hasPrefix("127.0.0.1_") == true)
                #expect(try get("/role?host=other&port=1", cluster, token: token).header("role") == "UNKNOWN")

                let path = "/image?version=\(written.logID)"
                let image = try get(path, cluster, token: token)
                let onDisk = try Data(
                    contentsOf: URL(fileURLWithPath: cluster.folder.path + "/fe/meta/image/image.\(written.logID)"))
                #expect(image.body == Array(onDisk))
                #expect(image.header("X-Image-Size") == "\(onDisk.count)")
                let part = try get(path, cluster, token: token, range: 10..<200)
                #expect(part.status == 206 && part.body == Array(onDisk[10..<200]))
                let tag = try #require(image.header("ETag"))
                #expect(tag.hasPrefix("\"") && tag.hasSuffix("-\(onDisk.count)\"") && part.header("ETag") == tag)
                // Who has a part of these bytes gets the rest, who has one of others gets all.
                for (asked, status) in [(tag, 206), ("\"other\"", 200)] {
                    let headers = [
                        HTTPHeader("token", token), HTTPHeader("Range", "bytes=10-"), HTTPHeader("If-Range", asked),
                    ]
                    let answer = try http.execute(
                        HTTPRequest(
                            .get, "http://\(cluster.frontendAddress)\(path)", headers: headers,
                            responseLimitBytes: 1 << 26))
                    #expect(answer.status == status)
                    #expect(answer.body == Array(status == 206 ? onDisk.dropFirst(10) : onDisk))
                }
                let head = try http.execute(
                    HTTPRequest(
                        .head, "http://\(cluster.frontendAddress)\(path)", headers: [HTTPHeader("token", token)]))
                #expect(head.status == 200 && head.body.isEmpty && head.header("X-Image-Size") == "\(onDisk.count)")
            }
        }

        @Test func imagesGoNoFasterThanConfigured() throws {
            try ProcessCluster.run(frontend: ["image_send_bytes_per_second": "5000"]) { cluster in
                try cluster.createTable("t", buckets: 200, replicas: 1)
                let written = try cluster.decode(CheckpointView.self, "checkpoint")
                let (_, token) = try identity(cluster)
                #expect(written.imageBytes > 5000)
                let begun = ContinuousClock.now
                for _ in 0..<3 {
                    let image = try get("/image?version=\(written.logID)", cluster, token: token)
                    #expect(image.body.count == Int(written.imageBytes))
                }
                // The third waits for both before it, less the second's worth that may go ahead.
                let least = Double(2 * written.imageBytes) / 5000 - 1
                #expect(ContinuousClock.now - begun >= .seconds(min(least, 1)))
            }
        }

        @Test func badRequestsAreAnsweredWithTheirCodes() throws {
            try ProcessCluster.run { cluster in
                let (_, token) = try identity(cluster)
                for (path, wanted) in [
                    ("/image", 403), ("/image?version=x", 403), ("/image?version=-1", 403),
                    ("/image?version=99999", 404),
                    ("/image?version=../VERSION", 403), ("/role", 403), ("/role?host=a&port=x", 403),
                    ("/put?version=1", 403), ("/put?version=1&port=0", 403), ("/put?version=99999&port=1", 403),
                ] {
                    #expect(try code(path, cluster, token: token) == wanted, "\(path)")
                }
            }
        }

        /// Another server of this machine offers images: what is not a whole one of this FE's past is not taken.
        @Test func anOfferedImageIsFetchedBackAndRefusedUnlessItIsOfThisPast() throws {
            try ProcessCluster.run { cluster in
                _ = try cluster.decode(CheckpointView.self, "checkpoint")
                try cluster.createTable("t", buckets: 1, replicas: 1)
                let (_, token) = try identity(cluster)
                let before = try images(cluster)
                let newest = try #require(before.last)
                let bytes = try Data(
                    contentsOf: URL(fileURLWithPath: cluster.folder.path + "/fe/meta/image/image.\(newest)"))
                let server = try FaultyHTTPServer { _ in
                    .respond(status: 200, headers: ["X-Image-Size": "\(bytes.count)"], body: Array(bytes))
                }
                defer { server.stop() }
                // A newer log id than the image's own.
                let last = try cluster.decode(MasterStatusView.self, "status").lastLogID
                #expect(try code("/put?version=\(last)&port=\(server.port)", cluster, token: token) == 403)
                #expect(server.requests.contains { $0.target == "/image?version=\(last)" })
                #expect(try images(cluster) == before)
                // Nobody is there.
                server.stop()
                #expect(try code("/put?version=\(last)&port=\(server.port)", cluster, token: token) == 500)
                #expect(try images(cluster) == before)
                _ = try cluster.decode(CheckpointView.self, "checkpoint")
            }
        }

        @Test func anImageOfThisPastIsTakenBack() throws {
            try ProcessCluster.run { cluster in
                _ = try cluster.decode(CheckpointView.self, "checkpoint")
                try cluster.createTable("t", buckets: 4, replicas: 1)
                let newest = try cluster.decode(CheckpointView.self, "checkpoint").logID
                let (_, token) = try identity(cluster)
                let before = try images(cluster)
                let path = cluster.folder.path + "/fe/meta/image/image.\(newest)"
                let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
                // As if it had never been written here.
                try FileManager.default.removeItem(atPath: path)
                let server = try FaultyHTTPServer { _ in
                    .respond(status: 200, headers: ["X-Image-Size": "\(bytes.count)"], body: Array(bytes))
                }
                defer { server.stop() }
                #expect(try code("/put?version=\(newest)&port=\(server.port)", cluster, token: token) == 0)
                #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
                #expect(try images(cluster) == before)
                #expect(server.requests.first?.headers["token"] == token)
                // Again: it is here.
                #expect(try code("/put?version=\(newest)&port=\(server.port)", cluster, token: token) == 403)
                try cluster.frontend.restart()
                try cluster.waitForAliveBackends()
                #expect(try cluster.decode(TableView.self, "table", "t").buckets == 4)
            }
        }

        /// What came first is of bytes that nobody has any more.
        @Test func anImageThatIsAnotherWhenItIsGoneOnWithIsTakenFromItsBeginning() throws {
            try ProcessCluster.run { cluster in
                _ = try cluster.decode(CheckpointView.self, "checkpoint")
                try cluster.createTable("t", buckets: 4, replicas: 1)
                let newest = try cluster.decode(CheckpointView.self, "checkpoint").logID
                let (_, token) = try identity(cluster)
                let path = cluster.folder.path + "/fe/meta/image/image.\(newest)"
                let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
                try FileManager.default.removeItem(atPath: path)
                let server = try FaultyHTTPServer { request in
                    let size = "X-Image-Size: \(bytes.count)\r\nContent-Length: \(bytes.count)\r\n"
                    guard request.headers["if-range"] != nil else {
                        return .raw(
                            Array("HTTP/1.1 200 OK\r\nETag: \"old-1\"\r\n\(size)\r\n".utf8)
                                + [UInt8](repeating: 7, count: bytes.count / 2))
                    }
                    return .respond(
                        status: 200, headers: ["X-Image-Size": "\(bytes.count)", "ETag": "\"new-2\""], body: bytes)
                }
                defer { server.stop() }
                #expect(try code("/put?version=\(newest)&port=\(server.port)", cluster, token: token) == 0)
                #expect(Array(try Data(contentsOf: URL(fileURLWithPath: path))) == bytes)
                let asked = server.requests.map { [$0.headers["range"], $0.headers["if-range"]] }
                #expect(asked == [[nil, nil], ["bytes=\(bytes.count / 2)-", "\"old-1\""]])
            }
        }

        private func images(_ cluster: ProcessCluster) throws -> [Int64] {
            try FileManager.default.contentsOfDirectory(atPath: cluster.folder.path + "/fe/meta/image")
                .compactMap { $0.hasPrefix("image.") ? Int64($0.dropFirst("image.".count)) : nil }.sorted()
        }
    }
}
