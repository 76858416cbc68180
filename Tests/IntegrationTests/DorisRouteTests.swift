import CurlHTTP
import ServerFixtures
import Testing

extension IntegrationTests {
    /// What scripts and monitors ask of Doris' BE over HTTP.
    @Suite struct DorisRouteTests {
        @Test func theConfigurationIsShownAsLinesAndAsRows() throws {
            try withBackend(["zstd_compression_level": "7"]) { backend in
                let lines = text(try backend.get("/varz").body).split(separator: "\n").map(String.init)
                #expect(lines.contains("zstd_compression_level=7") && lines.contains("bind_host=127.0.0.1"))
                let rows = try backend.json("/api/show_config", as: [[String]].self)
                #expect(rows.allSatisfy { $0.count == 4 })
                #expect(rows.map { "\($0[0])=\($0[2])" } == lines)
                #expect(try backend.json("/api/show_config?conf_item=", as: [[String]].self) == rows)
                let one = try backend.json("/api/show_config?conf_item=zstd_compression_level", as: [[String]].self)
                #expect(one == [["zstd_compression_level", "int32_t", "7", "false"]])
                let unknown = try backend.get("/api/show_config?conf_item=no_such_key")
                #expect(unknown.status == 404 && text(unknown.body).contains("no_such_key"))
            }
        }

        @Test func theVersionIsToldInItsParts() throws {
            try withBackend { backend in
                struct Answer: Decodable {
                    struct Content: Decodable { var beVersionInfo: Version }
                    struct Version: Decodable {
                        var dorisBuildVersionPrefix: String
                        var dorisBuildVersionMajor: Int
                        var dorisBuildVersionMinor: Int
                        var dorisBuildVersionPatch: Int
                        var dorisBuildVersion: String
                        var dorisBuildHash: String
                    }
                    var msg: String
                    var code: Int
                    var data: Content
                    var count: Int
                }
                let answer = try backend.json("/api/be_version_info", as: Answer.self)
                #expect(answer.msg == "success" && answer.code == 0 && answer.count == 0)
                let version = answer.data.beVersionInfo
                let parts = [
                    version.dorisBuildVersionMajor, version.dorisBuildVersionMinor, version.dorisBuildVersionPatch,
                ]
                let numbers = parts.map(String.init).joined(separator: ".")
                #expect(version.dorisBuildVersion == "\(version.dorisBuildVersionPrefix)-\(numbers)")
                #expect(version.dorisBuildVersionPrefix == "tabletd" && numbers != "0.0.0")
            }
        }

        @Test func tabletsAreListedUpToTheLimit() throws {
            try ProcessCluster.run { cluster in
                try cluster.createTable("t", buckets: 3, replicas: 1)
                let backend = cluster.backends[0]
                struct Known: Decodable {
                    var tabletID: Int64
                    var schemaHash: Int64
                }
                let known = try backend.json("/api/tablets", as: [Known].self)
                #expect(known.count == 3)
                for (query, count) in [("", 3), ("?limit=all", 3), ("?limit=2", 2), ("?limit=0", 0)] {
                    let listing = try backend.json("/tablets_json\(query)", as: Listing.self)
                    #expect(listing.msg == "OK" && listing.code == 0 && listing.data.host == "127.0.0.1")
                    #expect(listing.data.tablets.map(\.tablet_id) == known.prefix(count).map(\.tabletID))
                    #expect(listing.data.tablets.map(\.schema_hash) == known.prefix(count).map(\.schemaHash))
                    #expect(listing.count == count)
                }
                for limit in ["-1", "some"] {
                    #expect(try backend.get("/tablets_json?limit=\(limit)").status == 400, "\(limit)")
                }
            }
        }

        @Test func aReportIsSentWhenAskedFor() throws {
            // Hardly one comes by itself: only new masters, changes and questions bring one.
            let settings = ["report_tablet_interval_seconds": "3600"]
            try ProcessCluster.run(backend: settings) { cluster in
                let backend = cluster.backends[0]
                func rounds() throws -> Int64 {
                    let loops = try backend.json("/api/status", as: Loops.self).loops
                    return try #require(loops.first { $0.name == "report-tablet" }).rounds
                }
                let before = try rounds()
                #expect(text(try backend.get("/api/report/tablet").body) == "OK\n")
                try eventually("the report that was asked for") { try rounds() > before }
                #expect(try backend.get("/api/report/weather").status == 404)
            }
        }

        @Test func withoutAMasterAReportIsRefused() throws {
            try withBackend { backend in
                for report in ["task", "disk", "tablet"] {
                    let refused = try backend.get("/api/report/\(report)")
                    #expect(refused.status == 503 && text(refused.body).contains("no master"), "\(report)")
                }
            }
        }

        private struct Listing: Decodable {
            struct Content: Decodable {
                var host: String
                var tablets: [Line]
            }
            struct Line: Decodable {
                var tablet_id: Int64
                var schema_hash: Int64
            }
            var msg: String
            var code: Int
            var data: Content
            var count: Int
        }

        private struct Loops: Decodable {
            struct Line: Decodable {
                var name: String
                var rounds: Int64
            }
            var loops: [Line]
        }

        /// A backend that no master knows.
        private func withBackend(_ settings: [String: String] = [:], _ body: (BackendProcess) throws -> Void) throws {
            let folder = try TemporaryFolder()
            let backend = try BackendProcess("be", in: folder.path, settings: settings)
            defer { backend.daemon.kill() }
            try backend.start()
            try body(backend)
        }

        private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    }
}
